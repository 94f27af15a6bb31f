package live

import (
	"errors"
	"sync/atomic"
	"testing"
)

// A bus that is slow to confirm one user's subscription keeps the tabs of nobody else.
func TestEars(t *testing.T) {
	var subscribed, stopped atomic.Int32
	slow, asked := make(chan struct{}), make(chan struct{}, 1)
	e := newEars(func(user string) (func(), error) {
		subscribed.Add(1)
		if user == "ana" {
			asked <- struct{}{}
			<-slow
		}
		if user == "deaf" {
			return nil, errors.New("no bus")
		}
		return func() { stopped.Add(1) }, nil
	})
	both := make(chan error, 2)
	go func() { both <- e.listen("ana") }()
	<-asked
	go func() { both <- e.listen("ana") }()
	if err := e.listen("bob"); err != nil {
		t.Fatal(err)
	}
	close(slow)
	for range 2 {
		if err := <-both; err != nil {
			t.Fatal(err)
		}
	}
	e.unlisten("ana")
	if subscribed.Load() != 2 || stopped.Load() != 0 {
		t.Errorf("%d subscriptions, %d ended", subscribed.Load(), stopped.Load())
	}
	e.unlisten("ana")
	e.unlisten("bob")
	if stopped.Load() != 2 || len(e.of) != 0 {
		t.Errorf("%d ended, %d left", stopped.Load(), len(e.of))
	}
	if e.listen("deaf") == nil || len(e.of) != 0 {
		t.Error("a failed subscription is kept")
	}
}
