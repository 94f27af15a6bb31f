package peer

import (
	"sync"

	"github.com/pion/interceptor"
)

// passage leads packets that come straight (see direct) through the interceptors of a connection, which must see every
// packet: those that report what arrived.
type passage struct {
	used   bool // there are interceptors
	mu     sync.Mutex
	chains map[uint32]interceptor.RTPReader // of all interceptors, by ssrc
}

func newPassage() *passage { return &passage{chains: map[uint32]interceptor.RTPReader{}} }

// around is the registry with an entrance before all of its interceptors and an exit after them; without any, there is
// nothing to pass.
func (p *passage) around(list ...interceptor.Factory) *interceptor.Registry {
	registry := &interceptor.Registry{}
	if len(list) == 0 {
		return registry
	}
	p.used = true
	registry.Add(end{bind: enter})
	for _, f := range list {
		registry.Add(f)
	}
	registry.Add(end{bind: p.leave})
	return registry
}

// chain leads a stream through the interceptors; nil before it is bound.
func (p *passage) chain(ssrc uint32) interceptor.RTPReader {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.chains[ssrc]
}

// end is an interceptor at an end of the passage.
type end struct {
	interceptor.NoOp
	bind func(*interceptor.StreamInfo, interceptor.RTPReader) interceptor.RTPReader
}

// NewInterceptor implements interceptor.Factory.
func (e end) NewInterceptor(string) (interceptor.Interceptor, error) { return &e, nil }

// BindRemoteStream implements interceptor.Interceptor.
func (e *end) BindRemoteStream(info *interceptor.StreamInfo, next interceptor.RTPReader) interceptor.RTPReader {
	return e.bind(info, next)
}

// enter reads what a passenger carries, if there is one, else what pion has.
func enter(_ *interceptor.StreamInfo, next interceptor.RTPReader) interceptor.RTPReader {
	return interceptor.RTPReaderFunc(func(b []byte, a interceptor.Attributes) (int, interceptor.Attributes, error) {
		if p, ok := a[passing{}].(*passenger); ok {
			return copy(b, p.packet), a, nil
		}
		return next.Read(b, a)
	})
}

// MTU is the most that one packet brings.
const MTU = 1500

func (p *passage) leave(info *interceptor.StreamInfo, next interceptor.RTPReader) interceptor.RTPReader {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.chains[info.SSRC] = next
	return next
}

// passing is the attribute that holds the passenger.
type passing struct{}

// passenger carries one packet at a time through a passage.
type passenger struct {
	attributes interceptor.Attributes
	packet     []byte
	room       [MTU]byte
}

// goes takes a packet through.
func (p *passenger) goes(chain interceptor.RTPReader, packet []byte) {
	if p.attributes == nil {
		p.attributes = interceptor.Attributes{}
	}
	clear(p.attributes) // what they note about the packet before
	p.attributes[passing{}], p.packet = p, packet
	_, _, _ = chain.Read(p.room[:], p.attributes) // an interceptor that can't read it reports nothing
}
