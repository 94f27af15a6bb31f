package net

import (
	"net/netip"
	"sync"
	"sync/atomic"
)

// outbox keeps what is posted on a socket until the round of a reader ends, and sends it together then: runs of
// datagrams to one place as one, which the kernel takes apart late (UDP_SEGMENT).
type outbox struct {
	send   sender
	filled atomic.Bool // something waits

	mu     sync.Mutex
	single bool // this way does not take runs
	items  []posted
	data   []byte
	runs   []run
	latest map[netip.AddrPort]int // run to a place
	batch  batch
}

// sender sends messages of a batch, from one on, and tells how many went. None did: again, when the kernel has no room;
// else the first can't be sent, maybe because segments are nothing that this way knows.
type sender func(b *batch, runs []run, from int) (sent int, again, segments bool)

// posted is a datagram that waits.
type posted struct {
	to       netip.AddrPort
	at, size int
	next     int // of its run
}

func newOutbox(send sender) *outbox {
	return &outbox{send: send, items: make([]posted, 0, mostAtOnce), data: make([]byte, 0, mostAtOnce*MaxDatagram),
		runs: make([]run, 0, mostAtOnce), latest: make(map[netip.AddrPort]int, mostAtOnce)}
}

// put keeps a datagram while wanted says so, at the time when no flush runs.
func (o *outbox) put(data []byte, to netip.AddrPort, wanted func() bool) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !wanted() {
		return false
	}
	if len(o.items) == mostAtOnce {
		o.empty()
	}
	if len(o.items) < mostAtOnce { // else it is lost, as on the way
		o.items = append(o.items, posted{to: to, at: len(o.data), size: len(data)})
		o.data = append(o.data, data...)
		o.filled.Store(true)
	}
	return true
}

// flush sends what waits, and tells whether something had to stay because the kernel has no room.
func (o *outbox) flush() (left bool) {
	if !o.filled.Load() {
		return false
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.empty()
	return o.filled.Load()
}

// empty holds mu.
func (o *outbox) empty() {
	o.gather()
	o.fill()
	done := 0
	for done < len(o.runs) {
		sent, again, segments := o.send(&o.batch, o.runs, done)
		switch {
		case sent > 0:
			done += sent
		case again:
			o.keep(done)
			return
		case o.runs[done].count > 1: // this way does not take the run
			o.single = o.single || !segments
			o.split(done)
			return
		default: // lost, as on the way
			done++
		}
	}
	o.keep(done)
}

// gather makes runs of what waits.
func (o *outbox) gather() {
	o.runs = o.runs[:0]
	clear(o.latest)
	for i := range o.items {
		p := &o.items[i]
		if n, ok := o.latest[p.to]; ok && !o.single && o.runs[n].takes(p.size) {
			r := &o.runs[n]
			o.items[r.last].next = i
			r.last, r.count, r.bytes, r.ended = i, r.count+1, r.bytes+p.size, p.size < r.size
			continue
		}
		o.latest[p.to] = len(o.runs)
		o.runs = append(o.runs, run{to: p.to, first: i, last: i, count: 1, size: p.size, bytes: p.size})
	}
}

// fill describes the runs to the kernel.
func (o *outbox) fill() {
	part := 0
	for i := range o.runs {
		r := &o.runs[i]
		from := part
		for n, at := 0, r.first; n < r.count; n, at = n+1, o.items[at].next {
			o.batch.part(part, o.data[o.items[at].at:][:o.items[at].size])
			part++
		}
		o.batch.message(i, r, from)
	}
}

// keep leaves what is of the runs from one on.
func (o *outbox) keep(from int) {
	items, data := 0, 0
	if from < len(o.runs) {
		wanted := make([]bool, len(o.items)) // rare
		for _, r := range o.runs[from:] {
			for n, at := 0, r.first; n < r.count; n, at = n+1, o.items[at].next {
				wanted[at] = true
			}
		}
		for i, p := range o.items {
			if wanted[i] {
				copy(o.data[data:], o.data[p.at:][:p.size])
				p.at = data
				o.items[items] = p
				items, data = items+1, data+p.size
			}
		}
	}
	o.items, o.data = o.items[:items], o.data[:data]
	o.filled.Store(items > 0)
}

// split sends what is of the runs from one on, each datagram by itself.
func (o *outbox) split(from int) {
	o.keep(from)
	before := o.single
	o.single = true
	o.empty()
	o.single = before
}
