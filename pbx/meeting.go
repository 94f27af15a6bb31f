package pbx

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"frontdesk/media"
	"frontdesk/pbx/directory"
	"frontdesk/pbx/ledger"
)

// joined is a leg that comes into a meeting.
type joined struct {
	plan  *directory.Plan
	in    directory.Inbound
	leg   Leg
	title string // of the meeting
}

// alone tells whether the party has one line only, as phones have. A tab that joins by the meeting's name gets everybody's own streams.
func (j joined) alone() bool { return j.in.Direction != "meeting" || j.in.Party.Kind != Browser }

// meetingPrefix and the id of a meeting are what is dialled to come in.
const meetingPrefix = directory.MeetingPrefix

// comesTo lets in who dialled a number or extension that leads to a meeting, and whom it knows of those that name the meeting itself.
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
	}
}

// join brings a leg into the meeting's call, which the first one begins. A meeting runs on one node of all: the one that holds its lease.
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
	c := x.meetings[meeting]
	return c != nil && c.box.put(j, true)
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
	c, in := x.meetings[meeting], j.in
	if c == nil && x.draining {
		return false
	}
	if c == nil {
		in.Direction, in.To = "meeting", j.title
		c = newCall(x, j.plan, in)
		c.meeting, c.record.Meeting, c.mixer = meeting, meeting, media.NewMixer()
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
	c.box.put(j, true)
	return true
}

// runMeeting lives from the first join until a while after the last one left.
func (c *Call) runMeeting() {
	c.state, c.record.Answered = answered, time.Now()
	c.ledger.Begin(c.record)
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
	if m.party.Kind != Line {
		c.admit(m, j)
		return
	}
	c.arrives(m, j.in)
	id, written, limit := m.visit.record.ID, m.visit.ledger, j.plan.MaxCalls(j.in.Trunk)
	c.x.running.Go(func() {
		line, cause := written.SeizeInbound(id, j.in.Trunk, limit)
		waitFor(written.Tried(), lookupLimit)
		c.post(lined{counted{c, m, line, cause}, j})
	})
}

// lined is a call from outside into a meeting that was counted against its trunk's limit.
type lined struct {
	counted
	joined joined
}

func (l lined) late() { l.counted.late() }

func (l lined) happen(c *Call) {
	m := l.m
	switch {
	case m.state == legGone:
		l.late()
	case l.cause == CauseOverload:
		c.dismiss(m, l.cause)
		c.left()
	default:
		m.line = l.line
		c.admit(m, l.joined)
	}
}

// admit lets a party in, or refuses it.
func (c *Call) admit(m *member, j joined) {
	if cause := c.answerTo(m, j); cause != CauseNone {
		c.dismiss(m, cause)
	} else {
		c.entered(m)
	}
	c.left()
}

// entered writes down who is in now.
func (c *Call) entered(m *member) {
	c.took(m.party.User)
	c.stopsWaiting(m.party.User)
	c.guest(m)
	if m.visit != nil {
		m.visit.record.Answered = time.Now()
	}
	c.meets(m)
	c.settle()
	c.ledger.Answered(c.record)
	if m.visit != nil {
		m.visit.ledger.Answered(m.visit.record)
	}
}

// maxGuests are written down of a meeting.
const maxGuests = 100

// guest notes who comes from outside, each number once.
func (c *Call) guest(m *member) {
	g := ledger.Guest{Number: m.party.Number, Name: m.party.Name}
	again := func(was ledger.Guest) bool { return g.Number != "" && was.Number == g.Number }
	if m.party.Kind == Line && len(c.record.Guests) < maxGuests && !slices.ContainsFunc(c.record.Guests, again) {
		c.record.Guests = append(c.record.Guests, g)
	}
}

// answerTo answers a party that comes in, or says why not.
func (c *Call) answerTo(m *member, j joined) Cause {
	takes := []media.Codec{media.Opus()}
	if j.alone() {
		takes = lineCodecs()
	}
	codecs := media.Common(m.leg.Offer(), takes)
	switch {
	case len(codecs) == 0:
		return CauseNoCodec
	case c.full():
		return CauseOverload
	}
	m.state, m.codec = legActive, codecs[0]
	if j.alone() {
		m.party.Number, m.party.Name = j.in.From, j.in.Name
		c.listens(m)
	}
	m.leg.Answer(m.codec)
	return CauseNone
}

// left lets an empty meeting end, after a while in which a page that reloads comes back.
func (c *Call) left() {
	if len(c.active()) > 0 || slices.ContainsFunc(c.members, func(m *member) bool { return m.state == legCalling }) {
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
