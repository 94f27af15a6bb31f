package media

import (
	"math/rand/v2"
	"testing"

	"github.com/pion/rtp"
)

// in is a packet of a source, want what goes out (drop: nothing).
type step struct {
	source uint32
	ssrc   uint32
	seq    uint16
	ts     uint32

	outSeq uint16
	outTS  uint32
	marker bool
	drop   bool
}

func TestRenumber(t *testing.T) {
	cases := map[string][]step{
		"one source passes unchanged": {
			{1, 9, 65534, 1000, 65534, 1000, false, false},
			{1, 9, 65535, 1160, 65535, 1160, false, false},
			{1, 9, 0, 1320, 0, 1320, false, false},
		},
		"a switch leaves no hole": {
			{1, 9, 100, 1000, 100, 1000, false, false},
			{2, 8, 50000, 77, 101, 1160, true, false},
			{2, 8, 50001, 237, 102, 1320, false, false},
			{1, 9, 101, 1160, 103, 1480, true, false},
		},
		"loss stays a hole": {
			{1, 9, 100, 1000, 100, 1000, false, false},
			{1, 9, 103, 1480, 103, 1480, false, false},
			{2, 9, 5, 5, 104, 1640, true, false},
		},
		"reordered packets keep their places": {
			{1, 9, 100, 1000, 100, 1000, false, false},
			{1, 9, 102, 1320, 102, 1320, false, false},
			{1, 9, 101, 1160, 101, 1160, false, false},
			{2, 9, 7, 0, 103, 1480, true, false},
		},
		"a packet older than the switch has no free number": {
			{1, 9, 100, 1000, 100, 1000, false, false},
			{2, 8, 500, 8000, 101, 1160, true, false},
			{2, 8, 499, 7840, 0, 0, false, true},
			{2, 8, 501, 8160, 102, 1320, false, false},
		},
		"a sender that begins a new stream": {
			{1, 9, 100, 1000, 100, 1000, false, false},
			{1, 8, 3, 9_000_000, 101, 1160, true, false},
		},
		"a sender that begins anew with the same SSRC": {
			{1, 9, 40000, 1000, 40000, 1000, false, false},
			{1, 9, 3, 160, 40001, 1160, true, false},
			{1, 9, 4, 320, 40002, 1320, false, false},
		},
	}
	for name, steps := range cases {
		t.Run(name, func(t *testing.T) {
			r := Renumber{SSRC: 42}
			for i, s := range steps {
				h, ok := r.Rewrite(&Packet{Header: rtp.Header{SSRC: s.ssrc, SequenceNumber: s.seq, Timestamp: s.ts},
					Source: s.source}, 160)
				if ok == s.drop {
					t.Fatalf("step %d: sent %v", i, ok)
				}
				if ok && (h.SequenceNumber != s.outSeq || h.Timestamp != s.outTS || h.Marker != s.marker ||
					h.SSRC != 42) {
					t.Fatalf("step %d: %+v, want seq %d ts %d marker %v", i, h, s.outSeq, s.outTS, s.marker)
				}
			}
		})
	}
}

// A stream may begin with a number of its own, and all others follow from it.
func TestRenumberBegins(t *testing.T) {
	r := Renumber{SSRC: 42, Begin: 2000}
	for i, seq := range []uint16{65535, 1, 0} {
		want := []uint16{2000, 2002, 2001}[i]
		h, ok := r.Rewrite(&Packet{Header: rtp.Header{SequenceNumber: seq}, Source: 1}, 160)
		if !ok || h.SequenceNumber != want {
			t.Errorf("%d goes out as %d, not as %d", seq, h.SequenceNumber, want)
		}
	}
	if h, _ := r.Rewrite(&Packet{Header: rtp.Header{SequenceNumber: 7}, Source: 2}, 160); h.SequenceNumber != 2003 {
		t.Errorf("another source begins with %d", h.SequenceNumber)
	}
}

// No number is used twice for different packets, whatever the network and the switching do.
func TestRenumberNeverReuses(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	r := Renumber{SSRC: 1}
	type origin struct {
		source uint32
		seq    uint16
	}
	used := map[uint16]origin{}
	next := map[uint32]uint16{1: 65000, 2: 3}
	source, sent := uint32(1), 0
	for range 30000 {
		if random.IntN(50) == 0 {
			source = 3 - source
		}
		next[source]++
		seq := next[source] - uint16(random.IntN(8))
		h, ok := r.Rewrite(&Packet{Header: rtp.Header{SequenceNumber: seq}, Source: source}, 160)
		if !ok {
			continue
		}
		sent++
		from := origin{source, seq}
		if before, found := used[h.SequenceNumber]; found && before != from {
			t.Fatalf("number %d was of %v, now of %v", h.SequenceNumber, before, from)
		}
		used[h.SequenceNumber] = from
		delete(used, h.SequenceNumber+20000) // numbers come round
	}
	if sent < 25000 {
		t.Errorf("only %d of 30000 packets were sent", sent)
	}
}

type counter struct{ r Renumber }

func (c *counter) WriteRTP(p *Packet) { c.r.Rewrite(p, 160) }

func TestForwardAllocatesNothing(t *testing.T) {
	track, p := NewTrack("a", PCMA(), nil), sound(1, 1)
	track.Attach(&counter{})
	if n := testing.AllocsPerRun(1000, func() { p.Header.SequenceNumber++; track.WriteRTP(p) }); n != 0 {
		t.Errorf("%v allocations per packet", n)
	}
}

func BenchmarkForward(b *testing.B) {
	track, p := NewTrack("a", PCMA(), nil), sound(1, 1)
	track.Attach(&counter{})
	b.ReportAllocs()
	for b.Loop() {
		p.Header.SequenceNumber++
		track.WriteRTP(p)
	}
}
