package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync/atomic"
	"testing"

	"frontdesk/crmcore"
	"frontdesk/pbx"
	"frontdesk/web"
)

func TestEventsSurviveADatabaseThatGoesAway(t *testing.T) {
	var away atomic.Bool
	away.Store(true)
	var kept []string
	q := newEventQueue(func(_ context.Context, events ...web.Event) error {
		if away.Swap(false) {
			return errors.New("no database")
		}
		for _, e := range events {
			kept = append(kept, e.Key)
		}
		return nil
	}, slog.New(slog.DiscardHandler))
	q.add(web.Event{Key: "a"})
	q.add(web.Event{Key: "b"})
	if err := q.flush(t.Context()); err != nil {
		t.Error(err)
	}
	q.close()
	if !slices.Equal(kept, []string{"a", "b"}) {
		t.Errorf("kept %v", kept)
	}
}

// What comes while a transaction runs goes together in the next, in order and not without bound.
func TestEventsThatWaitGoTogether(t *testing.T) {
	began, free := make(chan int, 10), make(chan bool)
	var kept []string
	q := newEventQueue(func(_ context.Context, events ...web.Event) error {
		began <- len(events)
		<-free
		for _, e := range events {
			kept = append(kept, e.Key)
		}
		return nil
	}, slog.New(slog.DiscardHandler))
	var want []string
	add := func() {
		want = append(want, fmt.Sprint(len(want)))
		q.add(web.Event{Key: want[len(want)-1]})
	}
	add()
	if n := <-began; n != 1 {
		t.Errorf("the first waits for others: %d", n)
	}
	for range eventsAtOnce + 5 {
		add()
	}
	close(free)
	q.close()
	if a, b := <-began, <-began; a != eventsAtOnce || b != 5 {
		t.Errorf("then %d and %d", a, b)
	}
	if !slices.Equal(kept, want) {
		t.Errorf("kept %v", kept)
	}
}

func TestFlushFailsWhileEventsAreNotWritten(t *testing.T) {
	q := newEventQueue(func(context.Context, ...web.Event) error { return errors.New("no database") }, slog.New(slog.DiscardHandler))
	q.add(web.Event{Key: "a"})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := q.flush(ctx); err == nil {
		t.Error("flushed without a database")
	}
	q.close()
}

// A card that comes later than the phones ring opens for those who ring; one whose caller has hung up is not kept.
func TestLateCard(t *testing.T) {
	in := newIntake("RO", slog.New(slog.DiscardHandler))
	in.calls["c"] = &running{}
	in.ringing("c", []string{"maria", "ion"})
	if users := in.answered("c", &crmcore.Card{For: []string{"elena", "ion"}}); !slices.Equal(users, []string{"elena", "ion", "maria"}) {
		t.Errorf("it opens for %v", users)
	}
	in.tell(pbx.View{Call: "c", State: "ended"})
	if users := in.answered("c", &crmcore.Card{For: []string{"elena"}}); !slices.Equal(users, []string{"elena"}) || len(in.calls) != 0 {
		t.Errorf("after the end it opens for %v, %d calls are kept", users, len(in.calls))
	}
}

func TestMeetingMovesAreToldOnce(t *testing.T) {
	in := newIntake("RO", slog.New(slog.DiscardHandler))
	a, b := pbx.LegView{Leg: "a", State: "active"}, pbx.LegView{Leg: "b", State: "active"}
	gone := pbx.LegView{Leg: "a", State: "gone"}
	out := func(leg, state string) pbx.LegView { return pbx.LegView{Leg: leg, Call: "c", State: state} }
	for i, step := range []struct {
		legs []pbx.LegView
		end  bool
		want string
	}{
		{legs: []pbx.LegView{a}, want: "meeting.joined a "},
		{legs: []pbx.LegView{a, b}, want: "meeting.joined b "},
		{legs: []pbx.LegView{a, b}},
		{legs: []pbx.LegView{gone, b}, want: "meeting.left a "},
		{legs: []pbx.LegView{b}},
		{legs: []pbx.LegView{b, out("over one line", "ringing")}, want: " over one line "},
		{legs: []pbx.LegView{b, out("over the next", "ringing")}},
		{legs: []pbx.LegView{b, out("c", "failed")}},
		{legs: []pbx.LegView{b, out("once more", "ringing")}, want: " once more "},
		{legs: []pbx.LegView{b, out("once more", "active")}, want: "meeting.joined once more "},
		{legs: []pbx.LegView{b}, want: "meeting.left once more "},
		{end: true, want: "meeting.left b "},
	} {
		view, got := pbx.View{Call: "m", Meeting: "r", Legs: step.legs}, ""
		if step.end {
			view.State = "ended"
		}
		for _, m := range in.moves(view) {
			got += m.event + " " + m.leg.Leg + " "
		}
		if got != step.want {
			t.Errorf("step %d: %q, want %q", i, got, step.want)
		}
	}
	if len(in.calls) != 0 {
		t.Error("the ended meeting is kept")
	}
}
