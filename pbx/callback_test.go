package pbx

import (
	"context"
	"slices"
	"testing"
	"time"

	"frontdesk/media"
	"frontdesk/pbx/call/calltest"
	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/ledger"
	"frontdesk/pbx/queue"
	"frontdesk/store"
	"frontdesk/store/storetest"
)

// backs has a queue that calls back.
func (w *world) backs() string {
	return w.queues(func(q *dialplan.Queue) {
		q.Callback = dialplan.QueueCallback{Offered: true, Tries: 2, Minutes: 10}
	})
}

// tasks counts what is left to people of those who could not be called back.
func (w *world) tasks() (n int) {
	w.t.Helper()
	must(w.t, w.db.QueryRow(context.Background(), `SELECT COUNT(*) FROM job WHERE kind = $1`, queue.Job).Scan(&n))
	return n
}

// asksBack calls, presses the key and hears that he will be called.
func (w *world) asksBack(number string) *calltest.Actor {
	w.t.Helper()
	caller := w.calls(number)
	w.say(caller, Digit{Key: '1'})
	w.written()
	if err := w.x.CancelCallback(context.Background(), "none", "none"); err == nil {
		w.t.Error("what is not there was cancelled")
	}
	w.say(caller, Gone{Cause: CauseNormal})
	return caller
}

// Who presses 1 keeps his place: when it is his turn an agent is rung, and calls him as by himself; who does not answer
// is called again, and then left to people.
func TestQueueCallsBack(t *testing.T) {
	playEach(t, func(w *world) {
		id := w.backs()
		w.agent("ana", true)
		talks := w.calls("0722000009")
		ana := w.rung()
		w.say(ana, Answered{Codec: media.PCMA()})
		w.asksBack("0722000001")
		w.calls("0722000002")
		w.wantWaiting(id, 2)
		waiting, _, err := w.x.Waiting(context.Background(), id, 10)
		if err != nil || !waiting[0].Callback || waiting[0].Number != "+40722000001" || waiting[1].Callback {
			t.Fatalf("%+v, %v", waiting, err)
		}
		w.sleep(10 * time.Second)
		w.say(talks, Gone{Cause: CauseNormal})
		w.sleep(6 * time.Second)
		agent := w.rung() // for the one who asked first
		if agent.To.User != "ana" || agent.Asked.Number != "+40722000001" || agent.Asked.Name != "Call back" {
			t.Errorf("%+v, %+v", agent.To, agent.Asked)
		}
		if v := w.last(); v.Callback == nil || v.Callback.Queue != "Support" || v.Direction != "out" ||
			v.To != "+40722000001" {
			t.Errorf("shown %+v", v)
		}
		w.say(agent, Answered{Codec: media.PCMA()})
		both := w.ringing()
		client := both[len(both)-1]
		if client.To.Trunk == "" || client.To.Number != "+40722000001" {
			t.Fatalf("rings %+v", client.To)
		}
		w.expectHears(agent, "ringback/PCMA")
		w.say(client, Gone{Cause: CauseNoAnswer})
		w.expectCause(agent, CauseNoAnswer)
		w.wantWaiting(id, 2)
		w.sleep(6 * time.Second) // the other one's turn meanwhile
		w.say(w.rung(), Answered{Codec: media.PCMA()})
		w.say(w.ringing()[0], Gone{Cause: CauseNormal})
		w.sleep(9 * time.Minute)
		w.wantWaiting(id, 1)
		if n := len(w.ringing()); n != 0 {
			t.Errorf("%d ring too early", n)
		}
		w.sleep(time.Minute)
		w.say(w.rung(), Answered{Codec: media.PCMA()})
		w.say(w.ringing()[1], Ringing{}, Gone{Cause: CauseBusy})
		w.wantWaiting(id, 0)
		if n := w.tasks(); n != 1 {
			t.Errorf("%d tasks", n)
		}
		w.wantRecords("+40722000001", "in missed callback", "out busy busy", "out missed no_answer")
	})
}

// wantRecords checks what is written of a client's calls.
func (w *world) wantRecords(number string, want ...string) {
	w.t.Helper()
	w.written()
	page, _, err := w.x.Records(context.Background(), ledger.Filter{Number: number})
	got := []string{}
	for _, r := range page {
		got = append(got, r.Direction+" "+r.Outcome+" "+string(r.Cause))
	}
	slices.Sort(got)
	if err != nil || !slices.Equal(got, want) {
		w.t.Errorf("%q, want %q; %v", got, want, err)
	}
}

