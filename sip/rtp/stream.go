// Package rtp is the sound of a SIP leg: RTP (RFC 3550) over its own pair of UDP sockets, and the session descriptions
// (SDP, RFC 8866) that agree on it.
package rtp

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/rtp"
	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/media"
	"frontdesk/media/net"
)

// Stream is a leg's sound: what the peer sends becomes a Track, what it shall hear is written to it as a Sink.
// Whose packets it believes, and where it sends, its latches decide.
type Stream struct {
	via       *transport
	track     atomic.Pointer[media.Track]
	formats   atomic.Pointer[formats]
	secure    atomic.Pointer[secure] // nil: plain RTP
	link      *link
	rtp       latch
	rtcp      latch
	muted     atomic.Bool        // the peer doesn't want to get anything
	heard     atomic.Int64       // when the last packet came, UnixNano
	Digit     func(key rune)     // the peer pressed a key
	Relay     func(key rune)     // a key that can't go as telephone-event
	Music     func()             // the peer holds, and plays something
	holds     atomic.Bool        // the peer holds, and may play something
	strangers prometheus.Counter // packets that were not the peer's

	// of the reader
	waiting []datagram // that may turn out to be the peer's
	in      media.Packet
	keys    media.Detector
	ear     musicEar

	// of the writers
	mu      sync.Mutex
	number  media.Renumber
	buf     [net.MaxDatagram]byte
	outKeys media.Detector
	packets uint32
	octets  uint32
	lastTS  uint32
}

func newStream(via *transport, certs *certificates, strangers prometheus.Counter) *Stream {
	s := &Stream{via: via, strangers: strangers, rtp: latch{need: latchRTP},
		rtcp: latch{need: latchRTCP, unnumbered: true}}
	s.number.SSRC = rand.Uint32()
	s.link = &link{certs: certs, ssrc: s.number.SSRC, found: s.found, keys: s.secures,
		send:   func(data []byte, to netip.AddrPort) { s.via.send(data, to) },
		failed: func() { s.strangers.Inc() }}
	return s
}

// Local is the address of the socket.
func (s *Stream) Local() netip.AddrPort { return s.via.rtp.Addr() }

// Listen begins to read. What comes before open says where the peer is waits, the newest of it.
func (s *Stream) Listen() {
	s.via.read(s.receive, func(data []byte, from netip.AddrPort) {
		if !s.link.speaks.Load() { // a browser reports where it speaks
			s.control(data, from)
		}
	})
}

// Open sets what the peer said. The first call makes the track.
func (s *Stream) Open(id string, t Terms) (first bool) {
	s.muted.Store(t.Medium.Held())
	if t.Medium.web() {
		s.link.meets(t.Medium.Web)
		return s.begin(id, t.formats())
	}
	s.link.sleeps()
	if s.secures(t.Keys) != nil { // a key of the right length makes a context
		s.muted.Store(true)
	}
	return s.set(id, t.formats(), whereabouts{media: t.Medium.Addr, signal: t.Signal, strict: t.Strict},
		t.Medium.control)
}

func (s *Stream) set(id string, f formats, at whereabouts, control netip.AddrPort) (first bool) {
	first = s.begin(id, f)
	s.rtp.name(at)
	at.media = control
	s.rtcp.name(at)
	return first
}

// begin makes the track where there is none.
func (s *Stream) begin(id string, f formats) (first bool) {
	if first = s.track.Load() == nil; first {
		s.track.Store(media.NewTrack(id, f.codec, nil))
		s.Touch()
	}
	s.formats.Store(&f)
	return first
}

// found: ICE tells where the browser is, whose reports come from there too.
func (s *Stream) found(at netip.AddrPort) {
	s.rtp.name(whereabouts{media: at, strict: true})
	s.rtcp.name(whereabouts{media: at, strict: true})
}

// Retrack begins a new track for another codec and returns the old one.
func (s *Stream) Retrack(id string, codec media.Codec) *media.Track {
	return s.track.Swap(media.NewTrack(id, codec, nil))
}

// Current is the track of what the peer sends; nil before open.
func (s *Stream) Current() *media.Track { return s.track.Load() }

// ExpectMusic sets whether the peer, who holds, may play something.
func (s *Stream) ExpectMusic(on bool) { s.holds.Store(on) }

// Touch counts the peer's silence from now.
func (s *Stream) Touch() { s.heard.Store(time.Now().UnixNano()) }

// datagram is one that waits to be judged.
type datagram struct {
	from netip.AddrPort
	data []byte
	raw  bool // it came before the keys
}

// maxWaiting datagrams wait: the newest, and not those of one source alone.
const maxWaiting = 32

// receive takes one datagram from the network. It runs where the network reads.
func (s *Stream) receive(data []byte, from netip.AddrPort) {
	if len(data) < 12 || data[0]>>6 != 2 {
		if len(data) > 0 && data[0] < 64 {
			s.link.take(data, from)
		}
		return
	}
	now := time.Now()
	if s.link.speaks.Load() {
		if !s.rtp.may(from, now) {
			s.strangers.Inc()
			return
		}
		if data[1] >= 192 && data[1] < 224 { // RFC 5761 §4
			s.control(data, from)
			return
		}
	}
	known, ok := s.formats.Load() != nil, true
	if known && s.rtp.may(from, now) { // whoever is believed has the key
		data, ok = s.opened(data)
	}
	if !ok {
		s.strangers.Inc()
		return
	}
	switch s.rtp.judge(from, binary.BigEndian.Uint32(data[8:]), binary.BigEndian.Uint16(data[2:]), now) {
	case stranger:
		s.strangers.Inc()
	case perhaps:
		s.wait(datagram{from, bytes.Clone(data), !known})
	case peer:
		s.heard.Store(now.UnixNano())
		s.takeWaiting(from)
		s.take(data)
	}
}

