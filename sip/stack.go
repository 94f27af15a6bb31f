package sip

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

// Stack is what stands below the dialogs: sockets, transactions, and what is true of every message, whatever call it belongs to. Who uses it sets Above
// before Start.
type Stack struct {
	cfg     stackConfig
	log     *slog.Logger
	stats   *stackMetrics
	guard   *edge.Shield
	proxies edge.Proxies
	edge.Sealer

	net     *proto.TransportLayer
	txs     *transactions
	udp     *edge.UDP
	tcp     *edge.TCP
	cluster edge.Place // where the other nodes reach us
	above   above
}

// stackConfig is all that the room needs to know; each field is that of sip.Config, with its default filled in.
type stackConfig struct {
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

// above is who the messages are for.
type above struct {
	request func(req *proto.Request, tx *proto.ServerTx) // that no transaction answers and no route leads past us
	stray   func(res *proto.Response)                    // that no transaction waits for
	runs    func(callID string) bool                     // tells whether there is a call of that name
	exempt  func(netip.Addr) bool                        // sources that the shield lets pass; nil: none
	lost    func(edge.Place)                             // told when a phone is no longer reached there; may be nil
}

// library is set up once for the process: sipgo keeps both settings in variables of its own.
var library sync.Once

// openStack binds the sockets; nothing is taken before start.
func openStack(cfg stackConfig, log *slog.Logger, reg prometheus.Registerer) (*Stack, error) {
	s := &Stack{cfg: cfg, log: log, stats: newStackMetrics(reg), guard: edge.NewShield(cfg.Shield, cfg.Told),
		Sealer: edge.Sealer{Secret: cfg.Secret, Node: cfg.Node}}
	var err error
	if s.proxies, err = edge.ParseProxies(cfg.Proxies); err != nil {
		return nil, err
	}
	quiet := slog.New(quietHandler{log.Handler()})
	setUpLibrary(quiet)
	s.net = proto.NewTransportLayer(cfg.Resolver, proto.NewParser(), nil, proto.WithTransportLayerLogger(quiet),
		proto.WithTransportLayerTransports(proto.TransportsConfig{TCP: &proto.TransportTCP{ReadTimeout: edge.TCPIdle, WriteTimeout: edge.TCPWrite}}))
	s.txs = newTransactions(s, quiet)
	s.net.OnMessage(s.preview) // before a transaction sees a message
	s.net.OnMessage(s.txs.take)
	if err := s.listen(); err != nil {
		s.close()
		return nil, err
	}
	s.cluster = s.findCluster()
	return s, nil
}

func (s *Stack) listen() (err error) {
	if s.cfg.UDP != "" {
		if s.udp, err = edge.ListenUDP(s.cfg.UDP, s.door()); err != nil {
			return fmt.Errorf("sip: listen on UDP: %w", err)
		}
	}
	if s.cfg.TCP != "" {
		if s.tcp, err = edge.ListenTCP(s.cfg.TCP, s.cfg.MaxConns, s.door()); err != nil {
			return fmt.Errorf("sip: listen on TCP: %w", err)
		}
	}
	return nil
}

// close ends the transactions and closes the sockets.
func (s *Stack) close() {
	s.txs.close()
	if s.udp != nil {
		s.udp.Shut()
	}
	if s.tcp != nil {
		s.tcp.Shut()
	}
	s.net.Close()
	s.txs.lanes.Close()
}

// setUpLibrary lifts sipgo's refusal of UDP messages over 1300 bytes: an INVITE's answer must go where the INVITE came from, and IP
// fragments arrive more often than not; where the peer takes TCP, large requests go there (RFC 3261 §18.1.1). And it makes debug messages of
// the library's log.
func setUpLibrary(log *slog.Logger) {
	library.Do(func() {
		proto.UDPMTUSize = edge.MaxMessage
		proto.SetDefaultLogger(log)
	})
}

// listenIP is the address that we listen on for SIP; it may be unspecified.
func (s *Stack) listenIP() netip.Addr {
	if s.udp != nil {
		return s.udp.At.Addr()
	}
	return s.tcp.At.Addr()
}

// start begins to take messages.
func (s *Stack) start() {
	if s.udp != nil {
		s.udp.Serve()
	}
	if s.tcp != nil {
		s.tcp.Serve()
	}
}

// preview stamps requests with where they came from and, when they begin something, with our tag. It runs in the reader, before a transaction
// exists, so that whatever sipgo answers by itself (487 to a cancelled INVITE) carries the same as our answers (RFC 3261 §8.2.6.2).
func (s *Stack) preview(m proto.Message) {
	if s.udp != nil && m.Transport() == "UDP" {
		s.udp.Understood()
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

// initial tells whether req began something: preview stamped it.
func (s *Stack) initial(req *proto.Request) bool { return edge.ToTag(req) == s.tag(req) }

// request is the entry of every request that is no retransmission; those with the same Call-ID come one after the other.
func (s *Stack) request(req *proto.Request, tx *proto.ServerTx) {
	s.stats.request(string(req.Method))
	if wrong, bad := edge.Validate(req); bad {
		s.turnAway(req, tx, wrong)
		return
	}
	p, err := s.passage(req)
	switch {
	case err != nil:
		s.turnAway(req, tx, edge.Refusal{Code: 403, Phrase: "Flow Token Invalid"})
	case p != nil:
		s.relay(req, tx, p)
	default:
		s.above.request(req, tx)
	}
}

// respond answers a request with no more than a status and the given headers.
func (s *Stack) respond(req *proto.Request, tx *proto.ServerTx, code int, phrase string, headers ...proto.Header) {
	s.send(tx, s.response(req, code, phrase, nil, headers...))
}

func (s *Stack) response(req *proto.Request, code int, phrase string, body []byte, headers ...proto.Header) *proto.Response {
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

func (s *Stack) send(tx *proto.ServerTx, res *proto.Response) error {
	s.stats.response(res.StatusCode)
	err := tx.Respond(res)
	if err != nil {
		s.log.Debug("sip: response not sent", "call", res.CallID(), "code", res.StatusCode, "err", err)
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
