// Package stack is what every message of SIP goes through, whatever call it belongs to: the sockets, the transactions
// (sipgo's), who is let in, where the servers of a peer are, and what is passed on between phones and the other nodes.
package stack

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"time"

	proto "github.com/emiago/sipgo/sip"

	"frontdesk/guard"
	"frontdesk/sip/edge"
)

// Stack is what stands below the dialogs: sockets, transactions, and what is true of every message, whatever call it
// belongs to.
type Stack struct {
	cfg     Config
	Log     *slog.Logger
	stats   *metrics
	Guard   *shield
	proxies proxyList
	sealer

	Net     *proto.TransportLayer
	txs     *transactions
	UDP     *udpListener
	TCP     *tcpListener
	TLS     *tlsListener
	WS      *wsListener
	WSS     *wsListener
	peers   peerNames
	Cluster edge.Place // where the other nodes reach us
	above   Above
}

// Config is all that the room needs to know; each field is that of sip.Config, with its default filled in.
type Config struct {
	UDP, TCP, TLS, WS, WSS string
	Origins                []string       // of pages that may connect to WS and WSS
	Certificate            *tls.Config    // of TLS and WSS: ours
	Authorities            *x509.CertPool // who signs those of the peers that we call; nil: the system's
	ExternalIP, Cluster    string
	Realm, UserAgent, Node string
	Secret                 []byte
	Proxies                []string
	Resolver               *net.Resolver
	NonceLife              time.Duration
	NextPlace              time.Duration // how long a server may say nothing at all before the next one is tried
	MaxConns               int
	Shield                 Limits
	Told                   func(guard.Outcome)
}

// Above is who the messages are for.
type Above struct {
	Request func(req *proto.Request, tx *proto.ServerTx) // that no transaction answers and no route leads past us
	Stray   func(res *proto.Response)                    // that no transaction waits for
	Runs    func(callID string) bool                     // tells whether there is a call of that name
	Exempt  func(netip.Addr) bool                        // sources that the shield lets pass; nil: none
	Lost    func(edge.Place)                             // told when a phone is no longer reached there; may be nil
}

// Begin sends a request of ours; see transactions.begin.
func (s *Stack) Begin(ctx context.Context, req *proto.Request, more func(*proto.Response)) (*ClientTx, error) {
	return s.txs.begin(ctx, req, more)
}

// Returned tells whether an INVITE is one of ours that went round in a loop.
func (s *Stack) Returned(req *proto.Request) bool { return s.txs.returned(req) }

// Serving are the requests that are being answered, or were so just now, by the key of their transaction.
func (s *Stack) Serving() []string { return s.txs.serving() }

// Close ends the transactions and closes the sockets.
func (s *Stack) Close() {
	s.txs.close()
	if s.UDP != nil {
		s.UDP.shut()
	}
	if s.TCP != nil {
		s.TCP.shut()
	}
	if s.TLS != nil {
		s.TLS.shut()
	}
	for _, l := range s.socketed() {
		l.shut()
	}
	s.Net.Close()
	s.txs.lanes.close()
}

// ListenIP is the address that we listen on for SIP; it may be unspecified.
func (s *Stack) ListenIP() netip.Addr {
	if s.UDP != nil {
		return s.UDP.At.Addr()
	}
	return s.TCP.At.Addr()
}

// Start begins to take messages.
func (s *Stack) Start() {
	if s.UDP != nil {
		s.UDP.serve()
	}
	if s.TCP != nil {
		s.TCP.serve()
	}
	if s.TLS != nil {
		s.TLS.serve()
	}
	for _, l := range s.socketed() {
		l.serve()
	}
}

func (s *Stack) socketed() (all []*wsListener) {
	for _, l := range []*wsListener{s.WS, s.WSS} {
		if l != nil {
			all = append(all, l)
		}
	}
	return all
}

// tag is the one for answers to req: the same for its retransmissions and for its CANCEL.
func (s *Stack) tag(req *proto.Request) string {
	mac := hmac.New(sha256.New, s.cfg.Secret)
	if v := req.Via(); v != nil {
		mac.Write([]byte(v.SentBy() + "\x00" + v.Params.GetOr("branch", "")))
	}
	if id, seq := req.CallID(), req.CSeq(); id != nil && seq != nil {
		fmt.Fprintf(mac, "\x00%s\x00%d\x00%s", *id, seq.SeqNo, edge.TagOf(req.From()))
	}
	return hex.EncodeToString(mac.Sum(nil)[:10])
}

// Initial tells whether req began something: preview stamped it.
func (s *Stack) Initial(req *proto.Request) bool { return edge.ToTag(req) == s.tag(req) }

// Respond answers a request with no more than a status and the given headers.
func (s *Stack) Respond(req *proto.Request, tx *proto.ServerTx, code int, phrase string, headers ...proto.Header) {
	s.Send(tx, s.Response(req, code, phrase, nil, headers...))
}

func (s *Stack) Response(req *proto.Request, code int, phrase string, body []byte,
	headers ...proto.Header) *proto.Response {
	res := proto.NewResponseFromRequest(req, code, phrase, body)
	res.SipVersion = "SIP/2.0"
	for _, h := range headers {
		res.AppendHeader(h)
	}
	if s.cfg.UserAgent != "" {
		res.AppendHeader(proto.NewHeader("Server", s.cfg.UserAgent))
	}
	return res
}

func (s *Stack) Send(tx *proto.ServerTx, res *proto.Response) error {
	s.stats.response(res.StatusCode)
	err := tx.Respond(res)
	if err != nil {
		s.Log.Debug("sip: response not sent", "call", res.CallID(), "code", res.StatusCode, "err", err)
	}
	return err
}

// answerAlone answers a request outside a transaction.
func (s *Stack) answerAlone(conn proto.Connection, req *proto.Request, code int, phrase string) error {
	s.stats.response(code)
	return conn.WriteMsg(s.Response(req, code, phrase, nil))
}

// Speaks tells whether a transport is served.
func (s *Stack) Speaks(transport string) bool {
	return transport == "UDP" && s.UDP != nil || s.connections(transport) != nil
}

// connections are those of one transport that others opened here, by where they come from.
func (s *Stack) connections(transport string) *tcpListener {
	switch {
	case transport == "TCP":
		return s.TCP
	case transport == "TLS" && s.TLS != nil:
		return s.TLS.tcpListener
	case transport == "WS" && s.WS != nil:
		return s.WS.tcpListener
	case transport == "WSS" && s.WSS != nil:
		return s.WSS.tcpListener
	default:
		return nil
	}
}
