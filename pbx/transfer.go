package pbx

import (
	"time"

	"frontdesk/media"
)

// transfer is a blind transfer under way: by leaves, its peer stays and waits for the target.
type transfer struct {
	by   *member
	peer *member
	done func(Cause) // nil once told
}

// tell reports the result, the first time.
func (t *transfer) tell(cause Cause) {
	if done := t.done; done != nil {
		t.done = nil
		done(cause)
	}
}

// transferTo rings the target by the dial plan, with the rights of the party that transfers.
func (c *Call) transferTo(m *member, e TransferAsked) {
	peer := c.peer(m)
	if c.state != answered || c.meeting != "" || c.transfer != nil || m.state != legActive || peer == nil {
		e.Done(CauseForbidden)
		return
	}
	in := c.plan.Inbound(c.in.Call, m.party, e.To)
	r := c.plan.Route(in, Hint{}, time.Now())
	if r.Meeting != "" {
		r.Cause = CauseForbidden
	}
	if r.Cause != CauseNone {
		e.Done(r.Cause)
		return
	}
	c.transfer = &transfer{by: m, peer: peer, done: e.Done}
	c.log.Info("transfer", "to", in.To)
	c.ringFor(peer, r.Steps, c.transferFailed)
}

// ringFor rings on behalf of a party that is in the call already.
func (c *Call) ringFor(peer *member, steps []Step, failed func(Cause)) {
	t := c.transfer
	c.ring(&hunt{steps: steps, codecs: []media.Codec{c.codec}, from: peer.party, number: c.numberOf(peer),
		rings: func() { t.tell(CauseNone) }, answered: c.transferred, failed: failed})
}

// numberOf is the number under which our people know a member.
func (c *Call) numberOf(m *member) string {
	switch {
	case m.party.Private:
		return ""
	case m == c.caller:
		return c.in.From
	case m.party.Kind == Line:
		return c.in.To
	default:
		return c.plan.caller(m.party)
	}
}

// transferred: the target answered; who transferred leaves.
func (c *Call) transferred(m *member, _ media.Codec) {
	t := c.transfer
	c.transfer = nil
	t.tell(CauseNone)
	c.dismiss(t.by, CauseNormal)
	c.took(m.party.User)
	c.settle()
	c.noteAnswer()
}

// transferFailed: who transferred keeps the call, or is called back when it has hung up already.
func (c *Call) transferFailed(cause Cause) {
	t := c.transfer
	t.tell(cause)
	if t.by.state != legGone {
		c.transfer = nil
		return
	}
	if t.by.party.User == "" {
		c.end(cause)
		return
	}
	c.log.Info("transfer failed: calling back", "cause", cause)
	c.ringFor(t.peer, []Step{c.plan.step([]string{t.by.party.User}, 25)}, c.end)
}
