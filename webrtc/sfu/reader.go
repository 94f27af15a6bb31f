package sfu

import (
	"encoding/binary"
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/interceptor"
	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	pion "github.com/pion/webrtc/v4"

	"frontdesk/media"
)

// Reader takes the packets of one line of one peer connection.
type Reader struct {
	tell func([]rtcp.Packet) error // the browser
	ssrc atomic.Uint32             // of what comes; 0: nothing yet
	aim  atomic.Pointer[aim]       // nil: drop everything, nobody knows yet what it is for
	seen atomic.Uint32             // see Known; 0: nothing

	mu     sync.Mutex // packets may come two ways
	packet media.Packet
	header rtp.Header // the one received
	heard  losses     // of redundant sound
}

// Payloads are the payload types in which a track comes.
type Payloads struct {
	Codec  uint8 // anything else is dropped, e.g. comfort noise
	Event  uint8 // of telephone-events
	Events bool  // whether they were negotiated
	RED    uint8 // of redundant sound (RFC 2198); 0: none
}

// aim says what a reader does with what it reads.
type aim struct {
	Payloads
	up    *Up
	asker *asker // nil for audio
	layer int    // of up
}

// Point makes the reader write the packets of those types to a layer of u, which takes them from no other reader any
// more.
func (r *Reader) Point(u *Up, types Payloads, layer int) {
	before := r.aim.Swap(&aim{Payloads: types, up: u, asker: r.asks(u), layer: layer})
	if before != nil && before.up != u {
		before.close()
	}
	u.adopt(&r.packet, layer)
}

// asks is what asks for lost packets of u, the one there is if it was pointed there before.
func (r *Reader) asks(u *Up) *asker {
	if before := r.aim.Load(); before != nil && before.up == u {
		return before.asker
	}
	if !u.video() {
		return nil
	}
	return &asker{send: r.askAgain, hopeless: u.keyframe.request}
}

func (a *aim) close() {
	if a != nil && a.asker != nil {
		a.asker.close()
	}
}

// askAgain sends a NACK (RFC 4585 §6.2.1).
func (r *Reader) askAgain(seqs []uint16) {
	// is asked again
	_ = r.tell([]rtcp.Packet{&rtcp.TransportLayerNack{MediaSSRC: r.ssrc.Load(),
		Nacks: rtcp.NackPairsFromSequenceNumbers(seqs)}})
}

// AskKeyframe sends a PLI (RFC 4585 §6.3.1).
func (r *Reader) AskKeyframe() {
	if ssrc := r.ssrc.Load(); ssrc != 0 {
		// before the handshake nothing can be asked
		_ = r.tell([]rtcp.Packet{&rtcp.PictureLossIndication{MediaSSRC: ssrc}})
	}
}

// Asks tells whether what is lost of the stream is asked for again, and so each packet is taken once, however often it
// comes.
func (r *Reader) Asks() bool {
	to := r.aim.Load()
	return to != nil && to.asker != nil
}

// NewReader takes what comes in one stream; tell reaches its sender.
func NewReader(tell func([]rtcp.Packet) error) *Reader { return &Reader{tell: tell} }

// Run reads until the peer connection is closed.
func (r *Reader) Run(remote *pion.TrackRemote) {
	defer func() { r.aim.Load().close() }()
	r.ssrc.Store(uint32(remote.SSRC()))
	buf := make([]byte, packetSize)
	for {
		n, _, err := remote.Read(buf)
		if err != nil && n == 0 { // with n it is only a payload type that was not negotiated
			return
		}
		if n < 4 || !r.seen.CompareAndSwap(uint32(binary.BigEndian.Uint16(buf[2:]))|known, 0) {
			r.Receive(buf[:n])
		}
	}
}

const known = 1 << 16

// Known tells that the packet of that number, which Run is going to read, is received by another way.
func (r *Reader) Known(seq uint16) { r.seen.Store(uint32(seq) | known) }

// Reports has pion read what the browser reports about the stream, until the peer connection is closed.
func (r *Reader) Reports(receiver *pion.RTPReceiver, rid string) {
	read := receiver.ReadRTCP
	if rid != "" {
		read = func() ([]rtcp.Packet, interceptor.Attributes, error) { return receiver.ReadSimulcastRTCP(rid) }
	}
	for {
		packets, _, err := read()
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrClosedPipe) {
			return
		}
		for _, p := range packets {
			r.Report(p)
		}
	}
}

// Report takes a packet of what the browser reports about the stream.
func (r *Reader) Report(p rtcp.Packet) {
	to := r.aim.Load()
	if report, ok := p.(*rtcp.SenderReport); ok && to != nil {
		to.up.layers[to.layer].clock.Store(&clock{report.SSRC, report.NTPTime, report.RTPTime})
	}
}

// Receive passes one packet on: without header extensions, which are hop by hop, and without padding.
func (r *Reader) Receive(raw []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	n, err := r.header.Unmarshal(raw)
	to := r.aim.Load()
	if err != nil || to == nil {
		return
	}
	pt := r.header.PayloadType
	event := to.Events && pt == to.Event
	red := to.RED != 0 && pt == to.RED
	if pt != to.Codec && !event && !red || to.asker != nil && !to.asker.arrived(r.header.SequenceNumber) {
		return
	}
	payload, ok := unpadded(&r.header, raw[n:])
	if !ok {
		return
	}
	if to.RED != 0 && !event {
		r.listen(to, payload, red)
		return
	}
	r.write(to, payload, r.header.SequenceNumber, r.header.Timestamp, event)
}

// listen takes a packet of sound that may repeat those before it: what is missing of them comes first.
func (r *Reader) listen(to *aim, payload []byte, red bool) {
	seq, ts := r.header.SequenceNumber, r.header.Timestamp
	fresh, _ := r.heard.arrived(seq, time.Time{})
	r.heard.forget()
	if !fresh {
		return
	}
	if red {
		repeated, own, ok := parseRED(payload)
		if !ok {
			return
		}
		for i, b := range repeated {
			if was := seq - uint16(len(repeated)-i); len(b.payload) > 0 && r.heard.missed(was) {
				r.heard.arrived(was, time.Time{})
				r.write(to, b.payload, was, ts-b.offset, false)
			}
		}
		payload = own
	}
	r.write(to, payload, seq, ts, false)
}

func (r *Reader) write(to *aim, payload []byte, seq uint16, ts uint32, event bool) {
	h := &r.packet.Header
	h.Version, h.Marker, h.PayloadType = 2, r.header.Marker, to.Codec
	if event {
		h.PayloadType = to.Event
	}
	h.SequenceNumber, h.Timestamp, h.SSRC = seq, ts, r.header.SSRC
	r.packet.Payload, r.packet.Event = payload, event
	to.up.write(to.layer, &r.packet)
}

// unpadded is the payload without padding (RFC 3550 §5.1): nothing may be left of it, as bandwidth probes are nothing
// but padding.
func unpadded(h *rtp.Header, payload []byte) ([]byte, bool) {
	if !h.Padding {
		return payload, true
	}
	if len(payload) == 0 {
		return nil, false
	}
	pad := int(payload[len(payload)-1])
	if pad == 0 || pad > len(payload) {
		return nil, false
	}
	return payload[:len(payload)-pad], true
}
