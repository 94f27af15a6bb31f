package sip

import (
	"context"
	"net/netip"
	"strings"
	"sync/atomic"
	"time"

	"frontdesk/guard"
	"frontdesk/pbx"
	"frontdesk/pbx/directory"
	"frontdesk/sip/events"
	"frontdesk/sip/registrar"
	"frontdesk/sip/trunks"
)

// Arriver takes the calls that come in; *pbx.Exchange is one.
type Arriver interface {
	// Arrive routes a leg that dialled a number or name. It returns at once, with the id of the call.
	Arrive(leg pbx.Leg, dialled string) (call string)
}

// Status is how a trunk does, and Step what one step of its test came to.
type (
	Status = trunks.Status
	Step   = trunks.Step
)

// Server serves phones and trunks, and dials them: it is the pbx.Dialer of targets with a Device or Trunk.
type Server struct {
	*core
	dir       *directory.Directory
	calls     Arriver
	trunks    *trunks.Trunks
	registrar *registrar.Registrar
	events    *events.Notifier
	draining  atomic.Bool
	trying    atomic.Bool // a test call is under way
	ready     chan struct{}
}

// Ready is closed when Serve has begun to take messages: calls can be placed from then on.
func (s *Server) Ready() <-chan struct{} { return s.ready }

// Close hangs up all calls, signs off from the trunks and closes the sockets; it waits for all of it, at most some
// seconds.
func (s *Server) Close() {
	s.closing.Do(func() {
		s.events.Close()
		s.close()
	})
}

// Reload takes a change of the trunks, phones and extensions, soon.
func (s *Server) Reload() {
	s.trunks.Reload()
	s.spawn(func() {
		ctx, cancel := context.WithTimeout(s.ctx, 10*time.Second)
		defer cancel()
		if err := s.events.PlanChanged(ctx); err != nil && s.ctx.Err() == nil {
			s.Log.Warn("sip: whether phones may still watch is not known", "err", err)
		}
	})
}

// Events are what phones subscribe to.
func (s *Server) Events() *events.Notifier { return s.events }

// Down tells that a trunk did not answer, or did not let us register, when it was last asked; calls try others first.
func (s *Server) Down(id string) bool { return s.trunks.Down(id) }

// TrunkStatus tells how each active trunk does.
func (s *Server) TrunkStatus() []Status { return s.trunks.TrunkStatus() }

// TestTrunk tries a trunk step by step: is its name known, does it answer, does it let us register. It calls nobody.
// Errors: pbx.ErrNotFound.
func (s *Server) TestTrunk(ctx context.Context, id string) ([]Step, error) {
	return s.trunks.TestTrunk(ctx, id)
}

// Drain refuses new calls with 503 from now on, and has phones subscribe elsewhere; running calls go on.
func (s *Server) Drain() {
	s.draining.Store(true)
	s.events.Close()
}

// Legs is how many calls of phones and trunks there are now.
func (s *Server) Legs() int { return s.dialogs.Now() }

// Cluster is where the other nodes reach this one: transport:address:port.
func (s *Server) Cluster() string { return s.Stack.Cluster.String() }

// Speaks tells whether a transport is served: udp, tcp, tls.
func (s *Server) Speaks(transport string) bool { return s.Stack.Speaks(strings.ToUpper(transport)) }

// SecureAddr is where the server listens for TLS; the zero address: nowhere.
func (s *Server) SecureAddr() (tls netip.AddrPort) {
	if s.TLS != nil {
		tls = s.TLS.At
	}
	return tls
}

// SocketAddr is where the server listens for WebSockets; an address that isn't served is the zero one.
func (s *Server) SocketAddr() (ws, wss netip.AddrPort) {
	if s.WS != nil {
		ws = s.WS.At
	}
	if s.WSS != nil {
		wss = s.WSS.At
	}
	return ws, wss
}

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
