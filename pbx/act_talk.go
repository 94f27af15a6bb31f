package pbx

import "slices"

// talk is the act of two who are connected, until one of them leaves or wants the other connected to somebody else.
type talk struct {
	pair
	acts acts
	vain *Transfer // the last transfer, where it came to nothing
}

func newTalk(c *Call, acts acts) *talk { return &talk{pair: pair{scene{c}}, acts: acts} }

func (t *talk) begin() { t.translate() }

func (t *talk) said(m *member, e Event) {
	switch e := e.(type) {
	case TransferAsked:
		t.refers(m, e)
	case proposal:
		t.joins(m, e)
	case wantsIn:
		t.goesOn(m, e)
	default:
		t.pair.said(m, e)
	}
}

func (t *talk) look(v *View) { v.Transfer = t.vain }

// refers connects the peer of the party that asks to somebody else, or to whom it speaks with in another call.
func (t *talk) refers(m *member, e TransferAsked) {
	peer := t.peer(m)
	if peer == nil {
		e.Done(CauseForbidden)
		return
	}
	t.vain = nil
	r := t.referral(m, peer, e.Done)
	if e.With != "" {
		j := &join{referral: r, with: e.With, stays: e.Stays, acts: t.acts}
		j.instead = func(to string) { t.transfers(r, to) }
		t.perform(j)
		return
	}
	t.transfers(r, e.To)
}

func (t *talk) transfers(r referral, to string) {
	t.perform(&transfer{referral: r, acts: t.acts, to: to})
}

// joins serves the party that asks, in another call of its own, for both to be joined.
func (t *talk) joins(m *member, p proposal) {
	peer := t.peer(m)
	switch {
	case peer == nil:
		p.answer(CauseNotFound)
	case !translatable(peer.codec, p.codec), p.stays && !mixable(peer.codec, p.codec, m.codec):
		p.answer(CauseNoCodec)
	default:
		j := &join{referral: t.referral(m, peer, nil), stays: p.stays, acts: t.acts}
		t.perform(j)
		j.keepsOrGives(p)
	}
}

// goesOn has a user speak on another device of his than before.
func (t *talk) goesOn(m *member, w wantsIn) {
	at := slices.IndexFunc(t.active(), func(x *member) bool { return m.party.User != "" && x.party.User == m.party.User })
	if at < 0 {
		w.answer(CauseForbidden)
		return
	}
	before := t.active()[at]
	peer := t.peer(before)
	if peer == nil || !t.letIn(m, spoken(peer.codec)) {
		w.answer(CauseNotFound)
		return
	}
	m.by, m.known = before.by, t.numberOf(before)
	if t.caller == before {
		t.caller = m
	}
	t.untranslate(peer)
	t.dismiss(before, CauseElsewhere)
	t.perform(t)
	t.takePart(m.party.User)
}

func (t *talk) referral(by, peer *member, done func(Cause)) referral {
	return referral{pair: t.pair, by: by, peer: peer, done: done, back: t.again}
}

// again goes on after a transfer that came to nothing, or that joined others.
func (t *talk) again(vain *Transfer) {
	if vain != nil {
		t.vain = vain
	}
	t.perform(t)
}
