package stack

import (
	"context"
	"fmt"
	"log/slog"
	"sync"

	proto "github.com/emiago/sipgo/sip"
	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/sip/edge"
)

// library is set up once for the process: sipgo keeps both settings in variables of its own.
var library sync.Once

// Open binds the sockets; nothing is taken before Start.
func Open(cfg Config, above Above, log *slog.Logger, reg prometheus.Registerer) (*Stack, error) {
	s := &Stack{cfg: cfg, above: above, Log: log, stats: newMetrics(reg),
		Guard: newShield(cfg.Shield.withDefaults(), cfg.Told), sealer: sealer{secret: cfg.Secret, node: cfg.Node}}
	var err error
	if s.proxies, err = parseProxies(cfg.Proxies); err != nil {
		return nil, err
	}
	quiet := slog.New(quietHandler{log.Handler()})
	setUpLibrary(quiet)
	s.Net = proto.NewTransportLayer(cfg.Resolver, proto.NewParser(), nil, proto.WithTransportLayerLogger(quiet),
		proto.WithTransportLayerTransports(streamed()))
	s.txs = newTransactions(s.Net,
		handlers{connect: s.connect, request: s.request, stray: s.stray, answer: s.answerAlone, drop: s.drop,
			udp: func() *udpListener { return s.UDP }, socket: s.socket}, quiet)
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
		if s.UDP, err = listenUDP(s.cfg.UDP, s.door()); err != nil {
			return fmt.Errorf("sip: listen on UDP: %w", err)
		}
	}
	if s.cfg.TCP != "" {
		if s.TCP, err = listenTCP(s.cfg.TCP, s.cfg.MaxConns, s.door()); err != nil {
			return fmt.Errorf("sip: listen on TCP: %w", err)
		}
	}
	if s.cfg.TLS != "" {
		if s.TLS, err = listenTLS(s.cfg.TLS, s.cfg.MaxConns, s.cfg.Certificate, s.door()); err != nil {
			return fmt.Errorf("sip: listen for TLS: %w", err)
		}
	}
	return s.listenWS()
}

func (s *Stack) listenWS() (err error) {
	above := socketAbove{admits: s.Admits, lost: func(at edge.Place) {
		if s.above.Lost != nil {
			s.above.Lost(at)
		}
	}, take: func(m proto.Message) {
		s.preview(m)
		s.txs.take(m)
	}}
	if s.cfg.WS != "" {
		if s.WS, err = listenWS(s.cfg.WS, s.cfg.MaxConns, nil, s.cfg.Origins, above, s.door()); err != nil {
			return fmt.Errorf("sip: listen for WebSockets: %w", err)
		}
	}
	if s.cfg.WSS != "" {
		if s.WSS, err = listenWS(s.cfg.WSS, s.cfg.MaxConns, s.cfg.Certificate, s.cfg.Origins, above,
			s.door()); err != nil {
			return fmt.Errorf("sip: listen for WebSockets over TLS: %w", err)
		}
	}
	return nil
}

// setUpLibrary lifts sipgo's refusal of UDP messages over 1300 bytes: an INVITE's answer must go where the INVITE came
// from, and IP fragments arrive more often than not; where the peer takes TCP, large requests go there (RFC 3261
// §18.1.1). And it makes debug messages of the library's log.
func setUpLibrary(log *slog.Logger) {
	library.Do(func() {
		proto.UDPMTUSize = maxMessage
		proto.SetDefaultLogger(log)
	})
}

// preview stamps requests with where they came from and, when they begin something, with our tag. It runs in the
// reader, before a transaction exists, so that whatever sipgo answers by itself (487 to a cancelled INVITE) carries the
// same as our answers (RFC 3261 §8.2.6.2).
func (s *Stack) preview(m proto.Message) {
	if s.UDP != nil && m.Transport() == "UDP" {
		s.UDP.understood()
	}
	req, ok := m.(*proto.Request)
	if !ok {
		return
	}
	edge.Tidy(req)
	noteSource(req.Via(), edge.SourceOf(req))
	if req.To() == nil || req.To().Params.Has("tag") {
		return
	}
	if p, _ := s.passage(req); p != nil {
		return // somebody else will answer
	}
	req.To().Params.Add("tag", s.tag(req))
}

// request is the entry of every request that is no retransmission; those with the same Call-ID come one after the
// other.
func (s *Stack) request(req *proto.Request, tx *proto.ServerTx) {
	s.stats.request(string(req.Method))
	if wrong, bad := Validate(req); bad {
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
		s.above.Request(req, tx)
	}
}

// stray takes a response that no transaction waits for.
func (s *Stack) stray(res *proto.Response) {
	if !s.relayBack(res) {
		s.above.Stray(res)
	}
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
