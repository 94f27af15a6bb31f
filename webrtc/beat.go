package webrtc

import (
	"time"

	"github.com/pion/rtcp"
)

// beat is how often each connected browser hears from us, whatever else there is to say: one that hears nothing for
// longer knows that its network is gone, long before ICE does, and mends its connection.
const beat = 500 * time.Millisecond

// beats until the endpoint closes: an empty report (RFC 3550 §6.1) to every peer.
func (e *Endpoint) beats() {
	tick := time.NewTicker(beat)
	defer tick.Stop()
	empty := []rtcp.Packet{&rtcp.ReceiverReport{SSRC: 1}}
	for {
		select {
		case <-tick.C:
		case <-e.quit:
			return
		}
		e.peers.Range(func(key, _ any) bool {
			if p := key.(*peer); p.live.Load() {
				_ = p.pc.WriteRTCP(empty) // the next one comes soon
			}
			return true
		})
	}
}

// allotEvery is how often the sizes of videos are looked at.
const allotEvery = 100 * time.Millisecond

// allots chooses sizes for all who watch until the endpoint closes.
func (e *Endpoint) allots() {
	tick := time.NewTicker(allotEvery)
	defer tick.Stop()
	for {
		select {
		case now := <-tick.C:
			e.subs.Range(func(key, _ any) bool { key.(*subscriber).allot(now); return true })
		case <-e.quit:
			return
		}
	}
}
