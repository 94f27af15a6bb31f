package hunt

import (
	"context"
	"slices"
	"time"

	"frontdesk/pbx/call"
	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/ledger"
	"frontdesk/pbx/toll"
)

const (
	// dialLimit is how long each phone, and each channel of a trunk, may take to be found.
	dialLimit = 10 * time.Second
	// dialPatience is how long the next one waits for the one before: they ring in order, unless one hangs.
	dialPatience = 100 * time.Millisecond
)

// dial is one target to be rung.
type dial struct {
	by    call.Dialer
	to    call.Target
	user  string // whose phone it is; through a trunk, who forwards the call there, if anybody does
	asks  bool   // who answers takes the call by a key
	limit int    // calls at once of the trunk, 0 for none
	costs string // the number in E.164 that the call costs, "" for none …
	payer string // … and whose call it is
	// consent says why it may be called although it asked not to be; of what somebody forwards that is never asked.
	consent dialplan.Consent
	ask     call.Request
}

// in adds the target to others, where there is an edge for it.
func (d dial) in(all []dial) []dial {
	if d.by == nil {
		return all
	}
	return append(all, d)
}

// dialled is what came of a dial.
type dialled struct {
	dial
	call    *call.Call
	told    func(dialled)
	leg     call.Leg // nil: it can't be rung, for …
	channel *ledger.Channel
	charge  *toll.Charge
	cause   call.Cause
	err     error

	language string // of who answers, where he is asked by a key
}

// dialAll rings targets, off the goroutine of the call: where a phone is, and whether a trunk has a channel left, is
// asked of the database. On the call's goroutine told hears what came of each, unless the call is over.
func (w *Way) dialAll(dials []dial, told func(dialled)) {
	w.Board.Running.Go(func() {
		if w.Fresh { // whoever is rung may look for its record
			call.WaitFor(w.entry.Tried(), w.Board.Config.MaxLookup)
		}
		if users := usersOf(dials); len(users) > 0 {
			w.TellRinging(users)
		}
		for _, d := range dials {
			done := dialled{dial: d, call: w.Call, told: told}
			over := make(chan struct{})
			w.Board.Running.Go(func() {
				defer close(over)
				ctx, cancel := context.WithTimeout(w.Board.Ctx, dialLimit)
				defer cancel()
				done.place(ctx, w.entry)
				w.Post(done)
			})
			select {
			case <-over:
			case <-time.After(dialPatience):
			}
		}
	})
}

func usersOf(dials []dial) (users []string) {
	for _, d := range dials {
		if d.user != "" && !slices.Contains(users, d.user) {
			users = append(users, d.user)
		}
	}
	return users
}

// place counts what the call costs and takes a channel of the trunk, where the target is behind one, and rings.
func (d *dialled) place(ctx context.Context, entry *ledger.Entry) {
	if d.unwanted(ctx) {
		d.cause = call.CauseUnwanted
		return
	}
	if d.costs != "" {
		d.charge, d.cause = d.call.Board.Charges(ctx, d.ask.Call, d.payer, d.to.Trunk, d.costs)
	}
	if d.to.Trunk != "" && d.cause == call.CauseNone {
		d.channel, d.cause = entry.Seize(ctx, d.ask.Call, d.to.Trunk, d.limit)
	}
	if d.cause != call.CauseNone {
		return
	}
	if d.asks {
		d.language = d.call.Board.Language(ctx, d.user)
	}
	if d.leg, d.err = d.by.Dial(ctx, d.to, d.ask); d.err != nil {
		d.leg = nil // not a nil pointer of the edge's own type
	}
}

// unwanted tells whether the number asked not to be called, and is not to be called all the same.
func (d *dialled) unwanted(ctx context.Context) bool {
	if d.costs == "" || d.user != "" || d.consent == dialplan.Invited {
		return false
	}
	asked, refused := d.call.Board.Unwanted(ctx, d.payer, d.costs)
	return refused || !asked.IsZero() && d.consent == ""
}

// givesBack returns what the target took that can't be rung.
func (d dialled) givesBack() {
	d.call.Ledger.GiveBack(d.channel)
	d.call.Board.Paid(d.charge)
}

func (d dialled) Late() {
	d.givesBack()
	if d.leg != nil {
		call.Refuse(d.leg, call.CauseElsewhere)
	}
}

func (d dialled) Happen(*call.Call) { d.told(d) }
