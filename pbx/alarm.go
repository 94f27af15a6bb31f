package pbx

import "time"

// alarm is a moment at which a call has something to do. It belongs to the call's goroutine, which looks after it between messages.
type alarm struct {
	at   time.Time
	ring func()
}

func (a *alarm) set(after time.Duration, ring func()) { a.at, a.ring = time.Now().Add(after), ring }

func (a *alarm) off() { a.at, a.ring = time.Time{}, nil }

// ringDue rings the alarms whose time has come.
func ringDue(alarms []*alarm) {
	for _, a := range alarms {
		if !a.at.IsZero() && !time.Now().Before(a.at) {
			ring := a.ring
			a.off()
			ring()
		}
	}
}

// untilNext is how long to wait for the next alarm.
func untilNext(alarms []*alarm) time.Duration {
	next := time.Hour
	for _, a := range alarms {
		if !a.at.IsZero() {
			next = min(next, max(time.Until(a.at), 0))
		}
	}
	return next
}
