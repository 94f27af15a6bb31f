package sip

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/pion/rtp"
	pion "github.com/pion/webrtc/v4"

	"frontdesk/media"
	"frontdesk/pbx"
	"frontdesk/testwait"
)

// sockets has a server listen for WebSockets.
func sockets(c *Config) {
	c.WS, c.RTPIP, c.Origins = "127.0.0.1:0", "127.0.0.1", []string{"phones.example"}
}

// framed is a WebSocket as a connection: what is written and read at once is one message.
type framed struct {
	net.Conn // below it
	socket   *websocket.Conn
}

func (f *framed) Write(b []byte) (int, error) {
	return len(b), f.socket.Write(context.Background(), websocket.MessageText, b)
}

func (f *framed) Read(b []byte) (int, error) {
	ctx, cancel := context.WithTimeout(context.Background(), testwait.Limit)
	defer cancel()
	_, data, err := f.socket.Read(ctx)
	return copy(b, data), err
}

func (f *framed) SetReadDeadline(time.Time) error { return nil }
func (f *framed) Close() error                    { return f.socket.CloseNow() }

// knock asks for a WebSocket as a page of an origin does.
func knock(b *bed, origin string, protocols ...string) (*framed, *http.Response, error) {
	ws, _ := b.server.SocketAddr()
	below := make(chan net.Conn, 1)
	client := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, network,
		addr string) (net.Conn, error) {
		conn, err := (&net.Dialer{}).DialContext(ctx, network, addr)
		below <- conn
		return conn, err
	}}}
	header := http.Header{}
	if origin != "" {
		header.Set("Origin", origin)
	}
	socket, res, err := websocket.Dial(b.t.Context(), "ws://"+ws.String()+"/",
		&websocket.DialOptions{HTTPClient: client,
			HTTPHeader: header, Subprotocols: protocols})
	if err != nil {
		return nil, res, err
	}
	socket.SetReadLimit(1 << 20)
	return &framed{<-below, socket}, res, nil
}

// newSocket is a phone in a browser that writes SIP by hand.
func newSocket(t testing.TB, b *bed) *wire {
	t.Helper()
	conn, _, err := knock(b, "https://phones.example", "sip")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{t: t, conn: conn, to: conn.RemoteAddr().String(), transport: "WS"}
	t.Cleanup(func() { conn.Close() })
	return w
}

// page is the sound of a browser: a peer connection that says a tone of 1000 Hz in A-law.
type page struct {
	t      *testing.T
	pc     *pion.PeerConnection
	heard  *pitch
	says   *media.Player
	joined chan struct{}
	once   sync.Once
}

func newPage(t *testing.T) *page {
	t.Helper()
	engine := &pion.MediaEngine{}
	if err := engine.RegisterDefaultCodecs(); err != nil {
		t.Fatal(err)
	}
	settings := pion.SettingEngine{}
	settings.SetIncludeLoopbackCandidate(true)
	settings.SetAnsweringDTLSRole(pion.DTLSRoleClient) // as browsers do
	pc, err := pion.NewAPI(pion.WithMediaEngine(engine), pion.WithSettingEngine(settings)).
		NewPeerConnection(pion.Configuration{})
	if err != nil {
		t.Fatal(err)
	}
	p := &page{t: t, pc: pc, heard: pitchOf(media.PCMA()), joined: make(chan struct{})}
	out, _ := pion.NewTrackLocalStaticRTP(pion.RTPCodecCapability{MimeType: pion.MimeTypePCMA, ClockRate: 8000}, "a",
		"b")
	if _, err := pc.AddTrack(out); err != nil {
		t.Fatal(err)
	}
	pc.OnConnectionStateChange(func(s pion.PeerConnectionState) {
		if s == pion.PeerConnectionStateConnected {
			p.once.Do(func() { close(p.joined) })
		}
	})
	pc.OnTrack(func(remote *pion.TrackRemote, _ *pion.RTPReceiver) {
		for {
			packet, _, err := remote.ReadRTP()
			if err != nil {
				return
			}
			p.heard.WriteRTP(&media.Packet{Header: packet.Header, Payload: packet.Payload})
		}
	})
	p.says = media.NewPlayer("page", media.PCMA(), tone(1000))
	p.says.Track().Attach(&toPage{out})
	t.Cleanup(func() { p.says.Close(); pc.Close() })
	return p
}

// toPage writes what is played into a browser's track.
type toPage struct{ out *pion.TrackLocalStaticRTP }

func (p *toPage) WriteRTP(packet *media.Packet) {
	_ = p.out.WriteRTP(&rtp.Packet{Header: packet.Header, Payload: packet.Payload})
}

// describes sets the local description and waits until it is whole.
func (p *page) describes(d pion.SessionDescription, err error) string {
	p.t.Helper()
	whole := pion.GatheringCompletePromise(p.pc)
	if err == nil {
		err = p.pc.SetLocalDescription(d)
	}
	if err != nil {
		p.t.Fatal(err)
	}
	<-whole
	return p.pc.LocalDescription().SDP
}

