package webrtc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/time/rate"

	"frontdesk/pbx"
	"frontdesk/webrtc/relay"
	"frontdesk/webrtc/sfu"
)

// New binds the sockets and starts to serve. Connect must follow before a browser calls. The caller closes the Endpoint.
func New(config Config, wire Wire, log *slog.Logger, reg prometheus.Registerer) (*Endpoint, error) {
	config, err := config.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("webrtc: %w", err)
	}
	e := &Endpoint{config: config, wire: wire, log: log, metrics: newMetrics(reg),
		counters: sfu.NewCounters(reg),
		calls:    map[string]*callLeg{}, meets: map[string]*meetLeg{}, pace: map[string]*rate.Limiter{},
		quit: make(chan struct{})}
	e.codecs, _ = config.codecs()
	e.ops = e.operations()
	if e.net, err = newTransport(config, log); err != nil {
		return nil, fmt.Errorf("webrtc: %w", err)
	}
	if e.relay, err = relay.New(config.TURN, e.net.addrs(), config.ExternalIP, pionLog(log), e.metrics.relays); err != nil {
		e.net.close()
		return nil, fmt.Errorf("webrtc: %w", err)
	}
	e.tasks.Go(e.beats)
	e.tasks.Go(e.allots)
	return e, nil
}

// Connect says where the calls of browsers go. It must be called before any comes.
func (e *Endpoint) Connect(exchange Arriver) { e.exchange = exchange }

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
	e.relay.Close()
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

// SocketGone tells that a tab went away. Its legs live on while their media flows, and Config.Grace longer; ringing
// stops when it was the user's last tab and none comes back in that time.
func (e *Endpoint) SocketGone(user, socket string) {
	calls, meets := e.legs(user)
	for _, c := range calls {
		c.socketGone(socket)
	}
	for _, m := range meets {
		m.leave(socket, m.lost)
	}
}

// LegsOf are the user's legs, by call, or by "meet:" and the meeting: what a tab needs to know to attach. Legs that ring
// are among them.
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

// ICEServers is what a browser of the user needs to reach us through the relay: a log-in for an hour. Empty without a
// relay.
func (e *Endpoint) ICEServers(user string) []relay.ICEServer { return e.relay.LogIn(user) }

// operations are all that Do knows.
func (e *Endpoint) operations() map[string]operation {
	return map[string]operation{
		"call.place":    with(e.callPlace),
		"call.answer":   with(e.callAnswer),
		"call.offer":    with(e.callOffer),
		"call.attach":   with(e.callAttach),
		"call.decline":  with(e.callDecline),
		"call.hangup":   with(e.callHangup),
		"call.hold":     with(e.callHold),
		"call.mute":     with(e.callMute),
		"call.digit":    with(e.callDigit),
		"call.transfer": with(e.callTransfer),
		"call.takeback": with(e.callTakeBack),
		"call.ice":      with(e.callICE),
		"leg.left":      with(e.legLeft),
		"meet.join":     with(e.meetJoin),
		"meet.publish":  with(e.meetPublish),
		"meet.answer":   with(e.meetAnswer),
		"meet.attach":   with(e.meetAttach),
		"meet.view":     with(e.meetView),
		"meet.restart":  with(e.meetRestart),
		"meet.mute":     with(e.meetMute),
		"meet.leave":    with(e.meetLeave),
		"meet.call":     with(e.meetCall),
		"meet.remove":   with(e.meetRemove),
		"meet.admit":    with(e.meetAdmit),
	}
}

// Waits tells whether op waits for people.
func Waits(op string) bool { return op == "call.transfer" || op == "meet.call" }

// Knows tells whether op is one of Do's.
func (e *Endpoint) Knows(op string) bool { return e.ops[op] != nil }

// Do does an operation of the user's tab socket and returns the data of its answer. Every error is an *Error.
// Those that Waits names wait until somebody rings, for 40 s at most: do not keep the tab's other operations waiting
// behind them. All others take milliseconds.
func (e *Endpoint) Do(ctx context.Context, user, socket, op string, data json.RawMessage) (any, error) {
	do := e.ops[op]
	if do == nil {
		return nil, badRequest("no such operation")
	}
	answer, err := do(ctx, caller{user, socket}, data)
	if err == nil {
		return answer, nil
	}
	known := &Error{}
	if !errors.As(err, &known) {
		e.log.Error("operation failed", "op", op, "user", user, "error", err)
		known = &Error{CodeFailed, "the server could not do this: its log says why"}
	}
	e.metrics.errors.WithLabelValues(op, known.Code).Inc()
	return nil, known
}

func (e *Endpoint) callICE(_ context.Context, who caller, _ none) (any, error) {
	return iceOut{e.ICEServers(who.user)}, nil
}
