package sip

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/media"
)

// spoken is a sink that keeps what was said.
type spoken struct {
	mu    sync.Mutex
	words []string
}

func (s *spoken) WriteRTP(p *media.Packet) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.words = append(s.words, string(p.Payload))
}

func (s *spoken) all() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.words)
}

// flood sends to a port as fast as it can, until the test or stop ends it.
func (e *endpoint) flood(to netip.AddrPort) (stop func()) {
	end, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case <-end:
				return
			case <-time.After(100 * time.Microsecond):
				e.send(to, 8, []byte("evil"))
			}
		}
	}()
	return sync.OnceFunc(func() { close(end); <-ended })
}

// described is an offer of A-law at an address.
func described(at netip.AddrPort) string {
	return strings.Replace(strings.ReplaceAll(offer, "127.0.0.1", at.Addr().String()), "audio 9 ",
		fmt.Sprintf("audio %d ", at.Port()), 1)
}

// A stranger floods the port of a call before it is answered, while it is talked, and when the peer moves: he hears
// nothing, is not heard, and the peer loses no packet, wherever its sound comes from.
func TestStrangerFloodsThePort(t *testing.T) {
	b := newBed(t, nil, nil, loopback())
	for name, way := range map[string]struct{ from, says string }{
		"described": {"127.0.0.1", "127.0.0.1"},
		"beside":    {"127.0.0.77", "127.0.0.77"},
		"natted":    {"127.0.0.1", "10.1.2.3"},
	} {
		t.Run(name, func(t *testing.T) {
			w, thief := newWire(t, b.addr("udp")), newEndpointAt(t, "127.0.0.66")
			phone, moved := newEndpointAt(t, way.from), newEndpointAt(t, way.from)
			says := func(e *endpoint) string {
				return described(netip.AddrPortFrom(netip.MustParseAddr(way.says), e.addr().Port()))
			}
			w.send(request("INVITE", "sip:100@{there}", "", name, 1, "", says(phone)))
			g := b.arrival()
			leg := g.Leg.(*Leg)
			port, heard := leg.sound.Local(), &spoken{}
			defer thief.flood(port)()
			g.Answer(media.PCMA())
			_, tag, _ := strings.Cut(field(w.get("SIP/2.0 200"), "To"), ">")
			w.send(request("ACK", "sip:100@{there}", tag, name, 1, "", ""))
			leg.sound.Current().Attach(heard)
			music := media.NewPlayer("music", media.PCMA(), tone(440))
			defer music.Close()
			g.Play(music.Track())
			var want []string
			say := func(e *endpoint, n int) {
				for range n {
					want = append(want, fmt.Sprintf("word %d", len(want)))
					e.seq = uint16(len(want))
					e.send(port, 8, []byte(want[len(want)-1]))
					<-time.After(time.Millisecond)
				}
			}
			say(phone, 50)
			w.send(request("INVITE", "sip:100@{there}", tag, name, 2, "", says(moved)))
			say(phone, 5)
			w.get("SIP/2.0 200")
			w.send(request("ACK", "sip:100@{there}", tag, name, 2, "", ""))
			say(moved, 50)
			eventually(t, "the peer is heard", func() bool { return len(heard.all()) >= len(want) })
			if got := heard.all(); !slices.Equal(got, want) {
				t.Errorf("heard %q, not %q", got, want)
			}
			if _, ok := moved.receives(); !ok {
				t.Error("the peer hears nothing where it moved to")
			}
			if pt, ok := thief.receives(); ok {
				t.Errorf("the stranger hears payload type %d", pt)
			}
			w.bye(name, tag)
		})
	}
}

// A line that is strict is heard from the described place alone.
func TestStrictLine(t *testing.T) {
	line := loopback()
	line.Strict = true
	b := newBed(t, nil, nil, line)
	w, phone := newWire(t, b.addr("udp")), newEndpoint(t)
	w.send(request("INVITE", "sip:100@{there}", "", "strict", 1, "",
		described(netip.MustParseAddrPort("10.1.2.3:4000"))))
	g := b.arrival()
	g.Answer(media.PCMA())
	_, tag, _ := strings.Cut(field(w.get("SIP/2.0 200"), "To"), ">")
	w.send(request("ACK", "sip:100@{there}", tag, "strict", 1, "", ""))
	leg := g.Leg.(*Leg)
	for range 10 {
		phone.send(leg.sound.Local(), 8, []byte("hello"))
	}
	eventually(t, "all are refused", func() bool { return counted(t, leg.core.stats.strangers) == 10 })
	w.bye("strict", tag)
}

// counted is the value of a counter.
func counted(t testing.TB, c prometheus.Counter) float64 {
	t.Helper()
	reg := prometheus.NewRegistry()
	reg.MustRegister(c)
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	return families[0].GetMetric()[0].GetCounter().GetValue()
}
