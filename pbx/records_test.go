package pbx

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/media"
	"frontdesk/store"
	"frontdesk/store/storetest"
)

func exchange(t testing.TB, db *store.DB, changed func(View)) *Exchange {
	c := Config{Node: "n1", Region: "RO", MaxCalls: 1 << 20}
	return New(c, db, NewDirectory(c, db, nil), Hooks{Changed: changed}, slog.New(slog.NewTextHandler(io.Discard, nil)), prometheus.NewRegistry())
}

// note writes an ended call.
func note(t *testing.T, x *Exchange, r Record) Record {
	t.Helper()
	r.ID, r.Started = store.NewID(), time.Now()
	if !x.begin(&r) {
		t.Fatal("not begun")
	}
	r.Ended = time.Now()
	r.Outcome = Outcome(r)
	if !x.conclude(r, true) {
		t.Fatal("not concluded")
	}
	return r
}

func TestRecords(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		x := exchange(t, db, nil)
		defer x.Close()
		missed := note(t, x, Record{Direction: "in", From: "+40722123456", FromName: "Ion", To: "+40311000001", Line: "+40311000001", Rang: []string{"bob", "ana"}, Cause: CauseNoAnswer})
		taken := note(t, x, Record{Direction: "in", From: "+40722999888", To: "+40311000001", Users: []string{"bob"}, Rang: []string{"ana", "bob"}, Answered: time.Now(), Cause: CauseNormal})
		out := note(t, x, Record{Direction: "out", From: "101", To: "+40722123456", Users: []string{"ana"}, Cause: CauseNoAnswer})
		cases := map[string]struct {
			filter Filter
			want   []Record
		}{
			"all, newest first": {Filter{}, []Record{out, taken, missed}},
			"of a user":         {Filter{User: "bob"}, []Record{taken, missed}},
			"seen by a user":    {Filter{Viewer: "ana", User: "bob"}, []Record{taken, missed}},
			"of a stranger":     {Filter{Viewer: "eve"}, nil},
			"missed":            {Filter{Missed: true}, []Record{missed}},
			"of a number":       {Filter{Number: "0722 123 456"}, []Record{out, missed}},
			"of an extension":   {Filter{Number: "101"}, []Record{out}},
			"of our line":       {Filter{Number: "+40311000001"}, []Record{taken, missed}},
			"missed by a user":  {Filter{Viewer: "ana", Missed: true}, []Record{missed}},
			"number and user":   {Filter{User: "bob", Number: "0722 123 456"}, []Record{missed}},
			"all at once":       {Filter{Viewer: "ana", User: "bob", Number: "+40311000001", Missed: true}, []Record{missed}},
			"nothing":           {Filter{Viewer: "ana", Number: "+40722999777"}, nil},
		}
		for name, c := range cases {
			got, next, err := x.Records(ctx, c.filter)
			must(t, err)
			if !slices.EqualFunc(got, c.want, func(a, b Record) bool { return a.ID == b.ID }) || next != "" {
				t.Errorf("%s: %+v", name, got)
			}
		}
		got, err := x.Record(ctx, missed.ID)
		must(t, err)
		if !slices.Equal(got.Rang, []string{"bob", "ana"}) || got.FromName != "Ion" || got.Outcome != "missed" || got.Started.IsZero() || !got.Answered.IsZero() || !got.Saw("ana") || got.Saw("eve") {
			t.Errorf("%+v", got)
		}
		if _, err := x.Record(ctx, "x"); err != ErrNotFound {
			t.Error(err)
		}
	})
}

func TestRecordPages(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		x := exchange(t, db, nil)
		defer x.Close()
		for range 7 {
			note(t, x, Record{Direction: "in"})
		}
		var seen []string
		f := Filter{Limit: 3}
		for {
			page, next, err := x.Records(t.Context(), f)
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
		cause     Cause
		want      string
	}{
		{"in", CauseNoAnswer, "missed"}, {"in", CauseUnavailable, "missed"}, {"in", CauseCancelled, "missed"}, {"out", CauseCancelled, "cancelled"},
		{"internal", CauseCancelled, "cancelled"}, {"in", CauseBusy, "busy"}, {"in", CauseDeclined, "declined"}, {"in", CauseCutOff, "missed"},
		{"out", CauseCutOff, "failed"}, {"in", CauseNoCodec, "failed"}, {"out", CauseForbidden, "failed"},
	}
	for _, c := range cases {
		if got := Outcome(Record{Direction: c.direction, Cause: c.cause}); got != c.want {
			t.Errorf("%s %s: %s, want %s", c.direction, c.cause, got, c.want)
		}
	}
	if got := Outcome(Record{Answered: time.Now(), Cause: CauseMediaLost}); got != "answered" {
		t.Error(got)
	}
}

// A record ends once, whoever ends it, and one job follows.
func TestConcludeOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		x := exchange(t, db, nil)
		defer x.Close()
		r := note(t, x, Record{Direction: "in", Cause: CauseNoAnswer})
		_, err := db.Exec(t.Context(), `DELETE FROM job`) // it ran
		must(t, err)
		r.Cause = CauseCutOff
		if !x.conclude(r, true) {
			t.Error("not concluded")
		}
		var jobs int
		must(t, db.QueryRow(t.Context(), `SELECT count(*) FROM job`).Scan(&jobs))
		if got, _ := x.Record(t.Context(), r.ID); got.Cause != CauseNoAnswer || jobs != 0 {
			t.Errorf("%s, %d jobs", got.Cause, jobs)
		}
	})
}

