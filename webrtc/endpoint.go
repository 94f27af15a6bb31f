// Package webrtc turns browsers into legs: the server half of the call.* and meet.* operations of docs/live-protocol.md.
//
// A leg is the server's and outlives the tab: a reloaded page attaches a new peer connection to it and its tracks go on.
package webrtc

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/time/rate"

	"frontdesk/media"
	"frontdesk/pbx"
	"frontdesk/webrtc/sfu"
)

// Arriver takes the calls that browsers place and the meetings they join. pbx.Exchange is one.
type Arriver interface {
	// Arrive takes the leg and what it dialled: a number, an extension or "meet:" and a room. It returns the id of the call.
	// A refusal comes as the leg's Hangup. The id of a meeting's call is of no meaning here.
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
	exchange Arriver
	wire     Wire
	log      *slog.Logger
	metrics  *metrics
	counters *sfu.Counters // of what is forwarded
	net      *transport
	relay    *relay // nil when there is no TURN
	certs    certificates
	ops      map[string]operation
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

// New binds the sockets and starts to serve. The caller closes the Endpoint.
func New(config Config, exchange Arriver, wire Wire, log *slog.Logger, reg prometheus.Registerer) (*Endpoint, error) {
	config, err := config.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("webrtc: %w", err)
	}
	e := &Endpoint{config: config, exchange: exchange, wire: wire, log: log, metrics: newMetrics(reg), counters: sfu.NewCounters(reg),
		calls: map[string]*callLeg{}, meets: map[string]*meetLeg{}, pace: map[string]*rate.Limiter{}, quit: make(chan struct{})}
	e.codecs, _ = config.codecs()
	e.ops = e.operations()
	if e.net, err = newTransport(config, log); err != nil {
		return nil, fmt.Errorf("webrtc: %w", err)
	}
	if e.relay, err = newRelay(config, e.net.addrs(), log, e.metrics.relays); err != nil {
		e.net.close()
		return nil, fmt.Errorf("webrtc: %w", err)
	}
	e.tasks.Go(e.beats)
	e.tasks.Go(e.allots)
	return e, nil
}

// Drain takes no new calls from now on; running ones go on, may be attached, and meetings be joined.
func (e *Endpoint) Drain() { e.draining.Store(true) }

// Close ends every leg with CauseDraining and returns when all that ran is over.
func (e *Endpoint) Close() error {
	e.Drain()
	e.mu.Lock()
	if !e.closed {
		close(e.quit)
	}
	e.closed = true
	e.mu.Unlock()
	for _, leg := range e.all() {
		leg.Hangup(pbx.CauseDraining)
	}
	e.tasks.Wait()
	e.relay.close()
	e.net.close()
	return nil
}

func (e *Endpoint) all() []pbx.Leg {
	e.mu.Lock()
	defer e.mu.Unlock()
	var list []pbx.Leg
	for _, c := range e.calls {
		list = append(list, c)
	}
	for _, m := range e.meets {
		list = append(list, m)
	}
	return list
}

// SocketGone tells that a tab went away. Its legs live on while their media flows, and Config.Grace longer; ringing stops when it was
// the user's last tab and none comes back in that time.
func (e *Endpoint) SocketGone(user, socket string) {
	calls, meets := e.legs(user)
	for _, c := range calls {
		c.socketGone(socket)
	}
	for _, m := range meets {
		m.leave(socket, m.lost)
	}
}

// LegsOf are the user's legs, by call, or by "meet:" and the room: what a tab needs to know to attach. Legs that ring are among them.
func (e *Endpoint) LegsOf(user string) map[string]string {
	calls, meets := e.legs(user)
	byCall := map[string]string{}
	for _, c := range calls {
		byCall[c.callID()] = c.id
	}
	for _, m := range meets {
		byCall[m.callID()] = m.id
	}
	return byCall
}

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

// Dial rings all tabs of the user. pbx.ErrNobody when there is none.
func (e *Endpoint) Dial(_ context.Context, to pbx.Target, r pbx.Request) (pbx.Leg, error) {
	switch {
	case to.User == "":
		return nil, errors.New("webrtc: only users can be dialled")
	case !e.wire.Online(to.User):
		return nil, pbx.ErrNobody
	}
	c := e.newCall(to.User, "", r.Call)
	c.request, c.offers = r, e.codecs
	if err := e.addCall(c); err != nil {
		return nil, err
	}
	if !e.wire.Send(to.User, "", "call.leg", legEvent{Call: r.Call, Leg: c.id, State: "ringing"}) {
		c.Hangup(pbx.CauseUnavailable)
		return nil, pbx.ErrNobody
	}
	c.log.Info("browsers ring", "call", r.Call)
	c.events.push(pbx.Ringing{})
	return c, nil
}

// legEvent is the data of call.leg.
type legEvent struct {
	Call  string `json:"call"`
	Leg   string `json:"leg"`
	State string `json:"state"`
}

func (e *Endpoint) addCall(c *callLeg) error {
	if err := e.room(c.user); err != nil {
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
	if err := e.room(m.user); err != nil {
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

// room tells whether the user may have one more leg.
func (e *Endpoint) room(user string) error {
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
func (e *Endpoint) meetsIn(room string) bool {
	for _, m := range e.meets {
		if m.callID() == room {
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
