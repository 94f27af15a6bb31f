package sfu

import (
	"slices"
	"testing"
	"time"
)

func TestLosses(t *testing.T) {
	at := time.Unix(1000, 0)
	now := func(ms int) time.Time { return at.Add(time.Duration(ms) * time.Millisecond) }
	var l losses
	for seq := range uint16(5) {
		l.arrived(65533+seq, now(0)) // over the wrap
	}
	l.arrived(4, now(0))
	if ask, _, next := l.due(now(5)); len(ask) != 0 || next != now(10) {
		t.Errorf("asks for %v at once: packets overtake each other", ask)
	}
	l.arrived(2, now(6)) // was only late
	if ask, _, _ := l.due(now(10)); !slices.Equal(ask, []uint16{3}) {
		t.Errorf("asks for %v", ask)
	}
	if ask, _, next := l.due(now(60)); len(ask) != 0 || next != now(110) {
		t.Errorf("asks again for %v, next in %v: no answer can be here", ask, next.Sub(at))
	}
	if fresh, _ := l.arrived(3, now(70)); !fresh {
		t.Error("what RTX brought is not taken")
	}
	if fresh, _ := l.arrived(3, now(71)); fresh {
		t.Error("is taken twice")
	}
	if ask, _, next := l.due(now(1000)); len(ask) != 0 || !next.IsZero() {
		t.Errorf("asks for %v, which came", ask)
	}
	if l.answer != 60*time.Millisecond {
		t.Errorf("an answer takes %v", l.answer)
	}
}

func TestLossesGiveUp(t *testing.T) {
	at := time.Unix(1000, 0)
	var l losses
	l.arrived(1, at)
	l.arrived(3, at)
	asks, gaveUp := 0, false
	for now := at; now.Before(at.Add(5 * time.Second)); now = now.Add(time.Millisecond) {
		ask, hopeless, _ := l.due(now)
		asks += len(ask)
		gaveUp = gaveUp || hopeless
	}
	if asks < 3 || asks > mostAsks || !gaveUp || len(l.holes) != 0 {
		t.Errorf("asked %d times, gave up %v", asks, gaveUp)
	}
	if _, whole := l.arrived(500, at); whole || len(l.holes) != 0 {
		t.Errorf("after a hole of 500 %d are asked for", len(l.holes))
	}
	if fresh, _ := l.arrived(499, at); fresh {
		t.Error("a packet from before the new beginning is taken")
	}
}

// TestAsker: half of what is sent is lost, and half of what is asked for; all comes in the end, and nothing is asked
// for once it came.
func TestAsker(t *testing.T) {
	var a asker
	asked := make(chan []uint16, 1000)
	a.send = func(seqs []uint16) { asked <- slices.Clone(seqs) }
	a.hopeless = func() { t.Error("gave up") }
	const packets = 40
	for seq := range uint16(packets) {
		if seq%2 == 0 || seq == packets-1 {
			a.arrived(seq)
		}
	}
	missing := packets/2 - 1
	for round := 0; missing > 0; round++ {
		for i, seq := range <-asked {
			if i%2 == 0 {
				if !a.arrived(seq) {
					t.Errorf("%d was asked for though it came", seq)
				}
				missing--
			}
		}
	}
	a.close()
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.lost.holes) != 0 {
		t.Errorf("still misses %v", a.lost.holes)
	}
}

func TestRepeats(t *testing.T) {
	r, at := newRepeats(), time.Now()
	var p copies
	sent := 0
	for ms := range 1000 {
		if r.allows(&p, 1000, at.Add(time.Duration(ms)*time.Millisecond)) {
			sent++
		}
	}
	if sent != mostRepeats {
		t.Errorf("one packet went out %d times", sent)
	}
	sent = 0
	for range 20_000 {
		if r.allows(&copies{}, 1000, at.Add(time.Second)) {
			sent++
		}
	}
	if sent*1000 > repeatBurst {
		t.Errorf("%d bytes were drawn at once", sent*1000)
	}
}