// takeWaiting takes what the peer sent before it was believed.
func (s *Stream) takeWaiting(from netip.AddrPort) {
	for _, d := range s.waiting {
		ok := d.from == from
		if ok && d.raw {
			d.data, ok = s.opened(d.data)
		}
		if ok {
			s.take(d.data)
		}
	}
	s.waiting = nil
}

// wait keeps a datagram; with too many the oldest goes of whoever has most, so that no flood takes the peer's place.
func (s *Stream) wait(d datagram) {
	if len(s.waiting) == maxWaiting {
		at := oldestOfMost(s.waiting)
		s.waiting = slices.Delete(s.waiting, at, at+1)
	}
	s.waiting = append(s.waiting, d)
}

func oldestOfMost(list []datagram) (oldest int) {
	most := 0
	for i, d := range list {
		n := 0
		for _, other := range list[i:] {
			if other.from == d.from {
				n++
			}
		}
		if n > most {
			most, oldest = n, i
		}
	}
	return oldest
}

// take passes a packet of the peer on.
func (s *Stream) take(data []byte) {
	f := s.formats.Load()
	pt := data[1] & 0x7F
	other := f.others[pt]
	if pt != f.inAudio && pt != f.inEvent && other == nil {
		return // comfort noise, say: it shows that the peer is there
	}
	s.in.Header = rtp.Header{CSRC: s.in.Header.CSRC[:0]}
	n, err := s.in.Header.Unmarshal(data)
	if err != nil {
		return
	}
	payload, ok := unpad(data[n:], s.in.Header.Padding)
	if !ok {
		return
	}
	s.in.Payload, s.in.Event = payload, pt == f.inEvent
	if other != nil {
		s.in.Payload = other.Convert(payload)
	}
	if !s.in.Event {
		s.held(f.codec, s.in.Payload)
	}
	s.in.Header.Padding = false
	s.track.Load().WriteRTP(&s.in)
	if key, ok := s.keys.Detect(&s.in); ok {
		s.Digit(key)
	}
}

// control takes a datagram of the RTCP port: who reports is there, even when it sends no sound.
func (s *Stream) control(data []byte, from netip.AddrPort) {
	if len(data) < 8 || data[0]>>6 != 2 || data[1] < 200 || data[1] > 207 {
		return
	}
	now := time.Now()
	if sec := s.secure.Load(); sec != nil {
		var ok bool
		if !s.rtcp.may(from, now) {
			return
		}
		if data, ok = sec.openControl(data); !ok {
			return
		}
	} else if s.link.speaks.Load() {
		return
	}
	if s.rtcp.judge(from, binary.BigEndian.Uint32(data[4:]), 0, now) == peer {
		s.heard.Store(now.UnixNano())
	}
}

// unpad cuts RTP padding off (RFC 3550 §5.1); false when nothing is left.
func unpad(payload []byte, padded bool) ([]byte, bool) {
	if padded && len(payload) > 0 {
		pad := int(payload[len(payload)-1])
		if pad == 0 || pad > len(payload) {
			return nil, false
		}
		payload = payload[:len(payload)-pad]
	}
	return payload, len(payload) > 0
}

// WriteRTP sends a packet of whoever is played to the peer.
func (s *Stream) WriteRTP(p *media.Packet) {
	remote, f := s.rtp.remote(), s.formats.Load()
	if remote == nil || f == nil || s.muted.Load() {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	pt := f.outAudio
	if p.Event {
		if pt = f.outKeys; pt == NoPT {
			s.relayKey(p)
			return
		}
	}
	h, ok := s.number.Rewrite(p, f.codec.Clock/50)
	if !ok {
		return
	}
	h.PayloadType, h.Padding, h.Extension, h.Extensions, h.CSRC = pt, false, false, nil, nil
	payload := p.Payload
	if f.out != nil && !p.Event {
		payload = f.out.Convert(payload)
	}
	n, err := h.MarshalTo(s.buf[:])
	if err != nil || n+len(payload) > len(s.buf) {
		return
	}
	n += copy(s.buf[n:], payload)
	s.packets, s.octets, s.lastTS = s.packets+1, s.octets+uint32(len(payload)), h.Timestamp
	packet, ok := s.buf[:n], !s.link.speaks.Load()
	if sec := s.secure.Load(); sec != nil {
		packet, ok = sec.seal(packet)
	}
	if ok {
		s.via.send(packet, *remote)
	}
}

func (s *Stream) relayKey(p *media.Packet) {
	if key, ok := s.outKeys.Detect(p); ok {
		s.Relay(key)
	}
}

// Silent is how long the peer has sent nothing.
func (s *Stream) Silent() time.Duration {
	return time.Duration(time.Now().UnixNano() - s.heard.Load())
}

// Close ends the stream and waits for its reader.
func (s *Stream) Close() {
	s.via.close()
	s.link.close()
}

// held listens for music while the peer holds and may send some.
func (s *Stream) held(codec media.Codec, payload []byte) {
	if !s.holds.Load() {
		return
	}
	if s.ear.hears(codec, payload) {
		s.ear.loud = 0
		s.holds.Store(false)
		s.Music()
	}
}

// secures makes k the keys of the stream.
func (s *Stream) secures(k Keys) error {
	now := s.secure.Load()
	if now != nil && now.keys == k {
		return nil
	}
	fresh, err := newSecure(k, now)
	if err == nil {
		s.secure.Store(fresh)
	}
	return err
}

// opened is what data says: itself, where nothing is encrypted. Not ok: forged or repeated.
func (s *Stream) opened(data []byte) ([]byte, bool) {
	sec := s.secure.Load()
	if sec == nil {
		return data, !s.link.speaks.Load()
	}
	return sec.open(data)
}
