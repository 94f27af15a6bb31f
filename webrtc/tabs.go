package webrtc

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"frontdesk/pbx"
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
		"call.place":     with(t.callPlace),
		"call.fetch":     with(t.callFetch),
		"call.answer":    with(t.callAnswer),
		"call.offer":     with(t.callOffer),
		"call.attach":    with(t.callAttach),
		"call.decline":   with(t.callDecline),
		"call.hangup":    with(t.callHangup),
		"call.hold":      with(t.callHold),
		"call.mute":      with(t.callMute),
		"call.digit":     with(t.callDigit),
		"call.transfer":  with(t.callTransfer),
		"call.takeback":  with(t.callTakeBack),
		"call.record":    with(t.callRecord),
		"call.supervise": with(t.callSupervise),
		"call.merge":     with(t.callMerge),
		"call.ice":       with(t.callICE),
		"leg.left":       with(t.legLeft),
		"meet.join":      with(t.meetJoin),
		"meet.publish":   with(t.meetPublish),
		"meet.answer":    with(t.meetAnswer),
		"meet.attach":    with(t.meetAttach),
		"meet.view":      with(t.meetView),
		"meet.restart":   with(t.meetRestart),
		"meet.mute":      with(t.meetMute),
		"meet.leave":     with(t.meetLeave),
		"meet.call":      with(t.meetCall),
		"meet.remove":    with(t.meetRemove),
		"meet.admit":     with(t.meetAdmit),
	}
}

// Waits tells whether op waits for people.
func Waits(op string) bool {
	return op == "call.supervise" || op == "call.transfer" || op == "call.merge" || op == "meet.call"
}

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

func (t *Tabs) callPlace(_ context.Context, who caller, in placeIn) (any, error) {
	in.To = strings.TrimSpace(in.To)
	if in.To == "" || len(in.To) > maxDialled || strings.HasPrefix(in.To, "meet:") ||
		strings.HasPrefix(in.To, "call:") ||
		strings.HasPrefix(in.To, "supervise:") || strings.HasPrefix(in.To, "anyway:") ||
		strings.HasPrefix(in.To, "desk:") {
		return nil, badRequest("to: want a number or an extension; use meet.join for a meeting")
	}
	if in.Anyway {
		in.To = pbx.Anyway(in.To)
	}
	return t.place(who, in.To, in.SDP)
}

// callFetch brings the user into a running call of this node: one that he may take, or goes on with here.
func (t *Tabs) callFetch(_ context.Context, who caller, in fetchIn) (any, error) {
	if in.Call == "" || len(in.Call) > maxDialled {
		return nil, badRequest("call: want the id of a running call")
	}
	return t.place(who, "call:"+in.Call, in.SDP)
}

// superviseIn begins to supervise a call of this node, or changes how a leg does.
type superviseIn struct {
	fetchIn
	legRef
	How string `json:"how"`
}

func (t *Tabs) callSupervise(ctx context.Context, who caller, in superviseIn) (any, error) {
	if in.Leg == "" {
		if in.Call == "" || len(in.Call)+len(in.How) > maxDialled {
			return nil, badRequest("call: want the id of a running call")
		}
		return t.supervise(ctx, who, in)
	}
	c, err := t.findCall(who.user, in.Leg)
	if err != nil {
		return nil, err
	}
	return awaited(ctx, func(done func(pbx.Cause)) error {
		return c.tell(pbx.SuperviseAsked{How: in.How, Done: done})
	})
}

// supervise brings the user into a running call, if he may; else he hears why not, and no leg of his was there.
func (t *Tabs) supervise(ctx context.Context, who caller, in superviseIn) (any, error) {
	c, verdict := t.newCall(who.user, who.socket, ""), make(chan pbx.Cause, 1)
	c.decided = verdict
	out, err := t.arrives(c, pbx.Supervise(in.How, in.Call), in.SDP)
	if err != nil {
		return nil, err
	}
	select {
	case cause := <-verdict:
		if cause != pbx.CauseNone {
			return nil, notSupervised(cause)
		}
	case <-ctx.Done():
		c.Hangup(pbx.CauseFailed)
		return nil, refused(pbx.CauseNoAnswer)
	}
	t.claim(who, c.id)
	return out, nil
}

// notSupervised is why a call can't be supervised.
func notSupervised(cause pbx.Cause) error {
	switch cause {
	case pbx.CauseForbidden:
		return &Error{CodeNoRight, "you may not listen in on the calls of all who take part, or take part yourself"}
	case pbx.CauseNotFound:
		return &Error{CodeNotFound, "there is no such call: it is over, or nobody talks in it"}
	case pbx.CauseBusy:
		return &Error{CodeFull, "as many listen in on this call as can"}
	case pbx.CauseNoCodec:
		return noCodec()
	case pbx.CauseDraining:
		return draining()
	}
	return refused(cause)
}

func (t *Tabs) place(who caller, to, sdp string) (any, error) {
	c := t.newCall(who.user, who.socket, "")
	out, err := t.arrives(c, to, sdp)
	if err != nil {
		return nil, err
	}
	t.claim(who, c.id)
	return out, nil
}

// arrives connects a new leg and has it call.
func (t *Tabs) arrives(c *callLeg, to, sdp string) (placeOut, error) {
	c.arriving = true
	if err := t.add(c); err != nil {
		return placeOut{}, err
	}
	answer, err := c.connect(sdp, c.tab())
	if err != nil {
		c.Hangup(pbx.CauseFailed)
		return placeOut{}, err
	}
	c.setCall(t.exchange.Arrive(c, to))
	c.log.Info("browser calls", "call", c.callID())
	return placeOut{Call: c.callID(), Leg: c.id, SDP: answer}, nil
}

func (t *Tabs) meetJoin(ctx context.Context, who caller, in joinIn) (any, error) {
	if in.Room == "" || len(in.Room) > maxDialled {
		return nil, badRequest("room: want the id of a meeting")
	}
	if !in.Again && t.inside(who.user, in.Room) {
		return nil, &Error{CodeInside,
			"you are in this meeting already, in another tab: take that leg over with meet.attach, or say again to " +
				"come in twice"}
	}
	m := t.newMeet(who.user, who.socket, in.Room)
	if err := t.add(m); err != nil {
		m.release()
		return nil, err
	}
	sdp, err := m.connect(in.SDP, who.socket, false)
	if err != nil {
		m.Hangup(pbx.CauseFailed)
		return nil, err
	}
	t.exchange.Arrive(m, m.callID())
	if err := m.entered(ctx); err != nil {
		return nil, err
	}
	m.log.Info("browser joins", "call", m.callID())
	return legSDP{Leg: m.id, SDP: sdp}, nil
}
