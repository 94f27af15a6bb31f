package queue

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"frontdesk/mail/bounce"
	"frontdesk/store"
)

// settle writes outcomes down, tells the sender what went wrong, and says when to try again. The end of ctx does not
// keep it from that: what happened, happened. store.ErrLeaseLost when nothing was written because others have taken
// over.
func (q *Queue) settle(ctx context.Context, m *message, outcomes []outcome) error {
	now := time.Now()
	var failures, delays []outcome
	for i := range outcomes {
		o := &outcomes[i]
		o.cut = ctx.Err() != nil && o.state == waiting && o.code == 0
		q.plan(m, o, now)
		switch {
		case o.state == failed:
			failures = append(failures, *o)
		case o.state == waiting && !o.cut && !o.rcpt.warned && now.Sub(m.created) >= q.config.Warn:
			o.rcpt.warned = true
			delays = append(delays, *o)
		}
		q.report(m, *o)
	}
	var notices []*prepared
	err := q.insist(ctx, m, func(ctx context.Context) (err error) {
		if notices == nil {
			if notices, err = q.notices(ctx, m, failures, delays); err != nil {
				return err
			}
		}
		return q.commit(ctx, m, outcomes, notices, now)
	})
	if err != nil {
		return err
	}
	return again(outcomes)
}

// insist writes until it succeeds, for as long as the claim keeps others away: the database may be away for a while,
// and what a server has taken must not be sent again for that. The end of ctx leaves it one more try.
func (q *Queue) insist(ctx context.Context, m *message, write func(context.Context) error) error {
	for try := 1; ; try++ {
		err := write(context.WithoutCancel(ctx))
		if err == nil || errors.Is(err, store.ErrLeaseLost) || ctx.Err() != nil || time.Now().After(m.until) {
			return err
		}
		if try == 1 {
			q.log.Error("the outcome of a mail can't be written yet", "msg", m.id, "err", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(time.Second):
		}
	}
}

// plan decides on the next attempt, or that there is none.
func (q *Queue) plan(m *message, o *outcome, now time.Time) {
	if o.cut {
		o.rcpt.next = now
		return
	}
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
	q.log.Info("mail "+o.state, "msg", m.id, "to", o.rcpt.address, "remote", o.remote, "code", o.code, "answer",
		o.answer, "attempt", o.rcpt.attempts)
}

func (q *Queue) commit(ctx context.Context, m *message, outcomes []outcome, notices []*prepared, now time.Time) error {
	err := q.db.Tx(ctx, func(tx *store.Tx) error {
		if err := note(ctx, tx, m, outcomes, now); err != nil {
			return err
		}
		if err := q.bury(ctx, tx, outcomes); err != nil {
			return err
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

// bury notes the addresses that other servers said don't exist.
func (q *Queue) bury(ctx context.Context, tx *store.Tx, outcomes []outcome) error {
	for _, o := range outcomes {
		if q.config.Dead == nil || o.state != failed || o.code == 0 || o.noted {
			continue
		}
		if err := q.config.Dead.Add(ctx, tx, bounce.Failure{Address: o.rcpt.address, Status: o.enhanced,
			Answer: o.answer}); err != nil {
			return err
		}
	}
	return nil
}

// note writes outcomes down. Recipients are taken over together, so when none is left to write, others have them.
func note(ctx context.Context, tx *store.Tx, m *message, outcomes []outcome, now time.Time) error {
	ours := false
	for _, o := range outcomes {
		if o.noted {
			ours = true
			continue
		}
		wrote, err := o.write(ctx, tx, m.claim, now)
		if err != nil {
			return err
		}
		ours = ours || wrote
	}
	if !ours {
		return store.ErrLeaseLost
	}
	return nil
}

// finish forgets a message of which nothing waits.
func (q *Queue) finish(ctx context.Context, m *message) error {
	return q.db.Tx(ctx, func(tx *store.Tx) error { return forget(ctx, tx, m.id, time.Now()) })
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
