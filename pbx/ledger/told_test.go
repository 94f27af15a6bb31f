package ledger

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"time"

	"frontdesk/pbx/cause"
	"frontdesk/store"
	"frontdesk/store/storetest"
)

// events told so far.
func events(t *testing.T, db *store.DB) []store.Told {
	t.Helper()
	log := store.NewEventLog(db, slog.New(slog.DiscardHandler))
	_, err := log.Number(t.Context())
	must(t, err)
	all, _, err := log.After(t.Context(), 0)
	must(t, err)
	return all
}

// wantTold checks what was told, as "type of key".
func wantTold(t *testing.T, db *store.DB, want ...string) {
	t.Helper()
	var got []string
	for _, e := range events(t, db) {
		got = append(got, e.Type+" "+string(e.Data))
	}
	if !slices.Equal(got, want) {
		t.Errorf("told %q, want %q", got, want)
	}
}

// The end of a call is told in the transaction that writes it, to all whom it rang: once, also when another node writes
// it for one that died.
func TestEndIsTold(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		l := open(t, db)
		defer l.Close()
		shown := note(t, l, Record{Direction: "in", Users: []string{"maria"}, Rang: []string{"ion", "maria"},
			Shown: "as it looked"})
		<-again(l).Conclude(shown)
		note(t, l, Record{Direction: "in", Meeting: "room"})
		lost := Record{ID: store.NewID(), Direction: "out", Started: time.Now()}
		begin(t, l, lost)
		must(t, l.Recover(t.Context(), l.config.Node, l.config.Epoch))
		events := events(t, db)
		if len(events) != 2 || string(events[0].Data) != `"as it looked"` ||
			!slices.Equal(events[0].For, []string{"ion", "maria"}) {
			t.Fatalf("told %+v", events)
		}
		var view recordView
		must(t, json.Unmarshal(events[1].Data, &view))
		if view.Call != lost.ID || view.State != "ended" || view.Cause != cause.CutOff {
			t.Errorf("of the lost call: %+v", view)
		}
	})
}

// That a call was answered is told with it, once, though it is answered again after a transfer and its process dies;
// who took part is told of the end.
func TestAnswerIsTold(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		l := open(t, db)
		defer l.Close()
		r := Record{ID: store.NewID(), Direction: "in", Started: time.Now()}
		e := begin(t, l, r)
		r.Answered, r.Users, r.Shown = time.Now(), []string{"ana"}, "talks"
		for range 2 {
			e.Answered(r)
			e.settle()
		}
		must(t, l.Recover(t.Context(), l.config.Node, l.config.Epoch))
		r.Ended = time.Now()
		<-e.Conclude(r)
		told := events(t, db)
		if len(told) != 2 || told[0].Type != CallAnswered || string(told[0].Data) != `"talks"` ||
			told[1].Type != CallEnded {
			t.Fatalf("told %+v", told)
		}
		for _, e := range told {
			if !slices.Equal(e.For, []string{"ana"}) {
				t.Errorf("%s is told to %v", e.Type, e.For)
			}
		}
	})
}

// What happened while nothing could be written is told with the end, in order; of a call that has no record nothing is.
func TestUntoldIsToldLater(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		l := open(t, db)
		defer l.Close()
		rename := func(from, to string) {
			_, err := db.Exec(t.Context(), "ALTER TABLE "+from+" RENAME TO "+to)
			must(t, err)
		}
		e, r := l.Entry(), Record{ID: store.NewID(), Direction: "in", Started: time.Now(), Shown: "s"}
		rename("call_record", "away")
		e.Begin(r)
		<-e.Tried()
		rename("away", "call_record")
		e.Tell(store.Event{Type: CallRinging, Data: "r"})
		r.Answered = time.Now()
		e.Answered(r)
		wantTold(t, db)
		r.Ended = time.Now()
		<-e.Conclude(r)
		wantTold(t, db, `call.ringing "r"`, `call.answered "s"`, `call.ended "s"`)
	})
}

// What can't be told is not written, and waits in memory within bounds.
func TestUntoldIsBounded(t *testing.T) {
	db := storetest.SQLite(t)
	l := open(t, db)
	defer l.Close()
	e, r := l.Entry(), Record{ID: store.NewID(), Direction: "meeting", Started: time.Now(), Ended: time.Now()}
	_, err := db.Exec(t.Context(), "ALTER TABLE outbox RENAME TO away")
	must(t, err)
	e.Begin(r, r.Starts("ana"))
	for i := range maxUntold + 1 {
		e.Tell(store.Event{Type: MeetingLeft, Data: i})
	}
	e.settle()
	if n := len(e.state.untold); n != maxUntold {
		t.Errorf("%d events wait", n)
	}
	if _, err := l.Record(t.Context(), r.ID); err != ErrNotFound {
		t.Errorf("a record without its event: %v", err)
	}
	_, err = db.Exec(t.Context(), "ALTER TABLE away RENAME TO outbox")
	must(t, err)
	<-e.Conclude(r)
	if last := events(t, db); len(last) == 0 {
		t.Error("nothing told")
	}
	var n int
	must(t, db.QueryRow(t.Context(), `SELECT (SELECT count(*) FROM outbox) + (SELECT count(*) FROM event)`).Scan(&n))
	if n != maxUntold+1 {
		t.Errorf("%d told", n)
	}
}

// A meeting is told from the first who comes in, to its end, which who took part hears of.
func TestMeetingIsTold(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		l := open(t, db)
		defer l.Close()
		at := time.UnixMicro(1).UTC()
		r := Record{ID: "m", Direction: "meeting", Meeting: "room", To: "Plans", Started: at, Answered: at}
		e := l.Entry()
		e.Begin(r, r.Starts("ana"))
		r.Users = []string{"ana", "bob"}
		e.Answered(r, store.Event{Type: MeetingJoined, Data: 1})
		e.Tell(store.Event{Type: MeetingLeft, Data: 2})
		r.Ended = at.Add(time.Second)
		<-e.Conclude(r)
		data := func(end, users string) string {
			return fmt.Sprintf(`{"meeting":"room","call":"m","title":"Plans","started":"1970-01-01T00:00:00.000001Z","ended":"%s","users":[%s],"guests":[]}`, end, users)
		}
		wantTold(t, db, "meeting.started "+data("0001-01-01T00:00:00Z", ""), "meeting.joined 1", "meeting.left 2",
			"meeting.ended "+data("1970-01-01T00:00:01.000001Z", `"ana","bob"`))
		if all := events(t, db); !slices.Equal(all[0].For, []string{"ana"}) ||
			!slices.Equal(all[3].For, []string{"ana", "bob"}) {
			t.Errorf("for %v and %v", all[0].For, all[3].For)
		}
	})
}
