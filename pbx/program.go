package pbx

import (
	"cmp"
	"context"

	"frontdesk/media"
	"frontdesk/pbx/call"
	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/hunt"
)

// program is the scene of a party that is led through a program of the dial plan. Each step is an act; it ends with an
// outcome, and the call performs the act of the step that this leads to. Who is led is not answered yet, or a machine
// has answered him (an announcement, a menu, a queue): the record is answered only when a person takes the call.
type program struct {
	call.Scene
	way   *hunt.Way
	who   *call.Member // who is led: the caller, or whom somebody transferred here
	acts  acts
	taken func() // hears that somebody takes the call; nil: nobody does
	phone string // the desk phone that transferred who is led here, by its id; "": none did
}

// acts knows the act of each kind of step.
type acts func(program, dialplan.Step) call.Act

// over ends the act with an outcome.
func (p program) over(o dialplan.Outcome) { p.Leads(p.way.Next(o)) }

// comesTo ends the act of a machine with an outcome, which is noted.
func (p program) comesTo(o dialplan.Outcome) {
	p.way.Trail.ComesTo(string(o))
	p.over(o)
}

// Leads performs the act of a step; nil: the way is over.
func (p program) Leads(step dialplan.Step) {
	switch step.(type) {
	case nil:
		p.Failed(cmp.Or(p.way.Cause, CauseUnavailable))
	default:
		if next := p.acts(p, step); next != nil {
			p.Perform(next)
			return
		}
		p.Failed(CauseUnavailable)
	}
}

// Failed ends the call: nobody took it.
func (p program) Failed(cause Cause) {
	if p.who.Active() && cause == CauseUnavailable { // he heard all there was to hear
		cause = CauseNormal
	}
	p.End(cause)
}

func (p program) State() string {
	if p.Record.Answered.IsZero() {
		return call.StateRinging
	}
	return call.StateAnswered
}

// answer has a machine take the call, where nobody has taken it yet; false: it can't, and the call is over.
func (p program) answer() bool {
	if p.who.Active() {
		return true
	}
	codecs := media.Common(p.who.Leg.Offer(), call.LineCodecs()) // that we can encode
	if len(codecs) == 0 {
		p.End(CauseNoCodec)
		return false
	}
	p.take(codecs[0])
	return true
}

// take answers who is led.
func (p program) take(codec media.Codec) {
	if !p.who.Active() {
		p.who.State, p.who.Codec = call.LegActive, codec
		p.who.Leg.Answer(codec)
		p.Alarms.Set(&p.Limit, p.Board.Config.MaxCall, func() { p.End(CauseNormal) })
	}
}

func (p program) Said(m *call.Member, e Event) {
	if asked, ok := e.(proposal); ok {
		p.joins(m, asked)
		return
	}
	p.Scene.Said(m, e)
}

// joins: there is nobody to join the caller's other call with yet, so that one goes where this one went instead.
func (p program) joins(m *call.Member, asked proposal) {
	if m != p.Caller || m != p.who || asked.stays {
		asked.Answer(CauseNotFound)
		return
	}
	asked.from.Post(ringInstead{join: asked.from, to: p.In.Dialled})
	p.End(CauseCancelled)
}

func (p program) Gone(_ *call.Member, e Gone) {
	if p.Record.Answered.IsZero() {
		p.GaveUp(e.Cause)
		return
	}
	p.End(e.Cause)
}

// off does something off the goroutine of a call, and there what follows, while the act is still performed.
func off(act call.Act, c *call.Call, do func(context.Context) (then func())) {
	c.Board.Running.Go(func() {
		ctx, cancel := context.WithTimeout(c.Board.Ctx, call.WriteLimit)
		defer cancel()
		c.Post(done{act, do(ctx)})
	})
}

// done: what an act did off the goroutine of its call has been done.
type done struct {
	act  call.Act
	then func()
}

func (done) Late() {}

func (d done) Happen(c *call.Call) {
	if c.Performs(d.act) {
		d.then()
	}
}
