// Package meeting is the call that a meeting is while somebody is inside: its parties, the visits of those from
// outside, and its door. On which node it runs, the exchange knows.
package meeting

import (
	"cmp"
	"slices"
	"time"

	"frontdesk/media"
	"frontdesk/pbx/call"
	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/hunt"
	"frontdesk/pbx/ledger"
	"frontdesk/store"
)

// Meeting is the act of a meeting while somebody is inside: from the first who comes in until a while after the last
// one left.
type Meeting struct {
	call.Scene
	ID     string
	visits visits                // who comes from outside
	door   door                  // who asks to be let in
	empty  call.Alarm            // its end, when nobody has come back
	retire func(force bool) bool // makes room for a new call of it; without force not when somebody is just coming
}

// New makes the act of a meeting, as the first of its call. Retire makes room for a new call of it; without force not
// when somebody is just coming.
func New(c *call.Call, id string, retire func(force bool) bool) *Meeting {
	c.Record.Meeting, c.Forgets = id, true
	g := &Meeting{Scene: call.Scene{Call: c}, ID: id, door: door{Call: c}, retire: retire}
	g.visits = visits{Call: c, enters: g.answered}
	return g
}

func (g *Meeting) Begin() {
	g.Record.Answered = time.Now()
	g.Ledger.Begin(g.Record, g.Record.Starts(g.In.Party.User))
}

func (g *Meeting) Said(m *call.Member, e call.Event) {
	switch e := e.(type) {
	case call.CallAsked:
		e.Done(g.callIn(m, e.To))
	case call.RemoveAsked:
		g.visits.remove(e.Whom)
		g.left()
	case call.KnockAnswered:
		if m.Active() {
			g.door.opens(e)
		}
	default:
		g.visits.said(m, e)
		g.Scene.Said(m, e)
	}
}

// Hears are the others' streams, or for who has one line only their sum.
func (g *Meeting) Hears(m *call.Member) []*media.Track {
	if !m.Active() { // his trunk's channel is still being asked for
		return nil
	}
	var all []*media.Track
	for _, other := range g.Active() {
		if other != m && !other.Held {
			all = append(all, other.Sound()...)
		}
	}
	return g.Translated(m, all)
}

func (g *Meeting) Gone(m *call.Member, e call.Gone) {
	if !g.visits.gone(m, e) {
		g.left()
	}
}

func (g *Meeting) Look(v *call.View) {
	g.visits.look(v)
	v.Knocks = g.door.waiting()
}

func (g *Meeting) Ended(cause call.Cause) { g.visits.ended(cause) }

// Joining is a leg that comes into a meeting.
type Joining struct {
	Plan  *dialplan.Plan
	In    dialplan.Inbound
	Leg   call.Leg
	Title string // of the meeting
}

// Alone tells whether the party has one line only, as phones have. A tab that joins by the meeting's name gets
// everybody's own streams.
func (j Joining) Alone() bool { return j.In.Direction != "meeting" || j.In.Party.Kind != call.Browser }

// Join brings a leg in; false: the meeting is over.
func (g *Meeting) Join(j Joining) bool { return g.Put(joined{j, g}) }

// joined is a leg on its way in.
type joined struct {
	Joining
	meeting *Meeting
}

func (j joined) Late() { call.Refuse(j.Leg, call.CauseNormal) }

func (j joined) Happen(c *call.Call) {
	g := j.meeting
	c.Alarms.Off(&g.empty)
	m := c.Add(j.Leg, call.LegCalling)
	if m.Party.Kind != call.Outside {
		g.admit(m, j.Joining)
		return
	}
	v := g.visits.arrives(m, j.In)
	id, limit := v.record.ID, j.Plan.MaxCalls(j.In.Trunk)
	c.Board.Running.Go(func() {
		channel, cause := v.entry.SeizeInbound(id, j.In.Trunk, limit)
		call.WaitFor(v.entry.Tried(), c.Board.Config.MaxLookup)
		c.Post(seized{j, m, channel, cause})
	})
}

// seized is a call from outside into a meeting that was counted against its trunk's limit.
type seized struct {
	joined  joined
	m       *call.Member
	channel *ledger.Channel
	cause   call.Cause
}

func (s seized) Late() { s.joined.meeting.Ledger.GiveBack(s.channel) }

func (s seized) Happen(*call.Call) {
	g := s.joined.meeting
	switch {
	case s.m.Gone():
		s.Late()
	case s.cause == call.CauseOverload:
		g.visits.dismiss(s.m, s.cause)
		g.left()
	default:
		s.m.Channel = s.channel
		g.admit(s.m, s.joined.Joining)
	}
}

// admit lets a party in, or refuses it.
func (g *Meeting) admit(m *call.Member, j Joining) {
	if cause := g.answerTo(m, j); cause != call.CauseNone {
		g.visits.dismiss(m, cause)
	} else {
		g.entered(m)
	}
	g.left()
}

