package queue

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
	noted    bool   // in the transaction that delivered it
	cut      bool   // short, by the end of this worker: as if it had not been tried
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
