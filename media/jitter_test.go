package media

import (
	"fmt"
	"slices"
	"testing"

	"github.com/pion/rtp"
)

// plain decodes A-law without the filter, so that packets can be told apart.
type plain struct{}

func (plain) Decode(dst []int16, payload []byte) int {
	for i, b := range payload {
		dst[2*i], dst[2*i+1] = aLawToLinear[b], aLawToLinear[b]
	}
	return 2 * len(payload)
}

func plainJitter() *jitter {
	j := newJitter(PCMA())
	j.decode = plain{}
	return j
}

// numbered is a packet of PCMA whose every sample is the level of its number.
func numbered(ssrc uint32, seq uint16) *Packet {
	payload := make([]byte, frameBytes)
	for i := range payload {
		payload[i] = level(seq)
	}
	return &Packet{Header: rtp.Header{Version: 2, SequenceNumber: seq, SSRC: ssrc}, Payload: payload}
}

// level are 16 loud A-law codes, told apart after decoding.
func level(seq uint16) byte { return byte(0x80|seq%16<<3) ^ 0x55 }

// heard pulls frames and tells which packets they are: the number modulo 16, "." for silence, "~" for what replaces a
// lost one.
func heard(j *jitter, frames int) (text string) {
	var frame [frameSamples]int16
	for range frames {
		j.pull(frame[:])
		seq := -1
		for i := range uint16(16) {
			if aLawToLinear[level(i)] == frame[0] {
				seq = int(i)
			}
		}
		switch {
		case seq >= 0:
			text += fmt.Sprintf("%x", seq)
		case frame[0] == 0:
			text += "."
		default:
			text += "~"
		}
	}
	return text
}

func TestJitter(t *testing.T) {
	type step struct {
		put  []int // numbers; 1000 and more: the same of another stream
		want string
	}
	for name, steps := range map[string][]step{
		"it waits for three":              {{[]int{1, 2}, ".."}, {[]int{3}, "123."}},
		"late ones are put in order":      {{[]int{1, 3, 2, 4}, "1234."}},
		"twice is once":                   {{[]int{1, 1, 2, 2, 3, 3}, "123."}},
		"what is lost is faded over":      {{[]int{1, 2, 3, 5}, "123~5."}},
		"what comes too late is dropped":  {{[]int{1, 2, 3, 5}, "123~"}, {[]int{4, 6}, "56."}},
		"after a gap it waits again":      {{[]int{1, 2, 3}, "123.."}, {[]int{4}, "."}, {[]int{5, 6}, "456."}},
		"a burst is cut":                  {{[]int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13}, "bcd."}},
		"another sender begins anew":      {{[]int{1, 2, 3}, "1"}, {[]int{1007, 1008, 1009}, "f01."}},
		"numbers may wrap":                {{[]int{65534, 65535, 65536, 65537}, "ef01."}},
		"a leap is a new stream":          {{[]int{1, 2, 3}, "1"}, {[]int{500, 501, 502}, "456."}},
		"far behind is a new stream, too": {{[]int{30000, 30001, 30002}, "0"}, {[]int{1, 2, 3}, "123."}},
	} {
		t.Run(name, func(t *testing.T) {
			j := plainJitter()
			for i, s := range steps {
				for _, n := range s.put {
					ssrc := uint32(1)
					if n >= 1000 && n < 2000 {
						ssrc = 2
					}
					j.WriteRTP(numbered(ssrc, uint16(n)))
				}
				if got := heard(j, len(s.want)); got != s.want {
					t.Errorf("step %d: heard %s, want %s", i, got, s.want)
				}
			}
		})
	}
}

// A burst that filled the buffer does not delay the sound for ever: one packet a second is given up until it waits as
// short as before.
func TestJitterShortensTheWait(t *testing.T) {
	j := plainJitter()
	seq := uint16(0)
	put := func(n int) {
		for range n {
			j.WriteRTP(numbered(1, seq))
			seq++
		}
	}
	put(8)
	for range 10 * jitterWindow {
		heard(j, 1)
		put(1)
	}
	if wait := int16(j.end - j.next); wait > jitterStart {
		t.Errorf("%d packets still wait", wait)
	}
	lost := 0
	for range 10 * jitterWindow {
		if heard(j, 1) == "." {
			lost++
		}
		put(1)
	}
	if lost > 0 {
		t.Errorf("the wait was cut too short: %d frames of silence", lost)
	}
}

// Packets of any length make the same sound.
func TestJitterPacketLengths(t *testing.T) {
	for _, samples := range []int{80, 240, 480, 960} {
		j := plainJitter()
		for seq := range uint16(6) {
			p := numbered(1, seq)
			p.Payload = slices.Repeat(p.Payload[:80], samples/80)
			j.WriteRTP(p)
		}
		want := ""
		for i := range 5 * samples / frameBytes {
			want += fmt.Sprintf("%x", i*frameBytes/samples)
		}
		if got := heard(j, len(want)); got != want {
			t.Errorf("%d samples: heard %s, want %s", samples, got, want)
		}
	}
}

func FuzzJitter(f *testing.F) {
	f.Add([]byte{1, 0, 1, 3, 1, 0, 2, 3, 1, 0, 3, 3, 9, 9})
	f.Fuzz(func(t *testing.T, script []byte) {
		for _, codec := range []Codec{PCMU(), G722(), Opus()} {
			j := newJitter(codec)
			for rest := script; len(rest) >= 4; {
				size := min(int(rest[3]), len(rest)-4)
				j.WriteRTP(&Packet{Header: rtp.Header{SSRC: uint32(rest[0] >> 6),
					SequenceNumber: uint16(rest[1])<<8 | uint16(rest[2])}, Payload: rest[4 : 4+size]})
				rest = rest[4+size:]
				if size%3 == 0 {
					heard(j, 1)
				}
				if wait := int16(j.end - j.next); wait < 0 || wait > jitterMost {
					t.Fatalf("%d packets wait", wait)
				}
			}
			heard(j, 3)
		}
	})
}
