package sfu

import "time"

const (
	lossWindow  = 512                    // packets back of the newest that are told apart: as many as the caches keep
	mostHoles   = 128                    // missing at once; with more only a keyframe helps
	mostAsks    = 10                     // for one packet
	holeLife    = 2 * time.Second        // then the picture has gone on without it
	reorderWait = 10 * time.Millisecond  // packets overtake each other
	firstAnswer = 100 * time.Millisecond // an answer may take that long before one was seen
	leastAnswer = 30 * time.Millisecond
	mostAnswer  = 500 * time.Millisecond
)

// losses knows which packets of a stream came and which are to be asked for (RFC 4585 §6.2.1). What a retransmission
// brought counts as come.
type losses struct {
	started bool
	newest  uint16
	came    [lossWindow]bool // by number, of the window that ends with newest
	holes   []hole           // the older the sooner
	answer  time.Duration    // from asking to coming, smoothed; 0: none was seen
}

// hole is a packet that did not come.
type hole struct {
	seq   uint16
	since time.Time
	asked time.Time
	due   time.Time // not to be asked for before
	asks  int
}

// arrived notes a packet. It is not fresh when it came before, or too late to tell; whole is false when so many are
// missing that none is worth to be asked for.
func (l *losses) arrived(seq uint16, now time.Time) (fresh, whole bool) {
	ahead := int16(seq - l.newest)
	switch {
	case !l.started:
		l.begin(seq)
		return true, true
	case ahead > mostHoles || ahead < -dropBack:
		l.begin(seq)
		return true, false
	case ahead > 0:
		l.advance(seq, now)
		return true, len(l.holes) <= mostHoles
	case ahead <= -lossWindow || l.came[seq%lossWindow]:
		return false, true
	}
	l.came[seq%lossWindow] = true
	l.fill(seq, now)
	return true, true
}

// dropBack is how far numbers may go back before the sender is taken to have begun anew.
const dropBack = 3000

// missed tells whether a packet of the window did not come.
func (l *losses) missed(seq uint16) bool {
	ahead := int16(seq - l.newest)
	return l.started && ahead < 0 && ahead > -lossWindow && !l.came[seq%lossWindow]
}

func (l *losses) begin(seq uint16) {
	*l = losses{started: true, newest: seq, answer: l.answer, holes: l.holes[:0]}
	for i := range l.came {
		l.came[i] = true // what came before the first is not missed
	}
}

func (l *losses) advance(seq uint16, now time.Time) {
	for s := l.newest + 1; s != seq; s++ {
		l.came[s%lossWindow] = false
		l.holes = append(l.holes, hole{seq: s, since: now, due: now.Add(reorderWait)})
	}
	l.came[seq%lossWindow], l.newest = true, seq
}

// fill takes a packet off what is missing, and learns how long answers take.
func (l *losses) fill(seq uint16, now time.Time) {
	for i, h := range l.holes {
		if h.seq != seq {
			continue
		}
		if h.asks == 1 {
			l.learn(now.Sub(h.asked))
		}
		l.holes = append(l.holes[:i], l.holes[i+1:]...)
		return
	}
}

func (l *losses) learn(took time.Duration) {
	if l.answer == 0 {
		l.answer = took
	}
	l.answer += (took - l.answer) / 8
}

// wait is how long an answer is given to come before it is asked for again.
func (l *losses) wait(asks int) time.Duration {
	if l.answer == 0 {
		return firstAnswer
	}
	return min(mostAnswer, max(leastAnswer, l.answer*3/2)*time.Duration(min(asks, 4)))
}

// due are the packets to ask for now, given up those that are hopeless, and next the time to look again; zero: when
// more is lost.
func (l *losses) due(now time.Time) (ask []uint16, gaveUp bool, next time.Time) {
	kept := l.holes[:0]
	for _, h := range l.holes {
		if h.asks >= mostAsks && !now.Before(h.due) || now.Sub(h.since) >= holeLife {
			gaveUp = true
			continue
		}
		if !now.Before(h.due) {
			ask = append(ask, h.seq)
			h.asks++
			h.asked, h.due = now, now.Add(l.wait(h.asks))
		}
		if next.IsZero() || h.due.Before(next) {
			next = h.due
		}
		kept = append(kept, h)
	}
	l.holes = kept
	return ask, gaveUp, next
}

// forget gives everything up that is missing.
func (l *losses) forget() { l.holes = l.holes[:0] }
