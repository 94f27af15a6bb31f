package webrtc

import "time"

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