func (p *page) takes(kind pion.SDPType, sdp string) {
	p.t.Helper()
	if err := p.pc.SetRemoteDescription(pion.SessionDescription{Type: kind, SDP: sdp}); err != nil {
		p.t.Fatalf("%v\n%s", err, sdp)
	}
}

// speaks proves that page and leg hear each other.
func (p *page) speaks(g *guest, track *media.Track) {
	p.t.Helper()
	select {
	case <-p.joined:
	case <-time.After(testwait.Limit):
		p.t.Fatal("the peer connection does not connect")
	}
	heard, music := pitchOf(media.PCMA()), media.NewPlayer("music", media.PCMA(), tone(440))
	defer music.Close()
	track.Attach(heard)
	g.Play(music.Track())
	eventually(p.t, "the page is heard", func() bool { return heard.share(1000) > 0.9 })
	eventually(p.t, "the page hears", func() bool { return p.heard.share(440) > 0.9 })
}

func body(message string) string {
	_, b, _ := strings.Cut(message, "\r\n\r\n")
	return b
}

// A softphone in a browser registers over a WebSocket, is called, and both hear each other; when its tab is closed
// nobody rings it any more (RFC 7118, RFC 8827).
func TestBrowserIsCalled(t *testing.T) {
	b := newBed(t, sockets, nil)
	device := b.device("web1", "secret-one")
	w := newSocket(t, b)
	w.register("web1", "secret-one")
	leg, err := b.server.Dial(t.Context(), pbx.Target{Device: device.ID},
		pbx.Request{Number: "101", Codecs: []media.Codec{media.PCMA()}})
	if err != nil {
		t.Fatal(err)
	}
	g, p := watch(leg), newPage(t)
	invite := w.get("INVITE sip:web1@")
	if !strings.Contains(field(invite, "Via"), "SIP/2.0/WS ") ||
		!strings.Contains(field(invite, "Contact"), ";transport=ws") {
		t.Errorf("called by\n%s", invite)
	}
	p.takes(pion.SDPTypeOffer, body(invite))
	w.reply(invite, "180 Ringing", "", "")
	answer := p.describes(p.pc.CreateAnswer(nil))
	w.reply(invite, "200 OK", "Contact: <sip:abc@x1y2.invalid;transport=ws>\n", answer)
	track := expect[pbx.TrackAdded](t, g)
	w.get("ACK sip:abc@x1y2.invalid")
	p.speaks(g, track.Track)
	g.Hangup(pbx.CauseNormal)
	w.reply(w.get("BYE sip:abc@x1y2.invalid"), "200 OK", "", "")
	w.conn.Close()
	eventually(t, "the binding is gone", func() bool {
		list, err := b.dir.Bindings(t.Context(), device.ID, time.Now())
		return err == nil && len(list) == 0
	})
}

// It calls, holds, finds another way, and goes on.
func TestBrowserCalls(t *testing.T) {
	b := newBed(t, sockets, nil, loopback())
	w, p := newSocket(t, b), newPage(t)
	contact := func(m string) string {
		return strings.Replace(m, "Contact: <sip:ana@{here}>", "Contact: <sip:abc@x1y2.invalid;transport=ws>", 1)
	}
	w.send(contact(request("INVITE", "sip:100@{there}", "", "browser", 1, "", p.describes(p.pc.CreateOffer(nil)))))
	g := b.arrival()
	g.Answer(media.PCMA())
	ok := w.get("SIP/2.0 200")
	p.takes(pion.SDPTypeAnswer, body(ok))
	_, tag, _ := strings.Cut(field(ok, "To"), ">")
	w.send(request("ACK", "sip:100@{there}", tag, "browser", 1, "", ""))
	track := expect[pbx.TrackAdded](t, g).Track
	p.speaks(g, track)

	restart := p.describes(p.pc.CreateOffer(&pion.OfferOptions{ICERestart: true}))
	w.send(contact(request("INVITE", "sip:100@{there}", tag, "browser", 2, "", restart)))
	again := w.get("SIP/2.0 200")
	if ufrag(again) == ufrag(ok) || ufrag(again) == "" {
		t.Error("ICE is not begun anew")
	}
	p.takes(pion.SDPTypeAnswer, body(again))
	w.send(request("ACK", "sip:100@{there}", tag, "browser", 2, "", ""))
	p.heard.forget()
	p.speaks(g, track)
	w.send(request("BYE", "sip:100@{there}", tag, "browser", 3, "", ""))
	w.get("SIP/2.0 200")
	expect[pbx.Gone](t, g)
}

func ufrag(message string) string {
	_, rest, _ := strings.Cut(message, "a=ice-ufrag:")
	name, _, _ := strings.Cut(rest, "\r\n")
	return name
}

