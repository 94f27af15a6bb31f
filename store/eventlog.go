package store

import (
	"cmp"
	"context"
	"encoding/json"
	"log/slog"
	"slices"
	"time"
)

const (
	eventBatch = 200 // are read, or get their numbers, at once
	// what is told waits so long for more, to be numbered together
	eventGather = 10 * time.Millisecond
	// numbers are given so far apart, where events come faster than that
	eventsApart = 50 * time.Millisecond
	// look for events even without a hint: another node may have died between its commit and its turn
	outboxPoll = 5 * time.Second
)

// Told is an Event as those who follow read it.
type Told struct {
	Seq    int64
	At     time.Time // it happened
	Type   string
	Data   json.RawMessage
	Rest   json.RawMessage // for admins outside the audience
	For    []string
	Record EventRecord
}

// EventLog gives events the numbers they are read by, in one order for all nodes. A transaction that tells an event
// writes no number: it could be committed after one with a higher number, and who reads by numbers would never see it.
// So the events of committed transactions wait in the outbox until a node, holding the counter's row, numbers them;
// what a reader has seen is complete.
type EventLog struct {
	db       *DB
	log      *slog.Logger
	now      func() time.Time
	numbered *Bell // rings when Run has given numbers
}

// NewEventLog makes the log; Run numbers what is told.
func NewEventLog(db *DB, log *slog.Logger) *EventLog {
	return &EventLog{db: db, log: log, now: time.Now, numbered: NewBell()}
}

// Run numbers what is committed until ctx ends, and tells the types of what it has numbered.
func (l *EventLog) Run(ctx context.Context, numbered func(types []string)) {
	var last time.Time // numbers were given
	poll := time.NewTicker(outboxPoll)
	defer poll.Stop()
	for look := l.Number; ; {
		rung := l.db.told.Wait() // before looking, so that nothing is missed between
		if types := l.number(ctx, look); len(types) > 0 {
			last = time.Now()
			l.numbered.Ring()
			numbered(types)
			if len(types) == eventBatch {
				continue
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-rung:
			look = l.take
			wait(ctx, max(eventGather, eventsApart-time.Since(last)))
		case <-poll.C:
			look = l.Number
		}
	}
}

func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// number takes a batch; what goes wrong is tried again at the next hint or look.
func (l *EventLog) number(ctx context.Context, look func(context.Context) ([]string, error)) []string {
	types, err := look(ctx)
	if err != nil && ctx.Err() == nil {
		l.log.Error("events wait for their numbers", "err", err)
	}
	return types
}

// Number gives the events that wait their numbers, a batch at most, and returns their types.
func (l *EventLog) Number(ctx context.Context) (types []string, err error) {
	var wait bool
	if err := l.db.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM outbox)`).Scan(&wait); err != nil || !wait {
		return nil, err
	}
	return l.take(ctx)
}

func (l *EventLog) take(ctx context.Context) (types []string, err error) {
	err = l.db.Tx(ctx, func(tx *Tx) error {
		var last int64
		var batch []waiting
		counter := Read{Query: `UPDATE event_counter SET seq = seq WHERE id = 1 RETURNING seq`, // one node at a time
			Line: func(r Row) error { return r.Scan(&last) }}
		if err := tx.ReadAll(ctx, counter, takingOutbox(&batch)); err != nil || len(batch) == 0 {
			return err
		}
		slices.SortFunc(batch, func(a, b waiting) int { return cmp.Compare(a.id, b.id) })
		types = types[:0]
		for _, e := range batch {
			types = append(types, e.texts[0])
		}
		counted := Statement{Query: `UPDATE event_counter SET seq = $1 WHERE id = 1`, Args: []any{last + int64(len(batch))}}
		return tx.Later(ctx, append(numbering(batch, last), counted)...)
	})
	return types, err
}

// waiting is a line of the outbox: type, key, data, public, audience, record_kind and record_id.
type waiting struct {
	id    string
	texts [7]string
	at    int64
}

// takingOutbox takes the events that have waited longest.
func takingOutbox(batch *[]waiting) Read {
	return Read{Query: `DELETE FROM outbox WHERE id IN (SELECT id FROM outbox ORDER BY id LIMIT $1)
		RETURNING id, type, key, data, public, audience, record_kind, record_id, at`, Args: []any{eventBatch},
		Line: func(r Row) error {
			var w waiting
			t := &w.texts
			err := r.Scan(&w.id, &t[0], &t[1], &t[2], &t[3], &t[4], &t[5], &t[6], &w.at)
			*batch = append(*batch, w)
			return err
		}}
}

// numbering writes a batch under the numbers that follow last.
func numbering(batch []waiting, last int64) []Statement {
	lines := make([][]any, len(batch))
	for i, w := range batch {
		lines[i] = []any{last + int64(i) + 1}
		for _, text := range w.texts {
			lines[i] = append(lines[i], text)
		}
		lines[i] = append(lines[i], w.at)
	}
	return insertion(`event (seq, type, key, data, public, audience, record_kind, record_id, at)`, lines)
}

// After reads the events that follow seq, and whether there may be more of them.
func (l *EventLog) After(ctx context.Context, seq int64) (batch []Told, more bool, err error) {
	return after(ctx, l.db, seq)
}

func after(ctx context.Context, q Queries, seq int64) (batch []Told, more bool, err error) {
	rows, err := q.Query(ctx, `SELECT seq, at, type, data, public, audience, record_kind, record_id FROM event WHERE seq > $1 ORDER BY seq LIMIT $2`, seq, eventBatch)
	if err != nil {
		return nil, false, err
	}
	defer rows.Close()
	for rows.Next() {
		var e Told
		var data, rest, audience string
		var at int64
		if err := rows.Scan(&e.Seq, &at, &e.Type, &data, &rest, &audience, &e.Record.Kind, &e.Record.ID); err != nil {
			return nil, false, err
		}
		e.At = Time(at)
		e.Data, e.Rest = json.RawMessage(data), json.RawMessage(cmp.Or(rest, data))
		if err := json.Unmarshal([]byte(audience), &e.For); err != nil {
			return nil, false, err
		}
		batch = append(batch, e)
	}
	return batch, len(batch) == eventBatch, rows.Err()
}

// Last is the number of the latest event.
func (l *EventLog) Last(ctx context.Context) (seq int64, err error) {
	return seq, l.db.QueryRow(ctx, `SELECT seq FROM event_counter WHERE id = 1`).Scan(&seq)
}

// Follows tells whether all events after seq are there still; where not, from is the number to go on after.
func (l *EventLog) Follows(ctx context.Context, seq int64) (whole bool, from int64, err error) {
	var first, last int64
	err = l.db.QueryRow(ctx, `SELECT COALESCE((SELECT MIN(seq) FROM event), c.seq + 1), c.seq FROM event_counter c WHERE c.id = 1`).Scan(&first, &last)
	return err != nil || seq >= first-1 && seq <= last, first - 1, err
}

// Prune forgets events that are older than so many days; what a cursor has still to take stays.
func (l *EventLog) Prune(ctx context.Context, days int) error {
	_, err := l.db.Exec(ctx, `DELETE FROM event WHERE at < $1 AND seq <= COALESCE((SELECT MIN(seq) FROM event_cursor), seq)`, Micros(l.now().AddDate(0, 0, -days)))
	return err
}
