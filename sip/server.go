package sip

import (
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	proto "github.com/emiago/sipgo/sip"
	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/guard"
	"frontdesk/media"
	"frontdesk/pbx"
	"frontdesk/pbx/directory"
	"frontdesk/sip/edge"
	"frontdesk/sip/lines"
	"frontdesk/sip/stack"
)

// Arriver takes the calls that come in; *pbx.Exchange is one.
type Arriver interface {
	// Arrive routes a leg that dialled a number or name. It returns at once, with the id of the call.
	Arrive(leg pbx.Leg, dialled string) (call string)
}

// Status is how a trunk does, and Step what one step of its test came to.
type (
	Status = lines.Status
	Step   = lines.Step
)

// Server serves phones and trunks, and dials them: it is the pbx.Dialer of targets with a Device or Trunk.
type Server struct {
	*core
	dir      *directory.Directory
	calls    Arriver
	lines    *lines.Lines
	draining atomic.Bool
	ready    chan struct{}
}

// New binds the sockets, so that Addr is known; nothing is served before Connect and Serve. The realm is the directory's.
func New(cfg Config, dir *directory.Directory, log *slog.Logger, reg prometheus.Registerer) (*Server, error) {
	cfg.Realm = dir.Realm()
	c, err := newCore(cfg, log, reg)
	if err != nil {
		return nil, err
	}
	s := &Server{core: c, dir: dir, ready: make(chan struct{})}
	s.lines = lines.New(c.Stack, dir, lines.Config{Node: cfg.Node, Ping: c.cfg.Ping, NextPlace: c.cfg.nextPlace, Owns: cfg.Owns, Alive: cfg.Alive,
		Up: c.stats.trunkUp, Ctx: c.ctx, Life: c.life, Spawn: c.spawn})
	c.serve, c.Above.Exempt, c.Above.Lost = s.begin, s.lines.Known, s.flowLost
	return s, nil
}

// Connect says where calls that come in go. It must be called before Serve.
func (s *Server) Connect(calls Arriver) { s.calls = calls }

// Serve takes messages until ctx ends, then closes the server as Close does.
func (s *Server) Serve(ctx context.Context) error {
	if s.calls == nil {
		return errors.New("sip: Serve before Connect")
	}
	if err := s.lines.Load(ctx); err != nil {
		return err
	}
	if s.ctx.Err() != nil { // closed already
		return nil
	}
	s.Start()
	close(s.ready)
	s.spawn(s.lines.Run)
	select {
	case <-ctx.Done():
	case <-s.ctx.Done():
	}
	s.Close()
	return nil
}

// Ready is closed when Serve has begun to take messages: calls can be placed from then on.
func (s *Server) Ready() <-chan struct{} { return s.ready }

// Close hangs up all calls, signs off from the trunks and closes the sockets; it waits for all of it, at most some seconds.
func (s *Server) Close() {
	s.closing.Do(s.close)
}

// Reload reads the trunks anew, soon: they were changed.
func (s *Server) Reload() { s.lines.Reload() }

// Down tells that a trunk did not answer, or did not let us register, when it was last asked; calls try others first.
func (s *Server) Down(id string) bool { return s.lines.Down(id) }

// TrunkStatus tells how each active trunk does.
func (s *Server) TrunkStatus() []Status { return s.lines.TrunkStatus() }

// TestTrunk tries a trunk step by step: is its name known, does it answer, does it let us register. It calls nobody. Errors: pbx.ErrNotFound.
func (s *Server) TestTrunk(ctx context.Context, id string) ([]Step, error) {
	return s.lines.TestTrunk(ctx, id)
}

// Drain refuses new calls with 503 from now on; running ones go on.
func (s *Server) Drain() { s.draining.Store(true) }

// Legs is how many calls of phones and trunks there are now.
func (s *Server) Legs() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.count
}

// Cluster is where the other nodes reach this one: transport:address:port.
func (s *Server) Cluster() string { return s.Stack.Cluster.String() }

// Addr is where the server listens; an address that isn't served is the zero one.
func (s *Server) Addr() (udp, tcp netip.AddrPort) {
	if s.UDP != nil {
		udp = s.UDP.At
	}
	if s.TCP != nil {
		tcp = s.TCP.At
	}
	return udp, tcp
}

// Elsewhere takes what another node told of a log-in there, so that a guesser gets no more tries by asking all of them.
func (s *Server) Elsewhere(o guard.Outcome) { s.Guard.Elsewhere(o) }

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
	case proto.OPTIONS:
		s.options(req, tx)
	default:
		s.TurnAway(req, tx, edge.UnknownDialog())
	}
}

// welcome applies the shield to what the reader of datagrams could not judge. Who is shut out hears nothing; but a proxy that hears nothing
// would think that we are gone, and must be told.
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

// tryAnother answers what this node can't do just now: it is draining, or does not reach the database. A proxy in front, or a phone that knows
// several nodes, goes to the next (RFC 3261 §21.5.4, RFC 3263 §4.3).
func (s *Server) tryAnother(req *proto.Request, tx *proto.ServerTx) {
	s.TurnAway(req, tx, stack.Later(10))
}

func (s *Server) options(req *proto.Request, tx *proto.ServerTx) {
	if s.draining.Load() {
		s.tryAnother(req, tx)
		return
	}
	s.Respond(req, tx, 200, "OK", capabilities()...)
}

