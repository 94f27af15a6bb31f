package pbx

import (
	"slices"

	"frontdesk/pbx/call"
	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/ledger"
)

// talk is the act of two who are connected, until one of them leaves or wants the other connected to somebody else.
type talk struct {
	pair
	acts acts
	vain *Transfer // the last transfer, where it came to nothing
}

func newTalk(c *call.Call, acts acts) *talk {
	return &talk{pair: pair{call.Scene{Call: c}}, acts: acts}
}

func (t *talk) Begin() { t.Translate() }

func (t *talk) Said(m *call.Member, e Event) {
	switch e := e.(type) {
	case TransferAsked:
		t.refers(m, e)
	case proposal:
		t.joins(m, e)
	case call.WantsIn:
		t.goesOn(m, e)
	default:
		t.pair.Said(m, e)
	}
}

func (t *talk) Look(v *View) { v.Transfer = t.vain }

// refers connects the peer of the party that asks to somebody else, or to whom it speaks with in another call.
func (t *talk) refers(m *call.Member, e TransferAsked) {
	peer := t.Peer(m)
	if peer == nil {
		e.Done(CauseForbidden)
		return
	}
	t.vain = nil
	r := t.referral(m, peer, e.Done)
	if e.With != "" {
		j := &join{referral: r, with: e.With, stays: t.together(e.Stays)}
		j.instead = func(i ringInstead) { t.transfers(r, i.to, i.slot) }
		t.Perform(j)
		return
	}
	t.transfers(r, e.To, nil)
}

// transfers rings somebody for a party, or parks it; slot is the one that was taken for that, nil: none was.
func (t *talk) transfers(r referral, to string, slot *ledger.Channel) {
	acts := t.acts
	if slot != nil {
		acts = func(p program, step dialplan.Step) call.Act {
			act := t.acts(p, step)
			if parks, is := act.(interface{ takes(*ledger.Channel) }); is {
				parks.takes(slot)
			}
			return act
		}
	}
	t.Perform(&transfer{referral: r, acts: acts, to: to})
}

// joins serves the party that asks, in another call of its own, for both to be joined.
func (t *talk) joins(m *call.Member, p proposal) {
	peer := t.Peer(m)
	switch {
	case peer == nil:
		p.Answer(CauseNotFound)
	case !translatable(peer.Codec, p.codec), p.stays && !mixable(peer.Codec, p.codec, m.Codec):
		p.Answer(CauseNoCodec)
	default:
		j := &join{referral: t.referral(m, peer, nil), stays: t.together(p.stays)}
		t.Perform(j)
		j.keepsOrGives(p)
	}
}

// together has all talk who are in a joined call, where nobody is to leave, until two are left; nil: somebody is.
func (t *talk) together(stays bool) func() {
	if !stays {
		return nil
	}
	two := func() { t.Perform(newTalk(t.Call, t.acts)) }
	return func() { t.Perform(&conference{Scene: t.Scene, two: two}) }
}

// goesOn has a user speak on another device of his than before.
func (t *talk) goesOn(m *call.Member, w call.WantsIn) {
	his := func(x *call.Member) bool { return m.Party.User != "" && x.Party.User == m.Party.User }
	at := slices.IndexFunc(t.Active(), his)
	if at < 0 {
		w.Answer(CauseForbidden)
		return
	}
	before := t.Active()[at]
	peer := t.Peer(before)
	if peer == nil || !t.LetIn(m, call.Spoken(peer.Codec)) {
		w.Answer(CauseNotFound)
		return
	}
	m.By, m.Known = before.By, t.numberOf(before)
	if t.Caller == before {
		t.Caller = m
	}
	t.Untranslate(peer)
	t.Dismiss(before, CauseElsewhere)
	t.Perform(t)
	t.TakePart(m.Party.User)
}

func (t *talk) referral(by, peer *call.Member, done func(Cause)) referral {
	return referral{pair: t.pair, by: by, peer: peer, done: done, back: t.again}
}

// again goes on after a transfer that came to nothing, or that joined others.
func (t *talk) again(vain *Transfer) {
	if vain != nil {
		t.vain = vain
	}
	t.Perform(t)
}
