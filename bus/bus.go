// Package bus carries events between processes over NATS; a node that is alone needs no server.
//
// Messages are hints: they may be lost when the network is, so a receiver reads the truth from SQL.
package bus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
)

// Bus publishes, subscribes and asks. It is safe for concurrent use.
type Bus struct {
	transport
	log *slog.Logger
}

// Open connects to url ("nats://host:4222", several separated by commas), or stays within this process when url is
// empty.
func Open(url string, log *slog.Logger) (*Bus, error) {
	if url == "" {
		return &Bus{newInside(log), log}, nil
	}
	r, err := connect(url, log)
	if err != nil {
		return nil, err
	}
	return &Bus{r, log}, nil
}

// OnMissed has fn called, one at a time, some seconds after messages to this bus were or may have been lost and pass
// again.
func (b *Bus) OnMissed(fn func()) { b.onMissed(fn) }

// maxSubject keeps what somebody outside had a part in from breaking the connection: a server ends it at a line of 4
// KiB.
const maxSubject = 256

func checkSubject(subject string) error {
	if len(subject) > maxSubject {
		return fmt.Errorf("bus: a subject of %d bytes is too long", len(subject))
	}
	return nil
}

// Publish sends v as JSON to every subscriber of subject, on every node, this one included.
func (b *Bus) Publish(subject string, v any) error {
	if err := checkSubject(subject); err != nil {
		return err
	}
	data, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("bus: %s: %w", subject, err)
	}
	return b.publish(subject, data)
}

// Listeners is how many subscriptions would get what is published on a subject now, those of this node included, where
// the node is alone. What those of other nodes subscribe to nobody knows: then it is many.
func (b *Bus) Listeners(subject string) int { return b.listeners(subject) }

// Subscribe calls fn with each message on subject (NATS wildcards * and > allowed), one at a time and in order,
// until the returned function is called. When it returns, the server sends what is published from then on.
func (b *Bus) Subscribe(subject string, fn func(subject string, data []byte)) (stop func(), err error) {
	stop, err = b.subscribe(subject, func(m message) { fn(m.subject, m.data) })
	if err != nil {
		return nil, fmt.Errorf("bus: %s: %w", subject, err)
	}
	return stop, nil
}

// maxAnswers are given at once on one subject; requests beyond wait.
const maxAnswers = 256

// Answer serves requests on subject: what fn returns is the reply, its error becomes the asker's error.
// Requests run beside each other; the returned function takes no more of them and waits for those that run.
func (b *Bus) Answer(subject string, fn func(data []byte) (any, error)) (stop func(), err error) {
	var running sync.WaitGroup
	slots := make(chan struct{}, maxAnswers)
	var mu sync.Mutex // of stopped, so that none begins while stop waits
	stopped := false
	unsubscribe, err := b.subscribe(subject, func(m message) {
		slots <- struct{}{}
		mu.Lock()
		defer mu.Unlock()
		if stopped {
			<-slots
			return
		}
		running.Go(func() {
			defer func() { <-slots }()
			if err := m.reply(encodeReply(fn(m.data))); err != nil {
				b.log.Warn("bus: reply", "subject", subject, "err", err)
			}
		})
	})
	if err != nil {
		return nil, fmt.Errorf("bus: %s: %w", subject, err)
	}
	return func() {
		unsubscribe()
		mu.Lock()
		stopped = true
		mu.Unlock()
		running.Wait()
	}, nil
}

type reply struct {
	Value json.RawMessage `json:"value,omitempty"`
	Error string          `json:"error,omitempty"`
}

func encodeReply(v any, err error) []byte {
	var r reply
	if err == nil {
		r.Value, err = json.Marshal(v)
	}
	if err != nil {
		r = reply{Error: err.Error()}
	}
	data, _ := json.Marshal(r) // two plain fields: can't fail
	return data
}

// Request asks whoever answers subject and decodes the reply into result (a pointer, or nil to ignore it).
func (b *Bus) Request(ctx context.Context, subject string, v, result any) error {
	if err := checkSubject(subject); err != nil {
		return err
	}
	data, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("bus: %s: %w", subject, err)
	}
	answer, err := b.request(ctx, subject, data)
	if errors.Is(err, ErrNobody) {
		return ErrNobody
	}
	if err != nil {
		return fmt.Errorf("bus: %s: %w", subject, err)
	}
	var r reply
	if err := json.Unmarshal(answer, &r); err != nil {
		return fmt.Errorf("bus: %s: %w", subject, err)
	}
	if r.Error != "" {
		return errors.New(r.Error)
	}
	if result == nil {
		return nil
	}
	return json.Unmarshal(r.Value, result)
}

// Closed is closed when the connection is over for good: by Close, or because the server took us for broken. Err tells
// why.
func (b *Bus) Closed() <-chan struct{} { return b.closed() }

// Err is the last error of the connection.
func (b *Bus) Err() error { return b.err() }

// Connected tells whether messages pass now.
func (b *Bus) Connected() bool { return b.connected() }

// Close delivers what is under way.
func (b *Bus) Close() { b.close() }
