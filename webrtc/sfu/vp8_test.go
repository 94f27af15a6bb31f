package sfu

import (
	"testing"

	"frontdesk/media"
)

// A descriptor that says more than the packet holds is read as far as it goes, and not beyond.
func TestCutVP8(t *testing.T) {
	for _, whole := range [][]byte{{0x90, 0xf0, 0x81, 2, 3, 4, 0x10}, {0x80, 0x80, 0x80}, {0x80, 0x40}, {0x80, 0x80},
		{0x80, 0x30}, {0x80, 0xf0, 0xff, 0xff}} {
		for n := range len(whole) + 1 {
			s := sizing{}
			s.passes(&media.Packet{Payload: whole[:n]}, func(uint8) {})
		}
	}
}
