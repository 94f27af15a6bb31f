package queue

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"frontdesk/store"
)

// States of a recipient.
const (
	waiting = "waiting"
	sent    = "sent"
	failed  = "failed"
)

// outcome is what an attempt gave for one recipient.
type outcome struct {
	rcpt     recipient
	state    string // waiting: try again
	code     int    // SMTP, 0 when no server answered
	enhanced string // RFC 3463, such as "5.1.1"
	answer   string
	remote   string // host
}

// all gives every recipient the same outcome.
func all(rcpts []recipient, o outcome) []outcome {
	list := make([]outcome, len(rcpts))
	for i, r := range rcpts {
		list[i] = o
		list[i].rcpt = r
	}
	return list
}

// settle writes outcomes down, tells the sender what went wrong, and says when to try again.
func (q *Queue) settle(ctx context.Context, m *message, outcomes []outcome) error {
	now := time.Now()
	var failures, delays []outcome
	for i := range outcomes {
		o := &outcomes[i]
		q.plan(m, o, now)
		switch {
		case o.state == failed:
			failures = append(failures, *o)
		case o.state == waiting && !o.rcpt.warned && now.Sub(m.created) >= q.config.Warn:
			o.rcpt.warned = true
			delays = append(delays, *o)
		}
		q.report(m, *o)
	}
	notices, err := q.notices(ctx, m, failures, delays)
	if err != nil {
		return err
	}
	if err := q.commit(ctx, m, outcomes, notices, now); err != nil {
		return err
	}
	return again(outcomes)
}

// plan decides on the next attempt, or that there is none.
func (q *Queue) plan(m *message, o *outcome, now time.Time) {
	o.rcpt.attempts++
	if o.state != waiting {
		return
	}
	if now.Sub(m.created) >= q.config.GiveUp {
		o.state, o.enhanced = failed, "5.4.7"
		return
	}
	o.rcpt.next = now.Add(q.backoff(o.rcpt.attempts))
}

// backoff is the wait after so many attempts: 1, 3, 6, 12, 24, then 48 times the first wait, spread by a tenth.
func (q *Queue) backoff(attempts int) time.Duration {
	factors := []time.Duration{1, 3, 6, 12, 24, 48}
	wait := q.config.FirstWait * factors[min(attempts, len(factors))-1]
	return wait + rand.N(wait/10+1)
}

func (q *Queue) report(m *message, o outcome) {
	q.metrics.outcomes.WithLabelValues(o.state).Inc()
	q.log.Info("mail "+o.state, "msg", m.id, "to", o.rcpt.address, "remote", o.remote, "code", o.code, "answer", o.answer, "attempt", o.rcpt.attempts)
}

func (q *Queue) commit(ctx context.Context, m *message, outcomes []outcome, notices []*prepared, now time.Time) error {
	err := q.db.Tx(ctx, func(tx *store.Tx) error {
		for _, o := range outcomes {
			if err := o.write(ctx, tx, now); err != nil {
				return err
			}
		}
		for _, notice := range notices {
			if err := q.insert(ctx, tx, notice); err != nil {
				return err
			}
		}
		return forget(ctx, tx, m.id, now)
	})
	if err != nil {
		return fmt.Errorf("write the outcome of message %s: %w", m.id, err)
	}
	for _, notice := range notices {
		q.accepted(notice)
	}
	return nil
}

func again(outcomes []outcome) error {
	var retry *store.RetryAt
	for _, o := range outcomes {
		if o.state == waiting && (retry == nil || o.rcpt.next.Before(retry.At)) {
			retry = &store.RetryAt{At: o.rcpt.next, Err: errors.New(o.answer)}
		}
	}
	if retry == nil {
		return nil
	}
	return retry
}
