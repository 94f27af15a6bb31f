package sip

import (
	"encoding/binary"
	"math/rand/v2"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/rtp"

	"frontdesk/media"
)

// relatch is how long the known source must be silent before another one is believed.
const relatch = 2 * time.Second

// formats are the payload types of a session, each way. They are replaced as a whole.
type formats struct {
	codec             media.Codec
	inAudio, inEvent  uint8 // what the peer sends
	outAudio, outKeys uint8 // what it wants to get; noPT: it takes no telephone-events
}

// stream is a leg's sound: what the peer sends becomes a Track, what it shall hear is written to it as a Sink.
// It learns where the peer really is from the packets that come (symmetric RTP, RFC 4961), because of NAT.
type stream struct {
	via     *transport
	track   atomic.Pointer[media.Track]
	formats atomic.Pointer[formats]
	remote  atomic.Pointer[netip.AddrPort] // where to send; nil: nowhere yet
	muted   atomic.Bool                    // the peer doesn't want to get anything
	heard   atomic.Int64                   // when the last packet came, UnixNano
	moved   atomic.Bool                    // signalling named a new address: learn anew
	digit   func(key rune)                 // the peer pressed a key
	relay   func(key rune)                 // a key that can't go as telephone-event
	stats   *metrics

	// of the reader
	source netip.AddrPort // whom we believe
	at     int64          // when it sent last
	in     media.Packet
	keys   media.Detector

	// of the writers
	mu      sync.Mutex
	number  media.Renumber
	buf     [maxDatagram]byte
	outKeys media.Detector
	packets uint32
	octets  uint32
	lastTS  uint32
}

func newStream(via *transport, stats *metrics) *stream {
	s := &stream{via: via, stats: stats}
	s.number.SSRC = rand.Uint32()
	return s
}

// open sets where the peer said it is and what it speaks. The first call makes the track and starts to read.
func (s *stream) open(id string, f formats, remote netip.AddrPort) (first bool) {
	s.formats.Store(&f)
	s.point(remote)
	if s.track.Load() != nil {
		return false
	}
	s.track.Store(media.NewTrack(id, f.codec, nil))
	s.heard.Store(time.Now().UnixNano())
	s.via.read(s.receive)
	return true
}

// retrack begins a new track for another codec and returns the old one.
func (s *stream) retrack(id string, codec media.Codec) *media.Track {
	return s.track.Swap(media.NewTrack(id, codec, nil))
}

// point sends to remote until packets come from elsewhere. An unspecified address (hold) changes nothing.
func (s *stream) point(remote netip.AddrPort) {
	if !remote.Addr().IsValid() || remote.Addr().IsUnspecified() || remote.Port() == 0 {
		return
	}
	if old := s.remote.Swap(&remote); old == nil || *old != remote {
		s.moved.Store(true)
	}
}

// receive takes one datagram from the network. It runs in the transport's reader.
func (s *stream) receive(data []byte, from netip.AddrPort) {
	f := s.formats.Load()
	if len(data) < 12 || data[0]>>6 != 2 {
		return
	}
	pt := data[1] & 0x7F
	if pt != f.inAudio && pt != f.inEvent || !s.believe(from) {
		return
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
	s.in.Header.Padding = false
	s.track.Load().WriteRTP(&s.in)
	if key, ok := s.keys.Detect(&s.in); ok {
		s.digit(key)
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

// believe decides whether from is the peer: the first source is; another only when signalling moved the peer or the known one fell silent.
func (s *stream) believe(from netip.AddrPort) bool {
	now := time.Now().UnixNano()
	if from != s.source {
		fresh := s.moved.Swap(false)
		if s.source.IsValid() && !fresh && now-s.at < int64(relatch) {
			return false
		}
		s.source = from
		learned := netip.AddrPortFrom(from.Addr().Unmap(), from.Port())
		s.remote.Store(&learned)
	}
	s.at = now
	s.heard.Store(now)
	return true
}

// WriteRTP sends a packet of whoever is played to the peer.
func (s *stream) WriteRTP(p *media.Packet) {
	remote, f := s.remote.Load(), s.formats.Load()
	if remote == nil || f == nil || s.muted.Load() {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	pt := f.outAudio
	if p.Event {
		if pt = f.outKeys; pt == noPT {
			s.relayKey(p)
			return
		}
	}
	h, ok := s.number.Rewrite(p, f.codec.Clock/50)
	if !ok {
		return
	}
	h.PayloadType, h.Padding, h.Extension, h.Extensions, h.CSRC = pt, false, false, nil, nil
	n, err := h.MarshalTo(s.buf[:])
	if err != nil || n+len(p.Payload) > len(s.buf) {
		return
	}
	n += copy(s.buf[n:], p.Payload)
	s.packets, s.octets, s.lastTS = s.packets+1, s.octets+uint32(len(p.Payload)), h.Timestamp
	s.via.send(s.buf[:n], *remote)
}

func (s *stream) relayKey(p *media.Packet) {
	if key, ok := s.outKeys.Detect(p); ok {
		s.relay(key)
	}
}

// silent is how long the peer has sent nothing.
func (s *stream) silent() time.Duration {
	return time.Duration(time.Now().UnixNano() - s.heard.Load())
}

// ntpEpoch is 1970 in seconds since 1900, from where NTP counts.
const ntpEpoch = 2208988800

// report sends a sender report (RFC 3550 §6.4.1) to the port above the peer's RTP.
func (s *stream) report() {
	remote := s.remote.Load()
	s.mu.Lock()
	packets, octets, ts := s.packets, s.octets, s.lastTS
	s.mu.Unlock()
	if remote == nil || packets == 0 || remote.Port() == 65535 {
		return
	}
	now := time.Now()
	sr := make([]byte, 28)
	sr[0], sr[1] = 0x80, 200
	binary.BigEndian.PutUint16(sr[2:], 6)
	binary.BigEndian.PutUint32(sr[4:], s.number.SSRC)
	binary.BigEndian.PutUint32(sr[8:], uint32(now.Unix()+ntpEpoch))
	binary.BigEndian.PutUint32(sr[12:], uint32(uint64(now.Nanosecond())<<32/1e9))
	binary.BigEndian.PutUint32(sr[16:], ts)
	binary.BigEndian.PutUint32(sr[20:], packets)
	binary.BigEndian.PutUint32(sr[24:], octets)
	s.via.sendControl(sr, netip.AddrPortFrom(remote.Addr(), remote.Port()+1))
}

// close ends the stream and waits for its reader.
func (s *stream) close() { s.via.close() }
