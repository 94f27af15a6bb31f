package hunt

import (
	"cmp"
	"slices"

	"frontdesk/media"
	"frontdesk/pbx/call"
	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/ledger"
)

// ringsSomebody tells whether a step rings somebody.
func ringsSomebody(step dialplan.Step) bool {
	switch step.(type) {
	case dialplan.Ring, dialplan.Dial, dialplan.Hunt, dialplan.Join:
		return true
	}
	return false
}

func isGroup(step dialplan.Step) bool { _, is := step.(dialplan.Hunt); return is }

// dials are whom a step rings, and for how long. Who is led can be connected in the codecs.
func (w *Way) dials(step dialplan.Step, codecs []media.Codec) (all []dial, seconds int) {
	switch s := step.(type) {
	case dialplan.Ring:
		return w.dialUsers(s, codecs), s.Seconds
	case dialplan.Dial:
		return w.dialOut(s, codecs), s.Seconds
	case dialplan.Join:
		return w.dialRoom(s, codecs), roomSeconds
	}
	return nil, 0
}

// dialUsers are those who can be rung of the step's users, with all their phones.
func (w *Way) dialUsers(step dialplan.Ring, codecs []media.Codec) (all []dial) {
	w.Trail.begins(ledger.Step{Kind: ledger.Ring, Users: step.Users})
	dialers := w.Board.Dialers
	free := slices.DeleteFunc(slices.Clone(step.Users), func(user string) bool {
		return slices.Contains(w.declined, user) || !step.Desk && !w.free(user)
	})
	ask := w.request(w.Number, codecs)
	for _, user := range free { // browsers need no search
		if step.Desk {
			break
		}
		all = dial{by: dialers.Browser, to: call.Target{User: user}, user: user, ask: ask}.in(all)
	}
	for _, user := range free {
		for _, device := range step.Devices[user] {
			all = dial{by: dialers.Phone, to: call.Target{Device: device}, user: user, ask: ask}.in(all)
		}
	}
	return all
}

// dialOut is a number through a trunk.
func (w *Way) dialOut(step dialplan.Dial, codecs []media.Codec) []dial {
	w.Trail.begins(ledger.Step{Kind: ledger.Dial, Trunk: step.Trunk, Number: step.Number})
	if r := w.Trail.record; r.Direction == "out" {
		r.Trunk, r.Line = step.Trunk, step.CallerID
	}
	return dial{by: w.Board.Dialers.Trunk, to: call.Target{Trunk: step.Trunk, Number: step.Number},
		limit: step.MaxCalls, user: step.For, asks: step.Confirm, costs: step.Costs, consent: step.Consent,
		payer: cmp.Or(step.For, w.By, w.Plan.Payer(w.from)),
		ask:   w.request(step.CallerID, codecs)}.in(nil)
}

// roomSeconds is how long a meeting may take to let somebody in.
const roomSeconds = 15

// dialRoom is the meeting that who is led comes into.
func (w *Way) dialRoom(step dialplan.Join, codecs []media.Codec) []dial {
	w.Trail.begins(ledger.Step{Kind: ledger.Meeting, Item: step.Meeting})
	return dial{by: w.Board.Dialers.Room, to: call.Target{Meeting: step.Meeting},
		ask: w.request(w.Number, codecs)}.in(nil)
}

// request is what an edge is told of the call; number is the caller's, as the target may see it.
func (w *Way) request(number string, codecs []media.Codec) call.Request {
	return call.Request{Call: w.Trail.record.ID, From: w.shown(), Number: number, Name: w.nameShown(),
		Codecs: codecs}
}

// free tells whether a user can be rung.
func (w *Way) free(user string) bool {
	why := w.Board.Free(user)
	if why == call.CauseBusy && w.Plan.Waits(user) {
		return true
	}
	w.worse(why)
	return why == call.CauseNone
}

// shown is the caller as the called party may see it.
func (w *Way) shown() call.Party {
	p := w.from
	if p.Private {
		p.Number, p.Name = "", ""
	}
	return p
}

func (w *Way) nameShown() string {
	if w.from == w.In.Party {
		return w.Name
	}
	return w.shown().Name
}
