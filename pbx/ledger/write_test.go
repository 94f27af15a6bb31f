package ledger

import (
	"io"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/pbx/cause"
	"frontdesk/store"
	"frontdesk/store/storetest"
)

func open(t testing.TB, db *store.DB) *Ledger {
	t.Helper()
	return New(Config{Node: "n1", Epoch: store.Micros(time.Now()), Gather: 25 * time.Millisecond}, db,
		slog.New(slog.NewTextHandler(io.Discard, nil)), prometheus.NewRegistry())
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// begin writes the record of a call that has come.
func begin(t *testing.T, l *Ledger, r Record) *Entry {
	t.Helper()
	e := l.Entry()
	e.Begin(r)
	if !e.stands(t.Context()) {
		t.Fatal("not begun")
	}
	return e
}

// settle waits until all lines so far were tried.
func (e *Entry) settle() {
	done := make(chan struct{})
	e.add(line{after: func(bool) { close(done) }})
	<-done
}

// again is an entry of a call that is written down already.
func again(l *Ledger) *Entry {
	e := l.Entry()
	e.state.begun = true
	return e
}

// note writes an ended call.
func note(t *testing.T, l *Ledger, r Record) Record {
	t.Helper()
	r.ID, r.Started = store.NewID(), time.Now()
	e := begin(t, l, r)
	r.Ended = time.Now()
	r.Outcome = Outcome(r)
	<-e.Conclude(r)
	if got, err := l.Record(t.Context(), r.ID); err != nil || got.Ended.IsZero() {
		t.Fatalf("not concluded: %v", err)
	}
	return r
}

func TestRecords(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		l := open(t, db)
		defer l.Close()
		missed := note(t, l, Record{Direction: "in", From: "+40722123456", FromName: "Ion", To: "+40311000001",
			Line: "+40311000001", Rang: []string{"bob", "ana"}, Cause: cause.NoAnswer})
		taken := note(t, l, Record{Direction: "in", From: "+40722999888", To: "+40311000001", Users: []string{"bob"},
			Rang: []string{"ana", "bob"}, Answered: time.Now(), Cause: cause.Normal})
		out := note(t, l, Record{Direction: "out", From: "101", To: "+40722123456", Users: []string{"ana"},
			Cause: cause.NoAnswer})
		cases := map[string]struct {
			filter Filter
			want   []Record
		}{
			"all, newest first": {Filter{}, []Record{out, taken, missed}},
			"of a user":         {Filter{User: "bob"}, []Record{taken, missed}},
			"seen by a user":    {Filter{Viewer: "ana", User: "bob"}, []Record{taken, missed}},
			"of a stranger":     {Filter{Viewer: "eve"}, nil},
			"missed":            {Filter{Missed: true}, []Record{missed}},
			"of a number":       {Filter{Number: "+40722123456"}, []Record{out, missed}},
			"of an extension":   {Filter{Number: "101"}, []Record{out}},
			"of our line":       {Filter{Number: "+40311000001"}, []Record{taken, missed}},
			"missed by a user":  {Filter{Viewer: "ana", Missed: true}, []Record{missed}},
			"number and user":   {Filter{User: "bob", Number: "+40722123456"}, []Record{missed}},
			"all at once":       {Filter{Viewer: "ana", User: "bob", Number: "+40311000001", Missed: true}, []Record{missed}},
			"nothing":           {Filter{Viewer: "ana", Number: "+40722999777"}, nil},
		}
		for name, c := range cases {
			got, next, err := l.Records(ctx, c.filter)
			must(t, err)
			if !slices.EqualFunc(got, c.want, func(a, b Record) bool { return a.ID == b.ID }) || next != "" {
				t.Errorf("%s: %+v", name, got)
			}
		}
		got, err := l.Record(ctx, missed.ID)
		must(t, err)
		if !slices.Equal(got.Rang, []string{"bob", "ana"}) || got.FromName != "Ion" || got.Outcome != "missed" ||
			got.Started.IsZero() || !got.Answered.IsZero() || !got.Saw("ana") || got.Saw("eve") {
			t.Errorf("%+v", got)
		}
		if _, err := l.Record(ctx, "x"); err != ErrNotFound {
			t.Error(err)
		}
	})
}

func TestRecordPages(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		l := open(t, db)
		defer l.Close()
		for range 7 {
			note(t, l, Record{Direction: "in"})
		}
		var seen []string
		f := Filter{Limit: 3}
		for {
			page, next, err := l.Records(t.Context(), f)
			must(t, err)
			for _, r := range page {
				seen = append(seen, r.ID)
			}
			if next == "" {
				break
			}
			f.Before = next
		}
		if len(seen) != 7 || !slices.IsSortedFunc(seen, func(a, b string) int { return strings.Compare(b, a) }) {
			t.Errorf("%v", seen)
		}
	})
}