// answerTo answers a party that comes in, or says why not.
func (g *Meeting) answerTo(m *call.Member, j Joining) call.Cause {
	takes := []media.Codec{media.Opus()}
	if j.Alone() {
		takes = call.LineCodecs()
	}
	codecs := media.Common(m.Leg.Offer(), takes)
	switch {
	case len(codecs) == 0:
		return call.CauseNoCodec
	case g.visits.full():
		return call.CauseOverload
	}
	m.State, m.Codec = call.LegActive, codecs[0]
	if j.Alone() {
		m.Party.Number, m.Party.Name = j.In.From, j.In.Name
		g.Listens(m)
	}
	m.Leg.Answer(m.Codec)
	return call.CauseNone
}

// answered lets in who was called from here and answered.
func (g *Meeting) answered(m *call.Member) {
	g.Alarms.Off(&g.empty)
	g.Listens(m)
	g.entered(m)
}

// entered writes down who is in now.
func (g *Meeting) entered(m *call.Member) {
	g.door.forget(m.Party.User)
	g.guest(m)
	v := g.visits.enter(m)
	g.Took(m.Party.User)
	g.Settle()
	g.Ledger.Answered(g.Record, g.move(ledger.MeetingJoined, m))
	if v != nil {
		v.entry.Answered(v.record)
	}
}

// move is the event of somebody who came or left, for him and for who is inside.
func (g *Meeting) move(event string, m *call.Member) store.Event {
	users := []string{}
	for _, inside := range append(g.Active(), m) {
		if u := inside.Party.User; u != "" && !slices.Contains(users, u) {
			users = append(users, u)
		}
	}
	who := m.Look()
	return store.Event{Type: event, Key: g.Record.ID, For: users, Data: ledger.Move{Meeting: g.ID, Call: g.Record.ID,
		Leg: who.Leg, User: who.User, Number: who.Number, Name: who.Name}}
}

func (g *Meeting) Parted(m *call.Member) { g.Ledger.Tell(g.move(ledger.MeetingLeft, m)) }

// maxGuests are written down of a meeting.
const maxGuests = 100

// guest notes who comes from outside, each number once.
func (g *Meeting) guest(m *call.Member) {
	guest := ledger.Guest{Number: m.Party.Number, Name: m.Party.Name}
	again := func(was ledger.Guest) bool { return guest.Number != "" && was.Number == guest.Number }
	if m.Party.Kind == call.Outside && len(g.Record.Guests) < maxGuests &&
		!slices.ContainsFunc(g.Record.Guests, again) {
		g.Record.Guests = append(g.Record.Guests, guest)
	}
}

// callIn rings an outside number into the meeting, by the dial plan of now and with the rights of who asks: the
// meeting may have begun long ago. Colleagues are asked in by name.
func (g *Meeting) callIn(m *call.Member, to string) call.Cause {
	if !m.Active() {
		return call.CauseForbidden
	}
	plan, err := g.Board.Directory.Plan(g.Board.Ctx)
	if err != nil {
		g.Log.Error("no dial plan", "err", err)
		return call.CauseFailed
	}
	in := plan.Inbound(g.In.Call, m.Party, to)
	first := plan.Route(in, g.Board.Facts(dialplan.Hint{}), time.Now())
	switch {
	case in.Direction != "out":
		return cmp.Or(hunt.Refusal(first), call.CauseForbidden)
	case g.visits.calls(in.To):
		return call.CauseBusy
	}
	return g.visits.call(m, in, first)
}

// left lets an empty meeting end, after a while in which a page that reloads comes back.
func (g *Meeting) left() {
	if slices.ContainsFunc(g.Members, (*call.Member).Listens) {
		return
	}
	empty := time.Now()
	g.Alarms.Set(&g.empty, g.Board.Config.Linger, func() {
		if g.retire(false) {
			g.End(call.CauseNormal)
			g.Record.Ended = empty
		}
	})
}

// PutOut has a user leave who is no longer invited.
func (g *Meeting) PutOut(user string) { g.Put(putOut{g, user}) }

// putOut is a user who is no longer invited.
type putOut struct {
	meeting *Meeting
	user    string
}

func (putOut) Late() {}

func (p putOut) Happen(c *call.Call) {
	for _, m := range slices.Clone(c.Members) {
		if m.Party.User == p.user {
			c.Dismiss(m, call.CauseForbidden)
		}
	}
	p.meeting.left()
}

// DropOut has a leg leave that should not have come in.
func (g *Meeting) DropOut(leg call.Leg, cause call.Cause) { g.Put(droppedOut{g, leg, cause}) }

// droppedOut is a leg that should not have come in.
type droppedOut struct {
	meeting *Meeting
	leg     call.Leg
	cause   call.Cause
}

func (droppedOut) Late() {}

func (d droppedOut) Happen(c *call.Call) {
	if m := c.MemberOf(d.leg.ID()); m != nil {
		c.Dismiss(m, d.cause)
	}
	d.meeting.left()
}

// Knock tells what becomes of a user who asks to be let in, or (over) no longer does; false: the meeting is over.
func (g *Meeting) Knock(user string, over bool, told chan<- call.Cause) bool {
	return g.Put(knocks{&g.door, user, over, told})
}

// Named tells under which name the CRM knows who visits.
func (g *Meeting) Named(visit, name string) { g.Put(named{&g.visits, visit, name}) }
