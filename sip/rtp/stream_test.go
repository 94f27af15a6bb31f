package rtp

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/media"
	medianet "frontdesk/media/net"
	"frontdesk/testwait"
)

// socket is a bare RTP socket.
type socket struct {
	t    testing.TB
	conn *net.UDPConn
	seq  uint16
}

func newSocket(t testing.TB) *socket { return newSocketAt(t, "127.0.0.1") }

func newSocketAt(t testing.TB, ip string) *socket {
	t.Helper()
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.ParseIP(ip)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return &socket{t: t, conn: conn}
}

func (e *socket) addr() netip.AddrPort { return e.conn.LocalAddr().(*net.UDPAddr).AddrPort() }

func (e *socket) send(to netip.AddrPort, pt uint8, payload []byte) {
	e.t.Helper()
	e.seq++
	p := rtp.Packet{Header: rtp.Header{Version: 2, PayloadType: pt, SequenceNumber: e.seq,
		Timestamp: uint32(e.seq) * 160, SSRC: 7}, Payload: payload}
	data, err := p.Marshal()
	if err == nil {
		_, err = e.conn.WriteToUDPAddrPort(data, to)
	}
	if err != nil {
		e.t.Fatal(err)
	}
}

// receives tells whether a packet comes within a moment, and its payload type.
func (e *socket) receives() (uint8, bool) {
	buf := make([]byte, 2000)
	e.conn.SetReadDeadline(time.Now().Add(300 * time.Millisecond))
	n, err := e.conn.Read(buf)
	return buf[1] & 0x7F, err == nil && n > 12
}

// counter is a sink that hands on what comes.
type counter struct{ got chan string }

func (c *counter) WriteRTP(p *media.Packet) {
	c.got <- fmt.Sprintf("%v %s", p.Event, p.Payload)
}

// testPorts are any ports of 127.0.0.1.
func testPorts(t testing.TB) *Ports {
	network := medianet.New()
	t.Cleanup(network.Close)
	return NewPorts(network, netip.MustParseAddr("127.0.0.1"), 0, 0)
}

// testStream is a stream of a peer known by 127.0.0.1 that described its sound as being at remote.
func testStream(t testing.TB, remote netip.AddrPort) (*Stream, *counter) {
	t.Helper()
	return streamOf(t, testPorts(t), remote)
}

// streamOf is a testStream on one of ports.
func streamOf(t testing.TB, ports *Ports, remote netip.AddrPort) (*Stream, *counter) {
	t.Helper()
	s := openStream(t, ports, remote, prometheus.NewCounter(prometheus.CounterOpts{Name: "strangers"}))
	c := &counter{got: make(chan string, 10)}
	s.track.Load().Attach(c)
	return s, c
}

// openStream is a stream whose track nobody hears yet.
func openStream(t testing.TB, ports *Ports, remote netip.AddrPort, strangers prometheus.Counter) *Stream {
	t.Helper()
	s, err := ports.Open(strangers)
	if err != nil {
		t.Fatal(err)
	}
	s.Digit, s.Relay = func(rune) {}, func(rune) {}
	s.Listen()
	s.set("t", formats{codec: media.PCMA(), inAudio: 8, inEvent: 101, outAudio: 8, outKeys: 96},
		whereabouts{media: remote, signal: netip.MustParseAddr("127.0.0.1")}, netip.AddrPort{})
	t.Cleanup(s.Close)
	return s
}

// A phone behind NAT is heard from its first packet on, and sent to where its packets come from; a thief is neither
// heard nor sent to.
func TestSymmetricLatching(t *testing.T) {
	phone, thief := newSocket(t), newSocketAt(t, "127.0.0.66")
	s, c := testStream(t, addrPort("127.0.0.5:9"))
	local := s.Local()
	thief.send(local, 8, []byte("evil"))
	for _, word := range []string{"one", "two", "three", "four"} {
		phone.send(local, 8, []byte(word))
		thief.send(local, 8, []byte("evil"))
	}
	for _, word := range []string{"one", "two", "three", "four"} {
		if got := <-c.got; got != "false "+word {
			t.Errorf("heard %q, not %q", got, word)
		}
	}
	phone.send(local, 101, []byte("\x05\x0a\x00\xa0"))
	if got := <-c.got; !strings.HasPrefix(got, "true ") {
		t.Errorf("heard %q, the thief?", got)
	}
	packet := &media.Packet{Header: rtp.Header{Version: 2, SequenceNumber: 1, SSRC: 9}, Payload: []byte("x"), Source: 1}
	s.WriteRTP(packet)
	if _, ok := phone.receives(); !ok {
		t.Error("nothing is sent to where the phone's packets come from")
	}
	packet.Header.SequenceNumber, packet.Event = 2, true
	s.WriteRTP(packet)
	if pt, ok := phone.receives(); !ok || pt != 96 {
		t.Errorf("event went with payload type %d, %v", pt, ok)
	}
	if _, ok := thief.receives(); ok {
		t.Error("the thief hears")
	}
}

