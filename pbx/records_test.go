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
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/media"
	"frontdesk/pbx/call"
	"frontdesk/pbx/call/calltest"
	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/directory"
	"frontdesk/pbx/ledger"
	"frontdesk/store"
)

func exchange(t testing.TB, db *store.DB, changed func(View)) *Exchange {
	return New(Config{Node: "n1", MaxCalls: 1 << 20}, db,
		directory.New(directory.Config{Node: "n1", Region: "RO"}, db, nil), Dialers{}, Hooks{Changed: changed},
		slog.New(slog.NewTextHandler(io.Discard, nil)), prometheus.NewRegistry())
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
	must(t, x.board.Directory.SaveExtension(context.Background(),
		&dialplan.Extension{Number: "101", Destination: dialplan.Destination{Kind: "user", User: "ana"}}))
	callee := calltest.New(Party{Kind: Browser, User: "ana"}, media.PCMA())
	x.board.Dialers = Dialers{Browser: one{callee}}
	x.Arrive(calltest.New(Party{Kind: Phone, User: "bob"}, media.PCMA()), "101")
	for v := range views {
		if v.State == call.StateRinging && len(v.Legs) == 2 {
			break
		}
	}
	callee.Say(Answered{Codec: media.PCMA()})
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
	dead := store.Micros(time.Now())
	x := exchange(t, db, nil)
	defer x.Close()
	must(t, x.Recover(t.Context(), x.board.Config.Node, dead))
	must(t, x.Recover(t.Context(), x.board.Config.Node, dead))
	records, _, err := x.Records(t.Context(), ledger.Filter{})
	must(t, err)
	var jobs int
	must(t, db.QueryRow(t.Context(), `SELECT count(*) FROM job WHERE kind = 'intake.call'`).Scan(&jobs))
	if len(records) != 1 || jobs != 1 {
		t.Fatalf("%d records, %d jobs", len(records), jobs)
	}
	r, err := x.Record(t.Context(), records[0].ID)
	must(t, err)
	if r.Cause != CauseCutOff || r.Outcome != "answered" || r.Ended.Before(r.Answered) || len(r.Users) != 2 {
		t.Errorf("%+v", r)
	}
	if len(r.Steps) != 1 || r.Steps[0].Outcome != ledger.Answered || r.Steps[0].AnsweredBy != "ana" {
		t.Errorf("steps up to there: %+v", r.Steps)
	}
}

// A search for a number finds its calls however the number is written.
func TestRecordsOfANumberInAnyForm(t *testing.T) {
	playEach(t, func(w *world) {
		caller := w.outsider("+40311000001") // is 0722 123 456
		w.say(caller, Gone{Cause: CauseNormal})
		w.ended("missed", CauseCancelled)
		for number, want := range map[string]int{"0722 123 456": 1, "0040722123456": 1, "+40722123457": 0} {
			if found, _, err := w.x.Records(context.Background(), ledger.Filter{Number: number}); err != nil ||
				len(found) != want {
				t.Errorf("%s: %d calls, %v", number, len(found), err)
			}
		}
	})
}
