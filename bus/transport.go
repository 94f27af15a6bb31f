package bus

import (
	"context"
	"errors"
)

// transport is what messages pass over. Subjects are words with dots between; one that is subscribed to may have *
// for any word, and > at its end for all that follow.
type transport interface {
	publish(subject string, data []byte) error
	// subscribe calls fn with one message at a time, in order. When it returns, fn gets what is published from then on.
	subscribe(subject string, fn func(message)) (stop func(), err error)
	// request gives the first reply, or ErrNobody when nobody subscribes.
	request(ctx context.Context, subject string, data []byte) ([]byte, error)
	listeners(subject string) int
	onMissed(func())
	connected() bool
	closed() <-chan struct{}
	err() error
	close()
}

// message is one that came; reply answers a request.
type message struct {
	subject string
	data    []byte // shared by all subscribers: to be read only
	reply   func([]byte) error
}

// ErrNobody is the error of a request that no node answers.
var ErrNobody = errors.New("bus: nobody answers")
