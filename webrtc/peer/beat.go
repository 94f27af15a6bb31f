package peer

import (
	"time"

	"github.com/pion/rtcp"
)

// beat is how often each connected browser hears from us, whatever else there is to say: one that hears nothing for
// longer knows that its network is gone, long before ICE does, and mends its connection.
const beat = 500 * time.Millisecond

// beats until the transport closes: an empty report (RFC 3550 §6.1) to every peer that hears nothing else.
func (t *Transport) beats() {
	tick := time.NewTicker(beat / 2)
	defer tick.Stop()
	empty := []rtcp.Packet{&rtcp.ReceiverReport{SSRC: 1}}
	for {
		select {
		case <-tick.C:
		case <-t.life.Done():
			return
		}
		t.peers.Range(func(key, _ any) bool {
			if p := key.(*Peer); p.live.Load() && p.silent() {
				_ = p.WriteRTCP(empty) // the next one comes soon
			}
			return true
		})
	}
}

// silent tells, asked each half beat, whether it is time to say something.
func (p *Peer) silent() bool {
	if p.direct.out.said.Swap(false) {
		p.quiet = 0
		return false
	}
	p.quiet++
	return p.quiet%2 == 1
}
