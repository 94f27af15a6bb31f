package pbx

import (
	"cmp"
	"time"

	"frontdesk/media"
	"frontdesk/pbx/directory"
)

// transfer is under way: by leaves, its peer stays and waits for the target.
type transfer struct {
	by      *member
	peer    *member
	done    func(Cause) // nil once told, or when nobody asked here
	joining bool        // with another call, instead of ringing somebody

	to    string // whom it rings
	user  string // whose that is, where it is one user's
	state string // as in Transfer; "" while it rings nobody yet
	cause Cause  // why it came to nothing
	hunt  *hunt  // that rings the target, or who transferred
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
	c.transfer, c.vain = &transfer{by: m, peer: peer, done: e.Done}, nil
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
	first := c.plan.Route(in, c.x.facts(directory.Hint{}), time.Now())
	t.to, t.user, t.state = in.To, directory.OnlyUser(first), "calling"
	if cause := refusal(first); cause != CauseNone {
		c.transferFailed(cause)
		return
	}
	c.log.Info("transfer", "to", in.To)
	c.ringFor(first, t.by.party.User, c.transferFailed)
}

// ringFor rings on behalf of the party that waits; by had it sent there.
func (c *Call) ringFor(first directory.Step, by string, failed func(Cause)) {
	t := c.transfer
	t.hunt = &hunt{record: &c.record, walk: directory.NewWalk(first), codecs: []media.Codec{t.peer.codec}, from: t.peer.party, number: c.numberOf(t.peer), by: by,
		rings: t.rings, answered: c.transferred, failed: failed}
	c.ring(t.hunt)
}

func (t *transfer) rings() {
	if t.state == "calling" {
		t.state = "ringing"
	}
	t.tell(CauseNone)
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
		return c.plan.Caller(m.party)
	}
}

// transferred: the target answered and who transferred leaves, or who had hung up has the call back.
func (c *Call) transferred(m *member, _ media.Codec) {
	t := c.transfer
	c.transfer = nil
	t.tell(CauseNone)
	if t.state == "back" {
		t.by, t.state, c.vain = m, "failed", t
	} else {
		c.dismiss(t.by, CauseNormal)
	}
	c.took(m.party.User)
	c.settle()
	c.ledger.Answered(c.record)
}

// takeBack ends the transfer that the party began: it has the call again. When the target answered just now, or it came to nothing, nothing is left to be
// done, and the View tells.
func (c *Call) takeBack(m *member) {
	t := c.transfer
	if t == nil || t.joining || t.by != m {
		return
	}
	c.transfer = nil
	c.stop(t.hunt)
	c.stopRinging(t.hunt, nil, CauseCancelled)
	t.tell(CauseCancelled)
}

// transferFailed: who transferred keeps the call, or is called back when it has hung up already.
func (c *Call) transferFailed(cause Cause) {
	t := c.transfer
	t.cause, t.joining = cause, false
	t.tell(cause)
	switch {
	case t.by.state != legGone:
		c.transfer = nil
		if t.state != "" {
			t.state, c.vain = "failed", t
		}
	case t.by.party.User == "":
		c.end(cause)
	default:
		c.log.Info("transfer failed: calling back", "cause", cause)
		t.state = "back"
		c.ringFor(c.plan.Ring([]string{t.by.party.User}, 25, nil), "", c.end)
	}
}

// lookTransfer is the blind transfer that people are shown; nil when there is none.
func (c *Call) lookTransfer() *Transfer {
	t := cmp.Or(c.transfer, c.vain)
	if t == nil || t.joining || t.state == "" {
		return nil
	}
	return &Transfer{By: t.by.party.User, Leg: t.by.leg.ID(), Peer: t.peer.leg.ID(), To: t.to, User: t.user, State: t.state, Cause: t.cause}
}
