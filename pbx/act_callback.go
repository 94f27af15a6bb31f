package pbx

import (
	"cmp"
	"time"

	"frontdesk/media"
	"frontdesk/pbx/call"
	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/hunt"
	"frontdesk/pbx/ledger"
	"frontdesk/pbx/queue"
)

// callback is the act in which agents are rung for somebody who asked to be called back. Who answers calls him: the
// call is that agent's, with all his rights and limits, and has a record from then on.
type callback struct {
	call.Scene
	queue   dialplan.Queue
	offer   queue.Offer
	barred  bool // his number had asked not to be called
	hunt    *hunt.Hunt
	ringing ledger.Record // nobody's: what rings the agents is written nowhere

	agent     *call.Member // nil: none has taken it
	dials     bool         // he calls
	reached   bool         // and is answered
	withdrawn bool         // he is not to be called any more
}

func (*callback) State() string { return call.StateRouting }

func (b *callback) Begin() {
	b.ringing.ID = b.In.Call
	who := call.Party{Kind: Outside, Number: b.offer.Number, Name: b.title()}
	way := hunt.NewWay(b.Call, b.Plan.Ring(b.offer.Agents, b.queue.Seconds, nil), &b.ringing, nil, who, b.offer.Number)
	b.hunt = hunt.New(way, b, call.LineCodecs(), call.LineCodecs())
	b.hunt.Begin()
}

// callbackTitles are what phones show before the name of who is to be called back.
var callbackTitles = map[string]string{"en": "Call back", "ro": "Reapelare", "ru": "Перезвонить"}

func (b *callback) title() string {
	title := cmp.Or(callbackTitles[b.queue.Language], callbackTitles["en"])
	if b.offer.Name == "" {
		return title
	}
	return title + ": " + b.offer.Name
}

func (b *callback) Look(v *View) {
	v.Callback = &call.Callback{Queue: b.queue.Name, Number: b.offer.Number, Name: b.offer.Name, Since: b.offer.Since,
		Unwanted: b.barred}
}

func (b *callback) Said(m *call.Member, e Event) {
	if b.agent == nil {
		b.hunt.Said(m, e)
	}
	b.Scene.Said(m, e)
}

func (b *callback) Hears(m *call.Member) []*media.Track {
	if m != b.agent {
		return nil
	}
	return []*media.Track{b.Board.Sounds.RingbackIn(m.Codec)}
}

func (b *callback) Gone(m *call.Member, e Gone) {
	if b.agent != nil || !b.hunt.Lost(m, e) {
		b.End(e.Cause)
	}
}

func (*callback) Rung(*call.Member) {}

func (*callback) Rings(bool) {}

func (b *callback) Leads(dialplan.Step) { b.End(CauseUnavailable) }

func (b *callback) Failed(cause Cause) { b.End(cause) }

// Answered: an agent wants to call. Whether that is still to be done the queue says.
func (b *callback) Answered(m *call.Member, _ media.Codec) {
	b.agent = m
	b.Board.Desk.Dials(b.offer.Call, m.Party.User, time.Duration(b.queue.WrapUp)*time.Second, func(wanted bool) {
		b.Post(mayDial{b, wanted})
	})
}

// mayDial: an agent may call who asked for it, or not any more.
type mayDial struct {
	act    *callback
	wanted bool
}

func (mayDial) Late() {}

func (d mayDial) Happen(c *call.Call) {
	switch {
	case !c.Performs(d.act):
	case !d.wanted:
		d.act.withdrawn = true
		c.End(CauseElsewhere)
	default:
		d.act.dial()
	}
}

// dial has the agent call, as if he had dialled the number.
func (b *callback) dial() {
	b.dials = true
	agent := b.agent.Party
	in := b.Plan.Inbound(b.In.Call, Party{Kind: agent.Kind, User: agent.User, Device: agent.Device}, b.offer.Number)
	in.Consent = dialplan.Invited
	b.Caller, b.In, b.Unwritten = b.agent, in, false
	r := &b.Record
	r.Direction, r.From, r.To, r.Line = in.Direction, in.From, in.To, in.DID
	b.Took(agent.User)
	r.End(r.Begin(ledger.Step{Kind: ledger.Callback, Item: b.queue.ID, Users: []string{agent.User}}), ledger.Answered,
		agent.User)
	b.Ledger.Begin(*r)
	b.Alarms.Set(&b.Limit, b.Board.Config.MaxCall, func() { b.End(CauseNormal) })
	p := program{Scene: b.Scene, who: b.agent, acts: actOf, taken: b.reaches}
	first := b.Plan.Route(in, b.Board.Facts(dialplan.Hint{}), time.Now())
	p.way = hunt.NewWay(b.Call, first, r, b.Ledger, in.Party, in.From)
	p.way.Fresh = true
	p.over("")
}

func (b *callback) reaches() {
	b.reached = true
	b.Board.Desk.Reaches(b.offer.Call)
}

// settle tells the queue what came of it, when the call is over.
func (b *callback) settle() {
	desk, cause := b.Board.Desk, b.Record.Cause
	switch {
	case b.reached, b.withdrawn:
	case b.dials && cause != CauseDraining:
		desk.Fails(b.offer.Call, b.queue.Callback)
	default:
		rest, missed := restAfter(cause)
		desk.Returns(b.offer.Call, rest, missed)
	}
}

// isWithdrawn: who is called back is not to be any more, for he calls again, or somebody said so.
type isWithdrawn struct{ act *callback }

func (isWithdrawn) Late() {}

func (w isWithdrawn) Happen(c *call.Call) {
	if w.act.agent == nil {
		w.act.withdrawn = true
		c.End(CauseElsewhere)
	}
}
