package pbx

import (
	"context"
	"errors"
	"strings"

	"frontdesk/pbx/call"
	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/meeting"
)

// meetingPrefix and the id of a meeting are what is dialled to come in.
const meetingPrefix = dialplan.MeetingPrefix

// comesTo lets in who dialled a number or extension that leads to a meeting, and whom it knows of those that name the
// meeting itself.
func (x *Exchange) comesTo(j meeting.Joining, meeting string) {
	j.Title = j.Plan.MeetingTitle(meeting)
	if j.In.Direction != "meeting" {
		x.join(j, meeting)
		return
	}
	ctx, cancel := context.WithTimeout(x.board.Ctx, call.WriteLimit)
	defer cancel()
	title, invited, err := x.board.Directory.Door(ctx, meeting, j.In.Party.User)
	switch {
	case errors.Is(err, ErrNotFound):
		call.Refuse(j.Leg, CauseNotFound)
	case err != nil:
		x.board.Log.Error("meeting refused: who is invited can't be told", "meeting", meeting, "err", err)
		call.Refuse(j.Leg, CauseFailed)
	case !invited:
		call.Refuse(j.Leg, CauseForbidden)
	default:
		j.Title = title
		x.join(j, meeting)
		x.stillComesTo(j, meeting)
	}
}

// stillComesTo asks the door once more: who was put out while he came in was perhaps not inside yet when that was done.
func (x *Exchange) stillComesTo(j meeting.Joining, meeting string) {
	ctx, cancel := context.WithTimeout(x.board.Ctx, call.WriteLimit)
	defer cancel()
	_, invited, err := x.board.Directory.Door(ctx, meeting, j.In.Party.User)
	switch {
	case invited:
	case errors.Is(err, ErrNotFound): // removed meanwhile: nobody is in a meeting that was not there when he came
		x.dropOut(meeting, j.Leg, CauseNotFound)
	case err != nil:
		x.board.Log.Error("a party of a meeting is put out: who is invited can't be told", "meeting", meeting,
			"err", err)
		x.dropOut(meeting, j.Leg, CauseFailed)
	default:
		x.dropOut(meeting, j.Leg, CauseForbidden)
	}
}

// join brings a leg into the meeting's call, which the first one begins. A meeting runs on one node of all: the one
// that holds its lease.
func (x *Exchange) join(j meeting.Joining, meeting string) {
	leg := j.Leg
	if x.joinRunning(j, meeting) {
		return
	}
	owner, entered, err := x.joinHere(j, meeting)
	switch {
	case err == nil && owner == x.board.Config.Node && !entered:
		call.Refuse(leg, CauseDraining)
	case err != nil:
		x.board.Log.Error("meeting refused: where it runs can't be told", "meeting", meeting, "err", err)
		call.Refuse(leg, CauseFailed)
	case owner == x.board.Config.Node: // in
	case owner != "" && j.Alone():
		x.carry(j, owner)
	default:
		call.Refuse(leg, CauseUnavailable) // a tab asks first where the meeting runs: it has just begun there
	}
}

// joinRunning takes a leg into a meeting that runs here. Whose it is was asked when it began.
func (x *Exchange) joinRunning(j meeting.Joining, meeting string) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	g := x.meetings[meeting]
	return g != nil && g.Join(j)
}

// joinHere takes a leg into a meeting of this node; where it runs on another, that is the owner.
func (x *Exchange) joinHere(j meeting.Joining, meeting string) (owner string, entered bool, err error) {
	defer x.leasing.lock(meeting)()
	if owner, err = x.MeetingNode(x.board.Ctx, meeting); err == nil && owner == x.board.Config.Node {
		entered = x.enterMeeting(j, meeting)
	}
	return owner, entered, err
}

// MeetingHolder is the node on which a meeting runs, or is about to; "" where it runs nowhere.
func (x *Exchange) MeetingHolder(ctx context.Context, meeting string) (string, error) {
	if x.board.Config.Members == nil {
		return x.board.Config.Node, nil
	}
	ctx, cancel := context.WithTimeout(ctx, call.WriteLimit)
	defer cancel()
	return x.board.Config.Members.Holder(ctx, meetingPrefix+meeting)
}

