package ledger

import (
	"encoding/json"
	"time"

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

// scanStep adds a step to its call.
func scanStep(row store.Row, calls map[string]*Record) error {
	var s Step
	var call, users string
	var begun, ended int64
	if err := row.Scan(&call, &s.Kind, &users, &s.Trunk, &s.Number, &s.Item, &begun, &ended, &s.Outcome,
		&s.AnsweredBy); err != nil {
		return err
	}
	s.Begun, s.Ended = store.Time(begun), store.Time(ended)
	err := json.Unmarshal([]byte(users), &s.Users)
	if r := calls[call]; r != nil {
		r.Steps = append(r.Steps, s)
	}
	return err
}