// invite finds out who calls, and lets the call arrive.
func (s *Server) invite(req *proto.Request, tx *proto.ServerTx) {
	caller, ok := s.carriedHere(req) // into a meeting that runs here, draining or not
	if !ok && s.draining.Load() {
		s.tryAnother(req, tx)
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
	leg, ok := s.admitCall(req, tx, caller)
	if !ok {
		caller.release()
		return
	}
	if caller.trunk != nil {
		s.spawn(func() { <-leg.done; caller.release() })
	}
	call := s.calls.Arrive(leg, caller.dialled)
	leg.log.Info("sip: call arrived", "call", call, "from", s.Origin(req), "trunk", caller.party.Trunk, "device", caller.party.Device)
}

// caller is who an INVITE is from.
type caller struct {
	party   pbx.Party
	codecs  []media.Codec
	dialled string
	trunk   *lines.Trunk // whose calls this one is counted among
}

func (c caller) release() {
	if c.trunk != nil {
		c.trunk.Calls.Add(-1)
	}
}

// identify tells a phone from a trunk. Credentials for our realm decide first, then the address: that of a registered phone or PBX, then
// that of a trunk. Everybody else is challenged like a phone, whether there is such a user or not.
func (s *Server) identify(ctx context.Context, req *proto.Request, tx *proto.ServerTx) (caller, bool) {
	cred := s.CredentialsIn(req)
	from := s.Origin(req)
	t := s.lines.From(from.At.Addr(), req)
	if t != nil && (cred == nil || cred.Username == t.InUsername) {
		phone, err := s.dir.RegisteredAt(ctx, from.String(), time.Now())
		if err != nil {
			s.Log.Error("sip: registrations not read", "err", err)
			s.tryAnother(req, tx)
			return caller{}, false
		}
		if !phone {
			return s.fromTrunk(t, req, tx)
		}
	}
	who, ok := s.authenticate(ctx, req, tx)
	if !ok {
		return caller{}, false
	}
	if who.isTrunk() {
		return s.ofTrunk(ctx, who.trunk.ID, req, tx)
	}
	device := who.device
	party := pbx.Party{Kind: pbx.Phone, User: device.User, Device: device.ID, Number: device.Username, Name: nameOf(req)}
	return caller{party: party, codecs: s.cfg.Codecs, dialled: edge.Dialled(req.Recipient)}, true
}

// fromTrunk checks the digest where the trunk demands one. The trunk's limit is the exchange's affair.
func (s *Server) fromTrunk(t *lines.Trunk, req *proto.Request, tx *proto.ServerTx) (caller, bool) {
	if t.InUsername != "" && !s.lines.Proves(t, req, tx) {
		return caller{}, false
	}
	return callerFrom(t, req), true
}

// ofTrunk takes a call of a PBX that registers here and gave its password.
func (s *Server) ofTrunk(ctx context.Context, id string, req *proto.Request, tx *proto.ServerTx) (caller, bool) {
	t, err := s.lines.Find(ctx, id)
	if t == nil || err != nil {
		s.Log.Error("sip: trunk not read", "trunk", id, "err", err)
		s.tryAnother(req, tx)
		return caller{}, false
	}
	return callerFrom(t, req), true
}

// callerFrom counts a call of a trunk in.
func callerFrom(t *lines.Trunk, req *proto.Request) caller {
	t.Calls.Add(1)
	return caller{party: callerOf(t.ID, req), codecs: codecsNamed(t.Codecs), dialled: t.Dialled(req), trunk: t}
}

// callerOf is who the trunk says calls: P-Asserted-Identity (RFC 3325) before From, unless the caller wants privacy.
func callerOf(trunk string, req *proto.Request) pbx.Party {
	p := pbx.Party{Kind: pbx.Line, Trunk: trunk, Number: edge.Dialled(req.From().Address), Name: nameOf(req)}
	for _, h := range req.GetHeaders("P-Asserted-Identity") {
		var uri proto.Uri
		name, err := proto.ParseAddressValue(h.Value(), &uri, &proto.HeaderParams{})
		if number := edge.Dialled(uri); err == nil && number != "" {
			p.Number, p.Name = number, displayName(name)
			break
		}
	}
	privacy := strings.ToLower(stack.Joined(req, "Privacy"))
	p.Private = strings.Contains(privacy, "id") || strings.Contains(privacy, "user") || strings.Contains(privacy, "header")
	if p.Private || nobody(p.Number) || strings.HasSuffix(req.From().Address.Host, "anonymous.invalid") {
		p.Number, p.Name, p.Private = "", "", true
	}
	return p
}

// nobody tells a word that carriers send in place of a withheld number.
func nobody(number string) bool {
	return slices.Contains([]string{"anonymous", "restricted", "unavailable", "unknown"}, strings.ToLower(number))
}

// codecsNamed are those of a trunk's list that we can negotiate.
func codecsNamed(names []string) (list []media.Codec) {
	for _, n := range names {
		for _, c := range []media.Codec{media.PCMA(), media.PCMU(), media.G722()} {
			if strings.EqualFold(c.Name, n) {
				list = append(list, c)
			}
		}
	}
	return list
}
