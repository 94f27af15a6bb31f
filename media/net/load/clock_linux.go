package load

import (
	"runtime"
	"slices"
	"time"

	"golang.org/x/sys/unix"
)

// exact gives the caller a thread that wakes when it shall, not up to 50 µs later together with others.
func exact() {
	runtime.LockOSThread()
	unix.Prctl(unix.PR_SET_TIMERSLACK, 1, 0, 0, 0)
}

func monotonic() time.Duration {
	var t unix.Timespec
	unix.ClockGettime(unix.CLOCK_MONOTONIC, &t)
	return time.Duration(t.Nano())
}

func sleepUntil(due time.Duration) {
	t := unix.NsecToTimespec(int64(due))
	unix.ClockNanosleep(unix.CLOCK_MONOTONIC, unix.TIMER_ABSTIME, &t, nil)
}

// samples are durations in nanoseconds.
type samples []int64

func (s samples) quantile(q float64) time.Duration {
	if len(s) == 0 {
		return 0
	}
	slices.Sort(s)
	return time.Duration(s[int(q*float64(len(s)-1))])
}
