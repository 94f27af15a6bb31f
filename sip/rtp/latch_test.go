package rtp

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/media"
)

// The places of these tests: a peer known by 198.51.100.7, its media there or elsewhere, and strangers.
const (
	known   = "198.51.100.7"
	atKnown = "198.51.100.7:4000"
	mapped  = "198.51.100.7:61000" // what its NAT makes of a private address
	beside  = "203.0.113.9:4000"   // a media server beside the signalling
	private = "10.0.0.5:4000"
	thief   = "192.0.2.66:4000"
)

// play lets packets come in a row, 20 ms apart, and returns how many were the peer's and how many may be.
func (l *latch) play(from string, ssrc uint32, seq, n int, at time.Time) (peers, maybes int) {
	for i := range n {
		switch l.judge(addrPort(from), ssrc, uint16(seq+i), at.Add(time.Duration(i)*20*time.Millisecond)) {
		case peer:
			peers++
		case perhaps:
			maybes++
		}
	}
	return peers, maybes
}

func at(media string, strict bool) whereabouts {
	return whereabouts{media: addrPort(media), signal: netip.MustParseAddr(known), strict: strict}
}

func newLatch(w whereabouts) *latch {
	l := &latch{need: latchRTP}
	l.name(w)
	return l
}

// Who is believed, for each kind of description: packets believed of ten.
func TestWhoIsBelieved(t *testing.T) {
	for name, c := range map[string]struct {
		at    whereabouts
		from  string
		peers int
	}{
		"the described place": {at(atKnown, false), atKnown, 10},
		"a stranger":          {at(atKnown, false), thief, 0},
		"another port of a peer that is not behind NAT":              {at(atKnown, false), mapped, 0},
		"a media server beside the signalling":                       {at(beside, false), beside, 10},
		"another port of that media server":                          {at(beside, false), "203.0.113.9:4002", 0},
		"the signalling's address, the media described as elsewhere": {at(beside, false), mapped, 7},
		"a phone behind NAT":                                         {at(private, false), mapped, 7},
		"a phone behind NAT by its private address":                  {at(private, false), private, 10},
		"a stranger, the phone being behind NAT":                     {at(private, false), thief, 0},
		"a stranger in the phone's private network":                  {at(private, false), "10.0.0.5:4002", 0},
		"a strict line by its description":                           {at(beside, true), beside, 10},
		"a strict line from its signalling's address":                {at(private, true), mapped, 0},
		"a phone on hold from the start":                             {at("0.0.0.0:4000", false), mapped, 7},
		"a strict line on hold from the start":                       {at("0.0.0.0:4000", true), mapped, 0},
		"a peer whose signalling comes from nowhere known":           {whereabouts{media: addrPort(private)}, mapped, 0},
	} {
		l := newLatch(c.at)
		peers, maybes := l.play(c.from, 7, 65530, 10, time.Now())
		if peers != c.peers || peers > 0 && peers+maybes != 10 {
			t.Errorf("%s: %d of 10 believed, %d may be, want %d", name, peers, maybes, c.peers)
		}
	}
}

// A thief floods before, during and after a move: nothing of it is believed, nothing goes to it, and no packet of the
// peer is refused.
func TestThiefFloods(t *testing.T) {
	for name, way := range map[string][2]string{"described": {atKnown, atKnown}, "behind NAT": {private, mapped}} {
		now := time.Now()
		l := &latch{need: latchRTP}
		thieves := 0
		flood := func(n int) {
			for i := range n {
				if l.judge(addrPort(thief), 9, uint16(i), now) == peer {
					thieves++
				}
			}
		}
		flood(50)
		l.name(at(way[0], false))
		flood(50)
		refused := 0
		talk := func(from string, seq, n int) {
			for i := range n {
				now = now.Add(20 * time.Millisecond)
				if l.judge(addrPort(from), 7, uint16(seq+i), now) == stranger {
					refused++
				}
				flood(10)
			}
		}
		talk(way[1], 100, 50)
		now = now.Add(time.Minute) // of silence
		flood(50)
		l.name(at("10.0.0.5:5000", false))
		flood(50)
		talk(way[1], 150, 3) // under way when it moved
		talk("10.0.0.5:5000", 153, 50)
		now = now.Add(time.Minute)
		l.name(at("10.0.0.5:5000", false)) // a refresh
		flood(50)
		talk("10.0.0.5:5000", 203, 50)
		if to := *l.remote(); thieves > 0 || refused > 0 || to != addrPort("10.0.0.5:5000") {
			t.Errorf("%s: %d packets of the thief believed, %d of the peer refused, sent to %s", name, thieves, refused,
				to)
		}
	}
}

