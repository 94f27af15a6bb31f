package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Tell writes events in the transaction that makes them so: when it is committed they will be read, when it is not they
// never were.
func (tx *Tx) Tell(ctx context.Context, events ...Event) error {
	for some := range slices.Chunk(events, toldAtOnce) {
		s, err := Telling(some...)
		if err != nil {
			return err
		}
		if err := tx.Later(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// toldAtOnce bounds the arguments of one statement.
const toldAtOnce = 500

// Tell writes events in a transaction of their own.
func (db *DB) Tell(ctx context.Context, events ...Event) error {
	if len(events) == 0 {
		return nil
	}
	return db.Tx(ctx, func(tx *Tx) error { return tx.Tell(ctx, events...) })
}

const outboxColumns = 9

// Telling is the statement of Tell, to run together with others.
func Telling(events ...Event) (Statement, error) {
	var rows []string
	var args []any
	for _, e := range events {
		data, rest, audience, err := e.texts()
		if err != nil {
			return Statement{}, fmt.Errorf("event %s: %w", e.Type, err)
		}
		rows = append(rows, placeholders(len(args), outboxColumns))
		args = append(args, NewID(), e.Type, e.Key, data, rest, audience, e.Record.Kind, e.Record.ID,
			Micros(time.Now()))
	}
	return Statement{Query: `INSERT INTO outbox (id, type, key, data, public, audience, record_kind, record_id, at) VALUES ` + strings.Join(rows, ", "),
		Args: args, tells: true}, nil
}

// placeholders are those of one line of VALUES, after some that are in use.
func placeholders(used, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, ", $%d", used+i+1)
	}
	return "(" + b.String()[2:] + ")"
}

// texts are what the database keeps of an event: what it tells, what it tells admins who are not among those it is for
// ("": the same), and those.
func (e Event) texts() (data, rest, audience string, err error) {
	for _, part := range []struct {
		from any
		to   *string
	}{{e.Data, &data}, {e.Rest, &rest}, {slices.Concat([]string{}, e.For), &audience}} {
		if part.to == &rest && e.Rest == nil {
			continue
		}
		text, err := json.Marshal(part.from)
		if err != nil {
			return "", "", "", err
		}
		*part.to = string(text)
	}
	return data, rest, audience, nil
}
