package pbx

import (
	"context"
	"slices"
	"time"

	"frontdesk/pbx/ledger"
)

const (
	// dialLimit is how long each phone, and each channel of a trunk, may take to be found.
	dialLimit = 10 * time.Second
	// dialPatience is how long the next one waits for the one before: they ring in order, unless one hangs.
	dialPatience = 100 * time.Millisecond
)

// dial is one target to be rung.
type dial struct {
	by    Dialer
	to    Target
	user  string // whose phone it is; through a trunk, who forwards the call there, if anybody does
	asks  bool   // who answers takes the call by a key
	limit int    // calls at once of the trunk, 0 for none
	ask   Request
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
	call    *Call
	told    func(dialled)
	leg     Leg // nil: it can't be rung, for …
	channel *ledger.Channel
	cause   Cause
	err     error
}

// dialAll rings targets, off the goroutine of the call: where a phone is, and whether a trunk has a channel left, is
// asked of the database. On the call's goroutine told hears what came of each, unless the call is over. Entry is that
// of the call or visit; where it is fresh, whoever is rung may look for its record.
func (c *Call) dialAll(dials []dial, entry *ledger.Entry, fresh bool, told func(dialled)) {
	c.board.running.Go(func() {
		if fresh {
			waitFor(entry.Tried(), c.board.config.MaxLookup)
		}
		if users := usersOf(dials); len(users) > 0 {
			c.tellRinging(users)
		}
		for _, d := range dials {
			done := dialled{dial: d, call: c, told: told}
			over := make(chan struct{})
			c.board.running.Go(func() {
				defer close(over)
				ctx, cancel := context.WithTimeout(c.board.ctx, dialLimit)
				defer cancel()
				done.place(ctx, entry)
				c.post(done)
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

// tellRinging says whom a call from outside is about to ring.
func (c *Call) tellRinging(users []string) {
	told := c.board.hooks.Ringing
	if told == nil || c.in.Party.Kind != Outside {
		return
	}
	ctx, cancel := context.WithTimeout(c.board.ctx, c.board.config.MaxLookup)
	defer cancel()
	told(ctx, c.in.Call, users)
}

// place takes a channel of the trunk, where the target is behind one, and rings.
func (d *dialled) place(ctx context.Context, entry *ledger.Entry) {
	if d.to.Trunk != "" {
		d.channel, d.cause = entry.Seize(ctx, d.ask.Call, d.to.Trunk, d.limit)
	}
	if d.cause != CauseNone {
		return
	}
	if d.leg, d.err = d.by.Dial(ctx, d.to, d.ask); d.err != nil {
		d.leg = nil // not a nil pointer of the edge's own type
	}
}

func (d dialled) late() {
	d.call.ledger.GiveBack(d.channel)
	if d.leg != nil {
		refuse(d.leg, CauseElsewhere)
	}
}

func (d dialled) happen(*Call) { d.told(d) }
