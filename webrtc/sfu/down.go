package sfu

import (
	"encoding/binary"
	"errors"
	"math/rand/v2"
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
	by     Carrier
	last   time.Time // of the last packet, to keep the clock running over a change of source
	told   time.Time // when the browser was last told the clock
	sent   spans
	copied map[uint16]copies // of packets repeated, by their numbers
	repair repair
	red    redSender
	size   sizing
	cc     uint8 // id of the header extension for transport-wide numbers; 0: none
	wide   [2]byte
	buf    []byte
	header rtp.Header
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
		d.sent.note(h.SequenceNumber, span{seqs: h.SequenceNumber - p.Header.SequenceNumber,
			ts: h.Timestamp - p.Header.Timestamp, ssrc: p.Header.SSRC, layer: p.Layer, shift: d.size.shift})
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
	if c == nil || d.by == nil {
		return
	}
	report := &rtcp.SenderReport{SSRC: d.number.SSRC, NTPTime: c.ntp, RTPTime: c.rtp + shift}
	_ = d.by.WriteRTCP([]rtcp.Packet{report}) // the next one comes soon
}

// gap is the time since the last packet on the track's clock, at least a frame of sound.
func (d *Down) gap(now time.Time) uint32 {
	clock := d.Track.Codec.Clock
	elapsed := min(now.Sub(d.last), time.Minute)
	return max(uint32(elapsed.Seconds()*float64(clock)), clock/50)
}

// Carrier is a connection to a browser.
type Carrier interface {
	// Writer sends a stream over the connection; by is how pion does.
	Writer(by pion.TrackLocalWriter, ssrc uint32) pion.TrackLocalWriter
	WriteRTCP([]rtcp.Packet) error
}

// Carried tells which connection the track goes over, before it is negotiated.
func (d *Down) Carried(by Carrier) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.by = by
}

// FirstNumber is a random one for a stream to begin with: so low that its numbers do not go round before all who count
// that are sure of it (RFC 3711 §3.3.1), and not so low that a packet from before it would have a high one.
func FirstNumber() uint16 { return 1<<10 + rand.N[uint16](1<<14) }

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
	d.pt, d.last = uint8(codec.PayloadType), time.Now()
	d.number.SSRC, d.number.Begin = uint32(ctx.SSRC()), FirstNumber()
	d.out = d.by.Writer(ctx.WriteStream(), d.number.SSRC)
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
