package store

import (
	"context"
	"encoding/json"
	"fmt"
	"math/bits"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Tell writes events in the transaction that makes them so: when it is committed they will be read, when it is not they
// never were.
func (tx *Tx) Tell(ctx context.Context, events ...Event) error {
	lines := make([][]any, len(events))
	for i, e := range events {
		data, rest, audience, err := e.texts()
		if err != nil {
			return fmt.Errorf("event %s: %w", e.Type, err)
		}
		lines[i] = []any{NewID(), e.Type, e.Key, data, rest, audience, e.Record.Kind, e.Record.ID, Micros(time.Now())}
	}
	for _, s := range insertion(`outbox (id, type, key, data, public, audience, record_kind, record_id, at)`, lines) {
		s.tells = true
		if err := tx.Later(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// Tell writes events in a transaction of their own.
func (db *DB) Tell(ctx context.Context, events ...Event) error {
	if len(events) == 0 {
		return nil
	}
	return db.Tx(ctx, func(tx *Tx) error { return tx.Tell(ctx, events...) })
}

// insertedAtOnce bounds the arguments of one statement.
const insertedAtOnce = 256

// insertion are the statements that write lines, which have equally many columns, in pieces of a power of two: so there
// are few texts for a connection to keep prepared.
func insertion(into string, lines [][]any) (todo []Statement) {
	for len(lines) > 0 {
		n := min(1<<(bits.Len(uint(len(lines)))-1), insertedAtOnce)
		rows := make([]string, n)
		for i := range rows {
			rows[i] = placeholders(i*len(lines[0]), len(lines[0]))
		}
		todo = append(todo, Statement{Query: "INSERT INTO " + into + " VALUES " + strings.Join(rows, ", "),
			Args: slices.Concat(lines[:n]...)})
		lines = lines[n:]
	}
	return todo
}

// placeholders are those of one line of VALUES, after some that are in use.
func placeholders(used, n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(", $" + strconv.Itoa(used+i+1))
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
