package pbx

import (
	"context"
	"math/rand/v2"

	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/ledger"
)

// gather has the members of a group rung next, in its order. True: what the order depends on is asked of the database
// first, and the hunt goes on when it has said so.
func (h *hunt) gather(group dialplan.Hunt) (waits bool) {
	turn := dialplan.Turn{Chance: rand.Uint64()}
	if group.Strategy != dialplan.RoundRobin && group.Strategy != dialplan.LongestIdle {
		h.inserts(group, turn)
		return false
	}
	h.board.running.Go(func() {
		ctx, cancel := context.WithTimeout(h.board.ctx, h.board.config.MaxLookup)
		defer cancel()
		var err error
		if group.Strategy == dialplan.RoundRobin {
			turn.Number, err = h.board.directory.NextTurn(ctx, group.Group)
		} else {
			turn.Talked, err = h.board.ledger.Talked(ctx, group.Members)
		}
		if err != nil {
			h.log.Warn("a hunt group rings in the order of its list", "group", group.Name, "err", err)
		}
		h.post(gathered{h, group, turn})
	})
	return true
}

func isGroup(step dialplan.Step) bool { _, is := step.(dialplan.Hunt); return is }

// inserts puts the members on the way.
func (h *hunt) inserts(group dialplan.Hunt, turn dialplan.Turn) {
	rings := group.Rings(turn)
	users := []string{}
	for _, r := range rings {
		users = append(users, r.(dialplan.Ring).Users...)
	}
	at := h.trail.record.Begin(ledger.Step{Kind: ledger.Group, Item: group.Group, Users: users})
	h.trail.record.End(at, string(group.Strategy), "")
	h.walk.Insert(rings...)
}

// gathered: it is known in which order a group is rung.
type gathered struct {
	hunt  *hunt
	group dialplan.Hunt
	turn  dialplan.Turn
}

func (gathered) late() {}

func (g gathered) happen(*Call) {
	if g.hunt.stopped {
		return
	}
	g.hunt.inserts(g.group, g.turn)
	g.hunt.nextStep(dialplan.Failed)
}

// Turn is what the order of a hunt group depends on, as it would be for the next call.
func (x *Exchange) Turn(ctx context.Context, group dialplan.Hunt) (turn dialplan.Turn, err error) {
	switch group.Strategy {
	case dialplan.RoundRobin:
		turn.Number, err = x.directory.Turn(ctx, group.Group)
	case dialplan.LongestIdle:
		turn.Talked, err = x.ledger.Talked(ctx, group.Members)
	}
	return turn, err
}
