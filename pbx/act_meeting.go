package pbx

import (
	"cmp"
	"slices"
	"time"

	"frontdesk/media"
	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/ledger"
	"frontdesk/store"
)

// meeting is the act of a meeting while somebody is inside: from the first who comes in until a while after the last
// one left.
type meeting struct {
	scene
	id     string
	visits visits                // who comes from outside
	door   door                  // who asks to be let in
	empty  alarm                 // its end, when nobody has come back
	retire func(force bool) bool // makes room for a new call of it; without force not when somebody is just coming
}

func newMeeting(c *Call, id string, retire func(force bool) bool) *meeting {
	c.record.Meeting, c.forgets = id, true
	g := &meeting{scene: scene{c}, id: id, door: door{Call: c}, retire: retire}
	g.visits = visits{Call: c, enters: g.answered}
	return g
}

func (g *meeting) begin() {
	g.record.Answered = time.Now()
	g.ledger.Begin(g.record, g.record.Starts(g.in.Party.User))
}

func (g *meeting) said(m *member, e Event) {
	switch e := e.(type) {
	case CallAsked:
		e.Done(g.callIn(m, e.To))
	case RemoveAsked:
		g.visits.remove(e.Whom)
		g.left()
	case KnockAnswered:
		if m.active() {
			g.door.opens(e)
		}
	default:
		g.visits.said(m, e)
		g.scene.said(m, e)
	}
}

// hears are the others' streams, or for who has one line only their sum.
func (g *meeting) hears(m *member) []*media.Track {
	if !m.active() { // his trunk's channel is still being asked for
		return nil
	}
	var all []*media.Track
	for _, other := range g.active() {
		if other != m && !other.held {
			all = append(all, other.sound()...)
		}
	}
	return g.translated(m, all)
}

func (g *meeting) gone(m *member, e Gone) {
	if !g.visits.gone(m, e) {
		g.left()
	}
}

func (g *meeting) look(v *View) {
	g.visits.look(v)
	v.Knocks = g.door.waiting()
}

func (g *meeting) ended(cause Cause) { g.visits.ended(cause) }

// joined is a leg that comes into a meeting.
type joined struct {
	plan    *dialplan.Plan
	in      dialplan.Inbound
	leg     Leg
	title   string // of the meeting
	meeting *meeting
}

// alone tells whether the party has one line only, as phones have. A tab that joins by the meeting's name gets
// everybody's own streams.
func (j joined) alone() bool { return j.in.Direction != "meeting" || j.in.Party.Kind != Browser }

func (j joined) late() { refuse(j.leg, CauseNormal) }

func (j joined) happen(c *Call) {
	g := j.meeting
	c.alarms.off(&g.empty)
	m := c.add(j.leg, legCalling)
	if m.party.Kind != Outside {
		g.admit(m, j)
		return
	}
	v := g.visits.arrives(m, j.in)
	id, limit := v.record.ID, j.plan.MaxCalls(j.in.Trunk)
	c.board.running.Go(func() {
		channel, cause := v.entry.SeizeInbound(id, j.in.Trunk, limit)
		waitFor(v.entry.Tried(), c.board.config.MaxLookup)
		c.post(seized{j, m, channel, cause})
	})
}

// seized is a call from outside into a meeting that was counted against its trunk's limit.
type seized struct {
	joined  joined
	m       *member
	channel *ledger.Channel
	cause   Cause
}

func (s seized) late() { s.joined.meeting.ledger.GiveBack(s.channel) }

func (s seized) happen(*Call) {
	g := s.joined.meeting
	switch {
	case s.m.gone():
		s.late()
	case s.cause == CauseOverload:
		g.visits.dismiss(s.m, s.cause)
		g.left()
	default:
		s.m.channel = s.channel
		g.admit(s.m, s.joined)
	}
}

// admit lets a party in, or refuses it.
func (g *meeting) admit(m *member, j joined) {
	if cause := g.answerTo(m, j); cause != CauseNone {
		g.visits.dismiss(m, cause)
	} else {
		g.entered(m)
	}
	g.left()
}

