package webrtc

import (
	"errors"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	pion "github.com/pion/webrtc/v4"

	"frontdesk/media"
)

// down is one track on its way to one browser of a meeting: numbered anew, and repeated from the sender's cache on a NACK.
type down struct {
	end   *Endpoint
	track *media.Track
	cache *cache // of the sender; nil where nothing is repeated

	// Owned by the subscriber's goroutine.
	sender      *pion.RTPSender
	transceiver *pion.RTPTransceiver

	mu     sync.Mutex
	over   bool
	out    pion.TrackLocalWriter // nil while nothing carries it
	pt     uint8
	number media.Renumber
	last   time.Time // of the last packet, to keep the clock running over a change of source
	sent   [cached]passed
	repair repair
	header rtp.Header
}

// passed remembers under which number a packet went out.
type passed struct {
	used   bool
	out    uint16
	in     uint16
	ssrc   uint32 // it came with
	ts     uint32 // it went out with
	marker bool
}

// repair is the retransmission stream (RFC 4588); without it packets are repeated as they were.
type repair struct {
	pt   uint8
	ssrc uint32
	seq  uint16
	buf  []byte
}

func newDown(e *Endpoint, t *media.Track) *down {
	return &down{end: e, track: t, cache: e.cacheOf(t)}
}

// detach stops the flow for good, at once; the line is taken back with the next offer.
func (d *down) detach() {
	d.mu.Lock()
	d.over, d.out = true, nil
	d.mu.Unlock()
	d.track.Detach(d)
}

// WriteRTP sends a packet to the browser.
func (d *down) WriteRTP(p *media.Packet) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.out == nil || p.Event {
		return
	}
	now := time.Now()
	h, ok := d.number.Rewrite(p, d.gap(now))
	if !ok {
		return
	}
	d.last = now
	h.PayloadType = d.pt
	if d.cache != nil {
		d.sent[h.SequenceNumber%cached] = passed{true, h.SequenceNumber, p.Header.SequenceNumber, p.Header.SSRC, h.Timestamp, h.Marker}
	}
	d.header = h
	_, _ = d.out.WriteRTP(&d.header, p.Payload) // a packet lost here is one lost on the way
}

// gap is the time since the last packet on the track's clock, at least a frame of sound.
func (d *down) gap(now time.Time) uint32 {
	clock := d.track.Codec.Clock
	elapsed := min(now.Sub(d.last), time.Minute)
	return max(uint32(elapsed.Seconds()*float64(clock)), clock/50)
}

// Bind is called by pion once the line is negotiated.
func (d *down) Bind(ctx pion.TrackLocalContext) (pion.RTPCodecParameters, error) {
	codec, ok := codecFor(ctx.CodecParameters(), d.track.Codec)
	if !ok {
		return codec, errors.New("the browser does not take " + d.track.Codec.Name)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.over {
		return codec, nil
	}
	d.out, d.pt, d.last = ctx.WriteStream(), uint8(codec.PayloadType), time.Now()
	d.number.SSRC = uint32(ctx.SSRC())
	d.repair = repair{pt: repairType(ctx.CodecParameters(), codec.PayloadType), ssrc: uint32(ctx.SSRCRetransmission())}
	d.track.Attach(d)
	d.track.RequestKeyframe(0)
	return codec, nil
}

// Unbind is called by pion when the line is taken back or the connection closes.
func (d *down) Unbind(pion.TrackLocalContext) error {
	d.detach()
	return nil
}

// ID, RID, StreamID and Kind are what pion writes into the SDP: the tracks of a person are one stream, which browsers keep in step.
func (d *down) ID() string       { return d.track.ID }
func (d *down) RID() string      { return "" }
func (d *down) StreamID() string { leg, _, _ := strings.Cut(d.track.ID, "/"); return leg }
func (d *down) Kind() pion.RTPCodecType {
	if d.track.Codec.Kind() == media.Video {
		return pion.RTPCodecTypeVideo
	}
	return pion.RTPCodecTypeAudio
}

func codecFor(list []pion.RTPCodecParameters, codec media.Codec) (pion.RTPCodecParameters, bool) {
	for _, c := range list {
		_, name, _ := strings.Cut(c.MimeType, "/")
		if codec.Is(media.Codec{Name: name, Clock: c.ClockRate}) {
			return c, true
		}
	}
	return pion.RTPCodecParameters{}, false
}

// repairType is the payload type of the retransmissions of pt; 0 when there is none.
func repairType(list []pion.RTPCodecParameters, pt pion.PayloadType) uint8 {
	for _, c := range list {
		if strings.EqualFold(c.MimeType, "video/rtx") && c.SDPFmtpLine == "apt="+strconv.Itoa(int(pt)) {
			return uint8(c.PayloadType)
		}
	}
	return 0
}

// reports serves what the browser says about the track until the line is taken back.
func (d *down) reports(sender *pion.RTPSender) {
	buf := make([]byte, mtu)
	for {
		n, _, err := sender.Read(buf)
		if err != nil {
			return
		}
		packets, err := rtcp.Unmarshal(buf[:n])
		if err != nil {
			continue
		}
		for _, p := range packets {
			d.report(p)
		}
	}
}

func (d *down) report(p rtcp.Packet) {
	switch p := p.(type) {
	case *rtcp.PictureLossIndication, *rtcp.FullIntraRequest:
		d.track.RequestKeyframe(0)
	case *rtcp.TransportLayerNack:
		for _, pair := range p.Nacks {
			pair.Range(func(seq uint16) bool { d.resend(seq); return true })
		}
	}
}

// resend repeats a packet the browser misses.
func (d *down) resend(seq uint16) {
	d.mu.Lock()
	defer d.mu.Unlock()
	was := d.sent[seq%cached]
	if d.out == nil || d.cache == nil || !was.used || was.out != seq {
		d.end.metrics.missed.Inc()
		return
	}
	r := &d.repair
	r.buf = append(r.buf[:0], byte(seq>>8), byte(seq)) // the original number leads the payload (RFC 4588 §4)
	payload, _, ok := d.cache.get(was.ssrc, was.in, r.buf)
	if r.buf = payload; !ok {
		d.end.metrics.missed.Inc()
		return
	}
	d.header = rtp.Header{Version: 2, Marker: was.marker, PayloadType: d.pt, SequenceNumber: seq, Timestamp: was.ts, SSRC: d.number.SSRC}
	if r.pt != 0 && r.ssrc != 0 {
		d.header.PayloadType, d.header.SSRC, d.header.SequenceNumber = r.pt, r.ssrc, r.seq
		r.seq++
	} else {
		payload = payload[2:]
	}
	d.end.metrics.resent.Inc()
	_, _ = d.out.WriteRTP(&d.header, payload)
}
