package pbx

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"

	"frontdesk/media"
	"frontdesk/pbx/call/calltest"
	"frontdesk/pbx/ledger"
)

// consults puts a client on hold and brings ana's second call, to a colleague, to its answer. It returns all four legs.
func (w *world) consults() (client, ana, consulting, bob *calltest.Actor) {
	w.t.Helper()
	client, ana = w.talk()
	w.say(ana, Held{On: true})
	consulting = w.user("ana", "102")
	bob = w.lastRung()
	if bob.Party().User != "bob" {
		w.t.Fatalf("%s rings", bob.Party().User)
	}
	w.say(bob, Ringing{}, Answered{Codec: media.PCMA()})
	consulting.Speak()
	bob.Speak()
	w.settle()
	return client, ana, consulting, bob
}

func (w *world) lastRung() *calltest.Actor {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.rings[len(w.rings)-1]
}

// records are all that ended, by direction.
func (w *world) records(n int) map[string]ledger.Record {
	w.t.Helper()
	w.settle()
	list, _, err := w.x.Records(context.Background(), ledger.Filter{})
	if err != nil || len(list) != n {
		w.t.Fatalf("%d records, not %d, %v", len(list), n, err)
	}
	by := map[string]ledger.Record{}
	for _, r := range list {
		by[r.Direction] = r
	}
	return by
}

func TestAttendedTransfer(t *testing.T) {
	type actor = *calltest.Actor
	for name, from := range map[string]func(ana, consulting actor) (asked, with actor){
		"asked in the client's call":    func(ana, consulting actor) (actor, actor) { return ana, consulting },
		"asked in the colleague's call": func(ana, consulting actor) (actor, actor) { return consulting, ana },
	} {
		t.Run(name, func(t *testing.T) {
			playEach(t, func(w *world) {
				client, ana, consulting, bob := w.consults()
				var cards []string
				w.hook.Ringing = func(_ context.Context, _ string, users []string) { cards = append(cards, users...) }
				asked, with := from(ana, consulting)
				var told result
				w.say(asked, TransferAsked{With: with.ID(), Done: told.done})
				told.want(t, CauseNone)
				w.expectCause(ana, CauseNormal)
				w.expectCause(consulting, CauseNormal)
				w.expectHears(client, bob.ID()+"/audio")
				w.expectHears(bob, client.ID()+"/audio")
				if w.x.Busy("ana") || !w.x.Busy("bob") {
					t.Error("who is busy?")
				}
				if !slices.Equal(cards, []string{"bob"}) {
					t.Errorf("the card opens for %v", cards)
				}
				calls := w.x.Calls()
				if len(calls) != 1 || calls[0].Direction != "in" || len(w.x.CallsOf("bob")) != 1 {
					t.Fatalf("%+v", calls)
				}
				if r := w.records(2)["internal"]; r.Outcome != "answered" || r.Cause != CauseNormal ||
					!slices.Equal(r.Users, []string{"ana", "bob"}) {
					t.Errorf("the consultation: %+v", r)
				}
				w.say(bob, Gone{Cause: CauseNormal})
				w.expectCause(client, CauseNormal)
				if r := w.records(2)["in"]; r.Outcome != "answered" || r.Ended.IsZero() ||
					!slices.Equal(r.Users, []string{"ana", "bob"}) {
					t.Errorf("the client's call: %+v", r)
				}
				if w.x.Busy("bob") {
					t.Error("bob is still busy")
				}
			})
		})
	}
}

// What the party that moves says while it does is heard by the call it comes to.
func TestAttendedTransferWhileTheOtherHangsUp(t *testing.T) {
	playEach(t, func(w *world) {
		client, ana, consulting, bob := w.consults()
		var told result
		ana.Say(TransferAsked{With: consulting.ID(), Done: told.done})
		bob.Say(Held{On: true})
		bob.Say(Gone{Cause: CauseNormal})
		w.settle()
		w.expectCause(consulting, CauseNormal)
		if len(told.causes) != 1 {
			t.Errorf("told %q", told.causes)
		}
		if told.causes[0] == CauseNone { // joined first: the client's call ended with bob
			w.expectCause(client, CauseNormal)
		} else { // bob was faster: ana has her client back
			w.expectCause(client, CauseNone)
			w.say(ana, Gone{Cause: CauseNormal})
		}
		w.records(2)
	})
}