func TestOutcome(t *testing.T) {
	cases := []struct {
		direction string
		cause     cause.Cause
		want      string
	}{
		{"in", cause.NoAnswer, "missed"}, {"in", cause.Unavailable, "missed"}, {"in", cause.Cancelled, "missed"},
		{"out", cause.Cancelled, "cancelled"},
		{"internal", cause.Cancelled, "cancelled"}, {"in", cause.Busy, "busy"}, {"in", cause.Declined, "declined"},
		{"in", cause.CutOff, "missed"},
		{"out", cause.CutOff, "failed"}, {"in", cause.NoCodec, "failed"}, {"out", cause.Forbidden, "failed"},
	}
	for _, c := range cases {
		if got := Outcome(Record{Direction: c.direction, Cause: c.cause}); got != c.want {
			t.Errorf("%s %s: %s, want %s", c.direction, c.cause, got, c.want)
		}
	}
	if got := Outcome(Record{Answered: time.Now(), Cause: cause.MediaLost}); got != "answered" {
		t.Error(got)
	}
}

// A record ends once, whoever ends it, and one job follows.
func TestConcludeOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		l := open(t, db)
		defer l.Close()
		r := note(t, l, Record{Direction: "in", Cause: cause.NoAnswer})
		_, err := db.Exec(t.Context(), `DELETE FROM job`) // it ran
		must(t, err)
		r.Cause = cause.CutOff
		<-again(l).Conclude(r)
		var jobs int
		must(t, db.QueryRow(t.Context(), `SELECT count(*) FROM job`).Scan(&jobs))
		if got, _ := l.Record(t.Context(), r.ID); got.Cause != cause.NoAnswer || jobs != 0 {
			t.Errorf("%s, %d jobs", got.Cause, jobs)
		}
	})
}

// Records of other nodes, and of this very process, are not touched.
func TestRecoverOnlyItsOwn(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		begin := func(l *Ledger) string {
			r := Record{ID: store.NewID(), Direction: "in", Started: time.Now()}
			begin(t, l, r)
			return r.ID
		}
		old := open(t, db)
		defer old.Close()
		lost := begin(old)
		old.config.Node = "n2"
		foreign := begin(old)
		l := open(t, db)
		defer l.Close()
		running := begin(l)
		must(t, l.Recover(t.Context(), l.config.Node, l.config.Epoch-1))
		for id, want := range map[string]cause.Cause{lost: cause.CutOff, foreign: cause.None, running: cause.None} {
			if r, err := l.Record(t.Context(), id); err != nil || r.Cause != want {
				t.Errorf("%q, want %q; %v", r.Cause, want, err)
			}
		}
	})
}

// A node that comes back late does not change a record that another has ended.
func TestLateAnswerChangesNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		l := open(t, db)
		defer l.Close()
		r := Record{ID: store.NewID(), Direction: "in", Started: time.Now()}
		e := begin(t, l, r)
		must(t, l.Recover(t.Context(), l.config.Node, l.config.Epoch))
		r.Answered, r.Users = time.Now(), []string{"ana"}
		e.Answered(r)
		e.settle()
		r.Ended, r.Cause = time.Now(), cause.Normal
		// taken since
		if _, err := db.Exec(t.Context(), `INSERT INTO line_use (trunk, slot, call) VALUES ('t', 1, $1)`,
			r.ID); err != nil {
			t.Fatal(err)
		}
		<-e.Conclude(r)
		var lines int
		must(t, db.QueryRow(t.Context(), `SELECT count(*) FROM line_use`).Scan(&lines))
		if lines != 0 {
			t.Error("a line stays taken for ever")
		}
		if r, err := l.Record(t.Context(), r.ID); err != nil || r.Cause != cause.CutOff || !r.Answered.IsZero() ||
			len(r.Users) != 0 {
			t.Errorf("%+v, %v", r, err)
		}
	})
}

// The end of a call whose beginning could not be written has all of it.
func TestConcludeWithoutBeginning(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		l := open(t, db)
		defer l.Close()
		r := Record{ID: store.NewID(), Direction: "in", From: "+40722123456", Started: time.Now(), Ended: time.Now(),
			Users: []string{"ana"}, Outcome: "answered", Cause: cause.Normal}
		for range 2 { // the second is of no effect
			<-l.Entry().Conclude(r)
		}
		if got, err := l.Record(t.Context(), r.ID); err != nil || got.From != r.From || got.Outcome != r.Outcome ||
			len(got.Users) != 1 {
			t.Errorf("%+v, %v", got, err)
		}
	})
}
