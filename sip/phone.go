package sip

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log/slog"
	"math"
	"net"
	"net/netip"
	"strings"
	"sync"
	"time"

	proto "github.com/emiago/sipgo/sip"
	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/media"
	"frontdesk/pbx"
	"frontdesk/pbx/directory"
	"frontdesk/sip/stack"
)

// CallOptions are what PlaceCall needs.
type CallOptions struct {
	Server    string // host:port
	From, To  string // numbers or names; From empty: anonymous
	User      string // for digest; empty: none
	Password  string
	Transport string            // udp (the default), tcp or tls
	Trusted   *x509.CertPool    // who signs the server's certificate; nil: the system's
	Encrypt   directory.SRTP    // default: the sound is offered encrypted where the signalling is
	Codecs    []media.Codec     // offered; default PCMA, PCMU, G722
	Sound     []int16           // at media.Rate, to play in a loop; default a tone of 440 Hz
	Duration  time.Duration     // hang up so long after the answer; default 5 s
	Keys      string            // DTMF to send after the answer, by INFO
	Hear      func(pcm []int16) // gets what is heard, at media.Rate; may be nil
	Log       *slog.Logger      // default: none
}

// Result is what came of a call.
type Result struct {
	Codes    []int // of the responses, in order
	Answered bool
	Codec    string
	Packets  int           // heard
	Level    float64       // of what was heard, dB relative to full scale; -Inf for silence
	Setup    time.Duration // from INVITE to the answer
	Cause    pbx.Cause     // of the end
}

// PlaceCall makes one real call, tells each step in words, and returns when it is over. When ctx ends first, the call
// is cancelled or hung up. A call that isn't answered is no error: see Result.Cause.
func PlaceCall(ctx context.Context, o CallOptions, progress func(string)) (Result, error) {
	p, err := newPhone(&o, progress)
	if err != nil {
		return Result{}, err
	}
	defer p.core.close()
	leg, err := p.dial()
	if err != nil {
		return Result{}, err
	}
	return p.follow(ctx, leg)
}

// phone is the other end of a test call: a caller without a directory.
type phone struct {
	CallOptions
	core     *core
	progress func(string)
	began    time.Time
	ear      *ear
	events   chan pbx.Event

	mu     sync.Mutex
	result Result
}

