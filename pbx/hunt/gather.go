package hunt

import (
	"context"
	"math/rand/v2"

	"frontdesk/pbx/call"
	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/ledger"
)

// gather has the members of a group rung next, in its order. True: what the order depends on is asked of the database
// first, and gathered is told it, on the goroutine of the call, to insert it.
func (w *Way) gather(group dialplan.Hunt, gathered func(dialplan.Turn)) (waits bool) {
	turn := dialplan.Turn{Chance: rand.Uint64()}
	if group.Strategy != dialplan.RoundRobin && group.Strategy != dialplan.LongestIdle {
		w.inserts(group, turn)
		return false
	}
	w.Board.Running.Go(func() {
		ctx, cancel := context.WithTimeout(w.Board.Ctx, w.Board.Config.MaxLookup)
		defer cancel()
		var err error
		if group.Strategy == dialplan.RoundRobin {
			turn.Number, err = w.Board.Directory.NextTurn(ctx, group.Group)
		} else {
			turn.Talked, err = w.Board.Ledger.Talked(ctx, group.Members)
		}
		if err != nil {
			w.Log.Warn("a hunt group rings in the order of its list", "group", group.Name, "err", err)
		}
		w.Post(turned{turn, gathered})
	})
	return true
}

// inserts puts the members on the way.
func (w *Way) inserts(group dialplan.Hunt, turn dialplan.Turn) {
	rings := group.Rings(turn)
	users := []string{}
	for _, r := range rings {
		users = append(users, r.(dialplan.Ring).Users...)
	}
	at := w.Trail.record.Begin(ledger.Step{Kind: ledger.Group, Item: group.Group, Users: users})
	w.Trail.record.End(at, string(group.Strategy), "")
	w.walk.Insert(rings...)
}

// turned: it is known what the order of a group depends on.
type turned struct {
	turn dialplan.Turn
	told func(dialplan.Turn)
}

func (turned) Late() {}

func (t turned) Happen(*call.Call) { t.told(t.turn) }
