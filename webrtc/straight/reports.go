package straight

import (
	"sync"

	"github.com/pion/rtcp"
)

// Reports takes what a browser reports (RTCP) to the streams that it is about. Of pion each
// stream would have a goroutine read it. So it is only where pion has interceptors that must see it, or the browser
// takes the long way.
type Reports struct {
	Pions bool // interceptors must see them: pion has them

	mu    sync.Mutex
	heard map[uint32]func(rtcp.Packet) // by ssrc
	long  bool
	reads []func() // have pion's be read, on the long way
}

// Hear has what is reported on a stream told; nil: no more.
func (r *Reports) Hear(ssrc uint32, told func(rtcp.Packet)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if told == nil {
		delete(r.heard, ssrc)
		return
	}
	if r.heard == nil {
		r.heard = map[uint32]func(rtcp.Packet){}
	}
	r.heard[ssrc] = told
}

// Read has begin called when what pion has must be read.
func (r *Reports) Read(begin func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.Pions || r.long {
		begin()
		return
	}
	r.reads = append(r.reads, begin)
}

// ByPion says that the browser takes the long way.
func (r *Reports) ByPion() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.long = true
	for _, begin := range r.reads {
		begin()
	}
	r.reads = nil
}

// Tell tells each packet to those whom it is for. Reports on all packets of a connection name one stream, maybe that of
// its retransmissions: anybody who hears can take them.
func (r *Reports) Tell(packets []rtcp.Packet) {
	for _, p := range packets {
		for _, told := range r.whom(p) {
			told(p)
		}
	}
}

func (r *Reports) whom(p rtcp.Packet) (list []func(rtcp.Packet)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, ssrc := range p.DestinationSSRC() {
		if told := r.heard[ssrc]; told != nil {
			list = append(list, told)
		}
	}
	if _, ok := p.(*rtcp.TransportLayerCC); ok && list == nil {
		for _, told := range r.heard {
			return append(list, told)
		}
	}
	return list
}
