package pbx

import (
	"context"
	"testing"
	"time"

	"frontdesk/media"
	"frontdesk/pbx/dialplan"
)

// leadsToGroup has extension 201 lead to a hunt group of ana, bob and cal, and then to bob.
func (w *world) leadsToGroup(s dialplan.Strategy) {
	w.t.Helper()
	ctx := context.Background()
	g := dialplan.HuntGroup{Name: "Sales", Strategy: s, Members: []string{"ana", "bob", "cal"}, Seconds: 10,
		Otherwise: &dialplan.Destination{Kind: "user", User: "bob", Seconds: 30}}
	must(w.t, w.dir.SaveHuntGroup(ctx, &g))
	to := dialplan.Destination{Kind: "hunt_group", HuntGroup: g.ID}
	must(w.t, w.dir.SaveExtension(ctx, &dialplan.Extension{Number: "201", Destination: to}))
	must(w.t, w.dir.SaveNumber(ctx, &dialplan.Number{E164: "+40311000001", Trunk: w.carrier, Destination: to}))
}

// Each call of a group that goes round begins with the next of its members; who talks or is away is passed over.
func TestHuntGroupGoesRound(t *testing.T) {
	playEach(t, func(w *world) {
		w.leadsToGroup(dialplan.RoundRobin)
		first := w.outsider("+40311000001")
		ana := w.rung()
		w.say(ana, Ringing{}, Answered{Codec: media.PCMA()})
		w.online["bob"] = false
		w.outsider("+40311000001")
		if next := w.ringing()[1]; next.To.User != "cal" {
			t.Errorf("rings %s, not cal", next.To.User)
		}
		call := w.last().Call
		w.sleep(10 * time.Second)
		w.online["bob"] = true
		w.sleep(31 * time.Second)
		w.wantSteps(call, "hunt_group [bob cal ana] 0s round_robin", "ring [bob] 0s unavailable",
			"ring [cal] 10s no_answer", "ring [ana] 0s busy", "ring [bob] 0s unavailable")
		w.say(first, Gone{Cause: CauseNormal})
	})
}

// Who has not talked for longest is rung first, whichever calls those were.
func TestHuntGroupRingsTheLongestIdleFirst(t *testing.T) {
	playEach(t, func(w *world) {
		w.leadsToGroup(dialplan.LongestIdle)
		for _, who := range []string{"101", "103"} {
			caller := w.outsider("+40311000002") // to bob and cal …
			w.say(caller, Gone{Cause: CauseNormal})
			bob := w.user("bob", who) // … and bob calls ana, then cal
			w.say(w.rung(), Answered{Codec: media.PCMA()})
			w.sleep(time.Second)
			w.say(bob, Gone{Cause: CauseNormal})
			w.sleep(time.Second)
		}
		for _, want := range []string{"ana", "bob", "cal"} {
			w.outsider("+40311000001")
			rung := w.rung()
			if rung.To.User != want {
				t.Errorf("rings %s, want %s", rung.To.User, want)
			}
			w.say(rung, Answered{Codec: media.PCMA()})
			w.say(rung, Gone{Cause: CauseNormal})
			w.sleep(time.Second)
		}
	})
}

// A group that rings together follows one that goes in order when nobody of it answers; one who declines is not rung
// again.
func TestHuntGroupInOrder(t *testing.T) {
	play(t, func(w *world) {
		w.leadsToGroup(dialplan.InOrder)
		ana := w.user("cal", "201")
		w.say(w.rung(), Gone{Cause: CauseDeclined})
		w.sleep(11 * time.Second)
		w.say(w.rung(), Answered{Codec: media.PCMA()})
		w.wantSteps(w.last().Call, "hunt_group [ana bob cal] 0s in_order", "ring [ana] 0s declined",
			"ring [bob] 10s no_answer", "ring [cal] 0s busy", "ring [bob] 1s answered bob")
		w.say(ana, Gone{Cause: CauseNormal})
	})
}

// A transfer to a group rings it as a call would.
func TestTransferToAHuntGroup(t *testing.T) {
	play(t, func(w *world) {
		w.leadsToGroup(dialplan.RoundRobin)
		caller := w.user("cal", "102")
		bob := w.rung()
		w.say(bob, Answered{Codec: media.PCMA()}, TransferAsked{To: "201", Done: func(Cause) {}})
		ana := w.ringing()[1]
		w.say(ana, Answered{Codec: media.PCMA()})
		if ana.To.User != "ana" || bob.HungUp() != CauseNormal || caller.HungUp() != CauseNone {
			t.Errorf("%s answered, bob %q, caller %q", ana.To.User, bob.HungUp(), caller.HungUp())
		}
	})
}