func newPhone(o *CallOptions, progress func(string)) (*phone, error) {
	set(&o.Transport, "udp")
	set(&o.Duration, 5*time.Second)
	if len(o.Codecs) == 0 {
		o.Codecs = []media.Codec{media.PCMA(), media.PCMU(), media.G722()}
	}
	if len(o.Sound) == 0 {
		o.Sound = tone(440)
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if progress == nil {
		progress = func(string) {}
	}
	at, err := net.ResolveUDPAddr("udp", o.Server)
	if err != nil {
		return nil, fmt.Errorf("server %q: give host:port: %w", o.Server, err)
	}
	cfg := Config{Secret: make([]byte, 32), UserAgent: "Frontdesk ring"}
	rand.Read(cfg.Secret)
	own := net.JoinHostPort(stack.OutgoingIP(at.IP.String(), netip.IPv4Unspecified()).String(), "0")
	cfg.UDP = own
	switch strings.ToLower(o.Transport) {
	case "tcp":
		cfg.TCP = own
	case "tls":
		cfg.TLS, cfg.Certificate, cfg.Authorities = own, &tls.Config{}, o.Trusted // nobody calls it
	}
	var c *core
	busy := func(req *proto.Request, tx *proto.ServerTx) { c.Respond(req, tx, 486, "Busy Here") }
	if c, err = newCore(cfg, stack.Above{Request: busy}, o.Log, prometheus.NewRegistry()); err != nil {
		return nil, err
	}
	p := &phone{CallOptions: *o, core: c, progress: progress, events: make(chan pbx.Event, 64), ear: &ear{hear: o.Hear}}
	c.Start()
	return p, nil
}

func (p *phone) dial() (*Leg, error) {
	host, port := stack.SplitHost(p.Server)
	d := destination{Way: stack.Way{URI: proto.Uri{Scheme: "sip", User: stack.Escape(p.To), Host: host, Port: port},
		Transport: strings.ToUpper(p.Transport)},
		login: stack.Credentials{User: p.User, Password: p.Password}, contact: stack.Escape(p.From)}
	var err error
	if d.Transport == "TLS" {
		var at []stack.Target
		if at, err = p.core.Locate(context.Background(), p.Server, d.Transport); err == nil {
			d.Flow = stack.InOrder(at)[0].At.String()
		}
	}
	if err == nil {
		d.encrypt, err = p.core.encrypted(p.Encrypt, d.Transport)
	}
	if err != nil {
		return nil, err
	}
	d.from = stack.Party{URI: proto.Uri{Scheme: "sip", User: stack.Escape(p.From), Host: host}}
	if p.From == "" {
		d.from, d.contact = stack.Anonymous(), "anonymous"
	}
	d.to = stack.Party{URI: proto.Uri{Scheme: "sip", User: stack.Escape(p.To), Host: host}}
	p.began = time.Now()
	p.progress(fmt.Sprintf("INVITE %s at %s over %s", p.To, p.Server, p.Transport))
	leg, err := p.core.callOut(pbx.Party{Kind: pbx.Outside, Number: p.To}, p.Codecs, []destination{d}, p.told)
	if err != nil {
		return nil, fmt.Errorf("call: %w", err)
	}
	leg.Listen(func(e pbx.Event) { p.events <- e })
	return leg, nil
}

func (p *phone) told(code int, phrase string) {
	p.mu.Lock()
	p.result.Codes = append(p.result.Codes, code)
	p.mu.Unlock()
	p.progress(fmt.Sprintf("%d %s", code, phrase))
}

// follow lives through the call.
func (p *phone) follow(ctx context.Context, leg *Leg) (Result, error) {
	stop := ctx.Done()
	var over, key <-chan time.Time
	var player *media.Player
	keypad := &keypad{leg: leg, keys: p.Keys}
	defer func() {
		if player != nil {
			player.Close()
		}
	}()
	for {
		select {
		case e := <-p.events:
			switch e := e.(type) {
			case pbx.TrackAdded:
				p.ear.listen(e.Track)
			case pbx.Answered:
				player = p.answered(leg, e.Codec)
				over, key = time.After(p.Duration), time.After(keyPause)
			case pbx.Gone:
				return p.ended(e.Cause), nil
			}
		case <-key:
			key = keypad.press()
		case <-over:
			p.progress("hanging up")
			leg.Hangup(pbx.CauseNormal)
			over = nil
		case <-stop:
			p.progress("giving up")
			leg.Hangup(pbx.CauseCancelled)
			stop = nil
		}
	}
}

func (p *phone) answered(leg *Leg, codec media.Codec) *media.Player {
	p.mu.Lock()
	p.result.Answered, p.result.Codec, p.result.Setup = true, codec.Name, time.Since(p.began)
	p.mu.Unlock()
	p.progress(fmt.Sprintf("answered with %s after %d ms", codec.Name, p.result.Setup.Milliseconds()))
	player := media.NewPlayer("phone", codec, p.Sound)
	leg.Play(player.Track())
	return player
}

func (p *phone) ended(c pbx.Cause) Result {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.result.Cause = c
	p.result.Packets, p.result.Level = p.ear.heard()
	p.progress(fmt.Sprintf("%d packets heard, level %.0f dB", p.result.Packets, p.result.Level))
	p.progress("over: " + string(c))
	return p.result
}

// keyPause is the time between two keys.
const keyPause = 250 * time.Millisecond

// keypad presses keys by INFO, one after the other.
type keypad struct {
	leg  *Leg
	keys string
}

func (k *keypad) press() <-chan time.Time {
	if k.keys == "" {
		return nil
	}
	key := rune(k.keys[0])
	k.keys = k.keys[1:]
	k.leg.post(func() { k.leg.sendDigit(key) })
	return time.After(keyPause)
}

// ear counts what is heard and how loud it is.
type ear struct {
	hear    func(pcm []int16)
	mu      sync.Mutex
	decoder media.Decoder
	pcm     []int16
	packets int
	energy  float64
	samples int
}

func (h *ear) listen(t *media.Track) {
	h.mu.Lock()
	h.decoder = media.NewDecoder(t.Codec)
	h.mu.Unlock()
	t.Attach(h)
}

// WriteRTP implements media.Sink.
func (h *ear) WriteRTP(p *media.Packet) {
	if p.Event {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.packets++
	if h.decoder == nil {
		return
	}
	if room := 2 * len(p.Payload); len(h.pcm) < room {
		h.pcm = make([]int16, room)
	}
	pcm := h.pcm[:h.decoder.Decode(h.pcm, p.Payload)]
	for _, s := range pcm {
		h.energy += float64(s) * float64(s)
	}
	h.samples += len(pcm)
	if h.hear != nil {
		h.hear(pcm)
	}
}

func (h *ear) heard() (packets int, level float64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.samples == 0 {
		return h.packets, math.Inf(-1)
	}
	return h.packets, 10 * math.Log10(h.energy/float64(h.samples)/(math.MaxInt16*math.MaxInt16))
}

// tone is a second of a sine at a quarter of full scale.
func tone(hertz float64) []int16 {
	pcm := make([]int16, media.Rate)
	for i := range pcm {
		pcm[i] = int16(math.MaxInt16 / 4 * math.Sin(2*math.Pi*hertz*float64(i)/media.Rate))
	}
	return pcm
}
