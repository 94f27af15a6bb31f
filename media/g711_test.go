package media

import "testing"

// Values of ITU-T G.711, tables 1a and 2a, in 16-bit scale.
func TestG711Known(t *testing.T) {
	cases := []struct {
		pcm        int16
		aLaw, uLaw byte
	}{
		{0, 0xD5, 0xFF}, {-1, 0x55, 0x7F}, {32767, 0xAA, 0x80}, {-32768, 0x2A, 0x00}, {1000, 0xFA, 0xCE},
		{-1000, 0x7A, 0x4E},
	}
	for _, c := range cases {
		var a, u [1]byte
		encodeG711(&linearToALaw, a[:], []int16{c.pcm})
		encodeG711(&linearToULaw, u[:], []int16{c.pcm})
		if a[0] != c.aLaw || u[0] != c.uLaw {
			t.Errorf("%d: A-law %02X, µ-law %02X; want %02X, %02X", c.pcm, a[0], u[0], c.aLaw, c.uLaw)
		}
	}
}

// Every byte survives decode and encode, and every sample comes back within half a step of its segment.
func TestG711RoundTrip(t *testing.T) {
	for i := range 256 {
		b := []byte{byte(i)}
		var pcm [1]int16
		var back [1]byte
		decodeG711(&aLawToLinear, pcm[:], b)
		encodeG711(&linearToALaw, back[:], pcm[:])
		if back[0] != b[0] {
			t.Errorf("A-law %02X comes back as %02X", b[0], back[0])
		}
		decodeG711(&uLawToLinear, pcm[:], b)
		encodeG711(&linearToULaw, back[:], pcm[:])
		if back[0] != b[0] && b[0] != 0x7F { // negative zero
			t.Errorf("µ-law %02X comes back as %02X", b[0], back[0])
		}
	}
	for s := -32768; s <= 32767; s++ {
		limit := max(abs(s)/16, 16)
		for name, got := range map[string]int{"A": throughA(int16(s)), "µ": throughU(int16(s))} {
			if abs(got-s) > limit {
				t.Fatalf("%s-law: %d becomes %d", name, s, got)
			}
		}
	}
}

func throughA(s int16) int { return int(aLawToLinear[linearToALaw[uint16(s)>>g711Drop]]) }
func throughU(s int16) int { return int(uLawToLinear[linearToULaw[uint16(s)>>g711Drop]]) }

func abs(n int) int { return max(n, -n) }
