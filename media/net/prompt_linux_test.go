package net

import (
	"testing"

	"golang.org/x/sys/unix"
)

// A reader asks for short turns while it looks by the clock, and has the usual ones after.
func TestPrompt(t *testing.T) {
	turn := func() uint64 {
		a, err := unix.SchedGetAttr(0, 0)
		if err != nil || a.Policy != unix.SCHED_NORMAL || a.Runtime == 0 {
			t.Skip("this system does not tell how long turns are")
		}
		return a.Runtime
	}
	var p prompt
	p.set(true)
	p.set(true)
	if now := turn(); now != uint64(slice) {
		t.Errorf("turns of %d ns", now)
	}
	p.before.Runtime = 0
	unix.SchedSetAttr(0, p.before, 0)
	usual := turn()
	p.hurry()
	thread := unix.Gettid()
	p.set(false)
	if now := turn(); now != usual && thread == unix.Gettid() {
		t.Errorf("turns of %d ns after, not %d", now, usual)
	}
}
