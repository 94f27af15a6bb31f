package pbx

import (
	"sync"
	"time"

	"frontdesk/media"
)

// lineCodecs are what a party with one line can speak in a meeting, as we mix for it. Its own order, or its trunk's, decides.
func lineCodecs() []media.Codec { return []media.Codec{media.G722(), media.PCMA(), media.PCMU()} }

// callIn rings an outside number into the meeting, by the dial plan of now and with the rights of who asks; one at a time. Colleagues are asked in by name.
func (c *Call) callIn(m *member, e CallAsked) {
	in, r := c.routeOut(m, e.To)
	switch {
	case c.meeting == "" || m.state != legActive:
		e.Done(CauseForbidden)
	case r.Cause != CauseNone:
		e.Done(r.Cause)
	case r.Meeting != "" || r.Steps[0].Trunk == "":
		e.Done(CauseForbidden)
	case c.hunt != nil:
		e.Done(CauseBusy)
	case len(c.active()) >= c.x.config.MaxLegs:
		e.Done(CauseOverload)
	default:
		c.log.Info("called into the meeting", "to", in.To)
		c.ringIn(m, in, r.Steps, e.Done)
	}
}

// routeOut is where the dial plan of this moment leads a number that a member asks for: a meeting may have begun long ago.
func (c *Call) routeOut(m *member, to string) (Inbound, Route) {
	plan, err := c.x.directory.Plan(c.x.ctx)
	if err != nil {
		c.log.Error("no dial plan", "err", err)
		return Inbound{}, Route{Cause: CauseFailed}
	}
	in := plan.Inbound(c.in.Call, m.party, to)
	return in, plan.Route(in, Hint{}, time.Now())
}

func (c *Call) ringIn(by *member, in Inbound, steps []Step, tell func(Cause)) {
	var told sync.Once
	done := func(cause Cause) { told.Do(func() { tell(cause) }) }
	c.ring(&hunt{steps: steps, codecs: lineCodecs(), from: by.party, number: in.From, shows: in.To,
		rings: func() { done(CauseNone) }, failed: done,
		answered: func(m *member, _ media.Codec) {
			done(CauseNone)
			c.wait.off()
			c.listens(m)
			c.guest(m)
			c.settle()
			c.noteAnswer()
		}})
}

// listens gives a party with one line the sum of the others.
func (c *Call) listens(m *member) { m.mixed = c.mixer.Line(m.leg.ID()+"/mix", m.codec) }

// remove hangs up somebody from outside, or stops ringing him.
func (c *Call) remove(leg string) {
	for _, m := range c.members {
		if c.meeting == "" || m.leg.ID() != leg || m.party.Kind != Line {
			continue
		}
		if h := c.hunt; h != nil && m.state == legRinging {
			c.step.off()
			c.hunt = nil
			c.stopRinging(h, nil, CauseCancelled)
			h.failed(CauseCancelled)
			return
		}
		c.dismiss(m, CauseNormal)
		c.left()
		return
	}
}
