package pbx

import (
	"slices"

	"frontdesk/media"
	"frontdesk/pbx/call"
	"frontdesk/pbx/ledger"
)

// Attended transfer: a party that speaks in two calls joins those it speaks with, and leaves both (RFC 5589 §7). Each
// call has its goroutine, and neither waits for the other, so they agree by messages: the asked call proposes; one of
// the two gives its party to the other and ends, the other keeps its record and goes on. The one that a client is in
// keeps: it stays one call on his timeline, to its end.
//
//	asked call               the other
//	proposal ──────────────►           it gives its party, or
//	         ◄─────────── takeMine     it keeps, and the asked call gives its own
//	         ◄──────── joinRefused     or nothing comes of it
//	given    ──────────────►           a party, to the call that keeps
//	         ◄────────────── arrived   the call that gave ends

// join is the act of both calls while they agree; those in it talk on.
type join struct {
	referral
	with    string              // in the asked call: the leg of the transferring party in the other …
	instead func(r ringInstead) // … and what is done where nobody has answered that one
	stays   func()              // he does not leave: all talk together; nil: he leaves
}

// Begin proposes, in the asked call, to the other.
func (j *join) Begin() {
	if j.with == "" {
		return
	}
	other := j.Others(j.with)
	p := proposal{from: j, leg: j.with, party: j.by.Party, outside: j.peer.Party.Kind == Outside, codec: j.peer.Codec,
		stays: j.stays != nil}
	switch {
	case other == j.Call:
		j.failed(CauseForbidden)
	case other == nil || !other.Put(p):
		j.failed(CauseNotFound)
	}
}

func (j *join) failed(cause Cause) { j.referral.failed(cause, j.shows()) }

// now tells whether it is still the act of a call.
func (j *join) now(c *call.Call) bool { return c.Performs(j) }

// proposal to join the call it is put to. To that call's act it is something that the party says.
type proposal struct {
	from    *join
	leg     string      // of who asks, in the call it is put to
	party   Party       // who asks
	outside bool        // speaks with somebody outside there …
	codec   media.Codec // … in this codec
	stays   bool        // wants to go on with both
}

func (proposal) IsEvent() {}

func (p proposal) Late() { p.Answer(CauseNotFound) }

// Answer refuses.
func (p proposal) Answer(cause Cause) { p.from.Post(joinRefused{p.from, cause}) }

func (p proposal) Happen(c *call.Call) {
	m := c.MemberOf(p.leg)
	switch {
	case m == nil:
		p.Answer(CauseNotFound)
	case !m.Party.Same(p.party): // only calls of its own may a party join
		p.Answer(CauseForbidden)
	default:
		c.Serve(m, p)
	}
}

// keepsOrGives: the call of j was asked by the proposal.
func (j *join) keepsOrGives(p proposal) {
	if j.peer.Party.Kind == Outside && !p.outside {
		p.from.Put(takeMine{p.from, j})
		return
	}
	j.give(p.from)
}

// joinRefused: nothing comes of the proposal.
type joinRefused struct {
	join  *join
	cause Cause
}

func (joinRefused) Late() {}

func (r joinRefused) Happen(c *call.Call) {
	if r.join.now(c) {
		r.join.failed(r.cause)
	}
}

// ringInstead: the other call rang somebody, and gave up so that this one does.
type ringInstead struct {
	join *join
	to   string
	slot *ledger.Channel // that the party is to be parked in; nil: in none yet
}

func (r ringInstead) Late() { r.join.Ledger.GiveBack(r.slot) }

func (r ringInstead) Happen(c *call.Call) {
	if !r.join.now(c) {
		r.Late()
		return
	}
	r.join.instead(r)
}

// takeMine: the other call keeps, and wants the party of this one.
type takeMine struct{ join, to *join }

func (t takeMine) Late() { t.to.Post(joinRefused{t.to, CauseNotFound}) }

func (t takeMine) Happen(c *call.Call) {
	if !t.join.now(c) {
		t.Late()
		return
	}
	t.join.give(t.to)
}

// give hands the peer over to another call.
func (j *join) give(to *join) {
	j.peer.Known = j.numberOf(j.peer)
	if !j.Hands(j.peer, to.Call, func(h call.Handed) call.Message { return given{h, j, to} }) {
		j.failed(CauseNotFound)
	}
}

// given is a party that another call gives to this one.
type given struct {
	call.Handed
	from, to *join
}

// Late: the party was given to a call that is over, for who it shall speak with is gone.
func (g given) Late() {
	g.from.Dismiss(g.Member, CauseNormal)
	g.from.Post(arrived{g.from})
}

func (g given) Happen(c *call.Call) {
	if !g.to.now(c) {
		g.Late()
		return
	}
	c.TakesIn(g.Handed)
	g.movesChannel(c)
	if g.Member.Party.User != "" { // he sees the client's card
		c.Board.Running.Go(func() { c.TellRinging([]string{g.Member.Party.User}) })
	}
	c.Log.Info("joined with another call", "other", g.from.In.Call)
	if g.to.stays != nil {
		g.to.confers(g.Member)
	} else {
		g.Member.By, g.to.peer.By = g.to.by.Party.User, g.to.by.Party.User
		g.to.settled(g.Member, nil)
	}
	g.from.Post(arrived{g.from})
}

// confers has a party that came from another call talk with both of this one.
func (j *join) confers(m *call.Member) {
	j.tell(CauseNone)
	j.by.Held, j.by.Music = false, false // he had one of them wait
	m.Held, j.peer.Held = false, false
	j.stays()
	j.TakePart(m.Party.User)
}

// movesChannel takes over the channel of the party's trunk, and what it costs, before the end of the other call, which
// frees all it has.
func (g given) movesChannel(c *call.Call) {
	c.Board.MovesCharge(g.Member.Charge, c.Record.ID)
	if channel := g.Member.Channel.Moved(c.In.Call); channel != nil {
		g.Member.Channel = channel
		g.from.Ledger.Move(channel)
	}
}

// arrived: the other call has our party; this one is over.
type arrived struct{ join *join }

func (arrived) Late() {}

func (t arrived) Happen(c *call.Call) {
	t.join.tell(CauseNone)
	c.End(CauseNormal)
}

// translatable tells whether parties with these codecs can be joined.
func translatable(a, b media.Codec) bool {
	return a.Is(b) || slices.ContainsFunc(call.LineCodecs(), a.Is) && slices.ContainsFunc(call.LineCodecs(), b.Is)
}
