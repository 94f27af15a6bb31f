package sip

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	packet "github.com/pion/rtp"
	"github.com/prometheus/client_golang/prometheus"

	proto "github.com/emiago/sipgo/sip"

	"frontdesk/media"
	"frontdesk/pbx"
	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/directory"
	"frontdesk/sip/edge"
	"frontdesk/sip/rtp"
	"frontdesk/sip/stack"
)

// endpoint is a bare RTP socket.
type endpoint struct {
	t    testing.TB
	conn *net.UDPConn
	seq  uint16
}

func newEndpoint(t testing.TB) *endpoint { return newEndpointAt(t, "127.0.0.1") }

func newEndpointAt(t testing.TB, ip string) *endpoint {
	t.Helper()
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.ParseIP(ip)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return &endpoint{t: t, conn: conn}
}

func (e *endpoint) addr() netip.AddrPort {
	return edge.Plain(e.conn.LocalAddr().(*net.UDPAddr).AddrPort())
}

func (e *endpoint) send(to netip.AddrPort, pt uint8, payload []byte) {
	e.t.Helper()
	e.seq++
	p := packet.Packet{Header: packet.Header{Version: 2, PayloadType: pt, SequenceNumber: e.seq,
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
func (e *endpoint) receives() (uint8, bool) {
	buf := make([]byte, 2000)
	e.conn.SetReadDeadline(time.Now().Add(300 * time.Millisecond))
	n, err := e.conn.Read(buf)
	return buf[1] & 0x7F, err == nil && n > 12
}

// No RTP for Config.MediaTimeout, and no answer to the question why, ends the call.
func TestSilentCallEnds(t *testing.T) {
	b := newBed(t, func(c *Config) { c.MediaTimeout, c.T1 = 200*time.Millisecond, 20*time.Millisecond },
		func(g *guest) { g.Answer(media.PCMA()) }, loopback())
	w := newWire(t, b.addr("udp"))
	w.answered("silent", 1)
	if e := expect[pbx.Gone](t, b.arrival()); e.Cause != pbx.CauseMediaLost {
		t.Errorf("gone: %s", e.Cause)
	}
	w.get("BYE")
}

// Keys pressed as telephone-events are told once each.
func TestKeysInTheSound(t *testing.T) {
	b := newBed(t, nil, func(g *guest) { g.Answer(media.PCMA()) }, loopback())
	w, phone := newWire(t, b.addr("udp")), newEndpoint(t)
	w.send(request("INVITE", "sip:100@{there}", "", "keys", 1, "",
		strings.Replace(described(phone.addr()), "AVP 8\r\n", "AVP 8 97\r\na=rtpmap:97 telephone-event/8000\r\n", 1)))
	got := w.get("SIP/2.0 200")
	d, err := rtp.Parse([]byte(got[strings.Index(got, "v=0"):]))
	if err != nil || d.Media[0].Payload(rtp.TelephoneEvent()) != 97 {
		t.Fatalf("%v in\n%s", err, got)
	}
	for _, key := range []byte{1, 1, 1, 11} {
		p := packet.Packet{Header: packet.Header{Version: 2, PayloadType: 97, SequenceNumber: uint16(key),
			Timestamp: uint32(key) * 8000, SSRC: 7}, Payload: []byte{key, 10, 0, 160}}
		data, _ := p.Marshal()
		phone.conn.WriteToUDPAddrPort(data, d.Media[0].Addr)
	}
	g := b.arrival()
	if a, z := expect[pbx.Digit](t, g), expect[pbx.Digit](t, g); a.Key != '1' || z.Key != '#' {
		t.Errorf("keys %c %c", a.Key, z.Key)
	}
}

// A caller who gives up while it rings: CANCEL, 487, and the test phone tells so.
func TestPlaceCallCancels(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	b := newBed(t, nil, func(g *guest) { g.Ring(false); cancel() }, loopback())
	res, err := PlaceCall(ctx, CallOptions{Server: b.addr("udp"), From: "1", To: "2"}, func(s string) { t.Log(s) })
	if err != nil || res.Answered || res.Cause != pbx.CauseCancelled {
		t.Errorf("%+v, %v", res, err)
	}
	if e := expect[pbx.Gone](t, b.arrival()); e.Cause != pbx.CauseCancelled {
		t.Errorf("gone: %s", e.Cause)
	}
}

// Causes reach the caller as the right code, with Q.850 and Retry-After where they belong.
func TestCausesBecomeCodes(t *testing.T) {
	for cause, want := range map[pbx.Cause]int{pbx.CauseBusy: 486, pbx.CauseDeclined: 603, pbx.CauseNoAnswer: 480,
		pbx.CauseUnavailable: 480, pbx.CauseNotFound: 404,
		pbx.CauseForbidden: 403, pbx.CauseNoCodec: 488, pbx.CauseOverload: 503, pbx.CauseDraining: 503,
		pbx.CauseFailed: 500} {
		b := newBed(t, nil, func(g *guest) { g.Hangup(cause) }, loopback())
		w := newWire(t, b.addr("udp"))
		w.send(request("INVITE", "sip:100@{there}", "", string(cause), 1, "", offer))
		got := w.get(fmt.Sprintf("SIP/2.0 %d ", want))
		if !strings.HasPrefix(field(got, "Reason"), "Q.850;cause=") || want == 503 && field(got, "Retry-After") == "" {
			t.Errorf("%s:\n%s", cause, got)
		}
	}
}

// gapless counts the packets of a stream and the holes in its numbering.
type gapless struct {
	mu          sync.Mutex
	packets     int
	gaps        int
	next        uint16
	sourceKnown bool
}

func (g *gapless) WriteRTP(p *media.Packet) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.sourceKnown && p.Header.SequenceNumber != g.next {
		g.gaps++
	}
	g.packets++
	g.next, g.sourceKnown = p.Header.SequenceNumber+1, true
}

func (g *gapless) count() (packets, gaps int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.packets, g.gaps
}

// party side of the load: a core without a directory.
func newSide(t testing.TB) *core {
	t.Helper()
	c, err := newCore(Config{UDP: "127.0.0.1:0", Secret: make([]byte, 16)}, stack.Above{}, testLog(t),
		prometheus.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// 50 calls at a time from one side through the server to the other, sound both ways: none is lost, nothing is missing.
func TestFiftyBridgedCalls(t *testing.T) {
	const calls = 50
	callees := newSide(t)
	var ears [2 * calls]gapless
	var answered sync.WaitGroup
	player := media.NewPlayer("p", media.PCMA(), tone(440))
	defer player.Close()
	listen := func(leg *Leg, ear *gapless) {
		leg.Listen(func(e pbx.Event) {
			switch e := e.(type) {
			case pbx.TrackAdded:
				e.Track.Attach(ear)
			case pbx.Answered:
				leg.Play(player.Track())
				answered.Done()
			}
		})
	}
	var mu sync.Mutex
	taken := 0
	callees.outside = func(req *proto.Request, tx *proto.ServerTx) {
		leg, ok := callees.admitCall(req, tx, caller{codecs: []media.Codec{media.PCMA()}})
		if !ok {
			return
		}
		mu.Lock()
		ear := &ears[calls+taken]
		taken++
		mu.Unlock()
		listen(leg, ear)
		leg.Ring(false)
		leg.Answer(media.PCMA())
		leg.Play(player.Track())
	}
	callees.Start()
	defer callees.close()
	var b *bed
	b = newBed(t, nil, func(g *guest) { go bridge(t, b, g) }, loopback(),
		directory.Trunk{Name: "callees", Kind: dialplan.PBX, Host: callees.UDP.At.String(), Transport: "udp",
			Allow: []string{"192.0.2.1"}})
	callers := newSide(t)
	callers.Start()
	defer callers.close()
	answered.Add(calls)
	var legs []*Leg
	at := b.server.UDP.At
	for i := range calls {
		d := destination{Way: stack.Way{URI: proto.Uri{Scheme: "sip", User: fmt.Sprint(i), Host: at.Addr().String(),
			Port: int(at.Port())}, Transport: "UDP"}, contact: "x"}
		d.from, d.to = stack.Party{URI: d.URI}, stack.Party{URI: d.URI}
		leg, err := callers.callOut(pbx.Party{}, []media.Codec{media.PCMA()}, []destination{d}, nil)
		if err != nil {
			t.Fatal(err)
		}
		listen(leg, &ears[i])
		legs = append(legs, leg)
	}
	answered.Wait()
	for i := range ears {
		eventually(t, fmt.Sprintf("two seconds of talk at ear %d", i),
			func() bool { n, _ := ears[i].count(); return n >= 100 })
		if packets, gaps := ears[i].count(); gaps > 0 {
			t.Errorf("ear %d: %d packets, %d gaps", i, packets, gaps)
		}
	}
	if n := b.server.Legs(); n != 2*calls {
		t.Errorf("%d legs, not %d", n, 2*calls)
	}
	for _, leg := range legs {
		leg.Hangup(pbx.CauseNormal)
	}
	eventually(t, "no leg left", func() bool { return b.server.Legs() == 0 })
}

// bridge connects an arriving leg to the second trunk, crosswise.
func bridge(t *testing.T, b *bed, g *guest) {
	list, err := b.dir.Trunks(context.Background())
	if err != nil {
		t.Error(err)
		return
	}
	leg, err := b.server.Dial(context.Background(), pbx.Target{Trunk: list[1].ID, Number: g.dialled},
		pbx.Request{Number: "1", Codecs: g.Offer()})
	if err != nil {
		t.Error(err)
		g.Hangup(pbx.CauseFailed)
		return
	}
	called := watch(leg)
	for {
		select {
		case e := <-called.events:
			switch e := e.(type) {
			case pbx.Ringing:
				g.Ring(false)
			case pbx.TrackAdded:
				g.Play(e.Track)
			case pbx.Answered:
				g.Answer(e.Codec)
			case pbx.Gone:
				g.Hangup(e.Cause)
				return
			}
		case e := <-g.events:
			switch e := e.(type) {
			case pbx.TrackAdded:
				called.Play(e.Track)
			case pbx.Gone:
				called.Hangup(e.Cause)
			}
		}
	}
}
