package pbx

import (
	"context"
	"errors"
	"strings"

	"frontdesk/pbx/dialplan"
)

// meetingPrefix and the id of a meeting are what is dialled to come in.
const meetingPrefix = dialplan.MeetingPrefix

// comesTo lets in who dialled a number or extension that leads to a meeting, and whom it knows of those that name the
// meeting itself.
func (x *Exchange) comesTo(j joined, meeting string) {
	j.title = j.plan.MeetingTitle(meeting)
	if j.in.Direction != "meeting" {
		x.join(j, meeting)
		return
	}
	ctx, cancel := context.WithTimeout(x.ctx, writeLimit)
	defer cancel()
	title, invited, err := x.directory.Door(ctx, meeting, j.in.Party.User)
	switch {
	case errors.Is(err, ErrNotFound):
		refuse(j.leg, CauseNotFound)
	case err != nil:
		x.log.Error("meeting refused: who is invited can't be told", "meeting", meeting, "err", err)
		refuse(j.leg, CauseFailed)
	case !invited:
		refuse(j.leg, CauseForbidden)
	default:
		j.title = title
		x.join(j, meeting)
		x.stillComesTo(j, meeting)
	}
}

// stillComesTo asks the door once more: who was put out while he came in was perhaps not inside yet when that was done.
func (x *Exchange) stillComesTo(j joined, meeting string) {
	ctx, cancel := context.WithTimeout(x.ctx, writeLimit)
	defer cancel()
	_, invited, err := x.directory.Door(ctx, meeting, j.in.Party.User)
	switch {
	case invited:
	case errors.Is(err, ErrNotFound): // removed meanwhile: nobody is in a meeting that was not there when he came
		x.dropOut(meeting, j.leg, CauseNotFound)
	case err != nil:
		x.log.Error("a party of a meeting is put out: who is invited can't be told", "meeting", meeting, "err", err)
		x.dropOut(meeting, j.leg, CauseFailed)
	default:
		x.dropOut(meeting, j.leg, CauseForbidden)
	}
}

// join brings a leg into the meeting's call, which the first one begins. A meeting runs on one node of all: the one
// that holds its lease.
func (x *Exchange) join(j joined, meeting string) {
	leg := j.leg
	if x.joinRunning(j, meeting) {
		return
	}
	owner, entered, err := x.joinHere(j, meeting)
	switch {
	case err == nil && owner == x.config.Node && !entered:
		refuse(leg, CauseDraining)
	case err != nil:
		x.log.Error("meeting refused: where it runs can't be told", "meeting", meeting, "err", err)
		refuse(leg, CauseFailed)
	case owner == x.config.Node: // in
	case owner != "" && j.alone():
		x.carry(j, owner)
	default:
		refuse(leg, CauseUnavailable) // a tab asks first where the meeting runs: it has just begun there
	}
}

// joinRunning takes a leg into a meeting that runs here. Whose it is was asked when it began.
func (x *Exchange) joinRunning(j joined, meeting string) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	j.meeting = x.meetings[meeting]
	return j.meeting != nil && j.meeting.box.Put(j, true)
}

// joinHere takes a leg into a meeting of this node; where it runs on another, that is the owner.
func (x *Exchange) joinHere(j joined, meeting string) (owner string, entered bool, err error) {
	defer x.leasing.lock(meeting)()
	if owner, err = x.MeetingNode(x.ctx, meeting); err == nil && owner == x.config.Node {
		entered = x.enterMeeting(j, meeting)
	}
	return owner, entered, err
}

// MeetingHolder is the node on which a meeting runs, or is about to; "" where it runs nowhere.
func (x *Exchange) MeetingHolder(ctx context.Context, meeting string) (string, error) {
	if x.config.Members == nil {
		return x.config.Node, nil
	}
	ctx, cancel := context.WithTimeout(ctx, writeLimit)
	defer cancel()
	return x.config.Members.Holder(ctx, meetingPrefix+meeting)
}

// MeetingNode is the node on which a meeting runs. One that runs nowhere is to run here, unless this node is
// draining: "".
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
	defer x.leasing.lock(meeting)()
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

// enterMeeting is false when the meeting would have to begin on a node that drains.
func (x *Exchange) enterMeeting(j joined, meeting string) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.meetings[meeting] == nil && x.draining {
		return false
	}
	if x.meetings[meeting] == nil {
		x.begin(j, meeting)
	}
	j.meeting = x.meetings[meeting]
	j.meeting.box.Put(j, true)
	return true
}

// begin lets a meeting begin with the first who joins it. The caller holds x.mu.
func (x *Exchange) begin(j joined, id string) {
	j.in.Direction, j.in.To = "meeting", j.title
	var g *meeting
	c := newCall(x.switchboard, x.callOf, j.plan, j.in, func(c *Call) act {
		g = newMeeting(c, id, func(force bool) bool { return x.retire(g, force) })
		return g
	})
	x.meetings[id], x.calls[j.in.Call] = g, c
	x.metrics.calls.Set(float64(len(x.calls)))
	x.arrived++
	x.running.Go(func() {
		defer x.departed()
		c.run()
		x.retire(g, true)
		x.conclude(c)
		x.releaseMeeting(id)
	})
}

// retire makes room for a new call of the meeting. Without force it fails when somebody is just coming.
func (x *Exchange) retire(g *meeting, force bool) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	if !force && !g.box.Idle() {
		return false
	}
	if x.meetings[g.id] == g {
		delete(x.meetings, g.id)
	}
	return true
}

// Knock asks for a user to be let into a meeting that runs on this node; over: he no longer waits. CauseNone: those
// inside are asked; CauseNotFound: nobody is inside; CauseDeclined: they have just turned him away; CauseOverload:
// too many ask.
func (x *Exchange) Knock(meeting, user string, over bool) Cause {
	x.mu.Lock()
	g := x.meetings[meeting]
	x.mu.Unlock()
	told := make(chan Cause, 1)
	if g == nil || !g.box.Put(knocks{&g.door, user, over, told}, true) {
		return CauseNotFound
	}
	select {
	case cause := <-told:
		return cause
	case <-x.ctx.Done():
		return CauseDraining
	}
}

// PutOut ends the part of a user in a meeting, if it runs on this node: he is no longer invited.
func (x *Exchange) PutOut(meeting, user string) {
	x.mu.Lock()
	g := x.meetings[meeting]
	x.mu.Unlock()
	if g != nil {
		g.box.Put(putOut{g, user}, true)
	}
}

// dropOut ends one leg of a meeting, if it is in one that runs on this node.
func (x *Exchange) dropOut(meeting string, leg Leg, cause Cause) {
	x.mu.Lock()
	g := x.meetings[meeting]
	x.mu.Unlock()
	if g != nil {
		g.box.Put(droppedOut{g, leg, cause}, true)
	}
}

// Named tells under which name the CRM knows somebody from outside in a meeting: call and visit are the ids of their
// records.
func (x *Exchange) Named(call, visit, name string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, g := range x.meetings {
		if g.in.Call == call {
			g.box.Put(named{&g.visits, visit, name}, true)
		}
	}
}
