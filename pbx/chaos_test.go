package pbx

import (
	"context"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"frontdesk/media"
	"frontdesk/pbx/call/calltest"
	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/directory"
	"frontdesk/store"
	"frontdesk/store/storetest"
	"frontdesk/testwait"
)

// office is an exchange with three people and a meeting, on the real clock.
func office(t testing.TB, db *store.DB, dialer Dialer, changed func(View)) (x *Exchange, room string) {
	t.Helper()
	x = exchange(t, db, changed)
	ctx := context.Background()
	m := directory.Meeting{Title: "Standup", Owner: "ana"}
	if err := x.board.Directory.CreateMeeting(ctx, &m); err != nil {
		t.Fatal(err)
	}
	for number, user := range map[string]string{"101": "ana", "102": "bob", "103": "cal"} {
		if err := x.board.Directory.SaveExtension(ctx,
			&dialplan.Extension{Number: number,
				Destination: dialplan.Destination{Kind: "user", User: user}}); err != nil {
			t.Fatal(err)
		}
	}
	x.board.Dialers = Dialers{Browser: dialer}
	return x, m.ID
}

// moody dials legs that do anything, from goroutines of their own.
type moody struct{ running *sync.WaitGroup }

func (d moody) Dial(_ context.Context, t Target, r Request) (Leg, error) {
	a := calltest.New(Party{Kind: Browser, User: t.User}, r.Codecs...)
	d.running.Go(func() {
		misbehave(a, rand.New(rand.NewPCG(rand.Uint64(), 1)), Answered{Codec: media.PCMA()},
			Answered{Codec: media.PCMA()})
	})
	return a, nil
}

// misbehave says events in a random order and number, and leaves at last.
func misbehave(a *calltest.Actor, random *rand.Rand, more ...Event) {
	track := media.NewTrack(a.ID(), media.PCMA(), nil)
	events := append(more, Ringing{}, TrackAdded{Track: track}, TrackRemoved{Track: track}, Held{On: true}, Held{},
		Digit{Key: '5'}, Muted{Kind: media.Audio, On: true},
		TransferAsked{To: "102", Done: func(Cause) {}}, TransferAsked{To: "nowhere", Done: func(Cause) {}})
	for range random.IntN(12) {
		time.Sleep(time.Duration(random.IntN(3)) * time.Millisecond)
		a.Say(events[random.IntN(len(events))])
	}
	a.Say(Gone{Cause: []Cause{CauseNormal, CauseBusy, CauseDeclined, CauseMediaLost, CauseCancelled}[random.IntN(5)]})
}

// Whatever the legs do and however it interleaves: every call ends, is written down once, and leaves nothing behind.
func TestChaos(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	var legs sync.WaitGroup
	db := storetest.SQLite(t)
	x, room := office(t, db, moody{&legs}, nil)
	x.board.Config.Linger = time.Millisecond
	const calls = 200
	var before [4]string // leg of each user's call before
	for i := range calls {
		user := []string{"ana", "bob", "dan", "eve"}[i%4]
		a := calltest.New(Party{Kind: Browser, User: user}, media.PCMA(), media.Opus())
		x.Arrive(a, []string{"101", "102", "103", "404", "meet:" + room}[i%5])
		with := before[i%4]
		before[i%4] = a.ID()
		legs.Go(func() {
			misbehave(a, rand.New(rand.NewPCG(uint64(i), 2)), TransferAsked{With: with, Done: func(Cause) {}})
		})
		if i%50 == 49 {
			for _, v := range x.Calls() {
				x.Hangup(v.Call)
			}
		}
	}
	legs.Wait()
	ctx, cancel := context.WithTimeout(t.Context(), testwait.Limit)
	defer cancel()
	if err := x.Drain(ctx); err != nil {
		t.Fatalf("%v: these calls never end: %+v", err, x.Calls())
	}
	x.Close()
	busy := slices.ContainsFunc([]string{"ana", "bob", "cal", "dan", "eve"}, x.Busy)
	if busy || len(x.meetings) != 0 || len(x.calls) != 0 {
		t.Errorf("left behind: somebody is busy: %v; %v %v", busy, x.meetings, x.calls)
	}
	var open, records, jobs, lines int
	row := db.QueryRow(t.Context(), `SELECT (SELECT count(*) FROM call_record WHERE ended_at = 0), (SELECT count(*) FROM call_record), (SELECT count(*) FROM job), (SELECT count(*) FROM line_use)`)
	if err := row.Scan(&open, &records, &jobs, &lines); err != nil || open != 0 || lines != 0 || records < calls*4/5 ||
		jobs != records {
		t.Errorf("%d records, %d open, %d jobs, %d lines, %v", records, open, jobs, lines, err)
	}
}

// prompt dials legs that answer at once.
type prompt struct{}

func (prompt) Dial(_ context.Context, t Target, r Request) (Leg, error) {
	return &willing{Actor: calltest.New(Party{Kind: Browser, User: t.User}, r.Codecs...)}, nil
}

type willing struct{ *calltest.Actor }

func (w *willing) Listen(fn func(Event)) {
	w.Actor.Listen(fn)
	w.Say(Ringing{})
	w.Say(Answered{Codec: media.PCMA()})
}

// leaver hangs up as soon as it is answered.
type leaver struct{ *calltest.Actor }

func (l *leaver) Answer(c media.Codec) { l.Say(Gone{Cause: CauseNormal}) }

// One answered call from arrival to the written record: three transactions.
func benchmarkCall(b *testing.B, db *store.DB) {
	x, _ := office(b, db, prompt{}, nil)
	defer x.Close()
	free := make(chan string, 100) // extensions of people who aren't busy
	for i := range cap(free) {
		number := strconv.Itoa(1000 + i)
		if err := x.board.Directory.SaveExtension(context.Background(),
			&dialplan.Extension{Number: number,
				Destination: dialplan.Destination{Kind: "user", User: number}}); err != nil {
			b.Fatal(err)
		}
		free <- number
	}
	b.ResetTimer()
	for range b.N {
		number := <-free
		a := &leaver{calltest.New(Party{Kind: Phone}, media.PCMA())}
		x.admit(func(late bool) {
			x.serve(store.NewID(), a, number, late)
			free <- number
		})
	}
	if err := x.Drain(context.Background()); err != nil {
		b.Fatal(err)
	}
	var answered int
	if err := db.QueryRow(context.Background(),
		`SELECT count(*) FROM call_record WHERE outcome = 'answered'`).Scan(&answered); err != nil || answered != b.N {
		b.Errorf("%d of %d answered, %v", answered, b.N, err)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "calls/s")
}

func BenchmarkCallSQLite(b *testing.B)   { benchmarkCall(b, storetest.SQLite(b)) }
func BenchmarkCallPostgres(b *testing.B) { benchmarkCall(b, storetest.Postgres(b)) }
