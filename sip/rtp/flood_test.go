package rtp

import (
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/media"
)

// tally is a sink that counts.
type tally struct{ n atomic.Int64 }

func (c *tally) WriteRTP(*media.Packet) { c.n.Add(1) }

// Who floods a media port with garbage, by the standard as much as against it, costs no call a packet: neither the one
// whose port it is nor the others. The flood is as dense as one of 20,000 a second: 200 between two packets of a phone
// that come 10 ms apart.
func TestGarbageCostsNoPacket(t *testing.T) {
	const phones, rounds, garbage = 20, 100, 200
	ports, strangers := testPorts(t), prometheus.NewCounter(prometheus.CounterOpts{Name: "strangers"})
	stranger := newSocketAt(t, "127.0.0.66")
	var all [phones]*socket
	var streams [phones]*Stream
	var heard [phones]tally
	for i := range all {
		all[i] = newSocket(t)
		streams[i] = openStream(t, ports, all[i].addr(), strangers)
		streams[i].track.Load().Attach(&heard[i])
	}
	for round := range rounds {
		for i := range garbage {
			if i%2 == 0 {
				stranger.conn.WriteToUDPAddrPort([]byte(fmt.Sprintf("GET /%d HTTP/1.1\r\n\r\n", i)), streams[0].Local())
			} else {
				stranger.send(streams[0].Local(), 8, make([]byte, 160))
			}
		}
		for i, p := range all {
			p.send(streams[i].Local(), 8, make([]byte, 160))
		}
		until(t, "what the phones sent", func() bool {
			for i := range heard {
				if heard[i].n.Load() != int64(round+1) {
					return false
				}
			}
			return true
		})
	}
	if n := valueOf(t, strangers); n != rounds*garbage/2 {
		t.Errorf("%v packets were taken for a stranger's, not %d", n, rounds*garbage/2)
	}
}