// Whose certificate is another than its description says is never heard, and hears nothing.
func TestBrowserWithOtherCertificate(t *testing.T) {
	b := newBed(t, sockets, nil, loopback())
	w, p := newSocket(t, b), newPage(t)
	sdp := p.describes(p.pc.CreateOffer(nil))
	_, print, _ := strings.Cut(sdp, "a=fingerprint:sha-256 ")
	wrong := "00:11:22" + print[8:95]
	w.send(request("INVITE", "sip:100@{there}", "", "forged", 1, "", strings.ReplaceAll(sdp, print[:95], wrong)))
	g := b.arrival()
	g.Answer(media.PCMA())
	p.takes(pion.SDPTypeAnswer, body(w.get("SIP/2.0 200")))
	failed := make(chan struct{})
	fail := sync.OnceFunc(func() { close(failed) }) // it fails, and is closed at the end of the test
	p.pc.OnConnectionStateChange(func(s pion.PeerConnectionState) {
		if s == pion.PeerConnectionStateFailed || s == pion.PeerConnectionStateClosed {
			fail()
		}
	})
	select {
	case <-failed:
	case <-p.joined:
		t.Fatal("the handshake was accepted")
	case <-time.After(testwait.Limit):
		t.Fatal("the handshake does not end")
	}
	heard := pitchOf(media.PCMA())
	g.Leg.(*Leg).sound.Current().Attach(heard)
	if p.heard.samples() > 0 || heard.samples() > 0 {
		t.Error("sound without a handshake")
	}
}

// Pages of other sites may not connect, nor may what speaks something else; who says nothing keeps nobody waiting.
func TestWhoMayOpenASocket(t *testing.T) {
	b := newBed(t, sockets, nil)
	ws, _ := b.server.SocketAddr()
	idle, err := net.Dial("tcp", ws.String())
	if err != nil {
		t.Fatal(err)
	}
	defer idle.Close()
	for origin, may := range map[string]bool{"": true, "https://phones.example": true, "http://" + ws.String(): true,
		"https://evil.example": false, "https://phones.example.evil": false, "null": false} {
		conn, res, err := knock(b, origin, "sip")
		if (err == nil) != may || !may && res.StatusCode != http.StatusForbidden {
			t.Errorf("origin %q: %v", origin, err)
		}
		if conn != nil {
			conn.Close()
		}
	}
	conn, _, err := knock(b, "", "mqtt")
	if err == nil {
		_, err = conn.Read(make([]byte, 100))
	}
	if websocket.CloseStatus(err) != websocket.StatusPolicyViolation {
		t.Errorf("another protocol: %v", err)
	}
}

// What is no SIP ends the socket, what can't be parsed is answered 400, a keepalive is answered (RFC 5626 §4.4.1), and
// a stranger gets no further than anywhere else.
func TestSocketOfAStranger(t *testing.T) {
	b := newBed(t, sockets, nil)
	w := newSocket(t, b)
	w.conn.Write([]byte("\r\n\r\n"))
	if pong := w.any(); pong != "\r\n" {
		t.Errorf("keepalive: %q", pong)
	}
	w.send(strings.Replace(request("OPTIONS", "sip:{there}", "", "broken", 1, "", ""), "CSeq: 1 OPTIONS",
		"CSeq: one OPTIONS", 1))
	w.get("SIP/2.0 400")
	w.send(request("INVITE", "sip:100@{there}", "", "stranger", 1, "", offer))
	w.get("SIP/2.0 401")
	w.conn.Write([]byte("GET / HTTP/1.1\r\n\r\n"))
	if _, err := w.conn.Read(make([]byte, 100)); err == nil || err == io.ErrUnexpectedEOF {
		t.Errorf("what is no SIP: %v", err)
	}
}

// A node in between passes a call on to the socket of a browser.
func TestSocketAtOtherNode(t *testing.T) {
	one := newBed(t, nil, nil)
	two := join(t, one, nil, sockets)
	device := one.device("web1", "secret-one")
	w := newSocket(t, two)
	w.register("web1", "secret-one")
	leg, err := one.server.Dial(t.Context(), pbx.Target{Device: device.ID},
		pbx.Request{Number: "101", Codecs: []media.Codec{media.PCMA()}})
	if err != nil {
		t.Fatal(err)
	}
	g, p := watch(leg), newPage(t)
	invite := w.get("INVITE sip:web1@")
	if !strings.Contains(body(invite), "UDP/TLS/RTP/SAVPF") ||
		!strings.Contains(fmt.Sprint(fields(invite, "Record-Route")), ";transport=ws") {
		t.Errorf("called by\n%s", invite)
	}
	p.takes(pion.SDPTypeOffer, body(invite))
	w.reply(invite, "200 OK", "Contact: <sip:abc@x1y2.invalid;transport=ws>\n", p.describes(p.pc.CreateAnswer(nil)))
	track := expect[pbx.TrackAdded](t, g)
	w.get("ACK sip:abc@x1y2.invalid")
	p.speaks(g, track.Track)
	w.send(w.within("BYE", invite, field(invite, "Call-ID"), 1, ""))
	w.get("SIP/2.0 200")
	expect[pbx.Gone](t, g)
}
