package webrtc

import (
	"context"
	"encoding/json"
	"errors"
)

// Tabs is what the tabs of browsers ask of an Endpoint, with an exchange that takes the calls they place.
type Tabs struct {
	*Endpoint
	exchange Arriver
	ops      map[string]operation
}

// NewTabs makes the operations.
func NewTabs(e *Endpoint, exchange Arriver) *Tabs {
	t := &Tabs{Endpoint: e, exchange: exchange}
	t.ops = t.operations()
	return t
}

// operations are all that Do knows.
func (t *Tabs) operations() map[string]operation {
	return map[string]operation{
		"call.place":    with(t.callPlace),
		"call.fetch":    with(t.callFetch),
		"call.answer":   with(t.callAnswer),
		"call.offer":    with(t.callOffer),
		"call.attach":   with(t.callAttach),
		"call.decline":  with(t.callDecline),
		"call.hangup":   with(t.callHangup),
		"call.hold":     with(t.callHold),
		"call.mute":     with(t.callMute),
		"call.digit":    with(t.callDigit),
		"call.transfer": with(t.callTransfer),
		"call.takeback": with(t.callTakeBack),
		"call.ice":      with(t.callICE),
		"leg.left":      with(t.legLeft),
		"meet.join":     with(t.meetJoin),
		"meet.publish":  with(t.meetPublish),
		"meet.answer":   with(t.meetAnswer),
		"meet.attach":   with(t.meetAttach),
		"meet.view":     with(t.meetView),
		"meet.restart":  with(t.meetRestart),
		"meet.mute":     with(t.meetMute),
		"meet.leave":    with(t.meetLeave),
		"meet.call":     with(t.meetCall),
		"meet.remove":   with(t.meetRemove),
		"meet.admit":    with(t.meetAdmit),
	}
}

// Waits tells whether op waits for people.
func Waits(op string) bool { return op == "call.transfer" || op == "meet.call" }

// Knows tells whether op is one of Do's.
func (t *Tabs) Knows(op string) bool { return t.ops[op] != nil }

// Do does an operation of the user's tab socket and returns the data of its answer. Every error is an *Error.
// Those that Waits names wait until somebody rings, for 40 s at most: do not keep the tab's other operations waiting
// behind them. All others take milliseconds.
func (t *Tabs) Do(ctx context.Context, user, socket, op string, data json.RawMessage) (any, error) {
	do := t.ops[op]
	if do == nil {
		return nil, badRequest("no such operation")
	}
	answer, err := do(ctx, caller{user, socket}, data)
	if err == nil {
		return answer, nil
	}
	known := &Error{}
	if !errors.As(err, &known) {
		t.log.Error("operation failed", "op", op, "user", user, "error", err)
		known = &Error{CodeFailed, "the server could not do this: its log says why"}
	}
	t.metrics.errors.WithLabelValues(op, known.Code).Inc()
	return nil, known
}

func (e *Endpoint) callICE(_ context.Context, who caller, _ none) (any, error) {
	return iceOut{e.ICEServers(who.user)}, nil
}
