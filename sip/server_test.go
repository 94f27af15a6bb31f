package sip

import (
	"context"
	"io"
	"log/slog"
	"math"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/media"
	"frontdesk/pbx"
	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/directory"
	"frontdesk/store"
	"frontdesk/store/storetest"
	"frontdesk/testwait"
)

// bed is a server with a directory of its own and a room that does with arriving calls what the test says.
type bed struct {
	t        testing.TB
	db       *store.DB
	dir      *directory.Directory
	server   *Server
	log      *safeBuffer
	room     *room         // for tests that act as the exchange
	exchange *pbx.Exchange // for tests with the real one
}

// room stands for the exchange: it hears each leg's events and lets the test act.
type room struct {
	arrived chan *guest
	act     func(*guest) // called for each arrival
}

type guest struct {
	pbx.Leg
	dialled string
	events  chan pbx.Event
}

func (r *room) Arrive(leg pbx.Leg, dialled string) string {
	g := &guest{Leg: leg, dialled: dialled, events: make(chan pbx.Event, 1000)}
	leg.Listen(func(e pbx.Event) { g.events <- e })
	if r.act != nil {
		r.act(g)
	}
	r.arrived <- g
	return "test"
}

func watch(leg pbx.Leg) *guest {
	g := &guest{Leg: leg, events: make(chan pbx.Event, 1000)}
	leg.Listen(func(e pbx.Event) { g.events <- e })
	return g
}

// expect waits for an event of type E, passing over others.
func expect[E pbx.Event](t testing.TB, g *guest) E {
	t.Helper()
	timeout := time.After(testwait.Limit)
	for {
		select {
		case e := <-g.events:
			if want, ok := e.(E); ok {
				return want
			}
			if gone, ok := e.(pbx.Gone); ok {
				t.Fatalf("leg gone (%s) while waiting for %T", gone.Cause, *new(E))
			}
		case <-timeout:
			t.Fatalf("no %T within %s", *new(E), testwait.Limit)
		}
	}
}

func (b *bed) arrival() *guest {
	b.t.Helper()
	select {
	case g := <-b.room.arrived:
		return g
	case <-time.After(testwait.Limit):
		b.t.Fatalf("no call arrived within %s", testwait.Limit)
		return nil
	}
}

// echo answers and sends back what it hears.
func echo(g *guest) {
	g.Ring(false)
	g.Answer(g.Offer()[0])
	go func() {
		for e := range g.events {
			switch e := e.(type) {
			case pbx.TrackAdded:
				g.Play(e.Track)
			case pbx.Gone:
				return
			}
		}
	}()
}

func testLog(t testing.TB) *slog.Logger {
	log, _ := keptLog(t)
	return log
}

// keptLog keeps what the server logs and shows it when the test fails, and all of it at once where SIP_LOG is set.
func keptLog(t testing.TB) (*slog.Logger, *safeBuffer) {
	kept := &safeBuffer{}
	if os.Getenv("SIP_LOG") != "" {
		return slog.New(slog.NewTextHandler(io.MultiWriter(os.Stderr, kept),
			&slog.HandlerOptions{Level: slog.LevelDebug})), kept
	}
	t.Cleanup(func() { showFailed(t, "the server's log", kept) })
	return slog.New(slog.NewTextHandler(kept, nil)), kept
}

// showFailed prints the end of what was kept when the test failed.
func showFailed(t testing.TB, what string, kept *safeBuffer) {
	if text := kept.String(); t.Failed() {
		t.Logf("%s:\n%s", what, text[max(0, len(text)-8000):])
	}
}

// newBed starts a server on loopback. Settings may be changed by edit; act does something with each call that arrives.
func newBed(t testing.TB, edit func(*Config), act func(*guest), trunks ...directory.Trunk) *bed {
	t.Helper()
	b := prepare(t, edit, trunks...)
	b.room = &room{act: act, arrived: make(chan *guest, 1000)}
	b.serve(b.room)
	return b
}

// newOffice starts a server with a real exchange.
func newOffice(t testing.TB, edit func(*Config), trunks ...directory.Trunk) *bed {
	t.Helper()
	return officeOf(t, pbx.Config{}, edit, trunks...)
}

// officeOf is newOffice with an exchange of that configuration.
func officeOf(t testing.TB, c pbx.Config, edit func(*Config), trunks ...directory.Trunk) *bed {
	t.Helper()
	b := prepare(t, edit, trunks...)
	c.Node, c.MaxLookup = "n1", testwait.Limit
	b.exchange = pbx.New(c, b.db, b.dir,
		pbx.Dialers{Phone: b.server, Trunk: b.server}, pbx.Hooks{},
		testLog(t), prometheus.NewRegistry())
	b.serve(b.exchange)
	return b
}

