package sfu

import (
	"encoding/binary"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	pion "github.com/pion/webrtc/v4"

	"frontdesk/media"
)

// Down is one track on its way to one browser of a meeting: numbered anew, and repeated from the sender's cache on a
// NACK.
type Down struct {
	count  *Counters
	Track  *media.Track
	source *Up    // nil when the track is no browser's
	share  *Share // of all that the browser gets

	mu     sync.Mutex
	over   bool
	out    pion.TrackLocalWriter // nil while nothing carries it
	pt     uint8
	number media.Renumber
	peer   *pion.PeerConnection
	last   time.Time // of the last packet, to keep the clock running over a change of source
	told   time.Time // when the browser was last told the clock
	sent   [cached]passed
	repair repair
	red    redSender
	size   sizing
	cc     uint8 // id of the header extension for transport-wide numbers; 0: none
	wide   [2]byte
	buf    []byte
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
	layer  uint8
	shift  shift

	copies copies
}

// repair is the retransmission stream (RFC 4588); without it packets are repeated as they were.
type repair struct {
	pt   uint8
	ssrc uint32
	seq  uint16
	buf  []byte
}

// NewDown is a track on its way to the browser that has the share; source is where it comes from when that is a
// browser.
func NewDown(count *Counters, t *media.Track, source *Up, share *Share) *Down {
	return &Down{count: count, Track: t, source: source, share: share}
}

// Detach stops the flow for good, at once; the line is taken back with the next offer.
func (d *Down) Detach() {
	d.mu.Lock()
	d.over, d.out = true, nil
	d.mu.Unlock()
	d.Track.Detach(d)
}

// WriteRTP sends a packet to the browser.
func (d *Down) WriteRTP(p *media.Packet) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.out == nil || p.Event {
		return
	}
	now := time.Now()
	if d.sized() && !d.size.passes(p, d.Track.RequestKeyframe) {
		return
	}
	h, ok := d.number.Rewrite(p, d.gap(now))
	if !ok {
		return
	}
	d.last = now
	h.PayloadType = d.pt
	if d.repeatable() {
		d.sent[h.SequenceNumber%cached] = passed{used: true, out: h.SequenceNumber, in: p.Header.SequenceNumber,
			ssrc: p.Header.SSRC, ts: h.Timestamp, marker: h.Marker,
			layer: p.Layer, shift: d.size.shift}
	}
	payload := d.shifted(p.Payload, d.size.shift)
	if d.red.pt != 0 {
		h.PayloadType, payload = d.red.pt, d.red.wrap(&h, payload, now)
	}
	d.write(h, payload, now)
	if d.source != nil && now.Sub(d.told) > tellClock {
		d.told = now
		d.tell(p.Layer, h.Timestamp-p.Header.Timestamp)
	}
}

// sized tells whether the video comes in several sizes.
func (d *Down) sized() bool { return d.source != nil && len(d.source.layers) > 1 }

func (d *Down) repeatable() bool { return d.source != nil && d.source.video() }

// shifted is the payload with its numbers going on over a change of size.
func (d *Down) shifted(payload []byte, s shift) []byte {
	if s == (shift{}) {
		return payload
	}
	d.buf = append(d.buf[:0], payload...)
	s.patch(d.buf)
	return d.buf
}

// write sends a packet, numbered among all that the browser gets. It holds mu.
func (d *Down) write(h rtp.Header, payload []byte, now time.Time) {
	extensions := d.header.Extensions
	d.header = h
	if d.cc != 0 {
		binary.BigEndian.PutUint16(d.wide[:], d.share.stamp(len(payload), now))
		d.header.Extension, d.header.ExtensionProfile, d.header.Extensions = true, rtp.ExtensionProfileOneByte,
			extensions
		_ = d.header.SetExtension(d.cc, d.wide[:]) // two bytes fit
	}
	_, _ = d.out.WriteRTP(&d.header, payload) // a packet lost here is one lost on the way
}

// tellClock is how often a browser is told the clock of a track.
const tellClock = 2 * time.Second

// tell passes on the sender's clock; shift is by how much our timestamps differ from the sender's. It holds mu.
func (d *Down) tell(layer uint8, shift uint32) {
	c := d.source.layers[layer].clock.Load()
	if c == nil || d.peer == nil {
		return
	}
	report := &rtcp.SenderReport{SSRC: d.number.SSRC, NTPTime: c.ntp, RTPTime: c.rtp + shift}
	_ = d.peer.WriteRTCP([]rtcp.Packet{report}) // the next one comes soon
}

