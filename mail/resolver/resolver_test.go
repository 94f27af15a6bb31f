package resolver

import (
	"encoding/binary"
	"log/slog"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"golang.org/x/net/dns/dnsmessage"

	"frontdesk/testwait"
)

// zone is a DNS server of one domain that counts what it is asked.
type zone struct {
	asked  atomic.Int32
	socket net.PacketConn
}

func newZone(t *testing.T) *zone {
	socket, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	streams, err := net.Listen("tcp", socket.LocalAddr().String())
	if err != nil {
		t.Fatal(err)
	}
	z := &zone{socket: socket}
	var serving sync.WaitGroup
	serving.Go(z.serve)
	serving.Go(func() { z.serveStreams(streams) })
	t.Cleanup(func() { socket.Close(); streams.Close(); serving.Wait() })
	return z
}

// serveStreams answers over TCP, where there is room for all.
func (z *zone) serveStreams(l net.Listener) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		z.asked.Add(1)
		buf := make([]byte, 1500)
		var m dnsmessage.Message
		if n, err := c.Read(buf); err == nil && m.Unpack(buf[2:n]) == nil {
			reply := answerTo(m.Header, m.Questions[0])
			packed, _ := reply.Pack()
			c.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(packed))), packed...))
		}
		c.Close()
	}
}

func (z *zone) serve() {
	buf := make([]byte, 1500)
	for {
		n, from, err := z.socket.ReadFrom(buf)
		if err != nil {
			return
		}
		z.asked.Add(1)
		var m dnsmessage.Message
		if m.Unpack(buf[:n]) == nil {
			reply := answerTo(m.Header, m.Questions[0])
			if name := m.Questions[0].Name.String(); strings.HasPrefix(name, "long") ||
				strings.HasPrefix(name, "stream") {
				reply.Truncated, reply.Answers = true, nil
			}
			packed, _ := reply.Pack()
			z.socket.WriteTo(packed, from)
		}
	}
}

// answerTo: a name says what is known of it.
func answerTo(asked dnsmessage.Header, q dnsmessage.Question) dnsmessage.Message {
	m := dnsmessage.Message{Header: dnsmessage.Header{ID: asked.ID, Response: true, RecursionAvailable: true,
		AuthenticData: asked.AuthenticData}, Questions: []dnsmessage.Question{q}}
	head := func(kind dnsmessage.Type, ttl uint32) dnsmessage.ResourceHeader {
		return dnsmessage.ResourceHeader{Name: q.Name, Type: kind, Class: dnsmessage.ClassINET, TTL: ttl}
	}
	ttls := map[string]uint32{"day": 86400, "second": 1, "never": 0, "long": 86400, "stream": 86400}
	name, _, _ := strings.Cut(q.Name.String(), ".")
	ttl, known := ttls[name]
	switch {
	case name == "broken":
		m.RCode = dnsmessage.RCodeServerFailure
	case known && q.Type == dnsmessage.TypeTXT:
		text := []string{"v=spf1 -all"}
		if name == "long" {
			text = slices.Repeat([]string{strings.Repeat("x", 250)}, 5)
		}
		m.Answers = []dnsmessage.Resource{{Header: head(dnsmessage.TypeTXT, ttl),
			Body: &dnsmessage.TXTResource{TXT: text}},
			{Header: head(dnsmessage.TypeTXT, 86400), Body: &dnsmessage.TXTResource{TXT: text}}}
	case known && q.Type == dnsmessage.TypeA:
		m.Answers = []dnsmessage.Resource{{Header: head(dnsmessage.TypeA, ttl),
			Body: &dnsmessage.AResource{A: [4]byte{192, 0, 2, 1}}}}
	case !known:
		m.RCode = dnsmessage.RCodeNameError
	}
	if len(m.Answers) == 0 && (known || name == "absent") {
		m.Authorities = []dnsmessage.Resource{{Header: head(dnsmessage.TypeSOA, 60),
			Body: &dnsmessage.SOAResource{NS: q.Name, MBox: q.Name, MinTTL: 60}}}
	}
	return m
}

// Answers are believed as long as they say, what is not there as long as the zone says, and trouble never.
func TestAnswersHoldForTheirTime(t *testing.T) {
	z := newZone(t)
	r := New(z.socket.LocalAddr().String(), slog.New(slog.DiscardHandler))
	ask := func(name string) (int32, error) {
		before := z.asked.Load()
		list, result, err := r.LookupTXT(t.Context(), name+".zone.test.")
		if err == nil && (len(list) != 2 || !result.Authentic) {
			t.Errorf("%s: %d texts, authentic %v", name, len(list), result.Authentic)
		}
		if len(list) > 0 {
			list[0] = "of who asked"
		}
		return z.asked.Load() - before, err
	}
	for name, again := range map[string]bool{"day": false, "stream": false, "absent": false, "never": true,
		"nowhere": true, "broken": true} {
		first, err := ask(name)
		next, err2 := ask(name)
		if first == 0 || (next > 0) != again || (err == nil) != (err2 == nil) ||
			err != nil && err.Error() != err2.Error() && !again {
			t.Errorf("%s: asked %d times, then %d; %v, %v", name, first, next, err, err2)
		}
	}
	if list, _, _ := r.LookupTXT(t.Context(), "day.zone.test."); len(list) == 0 || list[0] != "v=spf1 -all" {
		t.Errorf("one who asked changed what others are told: %q", list)
	}
	ask("second")
	testwait.Until(t, "an answer is asked for again when its time is over", func() bool {
		n, _ := ask("second")
		return n > 0
	})
}

// Two types of records are one answer, which holds as long as the shorter one: the address 300 s, that there is no
// other 60.
func TestAddressesAreRemembered(t *testing.T) {
	z := newZone(t)
	r := New(z.socket.LocalAddr().String(), slog.New(slog.DiscardHandler))
	for range 3 {
		if ips, _, err := r.LookupIP(t.Context(), "ip", "day.zone.test."); err != nil || len(ips) != 1 {
			t.Fatalf("%v, %v", ips, err)
		}
	}
	if n := z.asked.Load(); n != 2 { // A and AAAA
		t.Errorf("asked %d times", n)
	}
}

// What strangers have us ask can't take much memory.
func TestLargeAnswersAreNotKept(t *testing.T) {
	z := newZone(t)
	r := New(z.socket.LocalAddr().String(), slog.New(slog.DiscardHandler))
	for range 2 {
		if _, _, err := r.LookupTXT(t.Context(), "long.zone.test."); err != nil {
			t.Fatal(err)
		}
	}
	if n := z.asked.Load(); n < 2 || r.known.Len() != 0 {
		t.Errorf("asked %d times, %d kept", n, r.known.Len())
	}
}
