package pbx

import (
	"slices"
	"sync"

	"frontdesk/media"
)

// Attended transfer: a party that speaks in two calls joins those it speaks with, and leaves both (RFC 5589 §7). Each call has its goroutine, and
// neither waits for the other, so they agree by messages: the asked call proposes; one of the two gives its party to the other and ends, the other keeps
// its record and goes on. The one that a client is in keeps: it stays one call on his timeline, to its end.
//
//	asked call               the other
//	proposal ──────────────►           it gives its party, or
//	         ◄─────────── takeMine     it keeps, and the asked call gives its own
//	         ◄──────── joinRefused     or nothing comes of it
//	given    ──────────────►           a party, to the call that keeps
//	         ◄────────────── taken     the call that gave ends

// joinWith proposes to the call of another leg of the transferring party.
func (c *Call) joinWith(leg string) {
	t := c.transfer
	other := c.x.callOf(leg)
	if other == c {
		c.transferFailed(CauseForbidden)
		return
	}
	t.joining = true
	p := proposal{from: c, leg: leg, party: t.by.party, outside: t.peer.party.Kind == Line, codec: t.peer.codec}
	if other == nil || !other.box.put(p, true) {
		c.transferFailed(CauseNotFound)
	}
}

// callOf is the call that a leg of this node is in; nil when there is none.
func (x *Exchange) callOf(leg string) *Call {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, c := range x.calls {
		if slices.ContainsFunc(c.view.Load().Legs, func(l LegView) bool { return l.Leg == leg && l.State != legGone }) {
			return c
		}
	}
	return nil
}

// proposal to join the call it is put to.
type proposal struct {
	from    *Call
	leg     string      // of who asks, in the call it is put to
	party   Party       // who asks
	outside bool        // speaks with somebody outside there …
	codec   media.Codec // … in this codec
}

func (p proposal) late() { p.refuse(CauseNotFound) }

func (p proposal) refuse(cause Cause) { p.from.box.put(joinRefused{cause}, true) }

func (p proposal) happen(c *Call) {
	m := c.memberOf(p.leg)
	if m == nil {
		p.late()
		return
	}
	peer := c.peer(m)
	switch {
	case !m.party.Same(p.party) || c.meeting != "" || c.transfer != nil:
		p.refuse(CauseForbidden)
	case c.state == ringing && m == c.caller: // nobody to join yet: the other call rings him instead
		p.from.box.put(ringInstead{c.in.Dialled}, true)
		c.end(CauseCancelled)
	case m.state != legActive || peer == nil:
		p.refuse(CauseNotFound)
	case !translatable(peer.codec, p.codec):
		p.refuse(CauseNoCodec)
	case peer.party.Kind == Line && !p.outside:
		c.transfer = &transfer{by: m, peer: peer, joining: true}
		p.from.box.put(takeMine{to: c}, true)
	default:
		c.transfer = &transfer{by: m, peer: peer, joining: true}
		c.give(p.from)
	}
}

func (c *Call) memberOf(leg string) *member {
	for _, m := range c.members {
		if m.leg.ID() == leg && m.state != legGone {
			return m
		}
	}
	return nil
}

// joinRefused: nothing comes of the proposal.
type joinRefused struct{ cause Cause }

func (joinRefused) late() {}

func (r joinRefused) happen(c *Call) {
	if c.transfer != nil && c.transfer.joining {
		c.transferFailed(r.cause)
	}
}

// ringInstead: the other call rang somebody, and gave up so that this one does.
type ringInstead struct{ to string }

func (ringInstead) late() {}

func (r ringInstead) happen(c *Call) {
	if c.transfer != nil && c.transfer.joining {
		c.transfer.joining = false
		c.refer(r.to)
	}
}

// takeMine: the other call keeps, and wants the party of this one.
type takeMine struct{ to *Call }

func (t takeMine) late() { t.to.box.put(joinRefused{CauseNotFound}, true) }

func (t takeMine) happen(c *Call) {
	if c.transfer == nil || !c.transfer.joining {
		t.late()
		return
	}
	c.give(t.to)
}

