package web

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"frontdesk/store"
)

// The types of events, as integrations see them on /api/v1/events.
const (
	CallRinging   = "call.ringing"
	CallAnswered  = "call.answered"
	CallEnded     = "call.ended"
	CardOpen      = "card.open"
	LeadCreated   = "lead.created"
	MailReceived  = "mail.received"
	MeetingJoined = "meeting.joined"
	MeetingLeft   = "meeting.left"
)

// Event is something that happened, for integrations.
type Event struct {
	Type string
	Key  string   // the call, message or meeting it is about
	Data any      // becomes JSON
	For  []string // ids of the users who may know; admins may always
}

// stored is an Event as the database keeps it.
type stored struct {
	seq      int64
	kind     string
	data     json.RawMessage
	audience []string
}

const (
	eventSubject = "web.event" // on the bus: a hint that there are events to read
	eventBatch   = 200
)

// eventLog keeps events in SQL, for a while, in one order for all nodes.
type eventLog struct {
	db  *store.DB
	now func() time.Time
}

// add keeps an event. The counter's row is locked until the commit, so that no reader sees an event before an earlier one.
func (l eventLog) add(ctx context.Context, e Event) error {
	data, err := json.Marshal(e.Data)
	if err != nil {
		return fmt.Errorf("event %s: %w", e.Type, err)
	}
	audience, err := json.Marshal(slices.Concat([]string{}, e.For))
	if err != nil {
		return fmt.Errorf("event %s: %w", e.Type, err)
	}
	return l.db.Tx(ctx, func(tx *store.Tx) error {
		var seq int64
		if err := tx.QueryRow(ctx, `UPDATE event_counter SET seq = seq + 1 WHERE id = 1 RETURNING seq`).Scan(&seq); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `INSERT INTO event (seq, type, key, data, audience, at) VALUES ($1, $2, $3, $4, $5, $6)`,
			seq, e.Type, e.Key, string(data), string(audience), store.Micros(l.now()))
		return err
	})
}

// after reads the events that follow seq, a batch at most.
func (l eventLog) after(ctx context.Context, seq int64) ([]stored, error) {
	return queryAll(ctx, l.db, func(rows *sql.Rows) (e stored, err error) {
		var data, audience string
		if err := rows.Scan(&e.seq, &e.kind, &data, &audience); err != nil {
			return e, err
		}
		e.data = json.RawMessage(data)
		return e, json.Unmarshal([]byte(audience), &e.audience)
	}, `SELECT seq, type, data, audience FROM event WHERE seq > $1 ORDER BY seq LIMIT $2`, seq, eventBatch)
}

// last is the number of the latest event.
func (l eventLog) last(ctx context.Context) (seq int64, err error) {
	return seq, l.db.QueryRow(ctx, `SELECT seq FROM event_counter WHERE id = 1`).Scan(&seq)
}

func (l eventLog) prune(ctx context.Context, days int) error {
	_, err := l.db.Exec(ctx, `DELETE FROM event WHERE at < $1`, store.Micros(l.now().AddDate(0, 0, -days)))
	return err
}

// Publish keeps an event and tells the readers of /api/v1/events on all nodes. Events published one after the other keep that order
// everywhere. Browsers are told by the Hub.
func (s *Server) Publish(ctx context.Context, e Event) error {
	if err := s.events.add(ctx, e); err != nil {
		return fmt.Errorf("event %s: %w", e.Type, err)
	}
	s.metrics.events.WithLabelValues(e.Type).Inc()
	if err := s.deps.Bus.Publish(eventSubject, e.Type); err != nil {
		s.log.Warn("event hint", "type", e.Type, "err", err) // readers look by themselves a little later
	}
	return nil
}

// bell wakes all who wait on it, any number of times.
type bell struct {
	mu sync.Mutex
	c  chan struct{}
}

func newBell() *bell { return &bell{c: make(chan struct{})} }

// wait returns a channel that is closed at the next ring.
func (b *bell) wait() <-chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.c
}

func (b *bell) ring() {
	b.mu.Lock()
	defer b.mu.Unlock()
	close(b.c)
	b.c = make(chan struct{})
}
