package net

import (
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// slice is how long a thread runs at most while others want its processor. In return it is let in soon when it is woken
// (from Linux 6.12 on; before, it changes nothing).
const slice = 100 * time.Microsecond

// prompt has a goroutine that naps much run soon after each, also on a machine that others keep busy.
type prompt struct {
	on     bool
	before *unix.SchedAttr // of its thread; nil: unchanged
}

// set takes the goroutine a thread of its own and asks for it to be let in soon, or gives both up.
func (p *prompt) set(on bool) {
	if on == p.on {
		return
	}
	if p.on = on; on {
		runtime.LockOSThread()
		p.hurry()
		return
	}
	if p.before != nil {
		p.before.Runtime = 0 // as it is by default
		unix.SchedSetAttr(0, p.before, 0)
	}
	runtime.UnlockOSThread()
}

// hurry leaves threads alone that an administrator made real-time ones.
func (p *prompt) hurry() {
	now, err := unix.SchedGetAttr(0, 0)
	if p.before = now; err != nil || now.Policy != unix.SCHED_NORMAL {
		p.before = nil
		return
	}
	short := *now
	short.Runtime = uint64(slice)
	unix.SchedSetAttr(0, &short, 0)
}
