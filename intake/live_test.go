package intake

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync/atomic"
	"testing"

	"frontdesk/store"
)

func TestEventsSurviveADatabaseThatGoesAway(t *testing.T) {
	var away atomic.Bool
	away.Store(true)
	var kept []string
	again := make(chan struct{}, 2)
	q := newLiveEvents(func(_ context.Context, events ...store.Event) error {
		if away.Swap(false) {
			return errors.New("no database")
		}
		again <- struct{}{}
		for _, e := range events {
			kept = append(kept, e.Key)
		}
		return nil
	}, slog.New(slog.DiscardHandler))
	q.add(store.Event{Key: "a"})
	q.add(store.Event{Key: "b"})
	<-again
	q.close()
	if !slices.Equal(kept, []string{"a", "b"}) {
		t.Errorf("kept %v", kept)
	}
}

// What comes while a transaction runs goes together in the next, in order and not without bound.
func TestEventsThatWaitGoTogether(t *testing.T) {
	began, free := make(chan int, 10), make(chan bool)
	var kept []string
	q := newLiveEvents(func(_ context.Context, events ...store.Event) error {
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
		q.add(store.Event{Key: want[len(want)-1]})
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