// answerTo answers a party that comes in, or says why not.
func (g *meeting) answerTo(m *member, j joined) Cause {
	takes := []media.Codec{media.Opus()}
	if j.alone() {
		takes = lineCodecs()
	}
	codecs := media.Common(m.leg.Offer(), takes)
	switch {
	case len(codecs) == 0:
		return CauseNoCodec
	case g.visits.full():
		return CauseOverload
	}
	m.state, m.codec = legActive, codecs[0]
	if j.alone() {
		m.party.Number, m.party.Name = j.in.From, j.in.Name
		g.listens(m)
	}
	m.leg.Answer(m.codec)
	return CauseNone
}

// answered lets in who was called from here and answered.
func (g *meeting) answered(m *member) {
	g.alarms.off(&g.empty)
	g.listens(m)
	g.entered(m)
}

// entered writes down who is in now.
func (g *meeting) entered(m *member) {
	g.door.forget(m.party.User)
	g.guest(m)
	v := g.visits.enter(m)
	g.took(m.party.User)
	g.settle()
	g.ledger.Answered(g.record, g.move(ledger.MeetingJoined, m))
	if v != nil {
		v.entry.Answered(v.record)
	}
}

// move is the event of somebody who came or left, for him and for who is inside.
func (g *meeting) move(event string, m *member) store.Event {
	users := []string{}
	for _, inside := range append(g.active(), m) {
		if u := inside.party.User; u != "" && !slices.Contains(users, u) {
			users = append(users, u)
		}
	}
	who := m.look()
	return store.Event{Type: event, Key: g.record.ID, For: users, Data: ledger.Move{Meeting: g.id, Call: g.record.ID,
		Leg: who.Leg, User: who.User, Number: who.Number, Name: who.Name}}
}

func (g *meeting) parted(m *member) { g.ledger.Tell(g.move(ledger.MeetingLeft, m)) }

// maxGuests are written down of a meeting.
const maxGuests = 100

// guest notes who comes from outside, each number once.
func (g *meeting) guest(m *member) {
	guest := ledger.Guest{Number: m.party.Number, Name: m.party.Name}
	again := func(was ledger.Guest) bool { return guest.Number != "" && was.Number == guest.Number }
	if m.party.Kind == Outside && len(g.record.Guests) < maxGuests && !slices.ContainsFunc(g.record.Guests, again) {
		g.record.Guests = append(g.record.Guests, guest)
	}
}

// callIn rings an outside number into the meeting, by the dial plan of now and with the rights of who asks: the
// meeting may have begun long ago. Colleagues are asked in by name.
func (g *meeting) callIn(m *member, to string) Cause {
	if !m.active() {
		return CauseForbidden
	}
	plan, err := g.board.directory.Plan(g.board.ctx)
	if err != nil {
		g.log.Error("no dial plan", "err", err)
		return CauseFailed
	}
	in := plan.Inbound(g.in.Call, m.party, to)
	first := plan.Route(in, g.board.facts(dialplan.Hint{}), time.Now())
	switch {
	case in.Direction != "out":
		return cmp.Or(refusal(first), CauseForbidden)
	case g.visits.calls(in.To):
		return CauseBusy
	}
	return g.visits.call(m, in, first)
}

// left lets an empty meeting end, after a while in which a page that reloads comes back.
func (g *meeting) left() {
	if slices.ContainsFunc(g.members, (*member).listens) {
		return
	}
	empty := time.Now()
	g.alarms.set(&g.empty, g.board.config.Linger, func() {
		if g.retire(false) {
			g.end(CauseNormal)
			g.record.Ended = empty
		}
	})
}

// putOut is a user who is no longer invited.
type putOut struct {
	meeting *meeting
	user    string
}

func (putOut) late() {}

func (p putOut) happen(c *Call) {
	for _, m := range slices.Clone(c.members) {
		if m.party.User == p.user {
			c.dismiss(m, CauseForbidden)
		}
	}
	p.meeting.left()
}

// droppedOut is a leg that should not have come in.
type droppedOut struct {
	meeting *meeting
	leg     Leg
	cause   Cause
}

func (droppedOut) late() {}

func (d droppedOut) happen(c *Call) {
	if m := c.memberOf(d.leg.ID()); m != nil {
		c.dismiss(m, d.cause)
	}
	d.meeting.left()
}
