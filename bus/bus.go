// Package bus carries events between processes over NATS: a server inside this process by default, a cluster by URL.
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
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// Bus publishes, subscribes and asks. It is safe for concurrent use.
type Bus struct {
	conn   *nats.Conn
	server *server.Server // nil when the server is elsewhere
	closed chan struct{}  // the connection is over
	log    *slog.Logger
	pulse  *pulse
}

// Open connects to url ("nats://host:4222", several separated by commas), or starts a server in this process when url
// is empty.
func Open(url string, log *slog.Logger) (*Bus, error) {
	b := &Bus{log: log, closed: make(chan struct{}), pulse: newPulse(log)}
	options := []nats.Option{
		nats.Name("frontdesk"),
		nats.MaxReconnects(-1),
		nats.IgnoreAuthErrorAbort(), // who may log in is set right on the server, while calls run here
		nats.ReconnectWait(250 * time.Millisecond),
		nats.ReconnectJitter(250*time.Millisecond, 250*time.Millisecond),
		nats.ReconnectBufSize(-1), // a hint that comes late misleads: who missed some reads SQL again, see OnMissed
		nats.PingInterval(5 * time.Second),
		nats.MaxPingsOutstanding(2),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			b.pulse.skip()
			if err != nil {
				log.Error("the bus is not reached", "err", err)
			}
		}),
		nats.ReconnectHandler(func(conn *nats.Conn) { b.reconnected(conn) }),
		nats.ClosedHandler(func(*nats.Conn) { close(b.closed) }),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { log.Warn("bus", "err", err) }),
	}
	if url == "" {
		if err := b.embed(); err != nil {
			return nil, err
		}
		options = append(options, nats.InProcessServer(b.server))
	}
	conn, err := nats.Connect(url, options...)
	if err != nil {
		b.Close()
		return nil, fmt.Errorf("bus: %w", err)
	}
	b.conn = conn
	if b.server != nil { // nobody else hears, and nothing is lost
		return b, nil
	}
	if err := b.pulse.beat(conn); err != nil {
		b.Close()
		return nil, fmt.Errorf("bus: %w", err)
	}
	return b, nil
}

func (b *Bus) reconnected(conn *nats.Conn) {
	b.log.Info("the bus is reached again", "server", conn.ConnectedUrlRedacted())
	b.pulse.missing()
}

// OnMissed has fn called, one at a time, some seconds after messages to this bus were or may have been lost and pass
// again.
func (b *Bus) OnMissed(fn func()) { b.pulse.onMiss(fn) }

func (b *Bus) embed() error {
	srv, err := server.NewServer(&server.Options{DontListen: true, NoSigs: true, NoLog: true})
	if err != nil {
		return fmt.Errorf("bus: %w", err)
	}
	b.server = srv
	go srv.Start()
	if !srv.ReadyForConnections(10 * time.Second) {
		return errors.New("bus: the embedded server did not start")
	}
	return nil
}

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
	return b.conn.Publish(subject, data)
}

// Subscribe calls fn with each message on subject (NATS wildcards * and > allowed), one at a time and in order,
// until the returned function is called. When it returns, the server sends what is published from then on.
func (b *Bus) Subscribe(subject string, fn func(subject string, data []byte)) (stop func(), err error) {
	sub, err := b.conn.Subscribe(subject, func(m *nats.Msg) { fn(m.Subject, m.Data) })
	if err != nil {
		return nil, fmt.Errorf("bus: %s: %w", subject, err)
	}
	if !b.conn.IsConnected() { // it is sent when the server is reached again
		return func() { sub.Unsubscribe() }, nil
	}
	if err := b.conn.FlushTimeout(flushWithin); err != nil {
		b.log.Warn("bus: subscription not confirmed", "subject", subject, "err", err)
	}
	return func() { sub.Unsubscribe() }, nil
}

const flushWithin = 2 * time.Second

// maxAnswers are given at once on one subject; requests beyond wait.
const maxAnswers = 256

// Answer serves requests on subject: what fn returns is the reply, its error becomes the asker's error.
// Requests run beside each other; the returned function takes no more of them and waits for those that run.
func (b *Bus) Answer(subject string, fn func(data []byte) (any, error)) (stop func(), err error) {
	var running sync.WaitGroup
	slots := make(chan struct{}, maxAnswers)
	var mu sync.Mutex // of stopped, so that none begins while stop waits
	stopped := false
	sub, err := b.conn.Subscribe(subject, func(m *nats.Msg) {
		slots <- struct{}{}
		mu.Lock()
		defer mu.Unlock()
		if stopped {
			<-slots
			return
		}
		running.Go(func() {
			defer func() { <-slots }()
			if err := m.Respond(encodeReply(fn(m.Data))); err != nil {
				b.log.Warn("bus: reply", "subject", subject, "err", err)
			}
		})
	})
	if err != nil {
		return nil, fmt.Errorf("bus: %s: %w", subject, err)
	}
	return func() {
		sub.Unsubscribe()
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

// ErrNobody is the error of a request that no node answers.
var ErrNobody = errors.New("bus: nobody answers")

// Request asks whoever answers subject and decodes the reply into result (a pointer, or nil to ignore it).
func (b *Bus) Request(ctx context.Context, subject string, v, result any) error {
	if err := checkSubject(subject); err != nil {
		return err
	}
	data, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("bus: %s: %w", subject, err)
	}
	msg, err := b.conn.RequestWithContext(ctx, subject, data)
	if errors.Is(err, nats.ErrNoResponders) {
		return ErrNobody
	}
	if err != nil {
		return fmt.Errorf("bus: %s: %w", subject, err)
	}
	var r reply
	if err := json.Unmarshal(msg.Data, &r); err != nil {
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
func (b *Bus) Closed() <-chan struct{} { return b.closed }

// Err is the last error of the connection.
func (b *Bus) Err() error { return b.conn.LastError() }

// Connected tells whether the server is reached now.
func (b *Bus) Connected() bool { return b.conn.IsConnected() }

// Close delivers what is under way and stops the embedded server.
func (b *Bus) Close() {
	b.pulse.end()
	if b.conn != nil {
		if err := b.conn.Drain(); err != nil {
			b.conn.Close() // draining needs a connection
		}
		<-b.closed
	}
	if b.server != nil {
		b.server.Shutdown()
		b.server.WaitForShutdown()
	}
}
