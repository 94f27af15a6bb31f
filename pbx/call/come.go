package call

import (
	"slices"

	"frontdesk/media"
	"frontdesk/pbx/mailbox"
)

// Comes brings a leg into the call, to take it or to go on with it: what becomes of that is up to the act. False: the
// call is over.
func (c *Call) Comes(leg Leg) bool { return c.Put(fetched{c, leg}) }

// fetched is a leg that comes into a call. To the act of the call it is something that the new member says.
type fetched struct {
	call *Call
	leg  Leg
}

func (f fetched) Late() { Refuse(f.leg, CauseNotFound) }

func (f fetched) Happen(c *Call) {
	m := c.Add(f.leg, LegCalling)
	c.Serve(m, WantsIn{m, c})
}

// WantsIn is what a member asks who has come into a call.
type WantsIn struct {
	m    *Member
	call *Call
}

func (WantsIn) IsEvent() {}

// Answer refuses, unless he was let in.
func (w WantsIn) Answer(cause Cause) {
	if w.m.State == LegCalling {
		w.call.Dismiss(w.m, cause)
	}
}

// LetIn answers who has come into a call, in the first of some codecs that he speaks; false: there is none.
func (c *Call) LetIn(m *Member, codecs []media.Codec) bool {
	offer := m.Leg.Offer()
	for _, codec := range codecs {
		if at := slices.IndexFunc(offer, codec.Is); at >= 0 {
			m.State, m.Codec = LegActive, offer[at]
			m.Leg.Answer(m.Codec)
			return true
		}
	}
	c.Dismiss(m, CauseNoCodec)
	return false
}

// MemberOf is who is here by a leg; nil: nobody.
func (c *Call) MemberOf(leg string) *Member {
	for _, m := range c.Members {
		if m.Leg.ID() == leg && !m.Gone() {
			return m
		}
	}
	return nil
}

// Handed is a member on its way from one call to another.
type Handed struct {
	Member *Member
	home   *mailbox.Home[Message]
}

// Hands gives a member over to another call, which is told so and takes it in; false: that call is over. Here a shadow
// of the member stays, for those who are told how it ended.
func (c *Call) Hands(m *Member, to *Call, told func(Handed) Message) bool {
	c.Untranslate(m)
	shadow := &Member{Leg: m.Leg, Party: m.Party, State: LegGone, cause: CauseNormal}
	home := c.homes[m]
	if !home.Move(to.box, told(Handed{m, home}), func() []Message { return c.unheard(m) }) {
		return false
	}
	c.silent = true
	c.Members[slices.Index(c.Members, m)] = shadow
	if c.Caller == m {
		c.Caller = shadow
	}
	return true
}

// TakesIn a member that another call handed over.
func (c *Call) TakesIn(h Handed) {
	m := h.Member
	c.Members, c.homes[m] = append(c.Members, m), h.home
	if leg, ok := m.Leg.(Mover); ok {
		leg.Moved(c.In.Call)
	}
}