func prepare(t testing.TB, edit func(*Config), trunks ...directory.Trunk) *bed {
	t.Helper()
	b := node(t, "n1", storetest.SQLite(t), edit)
	for i := range trunks {
		trunks[i].Active = true
		if err := b.dir.SaveTrunk(context.Background(), &trunks[i]); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

// join starts a second node on the database of b; act does something with each call that arrives there.
func join(t testing.TB, b *bed, act func(*guest), edit ...func(*Config)) *bed {
	t.Helper()
	other := node(t, "n2", b.db, append(edit, nil)[0])
	other.room = &room{act: act, arrived: make(chan *guest, 1000)}
	other.serve(other.room)
	return other
}

func node(t testing.TB, name string, db *store.DB, edit func(*Config)) *bed {
	t.Helper()
	dir := directory.New(directory.Config{Node: name, Realm: "test"}, db, nil)
	cfg := Config{UDP: "127.0.0.1:0", TCP: "127.0.0.1:0", Secret: []byte("0123456789abcdef"), Node: name, Ping: -1,
		farewell: 300 * time.Millisecond} // many peers here answer no BYE
	if edit != nil {
		edit(&cfg)
	}
	log, kept := keptLog(t)
	s, err := New(cfg, dir, log, prometheus.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	return &bed{t: t, db: db, dir: dir, server: s, log: kept}
}

// serve runs the server until the test ends.
func (b *bed) serve(calls Arriver) {
	t := b.t
	ended := make(chan error, 1)
	run, stop := context.WithCancel(context.Background())
	go func() { ended <- b.server.Serve(run, calls) }()
	t.Cleanup(func() {
		stop()
		select {
		case err := <-ended:
			if err != nil {
				t.Error(err)
			}
		case <-time.After(testwait.Limit):
			t.Error("server does not close")
		}
		if b.exchange != nil {
			b.exchange.Close()
		}
	})
	<-b.server.Ready()
}

// extension makes a phone's account and the number that rings it.
func (b *bed) extension(number, password string) directory.Device {
	b.t.Helper()
	d := b.device(number, password)
	e := dialplan.Extension{Number: number, Destination: dialplan.Destination{Kind: "user", User: d.User}}
	if err := b.dir.SaveExtension(context.Background(), &e); err != nil {
		b.t.Fatal(err)
	}
	return d
}

// loopback is a trunk that everybody on this machine belongs to.
func loopback() directory.Trunk {
	return directory.Trunk{Name: "world", Kind: dialplan.Carrier, Host: "127.0.0.1:9", Transport: "udp",
		Allow: []string{"127.0.0.0/8"}}
}

func (b *bed) addr(transport string) string {
	udp, tcp := b.server.Addr()
	switch transport {
	case "tcp":
		return tcp.String()
	case "tls":
		return b.server.SecureAddr().String()
	}
	return udp.String()
}

var eventually = testwait.Until

// pitch is a sink that keeps the samples of G.711 it hears.
type pitch struct {
	decoder media.Decoder // of what WriteRTP gets
	mu      sync.Mutex
	pcm     []int16
}

func pitchOf(codec media.Codec) *pitch { return &pitch{decoder: media.NewDecoder(codec)} }

func (p *pitch) WriteRTP(packet *media.Packet) {
	pcm := make([]int16, 2*len(packet.Payload))
	p.hear(pcm[:p.decoder.Decode(pcm, packet.Payload)])
}

func (p *pitch) hear(pcm []int16) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pcm = append(p.pcm, pcm...)
}

// samples is how many were heard.
func (p *pitch) samples() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.pcm)
}

// share is the part of the energy heard that a tone has (Goertzel), after the first half second.
func (p *pitch) share(hertz float64) float64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return toneShare(p.pcm, hertz)
}

// forget what was heard so far.
func (p *pitch) forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.pcm = nil
}

// toneShare is the share in windows of 0.2 s that three quarters of them don't exceed: a machine that stalls half of
// the time doesn't decide.
func toneShare(pcm []int16, hertz float64) float64 {
	const window = media.Rate / 5
	var shares []float64
	for pcm = pcm[min(len(pcm), media.Rate/2):]; len(pcm) >= window; pcm = pcm[window:] {
		shares = append(shares, windowShare(pcm[:window], hertz))
	}
	if len(shares) < 3 {
		return 0
	}
	slices.Sort(shares)
	return shares[len(shares)*3/4]
}

func windowShare(pcm []int16, hertz float64) float64 {
	var s1, s2, energy float64
	k := 2 * math.Cos(2*math.Pi*hertz/media.Rate)
	for _, x := range pcm {
		s1, s2 = float64(x)+k*s1-s2, s1
		energy += float64(x) * float64(x)
	}
	return 2 * (s1*s1 + s2*s2 - k*s1*s2) / (max(energy, 1) * float64(len(pcm)))
}

func TestCallEchoesTone(t *testing.T) {
	for _, transport := range []string{"udp", "tcp"} {
		for _, codec := range []media.Codec{media.PCMA(), media.PCMU(), media.G722()} {
			t.Run(transport+" "+codec.Name, func(t *testing.T) {
				t.Parallel()
				b := newBed(t, nil, echo, loopback())
				heard := &pitch{}
				res, err := PlaceCall(context.Background(),
					CallOptions{Server: b.addr(transport), From: "+40722000111", To: "+40312345678",
						Transport: transport, Codecs: []media.Codec{codec}, Duration: 2 * time.Second, Hear: heard.hear,
						Log: testLog(t)}, func(s string) { t.Log(s) })
				if err != nil {
					t.Fatal(err)
				}
				if !res.Answered || res.Codec != codec.Name || res.Cause != pbx.CauseNormal || res.Level < -20 ||
					res.Level > -10 {
					t.Errorf("result %+v", res)
				}
				if share := heard.share(440); share < 0.9 {
					t.Errorf("tone has %.2f of the energy heard", share)
				}
				g := b.arrival()
				if g.dialled != "+40312345678" || g.Party().Number != "+40722000111" || g.Party().Kind != pbx.Outside {
					t.Errorf("arrived %q from %+v", g.dialled, g.Party())
				}
				eventually(t, "no leg left", func() bool { return b.server.Legs() == 0 })
			})
		}
	}
}