// MeetingNode is the node on which a meeting runs. One that runs nowhere is to run here, unless this node is
// draining: "".
func (x *Exchange) MeetingNode(ctx context.Context, meeting string) (string, error) {
	if x.board.Config.Members == nil {
		return x.board.Config.Node, nil
	}
	ctx, cancel := context.WithTimeout(ctx, call.WriteLimit)
	defer cancel()
	return x.board.Config.Members.Hold(ctx, meetingPrefix+meeting)
}

// releaseMeeting gives the lease back unless the meeting has begun anew.
func (x *Exchange) releaseMeeting(meeting string) {
	if x.board.Config.Members == nil {
		return
	}
	defer x.leasing.lock(meeting)()
	x.mu.Lock()
	runs := x.meetings[meeting] != nil
	x.mu.Unlock()
	if runs {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), call.WriteLimit)
	defer cancel()
	if err := x.board.Config.Members.Release(ctx, meetingPrefix+meeting); err != nil {
		x.board.Log.Warn("the lease of a meeting is not given back", "meeting", meeting, "err", err)
	}
}

// releaseIdle gives back the leases of meetings in which nobody is: somebody was about to come in, and did not.
func (x *Exchange) releaseIdle() {
	if x.board.Config.Members == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), call.WriteLimit)
	defer cancel()
	names, err := x.board.Config.Members.Held(ctx, meetingPrefix)
	if err != nil {
		x.board.Log.Warn("leases of meetings not read", "err", err)
	}
	for _, name := range names {
		x.releaseMeeting(strings.TrimPrefix(name, meetingPrefix))
	}
}

// enterMeeting is false when the meeting would have to begin on a node that drains.
func (x *Exchange) enterMeeting(j meeting.Joining, meeting string) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.meetings[meeting] == nil && x.draining {
		return false
	}
	if x.meetings[meeting] == nil {
		x.begin(j, meeting)
	}
	x.meetings[meeting].Join(j)
	return true
}

// begin lets a meeting begin with the first who joins it. The caller holds x.mu.
func (x *Exchange) begin(j meeting.Joining, id string) {
	j.In.Direction, j.In.To = "meeting", j.Title
	var g *meeting.Meeting
	c := call.New(x.board, x.callOf, j.Plan, j.In, func(c *call.Call) call.Act {
		g = meeting.New(c, id, func(force bool) bool { return x.retire(g, force) })
		return g
	})
	x.meetings[id], x.calls[j.In.Call] = g, c
	x.board.Metrics.Calls.Set(float64(len(x.calls)))
	x.arrived++
	x.board.Running.Go(func() {
		defer x.departed()
		c.Run()
		x.retire(g, true)
		x.conclude(c)
		x.releaseMeeting(id)
	})
}

// retire makes room for a new call of the meeting. Without force it fails when somebody is just coming.
func (x *Exchange) retire(g *meeting.Meeting, force bool) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	if !force && !g.Idle() {
		return false
	}
	if x.meetings[g.ID] == g {
		delete(x.meetings, g.ID)
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
	if g == nil || !g.Knock(user, over, told) {
		return CauseNotFound
	}
	select {
	case cause := <-told:
		return cause
	case <-x.board.Ctx.Done():
		return CauseDraining
	}
}

// PutOut ends the part of a user in a meeting, if it runs on this node: he is no longer invited.
func (x *Exchange) PutOut(meeting, user string) {
	x.mu.Lock()
	g := x.meetings[meeting]
	x.mu.Unlock()
	if g != nil {
		g.PutOut(user)
	}
}

// dropOut ends one leg of a meeting, if it is in one that runs on this node.
func (x *Exchange) dropOut(meeting string, leg Leg, cause Cause) {
	x.mu.Lock()
	g := x.meetings[meeting]
	x.mu.Unlock()
	if g != nil {
		g.DropOut(leg, cause)
	}
}

// Named tells under which name the CRM knows somebody from outside in a meeting: call and visit are the ids of their
// records.
func (x *Exchange) Named(call, visit, name string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, g := range x.meetings {
		if g.In.Call == call {
			g.Named(visit, name)
		}
	}
}
