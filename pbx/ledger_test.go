package pbx

import (
	"context"
	"sync"
	"testing"
	"time"

	"frontdesk/media"
	"frontdesk/pbx/call"
	"frontdesk/store"
)

// stuck lets nobody write to the database until the returned function is called.
func (w *world) stuck() (free func()) {
	w.t.Helper()
	held, release, done := make(chan struct{}), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		err := w.db.Tx(context.Background(), func(*store.Tx) error {
			close(held)
			<-release
			return nil
		})
		if err != nil {
			w.t.Error(err)
		}
	}()
	<-held
	return sync.OnceFunc(func() { close(release); <-done; w.settle() })
}

// A call rings, is answered and hung up though the database takes nothing: each within what its caller is made to wait
// for the CRM at most. The record comes when the database is back, whole.
func TestNoLegWaitsForTheDatabase(t *testing.T) {
	play(t, func(w *world) {
		if _, err := w.dir.Plan(context.Background()); err != nil {
			t.Fatal(err)
		}
		free := w.stuck()
		defer free()
		caller := w.outsider("+40311000001")
		w.sleep(call.LookupLimit)
		ana := w.rung()
		w.say(ana, Ringing{}, Answered{Codec: media.PCMA()})
		if caller.Codec() == "" {
			t.Fatal("not answered")
		}
		caller.Speak()
		ana.Speak()
		w.settle()
		w.expectHears(ana, caller.ID()+"/audio")
		w.say(caller, Gone{Cause: CauseNormal})
		w.expectCause(ana, CauseNormal)
		w.sleep(call.EndPatience)
		if v := w.last(); v.State != call.StateEnded {
			t.Errorf("shown as %s", v.State)
		}
		free()
		w.sleep(call.WriteLimit + 20*time.Second) // what had to give up is tried again
		if r := w.ended("answered", CauseNormal); len(r.Users) != 1 || len(r.Rang) != 1 || r.Answered.IsZero() {
			t.Errorf("%+v", r)
		}
	})
}

// A phone's way into a meeting, and out of it, keeps nobody in it waiting.
func TestMeetingGoesOnWithoutTheDatabase(t *testing.T) {
	play(t, func(w *world) {
		ana := w.joins("ana")
		free := w.stuck()
		defer free()
		phone := w.outsider("+40311000004")
		bob := w.joins("bob")
		ana.Speak()
		w.settle()
		w.expectHears(bob, ana.ID()+"/audio")
		w.say(phone, Gone{Cause: CauseNormal})
		free()
		w.sleep(time.Minute)
		if v := w.visits(); len(v) != 1 || v[0].Outcome != "missed" {
			t.Errorf("%+v", v)
		}
	})
}

// A record that the database refuses though it is there is given up after a while, and kept for a person to see.
func TestRefusedRecordIsKeptAside(t *testing.T) {
	play(t, func(w *world) {
		if _, err := w.db.Exec(context.Background(),
			`CREATE TRIGGER no BEFORE UPDATE ON call_record BEGIN SELECT RAISE(ABORT, 'no'); END`); err != nil {
			t.Fatal(err)
		}
		caller := w.outsider("+40311000001")
		w.say(caller, Gone{Cause: CauseNormal})
		w.sleep(10 * time.Minute)
		var kept string
		err := w.db.QueryRow(context.Background(), `SELECT payload FROM job WHERE kind = $1 AND state = 'dead'`,
			"pbx.unwritten").Scan(&kept)
		if err != nil || len(kept) < 100 {
			t.Errorf("%q, %v", kept, err)
		}
		if len(w.x.Calls()) != 0 || w.x.arrived != 0 {
			t.Error("it holds its place")
		}
	})
}