// What isn't RTP of the session, or broken, changes nothing and crashes nothing.
func TestBadPackets(t *testing.T) {
	peer := newSocket(t)
	s, c := testStream(t, peer.addr())
	for _, bad := range []string{"", "x", strings.Repeat("\x00", 12), "\x80\x08",
		"\xbf\x08" + strings.Repeat("\xff", 10), "\xa0\x08" + strings.Repeat("\x00", 10) + "\xff",
		"\x90\x08" + strings.Repeat("\x00", 10) + "\xbe\xde\xff\xff", "\x80\x60" + strings.Repeat("\x01", 20),
		"\x80\x08" + strings.Repeat("\x00", 10)} {
		peer.conn.WriteToUDPAddrPort([]byte(bad), s.Local())
	}
	peer.send(s.Local(), 8, []byte("fine"))
	if got := <-c.got; got != "false fine" {
		t.Errorf("heard %q", got)
	}
}

func TestNoAllocationPerPacket(t *testing.T) {
	peer := newSocket(t)
	s, c := testStream(t, peer.addr())
	s.track.Load().Detach(c)
	out, _ := testStream(t, peer.addr())
	s.track.Load().Attach(out)
	data, _ := (&rtp.Packet{Header: rtp.Header{Version: 2, PayloadType: 8, SSRC: 7},
		Payload: make([]byte, 160)}).Marshal()
	var seq uint16
	if n := testing.AllocsPerRun(500, func() {
		seq++
		binary.BigEndian.PutUint16(data[2:], seq)
		s.receive(data, peer.addr())
	}); n > 0 {
		t.Errorf("%v allocations per packet", n)
	}
}

// Who sends reports, or nothing but comfort noise, is there.
func TestSignsOfLife(t *testing.T) {
	peer, beside := newSocket(t), newSocket(t)
	strangers := prometheus.NewCounter(prometheus.CounterOpts{Name: "strangers"})
	s, err := testPorts(t).Open(strangers)
	if err != nil || s.via.rtcp == nil {
		t.Skip("the port beside is taken", err)
	}
	t.Cleanup(s.Close)
	s.Listen()
	s.set("t", formats{codec: media.PCMA(), inAudio: 8, inEvent: 101}, whereabouts{media: peer.addr()}, beside.addr())
	long := time.Now().Add(-time.Hour).UnixNano()
	local := s.Local()
	noise, _ := (&rtp.Packet{Header: rtp.Header{Version: 2, PayloadType: 13}, Payload: []byte{60}}).Marshal()
	report := []byte{0x80, 201, 0, 1, 0, 0, 0, 7}
	for name, send := range map[string]func(){
		"comfort noise": func() { peer.conn.WriteToUDPAddrPort(noise, local) },
		"reports": func() {
			beside.conn.WriteToUDPAddrPort(report, netip.AddrPortFrom(local.Addr(), local.Port()+1))
		},
	} {
		s.heard.Store(long)
		send()
		until(t, name, func() bool { return s.Silent() < time.Minute })
	}
	s.heard.Store(long)
	stray := newSocketAt(t, "127.0.0.66")
	stray.conn.WriteToUDPAddrPort(report, netip.AddrPortFrom(local.Addr(), local.Port()+1))
	stray.send(local, 8, []byte("evil"))
	until(t, "the stranger is counted", func() bool { return valueOf(t, strangers) == 1 })
	if s.Silent() < time.Minute {
		t.Error("a stranger counts as a sign of life")
	}
}

var until = testwait.Until

// valueOf is the value of a counter.
func valueOf(t testing.TB, c prometheus.Counter) float64 {
	t.Helper()
	reg := prometheus.NewRegistry()
	reg.MustRegister(c)
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	return families[0].GetMetric()[0].GetCounter().GetValue()
}

func TestSilenceIsNoMusic(t *testing.T) {
	var e musicEar
	for _, c := range []struct {
		payload byte
		heard   bool
	}{{0xD5, false}, {0x35, true}} { // A-law: nothing, and something
		heard := false
		for range 2 * musicFor {
			heard = heard || e.hears(media.PCMA(), bytes.Repeat([]byte{c.payload}, 160))
		}
		if heard != c.heard {
			t.Errorf("%x: taken for music: %v", c.payload, heard)
		}
	}
}
