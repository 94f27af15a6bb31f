package ledger

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"frontdesk/store"
)

// intakeJob is the kind of the job that follows each ended call: {"call": id}.
const intakeJob = "intake.call"

// begin writes the record of a call that has come, and tells events.
func (l *Ledger) begin(r *Record, told []store.Event) bool {
	ctx, cancel := context.WithTimeout(context.Background(), writeLimit)
	defer cancel()
	err := l.insertWith(ctx, r, told)
	if err != nil {
		l.log.Error("record of a call not written yet", "call", r.ID, "err", err)
	}
	return err == nil
}

// insertWith writes the record, tells events and, of a call into a meeting, writes who asked for it.
func (l *Ledger) insertWith(ctx context.Context, r *Record, told []store.Event) error {
	if len(r.Users)+len(told) == 0 {
		return l.insert(ctx, l.db, r)
	}
	return l.db.Tx(ctx, func(tx *store.Tx) error {
		if err := l.insert(ctx, tx, r); err != nil {
			return err
		}
		if err := r.writePeople(ctx, tx); err != nil {
			return err
		}
		return tx.Tell(ctx, told...)
	})
}

// insert writes the record. Of a phone call it does not say when it was answered: that is told with it, see tellAnswer.
func (l *Ledger) insert(ctx context.Context, db store.Queries, r *Record) error {
	var answered int64
	if r.Direction == "meeting" {
		answered = store.Micros(r.Answered)
	}
	_, err := db.Exec(ctx, `INSERT INTO call_record (id, node, epoch, direction, from_number, from_name, to_number, line,
		trunk, meeting, started_at, answered_at, ended_at, seen_at, outcome, cause)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 0, $11, '', '') ON CONFLICT DO NOTHING`,
		r.ID, l.config.Node, l.config.Epoch, r.Direction, r.From, r.FromName, r.To, r.Line, r.Trunk, r.Meeting,
		store.Micros(r.Started), answered)
	return err
}

// tell tells events of a call that runs.
func (l *Ledger) tell(told []store.Event) bool {
	ctx, cancel := context.WithTimeout(context.Background(), writeLimit)
	defer cancel()
	err := l.db.Tell(ctx, told...)
	if err != nil {
		l.log.Error("events of a call not told yet", "first", told[0].Type, "key", told[0].Key, "err", err)
	}
	return err == nil
}

// noteAnswer writes down who took part and since when, and the steps from a position on. The end writes the same again,
// so a failure here loses nothing unless the process dies. A record that another node has ended meanwhile, because this
// one was silent for too long, stays as it is.
func (l *Ledger) noteAnswer(r *Record, from int, told []store.Event) bool {
	ctx, cancel := context.WithTimeout(context.Background(), writeLimit)
	defer cancel()
	err := l.db.Tx(ctx, func(tx *store.Tx) error {
		if err := tx.Tell(ctx, told...); err != nil {
			return err
		}
		if err := tellAnswer(ctx, tx, r); err != nil {
			return err
		}
		result, err := tx.Exec(ctx, `UPDATE call_record SET answered_at = $2, from_name = $3, line = $4, trunk = $5 WHERE id = $1 AND ended_at = 0`,
			r.ID, store.Micros(r.Answered), r.FromName, r.Line, r.Trunk)
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return err
		}
		if err := r.writePeople(ctx, tx); err != nil {
			return err
		}
		return r.writeSteps(ctx, tx, from)
	})
	if err != nil {
		l.log.Error("record of the answer", "call", r.ID, "err", err)
	}
	return err == nil
}

// noteSteps writes the steps of a call that runs, from a position on. The end of the call writes all.
func (l *Ledger) noteSteps(r *Record, from int, told []store.Event) bool {
	ctx, cancel := context.WithTimeout(context.Background(), writeLimit)
	defer cancel()
	err := l.db.Tx(ctx, func(tx *store.Tx) error {
		if err := tx.Tell(ctx, told...); err != nil {
			return err
		}
		return r.writeSteps(ctx, tx, from)
	})
	if err != nil {
		l.log.Error("steps of a call not written yet", "call", r.ID, "err", err)
	}
	return err == nil
}

