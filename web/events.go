package web

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
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

// stored is an Event as the database keeps it.
type stored struct {
	seq      int64
	kind     string
	data     json.RawMessage
	rest     json.RawMessage // for admins outside the audience
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

// add keeps events, in one transaction. The counter's row is locked until the commit, so that no reader sees an event before an earlier one.
func (l eventLog) add(ctx context.Context, events []store.Event) error {
	rows, args, err := l.rows(events)
	if err != nil {
		return err
	}
	return l.db.Tx(ctx, func(tx *store.Tx) error {
		var last int64
		if err := tx.QueryRow(ctx, `UPDATE event_counter SET seq = seq + $1 WHERE id = 1 RETURNING seq`, len(events)).Scan(&last); err != nil {
			return err
		}
		for i := range events {
			args[i*eventColumns] = last - int64(len(events)-1-i)
		}
		_, err := tx.Exec(ctx, `INSERT INTO event (seq, type, key, data, audience, at, public) VALUES `+rows, args...)
		return err
	})
}

const eventColumns = 7

// rows are the events as the VALUES of an INSERT, and their arguments but for the numbers.
func (l eventLog) rows(events []store.Event) (rows string, args []any, err error) {
	for i, e := range events {
		data, err := json.Marshal(e.Data)
		if err != nil {
			return "", nil, fmt.Errorf("event %s: %w", e.Type, err)
		}
		rest, err := restJSON(e)
		if err != nil {
			return "", nil, fmt.Errorf("event %s: %w", e.Type, err)
		}
		audience, err := json.Marshal(slices.Concat([]string{}, e.For))
		if err != nil {
			return "", nil, fmt.Errorf("event %s: %w", e.Type, err)
		}
		n := i * eventColumns
		rows += fmt.Sprintf(", ($%d, $%d, $%d, $%d, $%d, $%d, $%d)", n+1, n+2, n+3, n+4, n+5, n+6, n+7)
		args = append(args, nil, e.Type, e.Key, string(data), string(audience), store.Micros(l.now()), rest)
	}
	return strings.TrimPrefix(rows, ", "), args, nil
}

// restJSON is what others than its audience are told of an event; "" when it is the same.
func restJSON(e store.Event) (string, error) {
	if e.Rest == nil {
		return "", nil
	}
	text, err := json.Marshal(e.Rest)
	return string(text), err
}

// after reads the events that follow seq, a batch at most.
func (l eventLog) after(ctx context.Context, seq int64) ([]stored, error) {
	return queryAll(ctx, l.db, func(rows *store.Rows) (e stored, err error) {
		var data, rest, audience string
		if err := rows.Scan(&e.seq, &e.kind, &data, &rest, &audience); err != nil {
			return e, err
		}
		e.data, e.rest = json.RawMessage(data), json.RawMessage(cmp.Or(rest, data))
		return e, json.Unmarshal([]byte(audience), &e.audience)
	}, `SELECT seq, type, data, public, audience FROM event WHERE seq > $1 ORDER BY seq LIMIT $2`, seq, eventBatch)
}

// last is the number of the latest event.
func (l eventLog) last(ctx context.Context) (seq int64, err error) {
	return seq, l.db.QueryRow(ctx, `SELECT seq FROM event_counter WHERE id = 1`).Scan(&seq)
}

func (l eventLog) prune(ctx context.Context, days int) error {
	_, err := l.db.Exec(ctx, `DELETE FROM event WHERE at < $1`, store.Micros(l.now().AddDate(0, 0, -days)))
	return err
}

// Publish keeps events and tells the readers of /api/v1/events on all nodes. Events published one after the other keep that order
// everywhere, those published together as well. Browsers are told by the Hub.
func (s *Server) Publish(ctx context.Context, events ...store.Event) error {
	if len(events) == 0 {
		return nil
	}
	if err := s.events.add(ctx, events); err != nil {
		return fmt.Errorf("%d events from %s on: %w", len(events), events[0].Type, err)
	}
	for _, e := range events {
		s.metrics.events.WithLabelValues(e.Type).Inc()
	}
	if err := s.deps.Bus.Publish(eventSubject, len(events)); err != nil {
		s.log.Warn("event hint", "err", err) // readers look by themselves a little later
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