// The description is believed at once where it moves the peer, and what comes from the old place later is a stranger's.
func TestMove(t *testing.T) {
	l := newLatch(at(atKnown, false))
	l.play(atKnown, 7, 0, 5, time.Now())
	l.name(at(beside, false))
	if *l.remote() != addrPort(beside) {
		t.Errorf("sent to %s after the move", l.remote())
	}
	if n, _ := l.play(beside, 8, 100, 5, time.Now()); n != 5 {
		t.Errorf("%d of 5 from the new place", n)
	}
	if n, _ := l.play(atKnown, 7, 5, 5, time.Now()); n != 0 {
		t.Errorf("%d of 5 from the old place", n)
	}
}

// Packets that don't hold together are not believed; among several sources the first whose do is taken, once.
func TestLatchOnce(t *testing.T) {
	l := newLatch(at(private, false))
	now := time.Now()
	for i := range 50 { // another number each time, or another stream
		if l.judge(addrPort("198.51.100.7:1111"), 9, uint16(i*100), now) == peer ||
			l.judge(addrPort("198.51.100.7:2222"), uint32(i), uint16(i), now) == peer {
			t.Fatal("a source without order is believed")
		}
	}
	l.play(mapped, 7, 0, 4, now)
	if to := *l.remote(); to != addrPort(mapped) {
		t.Errorf("sent to %s", to)
	}
	late := now.Add(time.Minute)
	if n, maybes := l.play("198.51.100.7:3333", 8, 0, 10, late); n+maybes > 0 {
		t.Errorf("%d packets of another source, after one was taken", n+maybes)
	}
	if n, _ := l.play(private, 8, 0, 10, late); n != 10 || *l.remote() != addrPort(private) {
		t.Errorf("the described place is not believed: %d of 10", n)
	}
}

// A phone comes back from hold, its NAT gave it another port meanwhile: found anew once the description is repeated and
// the old place is silent.
func TestLatchAnewAfterHold(t *testing.T) {
	l := newLatch(at(private, false))
	now := time.Now()
	l.play(mapped, 7, 0, 10, now)
	l.name(at("0.0.0.0:4000", false))
	l.name(at(private, false))
	if n, _ := l.play("198.51.100.7:62000", 7, 10, 10, now.Add(200*time.Millisecond)); n != 0 {
		t.Errorf("%d packets of another place while the old one sends", n)
	}
	if n, _ := l.play("198.51.100.7:62000", 7, 20, 10, now.Add(time.Minute)); n != 7 {
		t.Errorf("%d of 10 packets after a minute, want 7", n)
	}
}

// What the peer says before its description has come is not lost to a thief who floods the port then.
func TestThiefFloodsBeforeTheDescription(t *testing.T) {
	from := func(s *Stream, at, word string, seq uint16) {
		p := rtp.Packet{Header: rtp.Header{Version: 2, PayloadType: 8, SequenceNumber: seq, SSRC: 7},
			Payload: []byte(word)}
		data, err := p.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		s.receive(data, addrPort(at))
	}
	s := newStream(nil, &certificates{}, prometheus.NewCounter(prometheus.CounterOpts{Name: "strangers"}))
	for seq := range uint16(5) {
		from(s, atKnown, fmt.Sprint(seq), seq)
		for range 100 {
			from(s, thief, "evil", seq)
		}
	}
	s.set("t", formats{codec: media.PCMA(), inAudio: 8, inEvent: 101}, at(atKnown, false), netip.AddrPort{})
	c := &counter{got: make(chan string, 10)}
	s.track.Load().Attach(c)
	from(s, atKnown, "5", 5)
	close(c.got)
	heard := ""
	for word := range c.got {
		heard += word + " "
	}
	if heard != "false 0 false 1 false 2 false 3 false 4 false 5 " {
		t.Errorf("heard %q", heard)
	}
}
