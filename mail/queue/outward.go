package queue

import (
	"context"
	"fmt"
)

// deliverRemote sends a message to recipients of one domain, by the way that is configured.
func (q *Queue) deliverRemote(ctx context.Context, m *message, domain string, rcpts []recipient) []outcome {
	defer q.metrics.begin()()
	living, outcomes, err := q.living(ctx, rcpts)
	if err != nil {
		return all(rcpts, outcome{state: waiting, enhanced: "4.3.0", answer: err.Error()})
	}
	if len(living) > 0 {
		outcomes = append(outcomes, q.outward(ctx, m, domain, living)...)
	}
	return outcomes
}

// living are the recipients who exist, as far as is known, and what is told of the others.
func (q *Queue) living(ctx context.Context, rcpts []recipient) (living []recipient, dead []outcome, err error) {
	if q.config.Dead == nil {
		return rcpts, nil, nil
	}
	for _, r := range rcpts {
		e, found, err := q.config.Dead.Find(ctx, r.address)
		if err != nil {
			return nil, nil, err
		}
		if !found {
			living = append(living, r)
			continue
		}
		dead = append(dead, outcome{rcpt: r, state: failed, enhanced: e.Status, answer: fmt.Sprintf(
			"nothing is sent to this address, as its server said on %s that it does not exist: %s\n"+
				"An administrator can have it tried again: Settings, Mail.",
			e.At.UTC().Format("2 January 2006"), e.Answer)})
	}
	return living, dead, nil
}

func (q *Queue) outward(ctx context.Context, m *message, domain string, rcpts []recipient) []outcome {
	hosts, err := q.smartHosts(ctx, m)
	switch {
	case err != nil:
		return all(rcpts, outcome{state: waiting, enhanced: "4.3.0", answer: "smart host: " + err.Error()})
	case len(hosts) > 0:
		return q.viaSmartHosts(ctx, hosts, m, rcpts)
	case q.config.Deliver == MX:
		return q.viaMX(ctx, m, domain, rcpts)
	}
	return all(rcpts, outcome{state: failed, code: 550, enhanced: "5.7.1",
		answer: "this installation sends no mail to other domains (the setting mail.deliver is none)"})
}
