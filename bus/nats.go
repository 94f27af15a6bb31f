package bus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"time"

	"github.com/nats-io/nats.go"
)

// remote is the transport over NATS servers.
type remote struct {
	conn  *nats.Conn
	over  chan struct{} // closed when the connection is over
	log   *slog.Logger
	pulse *pulse
}

func connect(url string, log *slog.Logger) (*remote, error) {
	r := &remote{log: log, over: make(chan struct{}), pulse: newPulse(log)}
	conn, err := nats.Connect(url,
		nats.Name("frontdesk"),
		nats.MaxReconnects(-1),
		nats.IgnoreAuthErrorAbort(), // who may log in is set right on the server, while calls run here
		nats.ReconnectWait(250*time.Millisecond),
		nats.ReconnectJitter(250*time.Millisecond, 250*time.Millisecond),
		nats.ReconnectBufSize(-1), // a hint that comes late misleads: who missed some reads SQL again, see OnMissed
		nats.PingInterval(5*time.Second),
		nats.MaxPingsOutstanding(2),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) { r.disconnected(err) }),
		nats.ReconnectHandler(r.reconnected),
		nats.ClosedHandler(func(*nats.Conn) { close(r.over) }),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { log.Warn("bus", "err", err) }),
	)
	if err != nil {
		return nil, fmt.Errorf("bus: %w", err)
	}
	r.conn = conn
	if err := r.pulse.beat(conn); err != nil {
		r.close()
		return nil, fmt.Errorf("bus: %w", err)
	}
	return r, nil
}

func (r *remote) disconnected(err error) {
	r.pulse.skip()
	if err != nil {
		r.log.Error("the bus is not reached", "err", err)
	}
}

func (r *remote) reconnected(conn *nats.Conn) {
	r.log.Info("the bus is reached again", "server", conn.ConnectedUrlRedacted())
	r.pulse.missing()
}

func (r *remote) publish(subject string, data []byte) error { return r.conn.Publish(subject, data) }

const flushWithin = 2 * time.Second

func (r *remote) subscribe(subject string, fn func(message)) (stop func(), err error) {
	sub, err := r.conn.Subscribe(subject, func(m *nats.Msg) { fn(message{m.Subject, m.Data, m.Respond}) })
	if err != nil {
		return nil, err
	}
	stop = func() { sub.Unsubscribe() }
	if !r.conn.IsConnected() { // it is sent when the server is reached again
		return stop, nil
	}
	if err := r.conn.FlushTimeout(flushWithin); err != nil {
		r.log.Warn("bus: subscription not confirmed", "subject", subject, "err", err)
	}
	return stop, nil
}

func (r *remote) request(ctx context.Context, subject string, data []byte) ([]byte, error) {
	m, err := r.conn.RequestWithContext(ctx, subject, data)
	if errors.Is(err, nats.ErrNoResponders) {
		return nil, ErrNobody
	}
	if err != nil {
		return nil, err
	}
	return m.Data, nil
}

func (r *remote) onMissed(fn func()) { r.pulse.onMiss(fn) }

func (r *remote) closed() <-chan struct{} { return r.over }

func (r *remote) err() error { return r.conn.LastError() }

func (r *remote) listeners(string) int { return math.MaxInt }

func (r *remote) connected() bool { return r.conn.IsConnected() }

func (r *remote) close() {
	r.pulse.end()
	if err := r.conn.Drain(); err != nil {
		r.conn.Close() // draining needs a connection
	}
	<-r.over
}
