package ledger

import (
	"context"
	"encoding/json"
	"time"

	"frontdesk/pbx/cause"
	"frontdesk/store"
)

// maxSteps are written down of a call.
const maxSteps = 100

// Begin notes a step that begins, and its position; -1 when it is one too many.
func (r *Record) Begin(s Step) int {
	if len(r.Steps) >= maxSteps {
		return -1
	}
	s.Begun, s.Users = time.Now(), append([]string{}, s.Users...)
	r.Steps = append(r.Steps, s)
	return len(r.Steps) - 1
}

// End notes how the step at a position ended, once.
func (r *Record) End(position int, outcome, by string) {
	if position >= 0 && r.Steps[position].Ended.IsZero() {
		s := &r.Steps[position]
		s.Ended, s.Outcome, s.AnsweredBy = time.Now(), outcome, by
	}
}

// endSteps ends those that go on when the call ends.
func (r *Record) endSteps() {
	for i := range r.Steps {
		if s := &r.Steps[i]; s.Ended.IsZero() {
			s.Ended, s.Outcome = r.Ended, string(r.Cause)
		}
	}
}

// endedSteps is how many from the first on have ended.
func (r *Record) endedSteps() (n int) {
	for n < len(r.Steps) && !r.Steps[n].Ended.IsZero() {
		n++
	}
	return n
}

// writeSteps writes those from a position on.
func (r *Record) writeSteps(ctx context.Context, tx *store.Tx, from int) error {
	for i, s := range r.Steps[from:] {
		users, err := json.Marshal(s.Users)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `INSERT INTO call_step (call, position, kind, users, trunk, number, begun_at, ended_at, outcome, answered_by)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
			ON CONFLICT (call, position) DO UPDATE SET ended_at = excluded.ended_at, outcome = excluded.outcome, answered_by = excluded.answered_by`,
			r.ID, from+i, s.Kind, string(users), s.Trunk, s.Number, store.Micros(s.Begun), store.Micros(s.Ended),
			s.Outcome, s.AnsweredBy); err != nil {
			return err
		}
	}
	return nil
}

// cutSteps ends the steps that a dead process left open.
func cutSteps(ctx context.Context, tx *store.Tx, r Record) error {
	_, err := tx.Exec(ctx, `UPDATE call_step SET ended_at = $2, outcome = $3 WHERE call = $1 AND ended_at = 0`,
		r.ID, store.Micros(r.Ended), string(cause.CutOff))
	return err
}

// steps of a call, in order.
func (l *Ledger) steps(ctx context.Context, call string) ([]Step, error) {
	rows, err := l.db.Query(ctx, `SELECT kind, users, trunk, number, begun_at, ended_at, outcome, answered_by FROM call_step
		WHERE call = $1 ORDER BY position`, call)
	return store.Collect(rows, err, func(row store.Row) (s Step, err error) {
		var users string
		var begun, ended int64
		if err = row.Scan(&s.Kind, &users, &s.Trunk, &s.Number, &begun, &ended, &s.Outcome, &s.AnsweredBy); err != nil {
			return s, err
		}
		s.Begun, s.Ended = store.Time(begun), store.Time(ended)
		return s, json.Unmarshal([]byte(users), &s.Users)
	})
}
