package media

import (
	"testing"

	"github.com/pion/rtp"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// tape keeps what reaches a sink.
type tape struct {
	packets []Packet
}

func (r *tape) WriteRTP(p *Packet) {
	copied := *p
	copied.Payload = append([]byte(nil), p.Payload...)
	r.packets = append(r.packets, copied)
}

func sound(seq uint16, ts uint32) *Packet {
	return &Packet{Header: rtp.Header{Version: 2, SequenceNumber: seq, Timestamp: ts, SSRC: 7},
		Payload: make([]byte, 160)}
}