// gap is the time since the last packet on the track's clock, at least a frame of sound.
func (d *Down) gap(now time.Time) uint32 {
	clock := d.Track.Codec.Clock
	elapsed := min(now.Sub(d.last), time.Minute)
	return max(uint32(elapsed.Seconds()*float64(clock)), clock/50)
}

// Carried tells which connection the track goes over.
func (d *Down) Carried(pc *pion.PeerConnection) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.peer = pc
}

// Bind is called by pion once the line is negotiated.
func (d *Down) Bind(ctx pion.TrackLocalContext) (pion.RTPCodecParameters, error) {
	codec, ok := codecFor(ctx.CodecParameters(), d.Track.Codec)
	if !ok {
		return codec, errors.New("the browser does not take " + d.Track.Codec.Name)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.over {
		return codec, nil
	}
	d.out, d.pt, d.last = ctx.WriteStream(), uint8(codec.PayloadType), time.Now()
	d.number.SSRC = uint32(ctx.SSRC())
	d.repair = repair{pt: repairType(ctx.CodecParameters(), codec.PayloadType), ssrc: uint32(ctx.SSRCRetransmission())}
	d.cc = extensionID(ctx.HeaderExtensions(), TransportCC)
	d.red = redSender{pt: redType(ctx.CodecParameters(), codec), codec: d.pt}
	d.Track.Attach(d)
	d.Track.RequestKeyframe(0)
	return codec, nil
}

// Unbind is called by pion when the line is taken back or the connection closes.
func (d *Down) Unbind(pion.TrackLocalContext) error {
	d.Detach()
	return nil
}

// ID, RID, StreamID and Kind are what pion writes into the SDP: the tracks of a person are one stream, which browsers
// keep in step.
func (d *Down) ID() string       { return d.Track.ID }
func (d *Down) RID() string      { return "" }
func (d *Down) StreamID() string { leg, _, _ := strings.Cut(d.Track.ID, "/"); return leg }
func (d *Down) Kind() pion.RTPCodecType {
	if d.Track.Codec.Kind() == media.Video {
		return pion.RTPCodecTypeVideo
	}
	return pion.RTPCodecTypeAudio
}

// Reports serves what the browser says about the track until the line is taken back.
func (d *Down) Reports(sender *pion.RTPSender) {
	buf := make([]byte, packetSize)
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

func (d *Down) report(p rtcp.Packet) {
	switch p := p.(type) {
	case *rtcp.PictureLossIndication, *rtcp.FullIntraRequest:
		d.Track.RequestKeyframe(0)
	case *rtcp.ReceiverReport:
		d.lost(p)
	case *rtcp.TransportLayerCC:
		d.share.heard(p)
	case *rtcp.TransportLayerNack:
		for _, pair := range p.Nacks {
			pair.Range(func(seq uint16) bool { d.resend(seq); return true })
		}
	}
}

// lost notes what the browser lost of the sound: more of it is repeated then.
func (d *Down) lost(p *rtcp.ReceiverReport) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, report := range p.Reports {
		if d.red.pt != 0 && report.SSRC == d.number.SSRC {
			d.red.heard(float32(report.FractionLost)/256, time.Now())
		}
	}
}

// resend repeats a packet the browser misses.
func (d *Down) resend(seq uint16) {
	d.mu.Lock()
	defer d.mu.Unlock()
	was := &d.sent[seq%cached]
	if d.out == nil || !d.repeatable() || !was.used || was.out != seq {
		d.count.missed.Inc()
		return
	}
	r := &d.repair
	r.buf = append(r.buf[:0], byte(seq>>8), byte(seq)) // the original number leads the payload (RFC 4588 §4)
	payload, _, ok := d.source.layers[was.layer].cache.get(was.ssrc, was.in, r.buf)
	if r.buf = payload; !ok {
		d.count.missed.Inc()
		return
	}
	now := time.Now()
	if !d.share.repeats.allows(&was.copies, len(payload), now) {
		d.count.spared.Inc()
		return
	}
	was.shift.patch(payload[2:])
	h := rtp.Header{Version: 2, Marker: was.marker, PayloadType: d.pt, SequenceNumber: seq, Timestamp: was.ts,
		SSRC: d.number.SSRC}
	if r.pt != 0 && r.ssrc != 0 {
		h.PayloadType, h.SSRC, h.SequenceNumber = r.pt, r.ssrc, r.seq
		r.seq++
	} else {
		payload = payload[2:]
	}
	d.count.resent.Inc()
	d.write(h, payload, now)
}
