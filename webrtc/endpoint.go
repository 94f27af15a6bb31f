// Package webrtc turns browsers into legs: the server half of the call.* and meet.* operations of
// docs/live-protocol.md.
//
// A leg is the server's and outlives the tab: a reloaded page attaches a new peer connection to it and its tracks go
// on.
package webrtc

import (
	"context"
	"encoding/json"
	"log/slog"
	"sync"
	"sync/atomic"

	"golang.org/x/time/rate"

	"frontdesk/media"
	"frontdesk/pbx"
	"frontdesk/webrtc/relay"
	"frontdesk/webrtc/sfu"
)

// Arriver takes the calls that browsers place and the meetings they join. pbx.Exchange is one.
type Arriver interface {
	// Arrive takes the leg and what it dialled: a number, an extension or "meet:" and a meeting. It returns the id of the
	// call. A refusal comes as the leg's Hangup. The id of a meeting's call is of no meaning here.
	Arrive(leg pbx.Leg, dialled string) string
}

// Wire reaches the tabs of a user. Its methods do not block.
type Wire interface {
	// Send pushes an event to one tab, or to all of the user's when socket is "". It tells whether any tab is there.
	Send(user, socket, ev string, data any) (delivered bool)
	// Online tells whether the user has a tab open.
	Online(user string) bool
}

// Endpoint is where browsers call and meet. Make it with New. It is a pbx.Dialer.
type Endpoint struct {
	config   Config
	codecs   []media.Codec // of calls, best first
	wire     Wire
	log      *slog.Logger
	metrics  *metrics
	counters *sfu.Counters // of what is forwarded
	net      *transport
	relay    *relay.Relay // nil when there is no TURN
	certs    certificates
	tasks    sync.WaitGroup
	draining atomic.Bool
	peers    sync.Map // all that are open: *peer
	subs     sync.Map // *subscriber of every meeting leg
	quit     chan struct{}
	ups      sync.Map // what browsers send in meetings: *media.Track → *up

	mu     sync.Mutex
	calls  map[string]*callLeg // by leg id
	meets  map[string]*meetLeg // by leg id
	closed bool
	pace   map[string]*rate.Limiter // of peer connections, by user: as many as there are users
}

// caller is the tab that asks for an operation.
type caller struct{ user, socket string }

// operation does one op of docs/live-protocol.md and returns what its answer carries.
type operation func(ctx context.Context, who caller, data json.RawMessage) (any, error)

// legs are those of the user.
func (e *Endpoint) legs(user string) (calls []*callLeg, meets []*meetLeg) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, c := range e.calls {
		if c.user == user {
			calls = append(calls, c)
		}
	}
	for _, m := range e.meets {
		if m.user == user {
			meets = append(meets, m)
		}
	}
	return calls, meets
}

func (e *Endpoint) addCall(c *callLeg) error {
	if err := e.bounded(c.user); err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.draining.Load() {
		return draining()
	}
	if err := e.admits(); err != nil {
		return err
	}
	e.calls[c.id] = c
	e.metrics.legs.WithLabelValues("call").Inc()
	return nil
}

func (e *Endpoint) addMeet(m *meetLeg) error {
	if err := e.bounded(m.user); err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed || e.draining.Load() && !e.meetsIn(m.callID()) {
		return draining()
	}
	if err := e.admits(); err != nil {
		return err
	}
	e.meets[m.id] = m
	e.metrics.legs.WithLabelValues("meeting").Inc()
	return nil
}

// bounded tells whether the user may have one more leg.
func (e *Endpoint) bounded(user string) error {
	calls, meets := e.legs(user)
	if len(calls)+len(meets) >= e.config.MaxUserLegs {
		return limited("too many calls at once: hang up one")
	}
	return nil
}

// admits tells whether the node takes one more leg. It holds mu: Close finds every leg that got in.
func (e *Endpoint) admits() error {
	if len(e.calls)+len(e.meets) >= e.config.MaxLegs {
		return limited("this server is full: try again later")
	}
	return nil
}

// meetsIn tells whether a meeting runs here: people may still come into it while the node drains. It holds mu.
func (e *Endpoint) meetsIn(meeting string) bool {
	for _, m := range e.meets {
		if m.callID() == meeting {
			return true
		}
	}
	return false
}

// forget is called once for each leg that was added, when it is over.
func (e *Endpoint) forget(id string, cause pbx.Cause) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if _, ok := e.calls[id]; ok {
		delete(e.calls, id)
		e.metrics.legs.WithLabelValues("call").Dec()
	}
	if _, ok := e.meets[id]; ok {
		delete(e.meets, id)
		e.metrics.legs.WithLabelValues("meeting").Dec()
	}
	e.metrics.ended.WithLabelValues(string(cause)).Inc()
}

// findCall is the call leg of that user; a leg of another is as unknown as one that never was.
func (e *Endpoint) findCall(user, leg string) (*callLeg, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	c := e.calls[leg]
	if c == nil || c.user != user {
		return nil, notFound()
	}
	return c, nil
}

// findMeet is the meeting leg of that user.
func (e *Endpoint) findMeet(user, leg string) (*meetLeg, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	m := e.meets[leg]
	if m == nil || m.user != user {
		return nil, notFound()
	}
	return m, nil
}

// Peer connections cost milliseconds of CPU each: a user may make so many at once and so many a second.
const (
	peerBurst = 32
	peerRate  = 2
)

// paced tells whether the user may make one more peer connection now.
func (e *Endpoint) paced(user string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.pace[user] == nil {
		e.pace[user] = rate.NewLimiter(peerRate, peerBurst)
	}
	if !e.pace[user].Allow() {
		return limited("too many connections in a short time: wait some seconds")
	}
	return nil
}
