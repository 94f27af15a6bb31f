package rtp

import (
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// whereabouts is what signalling tells of a peer's media. It is comparable.
type whereabouts struct {
	media  netip.AddrPort // of its description; unspecified, or port 0: not told
	signal netip.Addr     // where its signalling comes from
	strict bool           // the description alone counts
}

// elsewhere tells whether media may come from another place than the described one: the address is not the one that the
// peer is known by, so it may be one behind NAT. Only from where the signalling comes, then.
func (w whereabouts) elsewhere() bool {
	return !w.strict && w.signal.IsValid() && w.media.Addr() != w.signal
}

func (w whereabouts) told() bool {
	return w.media.Addr().IsValid() && !w.media.Addr().IsUnspecified() && w.media.Port() != 0
}

const (
	latchRTP  = 4               // packets in a row that a source not described must send until it is believed
	latchRTCP = 2               // the same for reports, which come every few seconds
	latchGap  = 4               // a sequence number further ahead is not in a row
	latchAnew = 2 * time.Second // of silence, until a description that is repeated lets the peer be found anew
	maxRivals = 4               // sources that may be on their way to be believed
)

// latch decides whose packets are the peer's, and where to send. The described address is believed at once. Another one
// only where that may be behind NAT (symmetric RTP, RFC 4961), only at the address of the signalling, and only once: so
// no stranger who finds the port is heard or hears (RTPBleed). It is safe for concurrent use.
type latch struct {
	need       int  // packets in a row
	unnumbered bool // packets have no sequence numbers
	to         atomic.Pointer[netip.AddrPort]

	mu      sync.Mutex
	where   whereabouts
	source  netip.AddrPort // who is believed
	before  netip.AddrPort // also believed, until source is heard: what was under way when signalling moved it
	settled bool           // source was heard
	anew    bool           // the description was repeated since
	last    time.Time      // when a packet was believed
	rivals  [maxRivals]rival
	evict   int
}

// rival is a source that is not believed yet.
type rival struct {
	from  netip.AddrPort
	ssrc  uint32
	seq   uint16
	inRow int
}

// remote is where to send; nil: nowhere yet.
func (l *latch) remote() *netip.AddrPort { return l.to.Load() }

// name takes what signalling tells. A description without an address (hold) leaves the one before.
func (l *latch) name(w whereabouts) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !w.told() {
		w.media = l.where.media
	}
	if w == l.where {
		l.anew = true
		return
	}
	if l.settled {
		l.before = l.source
	}
	l.where, l.source, l.settled, l.anew = w, w.media, false, false
	l.rivals = [maxRivals]rival{}
	if w.told() {
		l.to.Store(&w.media)
	}
}

// whose tells whom a packet is from.
type whose int

const (
	stranger whose = iota
	perhaps        // the peer's, if more come like it, or once signalling has told where the peer is
	peer
)

// may tells whether a packet may be the peer's, by its source alone.
func (l *latch) may(from netip.AddrPort, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return from == l.source || from == l.before || from == l.where.media || l.open(from, now)
}

// judge tells whose a packet is.
func (l *latch) judge(from netip.AddrPort, ssrc uint32, seq uint16, now time.Time) whose {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.where == whereabouts{}:
		return perhaps
	case from == l.source:
		l.settled, l.before = true, netip.AddrPort{}
	case from == l.before:
	case from == l.where.media:
		l.settle(from)
	case !l.open(from, now):
		return stranger
	case !l.proven(from, ssrc, seq):
		return perhaps
	default:
		l.settle(from)
	}
	l.last = now
	return peer
}

func (l *latch) settle(from netip.AddrPort) {
	l.source, l.before, l.settled, l.anew = from, netip.AddrPort{}, true, false
	l.to.Store(&from)
}

// open tells whether from may be where the peer really is.
func (l *latch) open(from netip.AddrPort, now time.Time) bool {
	if !l.where.elsewhere() || from.Addr() != l.where.signal {
		return false
	}
	return !l.settled || l.anew && now.Sub(l.last) >= latchAnew
}

// proven counts the packets in a row that a source has sent.
func (l *latch) proven(from netip.AddrPort, ssrc uint32, seq uint16) bool {
	r := l.rival(from)
	if ahead := seq - r.seq; r.inRow > 0 && r.ssrc == ssrc && (l.unnumbered || ahead > 0 && ahead <= latchGap) {
		r.inRow++
	} else {
		r.inRow = 1
	}
	r.ssrc, r.seq = ssrc, seq
	return r.inRow >= l.need
}

// rival finds the source's record or begins one, in the place of the one begun first.
func (l *latch) rival(from netip.AddrPort) *rival {
	for i := range l.rivals {
		if l.rivals[i].from == from {
			return &l.rivals[i]
		}
	}
	r := &l.rivals[l.evict]
	l.evict = (l.evict + 1) % maxRivals
	*r = rival{from: from}
	return r
}
