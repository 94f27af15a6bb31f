package queue

import (
	"context"
	"errors"

	"github.com/mjl-/mox/smtpclient"
)

// deliverElsewhere gives a message from a mailbox kept elsewhere to that one's own server, whoever it is for: only
// there its author is proven. A notice about such a message goes to the mailbox itself.
func (q *Queue) deliverElsewhere(ctx context.Context, m *message, rcpts []recipient) []outcome {
	if m.sender == "" {
		return q.deliverLocal(ctx, m, rcpts)
	}
	defer q.metrics.begin()()
	if q.config.Elsewhere == nil {
		return all(rcpts, outcome{state: waiting, enhanced: "4.3.5", answer: "no way out for mailboxes kept elsewhere"})
	}
	client, conn, host, err := q.config.Elsewhere(ctx, m.via)
	var outcomes []outcome
	if err == nil {
		outcomes, err = q.say(ctx, client, conn, host, m, rcpts)
	}
	if err != nil {
		return all(rcpts, refusedElsewhere(host, err))
	}
	return outcomes
}

// refusedElsewhere is the outcome when the server could not be brought to hear the message: a log-in that it refuses
// may be mended until the message is given up.
func refusedElsewhere(host string, err error) outcome {
	o := outcome{state: waiting, enhanced: "4.4.1", answer: err.Error(), remote: host}
	var told smtpclient.Error
	if errors.As(err, &told) && told.Code != 0 {
		o.code, o.answer, o.enhanced = told.Code, whole(told), enhancedCode(400, detail(told))
	}
	return o
}
