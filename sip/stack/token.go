package stack

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"net/netip"
	"strings"

	"frontdesk/sip/edge"
)

// Flow is the way to a phone that registered straight at this node (RFC 5626 §2): a UDP address as seen here, or a TCP
// connection.
type Flow struct {
	edge.Place
	Serial uint64 // of the TCP connection: a later one may come from the same port
}

// Tokens carry what this node has to know of a message that it passes on, so that it keeps nothing (RFC 5626 §5.2).
// They are signed, so that nobody else can write one. The first byte tells the kind.
const (
	toPhone   byte = 'f' // in a Path: a node of ours begins a call to the phone
	fromNode  byte = 'n' // in a Record-Route: the node's side of such a call
	fromPhone byte = 'p' // the phone's
	back      byte = 'b' // in a Via: where the answer goes
)

// sealed is what all tokens begin with.
const sealed = "flow."

// sealer makes tokens and opens them.
type sealer struct {
	secret []byte // the same at all nodes
	node   string
}

// seal makes a token. It opens only at this node, and only in the same context.
func (s sealer) seal(payload []byte, context string) string {
	return s.SealFor(s.node, payload, context)
}

// open is the payload of a token; not ok when it isn't ours.
func (s sealer) open(token, context string) (payload []byte, ok bool) {
	return s.OpenFor(s.node, token, context)
}

// SealFor makes a token that opens at every node that knows what it is for.
func (s sealer) SealFor(purpose string, payload []byte, context string) string {
	return sealed + base64.RawURLEncoding.EncodeToString(append(payload, s.proof(purpose, payload, context)...))
}

func (s sealer) OpenFor(purpose, token, context string) (payload []byte, ok bool) {
	text, ok := strings.CutPrefix(token, sealed)
	data, err := base64.RawURLEncoding.DecodeString(text)
	n := len(data) - proofSize
	if !ok || err != nil || n < 1 || !hmac.Equal(data[n:], s.proof(purpose, data[:n], context)) {
		return nil, false
	}
	return data[:n], true
}

const proofSize = 12

func (s sealer) proof(purpose string, payload []byte, context string) []byte {
	mac := hmac.New(sha256.New, s.secret)
	mac.Write([]byte("flow\x00" + purpose + "\x00" + context + "\x00"))
	mac.Write(payload)
	return mac.Sum(nil)[:proofSize]
}

func appendFlow(b []byte, f Flow) []byte {
	return binary.BigEndian.AppendUint64(appendPlace(b, f.Place), f.Serial)
}

// appendPlace writes a place: its transport, the length of its address, the address, the port.
func appendPlace(b []byte, p edge.Place) []byte {
	addr := p.At.Addr().AsSlice()
	b = append(b, transportByte(p.Transport), byte(len(addr)))
	return binary.BigEndian.AppendUint16(append(b, addr...), p.At.Port())
}

func transportByte(transport string) byte {
	switch transport {
	case "TLS":
		return 'S'
	case "WSS":
		return 'X'
	}
	return transport[0]
}

// takePlace reads what appendPlace wrote; the payload is signed, so nothing has to be checked.
func takePlace(b []byte) (edge.Place, []byte) {
	p, n := edge.Place{Transport: "UDP"}, 2+int(b[1])
	switch b[0] {
	case 'T':
		p.Transport = "TCP"
	case 'S':
		p.Transport = "TLS"
	case 'W':
		p.Transport = "WS"
	case 'X':
		p.Transport = "WSS"
	}
	addr, _ := netip.AddrFromSlice(b[2:n])
	p.At = netip.AddrPortFrom(addr, binary.BigEndian.Uint16(b[n:]))
	return p, b[n+2:]
}

// takeFlow reads what appendFlow wrote.
func takeFlow(b []byte) (f Flow, rest []byte) {
	f.Place, b = takePlace(b)
	f.Serial = binary.BigEndian.Uint64(b)
	return f, b[8:]
}
