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
	"frontdesk/webrtc/peer"
	"frontdesk/webrtc/relay"
	"frontdesk/webrtc/sfu"
)

// Arriver takes the calls that browsers place and the meetings they join. pbx.Exchange is one.
type Arriver interface {
	// Arrive takes the leg and what it dialled: a number, an extension or "meet:" and a meeting. It returns the id of
	// the call. A refusal comes as the leg's Hangup. The id of a meeting's call is of no meaning here.
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
	net      *peer.Transport
	relay    *relay.Relay // nil when there is no TURN
	tasks    sync.WaitGroup
	draining atomic.Bool
	subs     sync.Map // *subscriber of every meeting leg
	quit     chan struct{}
	ups      sync.Map // what browsers send in meetings: *media.Track → *up

	mu     sync.Mutex
	byID   map[string]leg
	closed bool
	pace   map[string]*rate.Limiter // of peer connections, by user: as many as there are users
}

// caller is the tab that asks for an operation.
type caller struct{ user, socket string }

// operation does one op of docs/live-protocol.md and returns what its answer carries.
type operation func(ctx context.Context, who caller, data json.RawMessage) (any, error)

// leg is one that a browser has in a call or a meeting.
type leg interface {
	pbx.Leg
	owner() string // the user whose it is
	kind() string
	callID() string
	socketGone(socket string)
}

// Kinds of legs.
const (
	calling = "call"
	meeting = "meeting"
)

// legs are those of the user.
func (e *Endpoint) legs(user string) (list []leg) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, l := range e.byID {
		if l.owner() == user {
			list = append(list, l)
		}
	}
	return list
}

// add takes a leg in. While the node drains, only into meetings that run here.
func (e *Endpoint) add(l leg) error {
	if err := e.bounded(l.owner()); err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed || e.draining.Load() && !e.meetsIn(l) {
		return draining()
	}
	if err := e.admits(); err != nil {
		return err
	}
	e.byID[l.ID()] = l
	e.metrics.legs.WithLabelValues(l.kind()).Inc()
	return nil
}

// bounded tells whether the user may have one more leg.
func (e *Endpoint) bounded(user string) error {
	if len(e.legs(user)) >= e.config.MaxUserLegs {
		return limited("too many calls at once: hang up one")
	}
	return nil
}

// admits tells whether the node takes one more leg. It holds mu: Close finds every leg that got in.
func (e *Endpoint) admits() error {
	if len(e.byID) >= e.config.MaxLegs {
		return limited("this server is full: try again later")
	}
	return nil
}

// meetsIn tells whether the leg is one of a meeting that runs here. The caller holds mu.
func (e *Endpoint) meetsIn(l leg) bool {
	for _, o := range e.byID {
		if l.kind() == meeting && o.kind() == meeting && o.callID() == l.callID() {
			return true
		}
	}
	return false
}

// forget is called once for each leg that was added, when it is over.
func (e *Endpoint) forget(id string, cause pbx.Cause) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if l, ok := e.byID[id]; ok {
		delete(e.byID, id)
		e.metrics.legs.WithLabelValues(l.kind()).Dec()
	}
	e.metrics.ended.WithLabelValues(string(cause)).Inc()
}

// find is the leg of that user; nil for one of another, which is as unknown as one that never was.
func (e *Endpoint) find(user, id string) leg {
	e.mu.Lock()
	defer e.mu.Unlock()
	if l := e.byID[id]; l != nil && l.owner() == user {
		return l
	}
	return nil
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