func (r *Record) writePeople(ctx context.Context, tx *store.Tx) error {
	for role, users := range map[string][]string{"took": r.Users, "rang": r.Rang} {
		for i, user := range users {
			if _, err := tx.Exec(ctx, `INSERT INTO call_user (call, user_id, role, position) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
				r.ID, user, role, i); err != nil {
				return err
			}
		}
	}
	for i, g := range r.Guests {
		if _, err := tx.Exec(ctx, `INSERT INTO call_guest (call, position, number, name) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`, r.ID, i, g.Number, g.Name); err != nil {
			return err
		}
	}
	return nil
}

// conclude writes and tells the end of the call, all of it where its beginning is not written, and says whether that
// succeeded.
func (l *Ledger) conclude(r Record, begun bool, told []store.Event) bool {
	ctx, cancel := context.WithTimeout(context.Background(), writeLimit)
	defer cancel()
	err := l.db.Tx(ctx, func(tx *store.Tx) error {
		if !begun {
			if err := l.insert(ctx, tx, &r); err != nil {
				return err
			}
		}
		if err := tx.Tell(ctx, told...); err != nil {
			return err
		}
		return conclude(ctx, tx, r)
	})
	if err != nil {
		l.log.Error("record of the call's end", "call", r.ID, "err", err)
	}
	return err == nil
}

// maxRefused is how often a database that is there may refuse the end of a call before it is given up.
const maxRefused = 8

// concludeLater tries again until the ledger closes; after that the next start closes the record.
func (l *Ledger) concludeLater(r Record, begun bool, told []store.Event) {
	refused := 0
	for attempt := 1; ; attempt++ {
		select {
		// 16 s at most: people look for the call as soon as the database is back
		case <-time.After(store.Backoff(min(attempt, 5))):
		case <-l.ctx.Done():
			return
		}
		if l.conclude(r, begun, told) {
			return
		}
		if l.reached() {
			refused++
		}
		if refused >= maxRefused {
			l.keepAside(r)
			return
		}
	}
}

// reached tells whether the database answers at all.
func (l *Ledger) reached() bool {
	ctx, cancel := context.WithTimeout(l.ctx, writeLimit)
	defer cancel()
	var one int
	return l.db.QueryRow(ctx, `SELECT 1`).Scan(&one) == nil
}

// unwrittenJob is the kind of the dead jobs that keep what the database refused: {the record}.
const unwrittenJob = "pbx.unwritten"

// keepAside gives a record up that the database refuses, for a person to see.
func (l *Ledger) keepAside(r Record) {
	l.unwritten.Inc()
	whole, err := json.Marshal(r)
	l.log.Error("record of a call given up", "record", string(whole), "err", err)
	ctx, cancel := context.WithTimeout(l.ctx, writeLimit)
	defer cancel()
	if err := store.Enqueue(ctx, l.db, unwrittenJob, r, store.JobOptions{Dead: true}); err != nil {
		l.log.Error("record of a call not kept aside", "call", r.ID, "err", err)
	}
}

// conclude ends a record and passes it on to the intake, in the caller's transaction and only once.
func conclude(ctx context.Context, tx *store.Tx, r Record) error {
	if err := tellAnswer(ctx, tx, &r); err != nil {
		return err
	}
	result, err := tx.Exec(ctx, `UPDATE call_record SET answered_at = $2, ended_at = $3, seen_at = $3, outcome = $4, cause = $5, from_name = $6, line = $7, trunk = $8
			WHERE id = $1 AND ended_at = 0`,
		r.ID, store.Micros(r.Answered), store.Micros(r.Ended), r.Outcome, string(r.Cause), r.FromName, r.Line, r.Trunk)
	if err != nil {
		return err
	}
	n, err := result.RowsAffected()
	if err != nil {
		return err
	}
	// another node has ended it: a line that this one took since is given back all the same, a step that began since
	// has an end
	if n == 0 {
		return errors.Join(cutSteps(ctx, tx, r), releaseAll(ctx, tx, r.ID))
	}
	if err := r.writePeople(ctx, tx); err != nil {
		return err
	}
	r.endSteps()
	if err := r.writeSteps(ctx, tx, 0); err != nil {
		return err
	}
	if err := releaseAll(ctx, tx, r.ID); err != nil {
		return err
	}
	return pass(ctx, tx, r)
}

// pass leaves the job for the intake, and tells of the end.
func pass(ctx context.Context, tx *store.Tx, r Record) error {
	job, err := store.Enqueuing(intakeJob, map[string]string{"call": r.ID}, store.JobOptions{Dedupe: r.ID})
	if err != nil {
		return err
	}
	statements := []store.Statement{job}
	if e, tells := r.endEvent(); tells {
		told, err := store.Telling(e)
		if err != nil {
			return err
		}
		statements = append(statements, told)
	}
	return tx.ExecAll(ctx, statements)
}

// releaseAll gives back what an ended call has left of channels, in the transaction that ends its record.
func releaseAll(ctx context.Context, tx *store.Tx, call string) error {
	_, err := tx.Exec(ctx, `DELETE FROM line_use WHERE call = $1`, call)
	return err
}
