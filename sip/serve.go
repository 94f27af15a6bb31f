package sip

import (
	"context"
	"log/slog"
	"net/netip"
	"time"

	proto "github.com/emiago/sipgo/sip"
	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/pbx"
	"frontdesk/pbx/directory"
	"frontdesk/sip/edge"
	"frontdesk/sip/events"
	"frontdesk/sip/registrar"
	"frontdesk/sip/stack"
	"frontdesk/sip/trunks"
)

// New binds the sockets, so that Addr is known; nothing is served before Connect and Serve. The realm is the
// directory's.
func New(cfg Config, dir *directory.Directory, log *slog.Logger, reg prometheus.Registerer) (*Server, error) {
	cfg.Realm = dir.Realm()
	s := &Server{dir: dir, ready: make(chan struct{})}
	c, err := newCore(cfg, stack.Above{Request: s.begin, Lost: s.flowLost,
		Exempt: func(a netip.Addr) bool { return s.trunks.Known(a) }}, log, reg)
	if err != nil {
		return nil, err
	}
	s.core = c
	s.trunks = trunks.New(c.Stack, dir, trunks.Config{Node: cfg.Node, Ping: c.cfg.Ping, NextPlace: c.cfg.nextPlace,
		Owns: cfg.Owns, Alive: cfg.Alive,
		Up: c.stats.trunkUp, Ctx: c.ctx, Life: c.life, Spawn: c.spawn})
	s.registrar = registrar.New(c.Stack, dir, s.trunks, registrar.Config{Node: cfg.Node, MinExpires: c.cfg.MinExpires,
		MaxExpires: c.cfg.MaxExpires, MaxBindings: c.cfg.MaxBindings, SHA256: cfg.SHA256})
	s.events = events.New(c.Stack, dir, s.registrar, s.trunks, events.Config{Node: cfg.Node, Realm: cfg.Realm,
		Ctx: c.ctx, Life: c.life, Spawn: c.spawn})
	return s, nil
}

// Serve takes messages until ctx ends, then closes the server as Close does. The calls that come in go to calls.
func (s *Server) Serve(ctx context.Context, calls Arriver) error {
	s.calls = calls
	if err := s.trunks.Load(ctx); err != nil {
		return err
	}
	if s.ctx.Err() != nil { // closed already
		return nil
	}
	s.Start()
	close(s.ready)
	s.spawn(s.trunks.Run)
	select {
	case <-ctx.Done():
	case <-s.ctx.Done():
	}
	s.Close()
	return nil
}

// begin serves a request outside any dialog.
func (s *Server) begin(req *proto.Request, tx *proto.ServerTx) {
	if !s.welcome(req, tx) {
		return
	}
	switch req.Method {
	case proto.INVITE:
		s.invite(req, tx)
	case proto.REGISTER:
		s.register(req, tx)
	case proto.SUBSCRIBE:
		s.subscribe(req, tx)
	case proto.OPTIONS:
		s.options(req, tx)
	default:
		s.TurnAway(req, tx, edge.UnknownDialog())
	}
}

// welcome applies the shield to what the reader of datagrams could not judge. Who is shut out hears nothing; but a
// proxy that hears nothing would think that we are gone, and must be told.
func (s *Server) welcome(req *proto.Request, tx *proto.ServerTx) bool {
	byProxy := s.Forwarded(req)
	if !byProxy && req.Transport() == "UDP" || s.Admits(s.Origin(req).At) {
		return true
	}
	if byProxy {
		s.TurnAway(req, tx, stack.Later(10, proto.NewHeader("Reason", "Q.850;cause=42")))
	} else {
		tx.Terminate()
	}
	return false
}

func (s *Server) register(req *proto.Request, tx *proto.ServerTx) {
	if s.draining.Load() && !registrar.SignsOff(req) { // the phone or the proxy in front shall go to another node
		s.TryAnother(req, tx)
		return
	}
	ctx, cancel := context.WithTimeout(s.ctx, 5*time.Second)
	defer cancel()
	if who, ok := s.registrar.Register(ctx, req, tx); ok && !who.IsTrunk() {
		s.events.Registered(who.Device)
	}
}

func (s *Server) subscribe(req *proto.Request, tx *proto.ServerTx) {
	if s.draining.Load() && s.Initial(req) {
		s.TryAnother(req, tx)
		return
	}
	ctx, cancel := context.WithTimeout(s.ctx, 5*time.Second)
	defer cancel()
	s.events.Subscribe(ctx, req, tx)
}

// flowLost takes away the registration of a phone that closed its connection.
func (s *Server) flowLost(at edge.Place) {
	ctx, cancel := context.WithTimeout(s.life, 5*time.Second)
	defer cancel()
	s.registrar.Lost(ctx, at)
	s.events.Lost(at)
}

