// Package stack is what every message of SIP goes through, whatever call it belongs to: the sockets, the transactions
// (sipgo's), who is let in, where the servers of a peer are, and what is passed on between phones and the other nodes.
package stack

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"time"

	proto "github.com/emiago/sipgo/sip"
	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/guard"
	"frontdesk/sip/edge"
)

// Stack is what stands below the dialogs: sockets, transactions, and what is true of every message, whatever call it
// belongs to. Who uses it sets Above before Start.
type Stack struct {
	cfg     Config
	Log     *slog.Logger
	stats   *metrics
	Guard   *edge.Shield
	proxies edge.Proxies
	edge.Sealer

	Net     *proto.TransportLayer
	txs     *transactions
	UDP     *edge.UDP
	TCP     *edge.TCP
	Cluster edge.Place // where the other nodes reach us
	Above   Above
}

// Config is all that the room needs to know; each field is that of sip.Config, with its default filled in.
type Config struct {
	UDP, TCP, ExternalIP, Cluster string
	Realm, UserAgent, Node        string
	Secret                        []byte
	Proxies                       []string
	Resolver                      *net.Resolver
	NonceLife                     time.Duration
	NextPlace                     time.Duration // how long a server may say nothing at all before the next one is tried
	MaxConns                      int
	Shield                        edge.Limits
	Told                          func(guard.Outcome)
}

// Above is who the messages are for.
type Above struct {
	Request func(req *proto.Request, tx *proto.ServerTx) // that no transaction answers and no route leads past us
	Stray   func(res *proto.Response)                    // that no transaction waits for
	Runs    func(callID string) bool                     // tells whether there is a call of that name
	Exempt  func(netip.Addr) bool                        // sources that the shield lets pass; nil: none
	Lost    func(edge.Place)                             // told when a phone is no longer reached there; may be nil
}

// library is set up once for the process: sipgo keeps both settings in variables of its own.
var library sync.Once

// Open binds the sockets; nothing is taken before start.
func Open(cfg Config, log *slog.Logger, reg prometheus.Registerer) (*Stack, error) {
	s := &Stack{cfg: cfg, Log: log, stats: newStackMetrics(reg), Guard: edge.NewShield(cfg.Shield, cfg.Told),
		Sealer: edge.Sealer{Secret: cfg.Secret, Node: cfg.Node}}
	var err error
	if s.proxies, err = edge.ParseProxies(cfg.Proxies); err != nil {
		return nil, err
	}
	quiet := slog.New(quietHandler{log.Handler()})
	setUpLibrary(quiet)
	s.Net = proto.NewTransportLayer(cfg.Resolver, proto.NewParser(), nil, proto.WithTransportLayerLogger(quiet),
		proto.WithTransportLayerTransports(proto.TransportsConfig{TCP: &proto.TransportTCP{ReadTimeout: edge.TCPIdle,
			WriteTimeout: edge.TCPWrite}}))
	s.txs = newTransactions(s, quiet)
	s.Net.OnMessage(s.preview) // before a transaction sees a message
	s.Net.OnMessage(s.txs.take)
	if err := s.listen(); err != nil {
		s.Close()
		return nil, err
	}
	s.Cluster = s.findCluster()
	return s, nil
}

func (s *Stack) listen() (err error) {
	if s.cfg.UDP != "" {
		if s.UDP, err = edge.ListenUDP(s.cfg.UDP, s.door()); err != nil {
			return fmt.Errorf("sip: listen on UDP: %w", err)
		}
	}
	if s.cfg.TCP != "" {
		if s.TCP, err = edge.ListenTCP(s.cfg.TCP, s.cfg.MaxConns, s.door()); err != nil {
			return fmt.Errorf("sip: listen on TCP: %w", err)
		}
	}
	return nil
}

// Close ends the transactions and closes the sockets.
func (s *Stack) Close() {
	s.txs.close()
	if s.UDP != nil {
		s.UDP.Shut()
	}
	if s.TCP != nil {
		s.TCP.Shut()
	}
	s.Net.Close()
	s.txs.lanes.Close()
}

// setUpLibrary lifts sipgo's refusal of UDP messages over 1300 bytes: an INVITE's answer must go where the INVITE came
// from, and IP fragments arrive more often than not; where the peer takes TCP, large requests go there (RFC 3261
// §18.1.1). And it makes debug messages of the library's log.
func setUpLibrary(log *slog.Logger) {
	library.Do(func() {
		proto.UDPMTUSize = edge.MaxMessage
		proto.SetDefaultLogger(log)
	})
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
		s.UDP.Serve()
	}
	if s.TCP != nil {
		s.TCP.Serve()
	}
}

// preview stamps requests with where they came from and, when they begin something, with our tag. It runs in the
// reader, before a transaction exists, so that whatever sipgo answers by itself (487 to a cancelled INVITE) carries the
// same as our answers (RFC 3261 §8.2.6.2).
func (s *Stack) preview(m proto.Message) {
	if s.UDP != nil && m.Transport() == "UDP" {
		s.UDP.Understood()
	}
	req, ok := m.(*proto.Request)
	if !ok {
		return
	}
	noteSource(req.Via(), edge.SourceOf(req))
	if req.To() == nil || req.To().Params.Has("tag") {
		return
	}
	if p, _ := s.passage(req); p != nil {
		return // somebody else will answer
	}
	req.To().Params.Add("tag", s.tag(req))
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

// request is the entry of every request that is no retransmission; those with the same Call-ID come one after the
// other.
func (s *Stack) request(req *proto.Request, tx *proto.ServerTx) {
	s.stats.request(string(req.Method))
	if wrong, bad := edge.Validate(req); bad {
		s.TurnAway(req, tx, wrong)
		return
	}
	p, err := s.passage(req)
	switch {
	case err != nil:
		s.TurnAway(req, tx, edge.Refusal{Code: 403, Phrase: "Flow Token Invalid"})
	case p != nil:
		s.relay(req, tx, p)
	default:
		s.Above.Request(req, tx)
	}
}

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

// quietHandler turns the library's log into debug messages: its errors are mostly about what strangers send.
type quietHandler struct{ slog.Handler }

func (q quietHandler) Enabled(ctx context.Context, _ slog.Level) bool {
	return q.Handler.Enabled(ctx, slog.LevelDebug-4)
}

func (q quietHandler) Handle(ctx context.Context, r slog.Record) error {
	r.Level = slog.LevelDebug
	return q.Handler.Handle(ctx, r)
}

func (q quietHandler) WithAttrs(a []slog.Attr) slog.Handler {
	return quietHandler{q.Handler.WithAttrs(a)}
}
func (q quietHandler) WithGroup(name string) slog.Handler {
	return quietHandler{q.Handler.WithGroup(name)}
}
