package sip

import (
	"context"
	"log/slog"
	"net/netip"
	"time"

	proto "github.com/emiago/sipgo/sip"
	"github.com/google/uuid"

	"frontdesk/media"
	"frontdesk/pbx"
	"frontdesk/sip/rtp"
	"frontdesk/sip/stack"
)

// Leg is one SIP call. One goroutine owns its state; everything else posts to its mailbox.
// What a call can do depends on its phase: incoming, outgoing, talking or over.
type Leg struct {
	moved  []string // where the called party is instead, see pbx.Gone
	id     string
	core   *core
	party  pbx.Party
	codecs []media.Codec // the party can speak, best first
	strict bool          // its sound comes from where its descriptions say, and from nowhere else
	log    *slog.Logger
	box    *mailbox
	done   chan struct{} // closed when the goroutine has ended

	// of the goroutine
	listener func(pbx.Event)
	unheard  []pbx.Event
	gone     bool // Gone was told
	finished bool // nothing is left to do
	phase    phase
	dialog   *dialog
	login    stack.Login // for in-dialog requests that are challenged
	sound    *rtp.Stream
	signal   netip.Addr // where the peer's signalling comes from
	local    rtp.Session
	last     *rtp.Description // the peer's
	audio    int              // index of its audio line
	codec    media.Codec      // chosen; no name: not yet
	told     bool             // TrackAdded was
	held     bool
	playing  *media.Track
	answers  []*answer // 2xx of ours that wait for their ACK
	session  *sessionTimer
	keys     []string // of dialogs, in core.legs
	merged   string   // in core.merged
	tick     *time.Timer
	asking   bool          // whether a silent peer is still there
	sent     chan struct{} // closed when the request before the next one is answered
}

// phase is what a leg does now.
type phase interface {
	ring(early bool)
	answer(codec media.Codec)
	hangup(c pbx.Cause)
}

// over is the phase after all others.
type over struct{}

func (over) ring(bool)          {}
func (over) answer(media.Codec) {}
func (over) hangup(pbx.Cause)   {}

// reportEvery is how often RTCP is sent and silence looked for.
const reportEvery = 5 * time.Second

func (c *core) newLeg(party pbx.Party, callID string) *Leg {
	id := uuid.Must(uuid.NewV7()).String()
	return &Leg{id: id, core: c, party: party, box: newMailbox(), done: make(chan struct{}), phase: over{}, audio: -1,
		log: c.Log.With("leg", id, "sip_call", callID)}
}

// begin opens the RTP port and starts the goroutine.
func (l *Leg) begin(hop string) error {
	sound, err := l.core.ports.Open(l.core.stats.strangers)
	if err != nil {
		return err
	}
	l.sound = sound
	l.sound.Digit = func(key rune) { l.box.post(func() { l.tell(pbx.Digit{Key: key, InBand: true}) }) }
	l.sound.Music = func() { l.box.post(l.plays) }
	l.sound.Relay = func(key rune) { l.box.post(func() { l.sendDigit(key) }) }
	bound := l.sound.Local()
	l.local = rtp.NewSession(netip.AddrPortFrom(l.core.Facing(hop, bound.Addr()), bound.Port()))
	l.sound.Listen()
	l.core.spawn(l.run)
	return nil
}

func (l *Leg) run() {
	defer close(l.done)
	for !l.finished {
		<-l.box.wake
		for _, f := range l.box.take() {
			f()
		}
	}
	left := l.box.close()
	l.release()
	for _, f := range left {
		f() // requests that came meanwhile get their answers
	}
}

func (l *Leg) release() {
	if l.tick != nil {
		l.tick.Stop()
	}
	l.session.stop()
	for _, a := range l.answers {
		a.stop()
	}
	if l.playing != nil {
		l.playing.Detach(l.sound)
	}
	l.sound.Close()
	l.core.leave(l.keys, l.merged)
}

// after posts f once d has passed.
func (l *Leg) after(d time.Duration, f func()) *time.Timer {
	return time.AfterFunc(d, func() { l.box.post(f) })
}

// ID implements pbx.Leg.
func (l *Leg) ID() string { return l.id }

// Party implements pbx.Leg.
func (l *Leg) Party() pbx.Party { return l.party }

// Offer implements pbx.Leg.
func (l *Leg) Offer() []media.Codec { return l.codecs }

// Listen implements pbx.Leg.
func (l *Leg) Listen(f func(pbx.Event)) {
	deliver := func() {
		l.listener = f
		for _, e := range l.unheard {
			f(e)
		}
		l.unheard = nil
	}
	if !l.box.post(deliver) { // it is over already: nobody else touches the leg
		<-l.done
		deliver()
	}
}

// Ring implements pbx.Leg.
func (l *Leg) Ring(early bool) { l.box.post(func() { l.phase.ring(early) }) }

// Answer implements pbx.Leg.
func (l *Leg) Answer(codec media.Codec) { l.box.post(func() { l.phase.answer(codec) }) }

// Hangup implements pbx.Leg.
func (l *Leg) Hangup(c pbx.Cause) { l.box.post(func() { l.phase.hangup(c) }) }

// Play implements pbx.Leg.
func (l *Leg) Play(t *media.Track) {
	l.box.post(func() {
		if l.playing != nil && l.playing != t {
			l.playing.Detach(l.sound)
		}
		l.playing = t
		l.connect()
		if in, ok := l.phase.(*incoming); ok {
			in.sing()
		}
	})
}

// Stop implements pbx.Leg.
func (l *Leg) Stop(t *media.Track) {
	l.box.post(func() {
		t.Detach(l.sound)
		if l.playing == t {
			l.playing = nil
		}
	})
}