func (s *Server) options(req *proto.Request, tx *proto.ServerTx) {
	if s.draining.Load() {
		s.TryAnother(req, tx)
		return
	}
	s.Respond(req, tx, 200, "OK", capabilities()...)
}

// invite finds out who calls, and lets the call arrive.
func (s *Server) invite(req *proto.Request, tx *proto.ServerTx) {
	if s.Returned(req) {
		s.TurnAway(req, tx, edge.Refusal{Code: 482, Phrase: "Loop Detected"})
		return
	}
	caller, ok := s.carriedHere(req) // into a meeting that runs here, draining or not
	if !ok && s.draining.Load() {
		s.TryAnother(req, tx)
		return
	}
	ctx, cancel := context.WithTimeout(s.ctx, 5*time.Second)
	defer cancel()
	if !ok {
		caller, ok = s.identify(ctx, req, tx)
	}
	if !ok {
		return
	}
	if h := req.MaxForwards(); h != nil {
		caller.party.Hops = int(*h)
	}
	if caller.encrypt, ok = s.encryption(caller.srtp, s.Origin(req).Transport); !ok {
		s.TurnAway(req, tx, readAloud())
	}
	var leg *Leg
	if ok {
		leg, ok = s.admitCall(req, tx, caller)
	}
	if !ok {
		caller.release()
		return
	}
	if caller.trunk != nil {
		s.spawn(func() { <-leg.done; caller.release() })
	}
	call := s.calls.Arrive(leg, caller.dialled)
	leg.log.Info("sip: call arrived", "call", call, "from", s.Origin(req), "trunk", caller.party.Trunk, "device",
		caller.party.Device)
}

// identify tells a phone from a trunk. Credentials for our realm decide first, then the address: that of a registered
// phone or PBX, then that of a trunk. Everybody else is challenged like a phone, whether there is such a user or not.
func (s *Server) identify(ctx context.Context, req *proto.Request, tx *proto.ServerTx) (caller, bool) {
	cred := s.CredentialsIn(req)
	from := s.Origin(req)
	t := s.trunks.From(from.At.Addr(), req)
	if t != nil && (cred == nil || cred.Username == t.InUsername) {
		phone, err := s.dir.RegisteredAt(ctx, from.String(), time.Now())
		if err != nil {
			s.Log.Error("sip: registrations not read", "err", err)
			s.TryAnother(req, tx)
			return caller{}, false
		}
		if !phone {
			return s.fromTrunk(t, req, tx)
		}
	}
	who, ok := s.registrar.Authenticate(ctx, req, tx)
	if !ok {
		return caller{}, false
	}
	if who.IsTrunk() {
		return s.ofTrunk(ctx, who.Trunk.ID, req, tx)
	}
	device := who.Device
	dialled, r, bad := dialledBy(req)
	if bad {
		s.TurnAway(req, tx, r)
		return caller{}, false
	}
	party := pbx.Party{Kind: pbx.Phone, User: device.User, Device: device.ID, Number: device.Username,
		Name: edge.NameOf(req)}
	return caller{party: party, srtp: device.SRTP, codecs: s.cfg.Codecs, dialled: dialled}, true
}

// dialledBy is what a phone dials. One that would replace a dialog takes the call that a lamp told it of (RFC 3891 §3):
// no other dialog can be replaced.
func dialledBy(req *proto.Request) (dialled string, r edge.Refusal, bad bool) {
	values := req.GetHeaders("Replaces")
	if len(values) == 0 {
		return edge.Dialled(req.Recipient), r, false
	}
	replaces, ok := edge.ParseReplaces(values[0].Value())
	if !ok || len(values) > 1 {
		return "", edge.Refusal{Code: 400, Phrase: "Malformed Replaces"}, true
	}
	call, ok := replaces.Call()
	if !ok {
		return "", edge.UnknownDialog(), true
	}
	return pbx.Take(call), r, false
}

// fromTrunk checks the digest where the trunk demands one. The trunk's limit is the exchange's affair.
func (s *Server) fromTrunk(t *trunks.Trunk, req *proto.Request, tx *proto.ServerTx) (caller, bool) {
	if t.InUsername != "" && !s.trunks.Proves(t, req, tx) {
		return caller{}, false
	}
	return callerFrom(t, req), true
}

// ofTrunk takes a call of a PBX that registers here and gave its password.
func (s *Server) ofTrunk(ctx context.Context, id string, req *proto.Request, tx *proto.ServerTx) (caller, bool) {
	t, err := s.trunks.Find(ctx, id)
	if t == nil || err != nil {
		s.Log.Error("sip: trunk not read", "trunk", id, "err", err)
		s.TryAnother(req, tx)
		return caller{}, false
	}
	return callerFrom(t, req), true
}