// Between two calls with people outside, the one that was asked keeps; lines of trunks are counted on.
func TestAttendedTransferOfTwoLines(t *testing.T) {
	playEach(t, func(w *world) {
		client, ana := w.talk()
		consulting := w.user("ana", "0722999888")
		supplier := w.lastRung()
		w.say(supplier, Answered{Codec: media.PCMA()})
		supplier.Speak()
		consulting.Speak()
		w.settle()
		var told result
		w.say(ana, TransferAsked{With: consulting.ID(), Done: told.done})
		told.want(t, CauseNone)
		w.expectHears(client, supplier.ID()+"/audio")
		var lines int
		count := func() int {
			if err := w.db.QueryRow(context.Background(), `SELECT count(*) FROM line_use`).Scan(&lines); err != nil {
				t.Fatal(err)
			}
			return lines
		}
		if n := count(); n != 2 {
			t.Errorf("%d lines are taken", n)
		}
		w.say(client, Gone{Cause: CauseNormal})
		w.expectCause(supplier, CauseNormal)
		if n := count(); n != 0 {
			t.Errorf("%d lines are taken after the end", n)
		}
		w.records(2)
	})
}

// Parties that answered with different codecs hear each other, by the mixer.
func TestAttendedTransferBetweenCodecs(t *testing.T) {
	playEach(t, func(w *world) {
		client, ana := w.talk()
		consulting := calltest.New(Party{Kind: Browser, User: "ana"}, media.PCMU())
		w.arrive(consulting, "102")
		bob := w.lastRung()
		w.say(bob, Answered{Codec: media.PCMU()})
		bob.Speak()
		w.settle()
		w.say(ana, TransferAsked{With: consulting.ID(), Done: func(Cause) {}})
		w.expectHears(client, client.ID()+"/mix")
		w.expectHears(bob, bob.ID()+"/mix")
		w.say(client, Digit{Key: '5', InBand: true})
		w.say(bob, TransferAsked{To: "103", Done: func(Cause) {}})
		cal := w.lastRung()
		if cal.Party().User != "cal" || len(cal.Asked.Codecs) != 1 || !cal.Asked.Codecs[0].Is(media.PCMA()) {
			t.Errorf("%+v", cal.Asked)
		}
		w.say(client, Gone{Cause: CauseNormal})
		synctest.Wait()
		w.records(2)
	})
}

// Who is consulted does not answer yet: the client rings him instead.
func TestTransferToWhoStillRings(t *testing.T) {
	playEach(t, func(w *world) {
		client, ana := w.talk()
		consulting := w.user("ana", "102")
		first := w.lastRung()
		w.say(first, Ringing{})
		var told result
		w.say(ana, TransferAsked{With: consulting.ID(), Done: told.done})
		w.expectCause(consulting, CauseCancelled)
		w.expectCause(first, CauseCancelled)
		bob := w.lastRung()
		if bob == first || bob.Party().User != "bob" || bob.Asked.Number != "+40722123456" {
			t.Fatalf("%+v", bob.Asked)
		}
		w.say(bob, Answered{Codec: media.PCMA()})
		bob.Speak()
		w.settle()
		told.want(t, CauseNone)
		w.expectHears(client, bob.ID()+"/audio")
		w.say(bob, Gone{Cause: CauseNormal})
		if by := w.records(2); by["internal"].Outcome != "cancelled" || by["in"].Outcome != "answered" {
			t.Errorf("%+v", by)
		}
	})
}

func TestAttendedTransferIsRefused(t *testing.T) {
	playEach(t, func(w *world) {
		client, ana, consulting, bob := w.consults()
		for with, want := range map[string]Cause{"nobody": CauseNotFound, ana.ID(): CauseForbidden,
			client.ID(): CauseForbidden, bob.ID(): CauseForbidden} {
			var told result
			w.say(ana, TransferAsked{With: with, Done: told.done})
			told.want(t, want)
		}
		var thief result // bob's phone may not join ana's other call
		w.say(bob, TransferAsked{With: ana.ID(), Done: thief.done})
		thief.want(t, CauseForbidden)
		w.expectHears(bob, consulting.ID()+"/audio")
		w.say(ana, Held{On: false})
		w.expectHears(client, ana.ID()+"/audio")
		w.say(bob, Gone{Cause: CauseNormal})
		w.say(ana, Gone{Cause: CauseNormal})
		w.records(2)
	})
}
