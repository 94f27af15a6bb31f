package sip

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"net/netip"
	"strings"
)

// flow is the way to a phone that registered straight at this node (RFC 5626 §2): a UDP address as seen here, or a TCP connection.
type flow struct {
	place
	serial uint64 // of the TCP connection: a later one may come from the same port
}

// Tokens carry what this node has to know of a message that it passes on, so that it keeps nothing (RFC 5626 §5.2). They are signed, so
// that nobody else can write one. The first byte tells the kind.
const (
	toFlow    byte = 'f' // in a Path: a node of ours begins a call to the phone
	fromNode  byte = 'n' // in a Record-Route: the node's side of such a call
	fromPhone byte = 'p' // the phone's
	back      byte = 'b' // in a Via: where the answer goes
)

// sealed is what all tokens begin with.
const sealed = "flow."

// seal makes a token. It opens only at this node, and only in the same context.
func (c *core) seal(payload []byte, context string) string {
	return c.sealFor(c.cfg.Node, payload, context)
}

// open is the payload of a token; not ok when it isn't ours.
func (c *core) open(token, context string) (payload []byte, ok bool) {
	return c.openFor(c.cfg.Node, token, context)
}

// sealFor makes a token that opens at every node that knows what it is for.
func (c *core) sealFor(purpose string, payload []byte, context string) string {
	return sealed + base64.RawURLEncoding.EncodeToString(append(payload, c.proof(purpose, payload, context)...))
}

func (c *core) openFor(purpose, token, context string) (payload []byte, ok bool) {
	text, ok := strings.CutPrefix(token, sealed)
	data, err := base64.RawURLEncoding.DecodeString(text)
	n := len(data) - proofSize
	if !ok || err != nil || n < 1 || !hmac.Equal(data[n:], c.proof(purpose, data[:n], context)) {
		return nil, false
	}
	return data[:n], true
}

const proofSize = 12

func (c *core) proof(purpose string, payload []byte, context string) []byte {
	mac := hmac.New(sha256.New, c.cfg.Secret)
	mac.Write([]byte("flow\x00" + purpose + "\x00" + context + "\x00"))
	mac.Write(payload)
	return mac.Sum(nil)[:proofSize]
}

func (f flow) append(b []byte) []byte {
	return binary.BigEndian.AppendUint64(f.place.append(b), f.serial)
}

// append writes a place: its transport, the length of its address, the address, the port.
func (p place) append(b []byte) []byte {
	addr := p.at.Addr().AsSlice()
	b = append(b, p.transport[0], byte(len(addr)))
	return binary.BigEndian.AppendUint16(append(b, addr...), p.at.Port())
}

// takePlace reads what append wrote; the payload is signed, so nothing has to be checked.
func takePlace(b []byte) (place, []byte) {
	p, n := place{transport: "UDP"}, 2+int(b[1])
	if b[0] == 'T' {
		p.transport = "TCP"
	}
	addr, _ := netip.AddrFromSlice(b[2:n])
	p.at = netip.AddrPortFrom(addr, binary.BigEndian.Uint16(b[n:]))
	return p, b[n+2:]
}

func takeFlow(b []byte) (f flow, rest []byte) {
	f.place, b = takePlace(b)
	f.serial = binary.BigEndian.Uint64(b)
	return f, b[8:]
}
