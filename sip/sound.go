package sip

import (
	"net/netip"
	"time"

	proto "github.com/emiago/sipgo/sip"

	"frontdesk/media"
	"frontdesk/pbx"
	"frontdesk/sip/rtp"
	"frontdesk/sip/stack"
)

// begin opens the RTP port and starts the goroutine.
func (l *Leg) begin(hop string) error {
	sound, err := l.core.ports.Open(l.core.stats.strangers)
	if err != nil {
		return err
	}
	l.sound = sound
	l.sound.Digit = func(key rune) { l.post(func() { l.tell(pbx.Digit{Key: key, InBand: true}) }) }
	l.sound.Music = func() { l.post(l.plays) }
	l.sound.Relay = func(key rune) { l.post(func() { l.sendDigit(key) }) }
	bound := l.sound.Local()
	also, _ := netip.ParseAddr(l.core.cfg.ExternalIP)
	l.local = rtp.NewSession(sound, netip.AddrPortFrom(l.core.Facing(hop, bound.Addr()), bound.Port()), also, l.encrypt)
	l.sound.Listen()
	l.core.spawn(l.run)
	return nil
}

// Play implements pbx.Leg.
func (l *Leg) Play(t *media.Track) {
	l.post(func() {
		if l.playing != nil && l.playing != t {
			l.playing.Detach(l.sound)
		}
		l.playing = t
		l.connect()
		l.phase.played()
	})
}

// Stop implements pbx.Leg.
func (l *Leg) Stop(t *media.Track) {
	l.post(func() {
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
	if l.sound.Open(l.id, rtp.Terms{Medium: m, Codec: codec, Offered: offered, Signal: l.signal, Strict: l.strict,
		Keys: l.local.Keys(m), ByInfo: l.byInfo}) {
		l.watch()
	}
	if !l.told {
		l.told = true
		l.tell(pbx.TrackAdded{Track: l.sound.Current()})
	}
	l.connect()
}

// hold tells when the peer begins or ends not to listen; while it does, it may play music.
func (l *Leg) hold(m *rtp.Medium) {
	on := m.Held()
	l.sound.ExpectMusic(on && m.Dir.Sends())
	if on == l.held {
		return
	}
	l.held = on
	l.sound.Touch() // silence counts from here
	l.tell(pbx.Held{On: on})
}

// plays: the peer, who holds, is heard.
func (l *Leg) plays() {
	if l.held {
		l.tell(pbx.Held{On: true, Music: true})
	}
}

// sendDigit sends a key to a peer that takes no telephone-events.
func (l *Leg) sendDigit(key rune) {
	if !l.phase.talks() || l.dialog.Allow != "" && !stack.Lists(l.dialog.Allow, "INFO") {
		return
	}
	l.send(proto.INFO, func(r *proto.Request) {
		r.AppendHeader(proto.NewHeader("Content-Type", "application/dtmf-relay"))
		r.SetBody([]byte("Signal=" + string(key) + "\r\nDuration=160\r\n"))
	})
}

// reportEvery is how often RTCP is sent and silence looked for.
const reportEvery = 5 * time.Second

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
	if !l.phase.talks() || l.asking || l.held || !l.last.Media[l.audio].Dir.Sends() {
		return
	}
	l.asking = true
	l.request(proto.OPTIONS, nil, askFor*l.core.cfg.T1, func(res *proto.Response, err error) {
		l.post(func() { l.asked(res, err) })
	})
}

// askFor is how many T1 the answer to such a question may take.
const askFor = 16

func (l *Leg) asked(res *proto.Response, err error) {
	l.asking = false
	if !l.phase.talks() {
		return
	}
	// no answer but these says that the dialog is gone (RFC 3261 §12.2.1.2)
	if err == nil && res.StatusCode != 481 && res.StatusCode != 408 {
		l.sound.Touch()
		return
	}
	l.log.Info("sip: no RTP and no answer, call ends", "for", l.sound.Silent().Round(time.Second), "err", err)
	l.core.stats.mediaLost.Inc()
	l.phase.hangup(pbx.CauseMediaLost)
}
