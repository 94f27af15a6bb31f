package rtp

import (
	"encoding/binary"
	"time"
)

// ntpEpoch is 1970 in seconds since 1900, from where NTP counts.
const ntpEpoch = 2208988800

// sent is how many packets and octets went to the peer, and the time stamp of the last.
func (s *Stream) sent() (packets, octets, last uint32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.packets, s.octets, s.lastTS
}

// Report sends a sender report (RFC 3550 §6.4.1).
func (s *Stream) Report() {
	remote := s.rtcp.remote()
	packets, octets, ts := s.sent()
	if remote == nil || packets == 0 {
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
	web := s.link.speaks.Load()
	ok := !web
	if sec := s.secure.Load(); sec != nil {
		sr, ok = sec.sealControl(sr)
	}
	switch {
	case ok && web:
		s.via.send(sr, *remote)
	case ok:
		s.via.sendControl(sr, *remote)
	}
}