// doomed is the environment variable that turns the test binary into a process with running calls, to be killed.
const doomed = "FRONTDESK_PBX_TEST_DOOMED"

func TestDoomedProcess(t *testing.T) {
	url := os.Getenv(doomed)
	if url == "" {
		t.Skip("only runs as the child of TestKilled")
	}
	db, err := store.Open(context.Background(), url)
	must(t, err)
	views := make(chan View, 100)
	x := exchange(t, db, func(v View) { views <- v })
	must(t, x.directory.SaveExtension(context.Background(), &Extension{"101", Destination{Kind: "user", User: "ana"}}))
	callee := newActor(Party{Kind: Browser, User: "ana"}, media.PCMA())
	x.SetDialers(Dialers{Browser: one{callee}})
	x.Arrive(newActor(Party{Kind: Phone, User: "bob"}, media.PCMA()), "101")
	for v := range views {
		if v.State == ringing && len(v.Legs) == 2 {
			break
		}
	}
	callee.say(Answered{media.PCMA()})
	for call := x.Calls()[0].Call; ; time.Sleep(time.Millisecond) {
		if r, err := x.Record(context.Background(), call); err == nil && !r.Answered.IsZero() {
			break
		}
	}
	fmt.Println("running")
	select {}
}

// one dials always the same leg.
type one struct{ leg Leg }

func (o one) Dial(context.Context, Target, Request) (Leg, error) { return o.leg, nil }

// kill -9 in the middle of a call: the next process closes its record once.
func TestKilled(t *testing.T) {
	url := "sqlite://" + filepath.Join(t.TempDir(), "calls.db")
	child := exec.Command(os.Args[0], "-test.run=^TestDoomedProcess$", "-test.v")
	child.Env = append(os.Environ(), doomed+"="+url)
	out, err := child.StdoutPipe()
	must(t, err)
	must(t, child.Start())
	lines := bufio.NewScanner(out)
	for lines.Scan() && lines.Text() != "running" {
	}
	must(t, child.Process.Kill())
	child.Wait()

	db, err := store.Open(t.Context(), url)
	must(t, err)
	defer db.Close()
	x := exchange(t, db, nil)
	defer x.Close()
	must(t, x.Recover(t.Context(), x.config.Node, x.epoch-1))
	must(t, x.Recover(t.Context(), x.config.Node, x.epoch-1))
	records, _, err := x.Records(t.Context(), Filter{})
	must(t, err)
	var jobs int
	must(t, db.QueryRow(t.Context(), `SELECT count(*) FROM job WHERE kind = 'intake.call'`).Scan(&jobs))
	if len(records) != 1 || jobs != 1 {
		t.Fatalf("%d records, %d jobs", len(records), jobs)
	}
	if r := records[0]; r.Cause != CauseCutOff || r.Outcome != "answered" || r.Ended.Before(r.Answered) || len(r.Users) != 2 {
		t.Errorf("%+v", r)
	}
}

// Records of other nodes, and of this very process, are not touched.
func TestRecoverOnlyItsOwn(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		begin := func(x *Exchange) string {
			r := Record{ID: store.NewID(), Direction: "in", Started: time.Now()}
			if !x.begin(&r) {
				t.Fatal("not begun")
			}
			return r.ID
		}
		old := exchange(t, db, nil)
		defer old.Close()
		lost := begin(old)
		old.config.Node = "n2"
		foreign := begin(old)
		x := exchange(t, db, nil)
		defer x.Close()
		running := begin(x)
		must(t, x.Recover(t.Context(), x.config.Node, x.epoch-1))
		for id, cause := range map[string]Cause{lost: CauseCutOff, foreign: CauseNone, running: CauseNone} {
			if r, err := x.Record(t.Context(), id); err != nil || r.Cause != cause {
				t.Errorf("%q, want %q; %v", r.Cause, cause, err)
			}
		}
	})
}

// A node that comes back late does not change a record that another has ended.
func TestLateAnswerChangesNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		x := exchange(t, db, nil)
		defer x.Close()
		r := Record{ID: store.NewID(), Direction: "in", Started: time.Now()}
		if !x.begin(&r) {
			t.Fatal("not begun")
		}
		must(t, x.Recover(t.Context(), x.config.Node, x.epoch))
		r.Answered, r.Users = time.Now(), []string{"ana"}
		x.noteAnswer(&r)
		r.Ended, r.Cause = time.Now(), CauseNormal
		if _, err := db.Exec(t.Context(), `INSERT INTO line_use (trunk, slot, call) VALUES ('t', 1, $1)`, r.ID); err != nil { // taken since
			t.Fatal(err)
		}
		if !x.conclude(r, true) {
			t.Error("not concluded")
		}
		var lines int
		must(t, db.QueryRow(t.Context(), `SELECT count(*) FROM line_use`).Scan(&lines))
		if lines != 0 {
			t.Error("a line stays taken for ever")
		}
		if r, err := x.Record(t.Context(), r.ID); err != nil || r.Cause != CauseCutOff || !r.Answered.IsZero() || len(r.Users) != 0 {
			t.Errorf("%+v, %v", r, err)
		}
	})
}
