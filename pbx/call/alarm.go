package call

import (
	"slices"
	"time"
)

// Alarm is a moment at which a call has something to do.
type Alarm struct {
	at   time.Time
	ring func()
}

// Alarms are those of a call that are set, the first set first. They belong to the call's goroutine, which looks
// after them between messages.
type Alarms struct{ waiting []*Alarm }

// Set lets the alarm ring once, after so long, whatever it was set to before.
func (all *Alarms) Set(a *Alarm, after time.Duration, ring func()) {
	all.Off(a)
	a.at, a.ring = time.Now().Add(after), ring
	all.waiting = append(all.waiting, a)
}

// Off has the alarm not ring.
func (all *Alarms) Off(a *Alarm) {
	all.waiting = slices.DeleteFunc(all.waiting, func(other *Alarm) bool { return other == a })
}

func (all *Alarms) clear() { all.waiting = nil }

// ringDue rings the alarms whose time has come.
func (all *Alarms) ringDue() {
	due := func(a *Alarm) bool { return !time.Now().Before(a.at) }
	for i := slices.IndexFunc(all.waiting, due); i >= 0; i = slices.IndexFunc(all.waiting, due) {
		a := all.waiting[i]
		all.Off(a)
		a.ring()
	}
}

// untilNext is how long to wait for the next alarm.
func (all *Alarms) untilNext() time.Duration {
	next := time.Hour
	for _, a := range all.waiting {
		next = min(next, max(time.Until(a.at), 0))
	}
	return next
}
