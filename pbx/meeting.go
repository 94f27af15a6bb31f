package pbx

import (
	"context"
	"slices"
	"strings"
	"time"

	"frontdesk/media"
)

// joined is a leg that comes into a meeting.
type joined struct {
	leg Leg
	in  Inbound
}

// meetingPrefix and the id of a meeting are what is dialled to come in.
const meetingPrefix = "meet:"

// join brings a leg into the meeting's call, which the first one begins. A meeting runs on one node of all: the one that holds its lease.
func (x *Exchange) join(plan *Plan, in Inbound, leg Leg, meeting string) {
	x.leasing.Lock()
	defer x.leasing.Unlock()
	owner, err := x.MeetingNode(x.ctx, meeting)
	switch {
	case err != nil:
		x.log.Error("meeting refused: where it runs can't be told", "meeting", meeting, "err", err)
		refuse(leg, CauseFailed)
	case owner != x.config.Node:
		refuse(leg, CauseUnavailable) // whoever sends people here asks first: it has just begun there
	default:
		x.enterMeeting(plan, in, leg, meeting)
	}
}

// MeetingNode is the node on which a meeting runs. One that runs nowhere is to run here, unless this node is draining: "".
func (x *Exchange) MeetingNode(ctx context.Context, meeting string) (string, error) {
	if x.config.Members == nil {
		return x.config.Node, nil
	}
	ctx, cancel := context.WithTimeout(ctx, writeLimit)
	defer cancel()
	return x.config.Members.Hold(ctx, meetingPrefix+meeting)
}

// releaseMeeting gives the lease back unless the meeting has begun anew.
func (x *Exchange) releaseMeeting(meeting string) {
	if x.config.Members == nil {
		return
	}
	x.leasing.Lock()
	defer x.leasing.Unlock()
	x.mu.Lock()
	runs := x.meetings[meeting] != nil
	x.mu.Unlock()
	if runs {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), writeLimit)
	defer cancel()
	if err := x.config.Members.Release(ctx, meetingPrefix+meeting); err != nil {
		x.log.Warn("the lease of a meeting is not given back", "meeting", meeting, "err", err)
	}
}

// releaseIdle gives back the leases of meetings in which nobody is: somebody was about to come in, and did not.
func (x *Exchange) releaseIdle() {
	if x.config.Members == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), writeLimit)
	defer cancel()
	names, err := x.config.Members.Held(ctx, meetingPrefix)
	if err != nil {
		x.log.Warn("leases of meetings not read", "err", err)
	}
	for _, name := range names {
		x.releaseMeeting(strings.TrimPrefix(name, meetingPrefix))
	}
}

func (x *Exchange) enterMeeting(plan *Plan, in Inbound, leg Leg, meeting string) {
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
	c.x.releaseMeeting(c.meeting)
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
