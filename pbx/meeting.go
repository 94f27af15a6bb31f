package pbx

import (
	"slices"
	"time"

	"frontdesk/media"
)

// joined is a leg that comes into a meeting.
type joined struct {
	leg Leg
	in  Inbound
}

// join brings a leg into the meeting's call, which the first one begins.
func (x *Exchange) join(plan *Plan, in Inbound, leg Leg, meeting string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	c := x.meetings[meeting]
	if c == nil {
		in.Direction, in.To = "meeting", plan.meetings[meeting]
		c = newCall(x, plan, in)
		c.meeting, c.record.Meeting = meeting, meeting
		c.publish()
		x.meetings[meeting] = c
		x.calls[in.Call] = c
		x.metrics.calls.Set(float64(len(x.calls)))
		x.arrived++
		x.running.Go(func() {
			defer x.departed()
			c.runMeeting()
		})
	}
	c.box.put(joined{leg, in}, true)
}

// runMeeting lives from the first join until a while after the last one left.
func (c *Call) runMeeting() {
	c.state, c.record.Answered = answered, time.Now()
	if !c.begin() {
		c.end(CauseFailed)
	}
	c.loop()
	c.x.retire(c, true)
	c.finish()
}

// retire makes room for a new call of the meeting. Without force it fails when somebody is just coming.
func (x *Exchange) retire(c *Call, force bool) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	if !force && !c.box.idle() {
		return false
	}
	if x.meetings[c.meeting] == c {
		delete(x.meetings, c.meeting)
	}
	return true
}

func (j joined) late() { refuse(j.leg, CauseNormal) }

func (j joined) happen(c *Call) {
	c.wait.off()
	m := c.add(j.leg, legCalling)
	codecs := m.leg.Offer()
	i := slices.IndexFunc(codecs, media.Opus().Is)
	switch {
	case i < 0:
		c.dismiss(m, CauseNoCodec)
	case len(c.active()) >= c.x.config.MaxLegs:
		c.dismiss(m, CauseOverload)
	default:
		m.state, m.codec = legActive, codecs[i]
		m.leg.Answer(m.codec)
		c.took(m.party.User)
		c.settle()
		c.noteAnswer()
	}
	c.left()
}

// left lets an empty meeting end, after a while in which a page that reloads comes back.
func (c *Call) left() {
	if len(c.active()) > 0 {
		return
	}
	empty := time.Now()
	c.wait.set(c.x.config.Linger, func() {
		if c.x.retire(c, false) {
			c.end(CauseNormal)
			c.record.Ended = empty
		}
	})
}
