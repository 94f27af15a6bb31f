package pbx

import (
	"time"

	"frontdesk/media"
)

// transfer is under way: by leaves, its peer stays and waits for the target.
type transfer struct {
	by      *member
	peer    *member
	done    func(Cause) // nil once told, or when nobody asked here
	joining bool        // with another call, instead of ringing somebody
}

// tell reports the result, the first time.
func (t *transfer) tell(cause Cause) {
	if done := t.done; done != nil {
		t.done = nil
		done(cause)
	}
}

// transferTo connects the peer of the party that asks to somebody else.
func (c *Call) transferTo(m *member, e TransferAsked) {
	peer := c.peer(m)
	if c.state != answered || c.meeting != "" || c.transfer != nil || m.state != legActive || peer == nil {
		e.Done(CauseForbidden)
		return
	}
	c.transfer = &transfer{by: m, peer: peer, done: e.Done}
	if e.With != "" {
		c.joinWith(e.With)
		return
	}
	c.refer(e.To)
}

// refer rings the target of the transfer by the dial plan, with the rights of the party that transfers.
func (c *Call) refer(to string) {
	t := c.transfer
	in := c.plan.Inbound(c.in.Call, t.by.party, to)
	r := c.plan.Route(in, Hint{}, time.Now())
	if r.Meeting != "" {
		r.Cause = CauseForbidden
	}
	if r.Cause != CauseNone {
		c.transferFailed(r.Cause)
		return
	}
	c.log.Info("transfer", "to", in.To)
	c.ringFor(t.peer, r.Steps, c.transferFailed)
}

// ringFor rings on behalf of a party that is in the call already.
func (c *Call) ringFor(peer *member, steps []Step, failed func(Cause)) {
	t := c.transfer
	c.ring(&hunt{record: &c.record, steps: steps, codecs: []media.Codec{peer.codec}, from: peer.party, number: c.numberOf(peer),
		rings: func() { t.tell(CauseNone) }, answered: c.transferred, failed: failed})
}

// numberOf is the number under which our people know a member.
func (c *Call) numberOf(m *member) string {
	switch {
	case m.party.Private:
		return ""
	case m.known != "":
		return m.known
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
	c.ledger.answered(c.record)
}

// transferFailed: who transferred keeps the call, or is called back when it has hung up already.
func (c *Call) transferFailed(cause Cause) {
	t := c.transfer
	t.joining = false
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
