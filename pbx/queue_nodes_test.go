package pbx

import (
	"testing"

	"frontdesk/media"
	"frontdesk/pbx/call/calltest"
	"frontdesk/pbx/dialplan"
	"frontdesk/store"
	"frontdesk/store/storetest"
)

// queueOf has 400 lead to a queue with agents, on two nodes that don't hint at each other.
func queueOf(t testing.TB, a, b *Exchange, agents ...string) string {
	t.Helper()
	q := dialplan.Queue{Name: "Support", Strategy: dialplan.LongestIdle, Agents: agents, Seconds: 60, MaxWait: 600}
	if err := a.board.Directory.SaveQueue(t.Context(), &q); err != nil {
		t.Fatal(err)
	}
	if err := a.board.Directory.SaveExtension(t.Context(), &dialplan.Extension{Number: "400",
		Destination: dialplan.Destination{Kind: "queue", Queue: q.ID}}); err != nil {
		t.Fatal(err)
	}
	b.board.Directory.Changed()
	return q.ID
}

// A queue is the company's: who came first is served first, on whichever node he waits; the callers of a dead node are
// forgotten, the others keep their places, and an agent who talked there is free.
func TestQueueHoldsAcrossNodes(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		a, b := nodeOf(t, db, "a"), nodeOf(t, db, "b")
		id := queueOf(t, a, b, "ana")
		rung := make(onward, 10)
		for _, x := range []*Exchange{a, b} {
			x.board.Dialers = Dialers{Browser: rung}
		}
		yes := true
		must(t, a.SetAgent(t.Context(), "ana", &yes, nil))
		waiting := 0
		waits := func(x *Exchange, user string) *calltest.Actor {
			t.Helper()
			leg := calltest.New(Party{Kind: Browser, User: user})
			waiting++
			want := waiting
			if c := arrives(t, x, leg, "400", func() bool {
				_, all, err := a.Waiting(t.Context(), id, 10)
				return err == nil && all == want
			}); c != CauseNone {
				t.Fatal(c)
			}
			return leg
		}
		waits(b, "c1")
		talks := <-rung
		if talks.Asked.From.User != "c1" {
			t.Errorf("rings for %s", talks.Asked.From.User)
		}
		waits(a, "c2")
		waits(b, "c3")
		waits(a, "c4")
		talks.Say(Answered{Codec: media.PCMA()})
		until(t, "the answer", func() bool { _, all, _ := a.Waiting(t.Context(), id, 10); return all == 3 })
		// The second waits on a, and learns of it though nobody hints.
		talks.Say(Gone{Cause: CauseNormal})
		second := <-rung
		if second.Asked.From.User != "c2" {
			t.Errorf("rings for %s", second.Asked.From.User)
		}
		second.Say(Answered{Codec: media.PCMA()})
		until(t, "the answer", func() bool { _, all, _ := a.Waiting(t.Context(), id, 10); return all == 2 })
		// b dies: its caller is forgotten, the next one waits on a.
		must(t, a.Recover(t.Context(), "b", b.board.Config.Members.Self().Epoch))
		second.Say(Gone{Cause: CauseNormal})
		if next := <-rung; next.Asked.From.User != "c4" {
			t.Errorf("rings for %s", next.Asked.From.User)
		}
	})
}
