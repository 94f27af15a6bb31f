package pbx

import (
	"slices"

	"frontdesk/media"
	"frontdesk/pbx/mailbox"
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
	with    string          // in the asked call: the leg of the transferring party in the other …
	instead func(to string) // … and what is done where nobody has answered that one
	stays   bool            // he does not leave: all talk together
	acts    acts            // of what comes after that
}

// begin proposes, in the asked call, to the other.
func (j *join) begin() {
	if j.with == "" {
		return
	}
	other := j.others(j.with)
	p := proposal{from: j, leg: j.with, party: j.by.party, outside: j.peer.party.Kind == Outside, codec: j.peer.codec,
		stays: j.stays}
	switch {
	case other == j.Call:
		j.failed(CauseForbidden)
	case other == nil || !other.box.Put(p, true):
		j.failed(CauseNotFound)
	}
}

func (j *join) failed(cause Cause) { j.referral.failed(cause, j.shows()) }

// now tells whether it is still the act of a call.
func (j *join) now(c *Call) bool { return c.act == act(j) }

// proposal to join the call it is put to. To that call's act it is something that the party says.
type proposal struct {
	from    *join
	leg     string      // of who asks, in the call it is put to
	party   Party       // who asks
	outside bool        // speaks with somebody outside there …
	codec   media.Codec // … in this codec
	stays   bool        // wants to go on with both
}

func (proposal) event() {}

func (p proposal) late() { p.answer(CauseNotFound) }

// answer refuses.
func (p proposal) answer(cause Cause) { p.from.box.Put(joinRefused{p.from, cause}, true) }

func (p proposal) happen(c *Call) {
	m := c.memberOf(p.leg)
	switch {
	case m == nil:
		p.answer(CauseNotFound)
	case !m.party.Same(p.party): // only calls of its own may a party join
		p.answer(CauseForbidden)
	default:
		c.act.said(m, p)
	}
}

func (c *Call) memberOf(leg string) *member {
	for _, m := range c.members {
		if m.leg.ID() == leg && !m.gone() {
			return m
		}
	}
	return nil
}

// keepsOrGives: the call of j was asked by the proposal.
func (j *join) keepsOrGives(p proposal) {
	if j.peer.party.Kind == Outside && !p.outside {
		p.from.box.Put(takeMine{p.from, j}, true)
		return
	}
	j.give(p.from)
}

// joinRefused: nothing comes of the proposal.
type joinRefused struct {
	join  *join
	cause Cause
}

func (joinRefused) late() {}

func (r joinRefused) happen(c *Call) {
	if r.join.now(c) {
		r.join.failed(r.cause)
	}
}

// ringInstead: the other call rang somebody, and gave up so that this one does.
type ringInstead struct {
	join *join
	to   string
}

func (ringInstead) late() {}

func (r ringInstead) happen(c *Call) {
	if r.join.now(c) {
		r.join.instead(r.to)
	}
}

// takeMine: the other call keeps, and wants the party of this one.
type takeMine struct{ join, to *join }

func (t takeMine) late() { t.to.box.Put(joinRefused{t.to, CauseNotFound}, true) }

func (t takeMine) happen(c *Call) {
	if !t.join.now(c) {
		t.late()
		return
	}
	t.join.give(t.to)
}

// give hands the peer over to another call. In this one a shadow of it stays, for those who are told how it ended.
func (j *join) give(to *join) {
	m, home := j.peer, j.homes[j.peer]
	j.untranslate(m)
	m.known = j.numberOf(m)
	shadow := &member{leg: m.leg, party: m.party, state: legGone, cause: CauseNormal}
	if !home.Move(to.box, given{j, to, m, home}, func() []message { return j.unheard(m) }) {
		j.failed(CauseNotFound)
		return
	}
	j.silent = true
	j.members[slices.Index(j.members, m)] = shadow
	if j.caller == m {
		j.caller = shadow
	}
}

// given is a party that another call gives to this one.
type given struct {
	from, to *join
	m        *member
	home     *mailbox.Home[message]
}

// late: the party was given to a call that is over, for who it shall speak with is gone.
func (g given) late() {
	g.from.dismiss(g.m, CauseNormal)
	g.from.box.Put(arrived{g.from}, true)
}

func (g given) happen(c *Call) {
	if !g.to.now(c) {
		g.late()
		return
	}
	c.members, c.homes[g.m] = append(c.members, g.m), g.home
	g.movesChannel(c)
	if leg, ok := g.m.leg.(Mover); ok {
		leg.Moved(c.in.Call)
	}
	if g.m.party.User != "" { // he sees the client's card
		c.board.running.Go(func() { c.tellRinging([]string{g.m.party.User}) })
	}
	c.log.Info("joined with another call", "other", g.from.in.Call)
	if g.to.stays {
		g.to.confers(g.m)
	} else {
		g.m.by, g.to.peer.by = g.to.by.party.User, g.to.by.party.User
		g.to.settled(g.m, nil)
	}
	g.from.box.Put(arrived{g.from}, true)
}

// movesChannel takes over the channel of the party's trunk before the end of the other call, which frees all it has.
func (g given) movesChannel(c *Call) {
	if channel := g.m.channel.Moved(c.in.Call); channel != nil {
		g.m.channel = channel
		g.from.ledger.Move(channel)
	}
}

// arrived: the other call has our party; this one is over.
type arrived struct{ join *join }

func (arrived) late() {}

func (t arrived) happen(c *Call) {
	t.join.tell(CauseNone)
	c.end(CauseNormal)
}

// translatable tells whether parties with these codecs can be joined.
func translatable(a, b media.Codec) bool {
	return a.Is(b) || slices.ContainsFunc(lineCodecs(), a.Is) && slices.ContainsFunc(lineCodecs(), b.Is)
}
