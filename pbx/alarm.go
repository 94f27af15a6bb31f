package pbx

import (
	"slices"
	"time"
)

// alarm is a moment at which a call has something to do.
type alarm struct {
	at   time.Time
	ring func()
}

// alarms are those of a call that are set, the first set first. They belong to the call's goroutine, which looks
// after them between messages.
type alarms struct{ waiting []*alarm }

// set lets the alarm ring once, after so long, whatever it was set to before.
func (all *alarms) set(a *alarm, after time.Duration, ring func()) {
	all.off(a)
	a.at, a.ring = time.Now().Add(after), ring
	all.waiting = append(all.waiting, a)
}

func (all *alarms) off(a *alarm) {
	all.waiting = slices.DeleteFunc(all.waiting, func(other *alarm) bool { return other == a })
}

func (all *alarms) clear() { all.waiting = nil }

// ringDue rings the alarms whose time has come.
func (all *alarms) ringDue() {
	due := func(a *alarm) bool { return !time.Now().Before(a.at) }
	for i := slices.IndexFunc(all.waiting, due); i >= 0; i = slices.IndexFunc(all.waiting, due) {
		a := all.waiting[i]
		all.off(a)
		a.ring()
	}
}

// untilNext is how long to wait for the next alarm.
func (all *alarms) untilNext() time.Duration {
	next := time.Hour
	for _, a := range all.waiting {
		next = min(next, max(time.Until(a.at), 0))
	}
	return next
}
