package pbx

import (
	"context"
	"slices"
	"testing"
	"time"

	"frontdesk/media"
	"frontdesk/pbx/call/calltest"
	"frontdesk/pbx/dialplan"
)

// queues has +40311000001 and 400 lead to a queue with ana and bob as agents, changed by change.
func (w *world) queues(change func(*dialplan.Queue)) string {
	w.t.Helper()
	ctx := context.Background()
	q := dialplan.Queue{Name: "Support", Strategy: dialplan.LongestIdle, Agents: []string{"ana", "bob"}, Seconds: 15,
		WrapUp: 5, MaxWait: 120}
	if change != nil {
		change(&q)
	}
	must(w.t, w.dir.SaveQueue(ctx, &q))
	to := dialplan.Destination{Kind: "queue", Queue: q.ID}
	must(w.t, w.dir.SaveExtension(ctx, &dialplan.Extension{Number: "400", Destination: to}))
	must(w.t, w.dir.SaveNumber(ctx, &dialplan.Number{E164: "+40311000001", Trunk: w.second, Destination: to}))
	return q.ID
}

// agent logs a user in or out.
func (w *world) agent(user string, loggedIn bool) {
	w.t.Helper()
	must(w.t, w.x.SetAgent(context.Background(), user, &loggedIn, nil))
	w.settle()
}

// wantWaiting checks how many wait in a queue, and whom its agents are rung for or talk with.
func (w *world) wantWaiting(queue string, want int) {
	w.t.Helper()
	w.settle()
	if _, all, err := w.x.Waiting(context.Background(), queue, 10); err != nil || all != want {
		w.t.Errorf("%d wait, want %d; %v", all, want, err)
	}
}

func (w *world) calls(number string) *calltest.Actor {
	a := calltest.New(Party{Kind: Outside, Trunk: w.second, Number: number})
	w.arrive(a, "+40311000001")
	return a
}

// Callers hear music until an agent is free; who came first is served first, the agent has his time after a call, and
// who gives up is forgotten.
func TestQueueServesInOrder(t *testing.T) {
	playEach(t, func(w *world) {
		id := w.queues(nil)
		w.agent("ana", true)
		first := w.calls("0722000001")
		ana := w.rung()
		w.expectHears(first, "music/PCMA")
		second, third, fourth := w.calls("0722000002"), w.calls("0722000003"), w.calls("0722000004")
		w.wantWaiting(id, 4)
		w.say(ana, Ringing{}, Answered{Codec: media.PCMA()})
		w.wantWaiting(id, 3)
		if w.dialled() != 1 {
			t.Errorf("%d phones rang", w.dialled())
		}
		w.say(second, Gone{Cause: CauseNormal})
		w.wantWaiting(id, 2)
		w.sleep(time.Minute)
		w.say(first, Gone{Cause: CauseNormal})
		w.sleep(4 * time.Second)
		if now := w.ringing(); len(now) != 0 {
			t.Errorf("%d ring in the agent's time after a call", len(now))
		}
		w.sleep(time.Second)
		if again := w.rung(); again.Asked.Number != "+40722000003" || again.To.User != "ana" {
			t.Errorf("rings %s for %s", again.To.User, again.Asked.Number)
		}
		w.agent("bob", true)
		both := w.ringing()
		if len(both) != 2 || both[1].Asked.Number != "+40722000004" || both[1].To.User != "bob" {
			t.Errorf("%d ring", len(both))
		}
		w.say(both[1], Answered{Codec: media.PCMA()})
		w.say(fourth, Gone{Cause: CauseNormal})
		w.say(third, Gone{Cause: CauseNormal})
		w.wantWaiting(id, 0)
		if now := w.ringing(); len(now) != 0 {
			t.Errorf("%d ring for nobody", len(now))
		}
	})
}

