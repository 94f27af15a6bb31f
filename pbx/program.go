package pbx

import (
	"cmp"

	"frontdesk/media"
	"frontdesk/pbx/dialplan"
)

// program is the scene of a party that is led through a program of the dial plan. Each step is an act; it ends with an
// outcome, and the call performs the act of the step that this leads to. Who is led is not answered yet, or a machine
// has answered him (an announcement, a menu, a queue): the record is answered only when a person takes the call.
type program struct {
	scene
	way  *way
	who  *member // who is led: the caller, or whom somebody transferred here
	acts acts
}

// acts knows the act of each kind of step.
type acts func(program, dialplan.Step) act

// over ends the act with an outcome.
func (p program) over(o dialplan.Outcome) { p.leads(p.way.next(o)) }

// comesTo ends the act of a machine with an outcome, which is noted.
func (p program) comesTo(o dialplan.Outcome) {
	p.way.trail.comesTo(string(o))
	p.over(o)
}

// leads performs the act of a step; nil: the way is over.
func (p program) leads(step dialplan.Step) {
	switch step.(type) {
	case nil:
		p.failed(cmp.Or(p.way.cause, CauseUnavailable))
	case dialplan.Join: // who is on his way elsewhere is brought into no meeting
		p.failed(CauseForbidden)
	default:
		if next := p.acts(p, step); next != nil {
			p.perform(next)
			return
		}
		p.failed(CauseUnavailable)
	}
}

// failed ends the call: nobody took it.
func (p program) failed(cause Cause) {
	if p.who.active() && cause == CauseUnavailable { // he heard all there was to hear
		cause = CauseNormal
	}
	p.end(cause)
}

func (p program) state() string {
	if p.record.Answered.IsZero() {
		return ringing
	}
	return answered
}

// answer has a machine take the call, where nobody has taken it yet; false: it can't, and the call is over.
func (p program) answer() bool {
	if p.who.active() {
		return true
	}
	codecs := media.Common(p.who.leg.Offer(), lineCodecs()) // that we can encode
	if len(codecs) == 0 {
		p.end(CauseNoCodec)
		return false
	}
	p.take(codecs[0])
	return true
}

// take answers who is led.
func (p program) take(codec media.Codec) {
	if !p.who.active() {
		p.who.state, p.who.codec = legActive, codec
		p.who.leg.Answer(codec)
		p.alarms.set(&p.limit, p.board.config.MaxCall, func() { p.end(CauseNormal) })
	}
}

func (p program) said(m *member, e Event) {
	if asked, ok := e.(proposal); ok {
		p.joins(m, asked)
		return
	}
	p.scene.said(m, e)
}

// joins: there is nobody to join the caller's other call with yet, so that one goes where this one went instead.
func (p program) joins(m *member, asked proposal) {
	if m != p.caller || m != p.who || asked.stays {
		asked.answer(CauseNotFound)
		return
	}
	asked.from.box.Put(ringInstead{asked.from, p.in.Dialled}, true)
	p.end(CauseCancelled)
}

func (p program) gone(_ *member, e Gone) {
	if p.record.Answered.IsZero() {
		p.gaveUp(e.Cause)
		return
	}
	p.end(e.Cause)
}