// connect attaches what is played once it is known that the peer understands it.
func (l *Leg) connect() {
	if l.playing == nil || l.codec.Name == "" {
		return
	}
	if !l.playing.Codec.Is(l.codec) {
		l.log.Warn("sip: track not playable", "track", l.playing.Codec.Name, "leg_codec", l.codec.Name)
		return
	}
	l.playing.Attach(l.sound)
}

// tell gives an event to the listener, in order; after Gone there is nothing to tell.
func (l *Leg) tell(e pbx.Event) {
	if l.gone {
		return
	}
	_, l.gone = e.(pbx.Gone)
	if l.listener == nil {
		l.unheard = append(l.unheard, e)
		return
	}
	l.listener(e)
}

// end tells Gone; the goroutine goes on until finish, for the farewell.
func (l *Leg) end(c pbx.Cause) {
	if l.told && !l.gone {
		l.tell(pbx.TrackRemoved{Track: l.sound.Current()})
	}
	l.tell(pbx.Gone{Cause: c, Moved: l.moved})
	if l.playing != nil {
		l.playing.Detach(l.sound)
		l.playing = nil
	}
}

// finish ends the goroutine.
func (l *Leg) finish() {
	l.phase = over{}
	l.finished = true
}

// hear starts the sound: the peer's description d, its medium at, and the codec that both speak.
func (l *Leg) hear(d *rtp.Description, at int, codec media.Codec, answered bool) {
	m := &d.Media[at]
	if l.told && !l.codec.Is(codec) { // another branch of a forked call answers than the one that gave early media
		l.told = false
		l.tell(pbx.TrackRemoved{Track: l.sound.Retrack(l.id, codec)})
	}
	l.last, l.audio, l.codec = d, at, codec
	var offered []media.Codec
	if answered {
		offered = l.codecs
	}
	if l.sound.Open(l.id, rtp.Terms{Medium: m, Codec: codec, Offered: offered, Signal: l.signal, Strict: l.strict}) {
		l.watch()
	}
	if !l.told {
		l.told = true
		l.tell(pbx.TrackAdded{Track: l.sound.Current()})
	}
	l.connect()
}

// watch reports and looks for silence while the leg lives.
func (l *Leg) watch() {
	every := min(reportEvery, l.core.cfg.MediaTimeout/4)
	l.tick = l.after(every, func() {
		l.sound.Report()
		if l.sound.Silent() > l.core.cfg.MediaTimeout {
			l.missed()
		}
		l.watch()
	})
}

// missed: nothing was heard for long. Who is meant to send is asked whether he is still there; a muted peer, or one
// whose sound is lost, is.
func (l *Leg) missed() {
	t, ok := l.phase.(*talking)
	if !ok || t.leaving || l.asking || l.held || !l.last.Media[l.audio].Dir.Sends() {
		return
	}
	l.asking = true
	l.request(proto.OPTIONS, nil, askFor*l.core.cfg.T1, func(res *proto.Response, err error) {
		l.box.post(func() { l.asked(res, err) })
	})
}

// askFor is how many T1 the answer to such a question may take.
const askFor = 16

func (l *Leg) asked(res *proto.Response, err error) {
	l.asking = false
	t, ok := l.phase.(*talking)
	if !ok {
		return
	}
	// no answer but these says that the dialog is gone (RFC 3261 §12.2.1.2)
	if err == nil && res.StatusCode != 481 && res.StatusCode != 408 {
		l.sound.Touch()
		return
	}
	l.log.Info("sip: no RTP and no answer, call ends", "for", l.sound.Silent().Round(time.Second), "err", err)
	l.core.stats.mediaLost.Inc()
	t.hangup(pbx.CauseMediaLost)
}

// send makes a request in the dialog.
func (l *Leg) send(method proto.RequestMethod, dress func(*proto.Request)) {
	l.request(method, dress, stack.Final, func(_ *proto.Response, err error) {
		if err != nil {
			l.log.Info("sip: request failed", "method", method, "err", err)
		}
	})
}

// request makes a request in the dialog; done gets the final response, in another goroutine. Requests follow each
// other, but BYE does not wait long: a peer that is gone would hold it up, and one that is there has to hear how its
// transfer went before its dialog ends. They outlive the leg.
func (l *Leg) request(method proto.RequestMethod, dress func(*proto.Request), patience time.Duration,
	done func(*proto.Response, error)) {
	d := *l.dialog // the goroutine below must not see later changes
	login := l.login.Again()
	seq := d.localSeq
	l.dialog.localSeq += 1 + stack.MaxChallenges
	before, over := l.sent, make(chan struct{})
	l.sent = over
	l.core.spawn(func() {
		defer close(over)
		if before != nil {
			waitFor(before, method == proto.BYE, 2*l.core.cfg.T1)
		}
		ctx, cancel := context.WithTimeout(l.core.life, patience)
		defer cancel()
		done(l.core.Ask(ctx, &login, func() *proto.Request {
			seq++
			req := l.core.inDialog(&d, method, seq)
			if dress != nil {
				dress(req)
			}
			return req
		}))
	})
}

// waitFor waits until done is closed, or briefly no longer than patience.
func waitFor(done <-chan struct{}, briefly bool, patience time.Duration) {
	if !briefly {
		<-done
		return
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
	}
}

// bye ends the dialog.
func (l *Leg) bye(c pbx.Cause) {
	l.send(proto.BYE, func(r *proto.Request) { r.AppendHeader(reason(c)) })
}