// An agent who declines is passed over for a while, one who does not answer three times is paused; the caller keeps his
// place.
func TestQueueGoesToTheNextAgent(t *testing.T) {
	playEach(t, func(w *world) {
		id := w.queues(func(q *dialplan.Queue) { q.Strategy = dialplan.InOrder })
		w.agent("ana", true)
		w.agent("bob", true)
		w.online["bob"] = true
		caller := w.calls("0722000001")
		w.say(w.rung(), Gone{Cause: CauseDeclined})
		bob := w.rung()
		if bob.To.User != "bob" {
			t.Errorf("rings %s", bob.To.User)
		}
		w.agent("ana", false)
		w.sleep(80 * time.Second) // rung, rests, rung …
		agents, err := w.x.Agents(context.Background(), []string{"ana", "bob"})
		if err != nil || len(agents) != 2 || agents[0].LoggedIn || !agents[1].Paused || agents[1].Missed != 3 {
			t.Errorf("%+v, %v", agents, err)
		}
		w.wantWaiting(id, 1)
		no := false
		must(t, w.x.SetAgent(context.Background(), "bob", nil, &no))
		w.settle()
		w.say(w.rung(), Answered{Codec: media.PCMA()})
		w.expectHears(caller)
		call := w.last().Call
		w.say(caller, Gone{Cause: CauseNormal})
		r, err := w.x.Record(context.Background(), call)
		kinds := []string{}
		for _, s := range r.Steps {
			kinds = append(kinds, s.Kind+" "+s.Outcome)
		}
		if want := []string{"queue answered", "ring declined", "ring no_answer", "ring no_answer", "ring no_answer",
			"ring answered"}; err != nil || !slices.Equal(kinds, want) || r.Outcome != "answered" ||
			r.Answered.Sub(r.Started) < time.Minute {
			t.Errorf("%q, %v, %v", kinds, r, err)
		}
	})
}

// A full queue, one without agents, and one where somebody waited too long lead elsewhere.
func TestQueueLeadsOn(t *testing.T) {
	cal := &dialplan.Destination{Kind: "user", User: "cal"}
	all := func(q *dialplan.Queue) {
		q.MaxWaiting, q.MaxWait = 1, 20
		q.Leads = dialplan.QueueLeads{Full: cal, Waited: cal, Nobody: cal}
	}
	playEach(t, func(w *world) {
		id := w.queues(all)
		w.calls("0722000001")
		if now := w.rung(); now.To.User != "cal" {
			t.Errorf("nobody is logged in: rings %s", now.To.User)
		}
		w.agent("ana", true)
		w.online["ana"] = false
		w.calls("0722000002")
		w.wantWaiting(id, 1)
		w.calls("0722000003")
		if now := w.ringing(); len(now) != 2 || now[1].To.User != "cal" {
			t.Errorf("full: %d ring", len(now))
		}
		w.sleep(20 * time.Second)
		if now := w.ringing(); len(now) != 3 || now[2].Asked.Number != "+40722000002" {
			t.Errorf("waited too long: %d ring", len(now))
		}
		w.wantWaiting(id, 0)
	})
}

// Who is transferred to a queue waits there; who dials it inside does, too.
func TestQueueOfAColleague(t *testing.T) {
	play(t, func(w *world) {
		id := w.queues(nil)
		w.agent("ana", true)
		bob := w.user("bob", "400")
		w.wantWaiting(id, 1)
		w.say(w.rung(), Answered{Codec: media.PCMA()})
		w.say(bob, Gone{Cause: CauseNormal})
		w.sleep(5 * time.Second)
		caller := w.outsider("+40311000002")
		phones := w.ringing()
		w.say(phones[0], Answered{Codec: media.PCMA()}, TransferAsked{To: "400", Done: func(Cause) {}})
		ana := w.rung()
		w.expectHears(caller, "music/PCMA")
		w.say(ana, Answered{Codec: media.PCMA()})
		if ana.To.User != "ana" || caller.HungUp() != CauseNone {
			t.Errorf("%s, %q", ana.To.User, caller.HungUp())
		}
	})
}
