package sfu

import (
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"
)

// What one browser may have repeated: enough for a sixth of three good videos to be lost, and no amplifier for who asks
// for all that there was.
const (
	repeatRate  = 125_000 // bytes a second
	repeatBurst = 64 << 10
	mostRepeats = 10 // of one packet
	leastRepeat = 20 * time.Millisecond
	mostRepeat  = 300 * time.Millisecond
)

// repeats limits what is sent once more to one browser, over all that it watches.
type repeats struct {
	budget *rate.Limiter
	trip   atomic.Int64 // nanoseconds to the browser and back; 0: not known
}

func newRepeats() *repeats { return &repeats{budget: rate.NewLimiter(repeatRate, repeatBurst)} }

// cooldown is the least time between two copies of a packet: before the first one can have come, asking again means
// nothing.
func (r *repeats) cooldown() time.Duration {
	return min(mostRepeat, max(leastRepeat, time.Duration(r.trip.Load())))
}

// copies are those that went out of one packet.
type copies struct {
	last  int64 // UnixNano; 0: none
	count int32
}

// allows tells whether a packet of size bytes may be repeated now, and notes that it is.
func (r *repeats) allows(c *copies, size int, now time.Time) bool {
	if c.count >= mostRepeats || time.Duration(now.UnixNano()-c.last) < r.cooldown() || !r.budget.AllowN(now, size) {
		return false
	}
	c.count++
	c.last = now.UnixNano()
	return true
}

// repair is the retransmission stream (RFC 4588); without it packets are repeated as they were.
type repair struct {
	pt   uint8
	ssrc uint32
	seq  uint16
	buf  []byte
}