// give hands the peer over to another call. In this one a shadow of it stays, for those who are told how it ended.
func (c *Call) give(to *Call) {
	m := c.transfer.peer
	c.untranslate(m)
	m.known = c.numberOf(m)
	shadow := &member{leg: m.leg, party: m.party, state: legGone, cause: CauseNormal}
	if !m.home.move(c, m, to) {
		c.translate()
		c.transferFailed(CauseNotFound)
		return
	}
	c.given = true
	c.members[slices.Index(c.members, m)] = shadow
	if c.caller == m {
		c.caller = shadow
	}
}

// given is a party that another call gives to this one.
type given struct {
	from *Call
	m    *member
}

// late: the party was given to a call that is over, for who it shall speak with is gone.
func (g given) late() {
	g.from.dismiss(g.m, CauseNormal)
	g.from.box.put(taken{}, true)
}

func (g given) happen(c *Call) {
	t := c.transfer
	if t == nil || !t.joining {
		g.late()
		return
	}
	c.transfer = nil
	c.members = append(c.members, g.m)
	if line := g.m.line.Moved(c.in.Call); line != nil {
		g.m.line = line
		g.from.ledger.Move(line) // before the end of that call, which frees all it has
	}
	if leg, ok := g.m.leg.(Mover); ok {
		leg.Moved(c.in.Call)
	}
	if g.m.party.User != "" { // he sees the client's card
		c.x.running.Go(func() { c.tellRinging([]string{g.m.party.User}) })
	}
	t.tell(CauseNone)
	g.m.by, t.peer.by = t.by.party.User, t.by.party.User
	c.dismiss(t.by, CauseNormal)
	c.took(g.m.party.User)
	c.translate()
	c.settle()
	c.log.Info("joined with another call", "other", g.from.in.Call)
	c.ledger.Answered(c.record)
	g.from.box.put(taken{}, true)
}

// taken: the other call has our party; this one is over.
type taken struct{}

func (taken) late() {}

func (taken) happen(c *Call) {
	if c.transfer != nil {
		c.transfer.tell(CauseNone)
	}
	c.end(CauseNormal)
}

// translatable tells whether parties with these codecs can be joined.
func translatable(a, b media.Codec) bool {
	return a.Is(b) || slices.ContainsFunc(lineCodecs(), a.Is) && slices.ContainsFunc(lineCodecs(), b.Is)
}

// translate lets parties that speak different codecs hear each other: each gets its own by a mixer, as phones in a meeting do. Only calls that were
// joined need it.
func (c *Call) translate() {
	for _, m := range c.active() {
		if peer := c.peer(m); peer != nil && m.mixed == nil && !m.codec.Is(peer.codec) {
			if c.mixer == nil {
				c.mixer = media.NewMixer()
			}
			c.listens(m)
		}
	}
}

// untranslate gives back the member's line of the mixer.
func (c *Call) untranslate(m *member) {
	if m.mixed == nil {
		return
	}
	if k := m.keypads[m.mixed.Track()]; k != nil {
		k.Close()
		delete(m.keypads, m.mixed.Track())
	}
	m.mixed.Close()
	m.mixed = nil
}

// home is the call that a leg's events go to. It may change; they stay in order.
type home struct {
	mu   sync.Mutex
	call *Call
}

// put passes an event on; see mailbox.put.
func (h *home) put(s said, must bool) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.call.box.put(s, must)
}

// move announces m at another call and sends it there, with what it said that was not heard yet. False when that call is over.
func (h *home) move(from *Call, m *member, to *Call) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !to.box.put(given{from, m}, true) {
		return false
	}
	for _, s := range from.unheard(m) {
		to.box.put(s, true)
	}
	h.call = to
	return true
}

// unheard takes out what waits of a member's events.
func (c *Call) unheard(m *member) (waiting []message) {
	of := func(x message) bool {
		s, ok := x.(said)
		return ok && s.m == m
	}
	rest := slices.Concat(c.batch, c.box.takeOf(of))
	c.batch = slices.DeleteFunc(slices.Clone(c.batch), of)
	return slices.DeleteFunc(rest, func(x message) bool { return !of(x) })
}
