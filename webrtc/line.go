package webrtc

import (
	"errors"
	"sync"

	"github.com/pion/rtp"
	pion "github.com/pion/webrtc/v4"

	"frontdesk/media"
	"frontdesk/webrtc/peer"
	"frontdesk/webrtc/sfu"
)

// line is the one audio stream to a browser in a call. It is pion's TrackLocal, so that each packet keeps the payload
// type of its own codec, which pion's static track would overwrite.
type line struct {
	id string
	by *peer.Peer // that carries it

	mu     sync.Mutex
	out    pion.TrackLocalWriter // nil while no peer connection carries the line
	feed   *feed                 // what is played, nil when nothing
	number media.Renumber
	header rtp.Header // of the packet being sent: kept here, as one on the stack would escape
}

// feed is one track being played on a line.
type feed struct {
	line   *line
	track  *media.Track
	pt     uint8
	event  uint8
	events bool
}

// play makes t the only track on the line; false when the browser does not speak its codec.
func (l *line) play(s section, t *media.Track) bool {
	f, ok := s.find(t.Codec)
	if !ok {
		l.stop(nil)
		return false
	}
	event, events := s.event(t.Codec)
	now := &feed{line: l, track: t, pt: f.pt, event: event.pt, events: events}
	l.swap(now)
	t.Attach(now)
	return true
}

// stop ends t, or whatever is played when t is nil.
func (l *line) stop(t *media.Track) {
	l.mu.Lock()
	playing := l.feed
	l.mu.Unlock()
	if playing != nil && (t == nil || playing.track == t) {
		l.swap(nil)
	}
}

func (l *line) swap(now *feed) {
	l.mu.Lock()
	before := l.feed
	l.feed = now
	l.mu.Unlock()
	if before != nil {
		before.track.Detach(before)
	}
}

// WriteRTP sends a packet to the browser.
func (f *feed) WriteRTP(p *media.Packet) {
	l := f.line
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.feed != f || l.out == nil || p.Event && !f.events {
		return
	}
	h, ok := l.number.Rewrite(p, f.track.Codec.Clock/50)
	if !ok {
		return
	}
	h.PayloadType = f.pt
	if p.Event {
		h.PayloadType = f.event
	}
	l.header = h
	_, _ = l.out.WriteRTP(&l.header, p.Payload) // a packet lost here is one lost on the way
}

// Bind is called by pion once the line is negotiated.
func (l *line) Bind(ctx pion.TrackLocalContext) (pion.RTPCodecParameters, error) {
	codecs := ctx.CodecParameters()
	if len(codecs) == 0 {
		return pion.RTPCodecParameters{}, errors.New("no codec negotiated")
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.number.SSRC, l.number.Begin = uint32(ctx.SSRC()), sfu.FirstNumber()
	l.out = l.by.Writer(ctx.WriteStream(), l.number.SSRC)
	return codecs[0], nil
}

// Unbind is called by pion when the peer connection closes.
func (l *line) Unbind(pion.TrackLocalContext) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.out = nil
	return nil
}

// ID, RID, StreamID and Kind are what pion writes into the SDP.
func (l *line) ID() string              { return l.id }
func (l *line) RID() string             { return "" }
func (l *line) StreamID() string        { return l.id }
func (l *line) Kind() pion.RTPCodecType { return pion.RTPCodecTypeAudio }