// Who is reached is called once; the call is his agent's, who has his time after it.
func TestQueueCallbackIsReached(t *testing.T) {
	playEach(t, func(w *world) {
		id := w.backs()
		w.agent("ana", true)
		w.asksBack("0722000001") // also while an agent is rung
		w.sleep(15 * time.Second)
		agent := w.rung()
		w.say(agent, Gone{Cause: CauseDeclined}) // and is rung again
		w.sleep(11 * time.Second)
		agent = w.rung()
		w.say(agent, Answered{Codec: media.PCMA()})
		client := w.ringing()[1]
		w.say(client, Answered{Codec: media.PCMA()})
		w.wantWaiting(id, 0)
		client.Speak()
		w.settle()
		w.expectHears(agent, client.ID()+"/audio")
		w.sleep(time.Minute)
		w.say(agent, Gone{Cause: CauseNormal})
		w.expectCause(client, CauseNormal)
		agents, err := w.x.Agents(context.Background(), []string{"ana"})
		if err != nil || agents[0].Talks != "" || !agents[0].FreeAt.After(time.Now()) {
			t.Errorf("%+v, %v", agents, err)
		}
		w.wantRecords("+40722000001", "in missed callback", "out answered normal")
		page, _, _ := w.x.Records(context.Background(), ledger.Filter{Number: "+40722000001"})
		r, err := w.x.Record(context.Background(), page[0].ID)
		if err != nil || r.From != "101" || len(r.Steps) != 2 || r.Steps[0].Kind != ledger.Callback ||
			r.Steps[0].Item != id ||
			r.Steps[1].Kind != ledger.Dial || !slices.Equal(r.Users, []string{"ana"}) {
			t.Errorf("%+v, %v", r, err)
		}
	})
}

// Who calls again waits at the place that he kept, and is not called back; an agent may cancel it; also while phones
// ring for it. Nobody is offered it who could not be called.
func TestQueueCallbackIsCancelled(t *testing.T) {
	playEach(t, func(w *world) {
		id := w.backs()
		w.agent("ana", true)
		busy := w.calls("0722000009")
		w.say(w.rung(), Answered{Codec: media.PCMA()})
		w.asksBack("0722000001")
		w.sleep(time.Second)
		other := w.calls("0722000002")
		w.sleep(time.Second)
		again := w.calls("0722000001")
		w.wantWaiting(id, 2)
		if first, _, _ := w.x.Waiting(context.Background(), id, 1); first[0].Number != "+40722000001" ||
			first[0].Callback {
			t.Errorf("his place went to %+v", first)
		}
		w.say(again, Gone{Cause: CauseNormal})
		w.say(other, Gone{Cause: CauseNormal})
		w.wantWaiting(id, 0)
		w.asksBack("0722000003")
		w.say(busy, Gone{Cause: CauseNormal})
		w.sleep(15 * time.Second)
		agent := w.rung()
		first, _, _ := w.x.Waiting(context.Background(), id, 1)
		must(t, w.x.CancelCallback(context.Background(), id, first[0].Call))
		w.settle()
		w.expectCause(agent, CauseElsewhere)
		w.wantWaiting(id, 0)
		if n := w.tasks(); n != 0 {
			t.Errorf("%d tasks", n)
		}
		for _, number := range []string{"", "112", "0011", "+1 212 555 0100"} { // a country that is not allowed
			caller := w.calls(number)
			w.say(caller, Digit{Key: '1'})
			w.settle()
			if first, _, _ := w.x.Waiting(context.Background(), id, 1); len(first) > 0 && first[0].Callback {
				t.Errorf("%q is to be called back", number)
			}
			w.say(caller, Gone{Cause: CauseNormal})
			w.sleep(20 * time.Second)
		}
	})
}

// Of a node that is killed while it calls somebody back another one does; what nobody can do any more is left to
// people.
func TestCallbackSurvivesItsNode(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		a, b := nodeOf(t, db, "a"), nodeOf(t, db, "b")
		id := queueOf(t, a, b, "ana")
		ana := make(onward, 10)
		a.board.Dialers, b.board.Dialers = Dialers{Browser: ana}, Dialers{Browser: ana}
		since := time.Now().Add(-time.Hour)
		asked := func(call string, since time.Time) {
			_, err := db.Exec(t.Context(), `INSERT INTO queue_caller (call, queue, number, name, since, node, epoch, callback_at)
				VALUES ($1, $2, '+40722000001', 'Ioana', $3, '', 0, 1)`, call, id, store.Micros(since))
			must(t, err)
		}
		asked("c1", since)
		b.board.Desk.CallsBack(nil) // as while it drains
		yes := true
		must(t, a.SetAgent(t.Context(), "ana", &yes, nil))
		<-ana
		var node string
		claimed := func() string {
			must(t, db.QueryRow(t.Context(), `SELECT node FROM queue_caller WHERE call = 'c1'`).Scan(&node))
			return node
		}
		if claimed() != "a" {
			t.Errorf("it is of %q", node)
		}
		b.board.Desk.CallsBack(b.callsBack)
		a.board.Desk.CallsBack(nil)
		must(t, b.Recover(t.Context(), "a", a.board.Config.Members.Self().Epoch))
		<-ana
		if claimed() != "b" {
			t.Errorf("then it is of %q", node)
		}
		asked("c2", time.Now().Add(-25*time.Hour))
		b.board.Desk.Look()
		until(t, "a task of what is too old", func() bool {
			var n int
			must(t, db.QueryRow(t.Context(), `SELECT COUNT(*) FROM job WHERE kind = $1 AND dedupe = 'c2'`, queue.Job).Scan(&n))
			return n == 1
		})
	})
}
