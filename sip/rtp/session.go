package rtp

import (
	"net/netip"
	"time"
)

// Session is our side of a session; its version grows with each change (RFC 3264 §8).
type Session struct {
	id      uint64
	version uint64
	last    string // what was sent last, without the version
	addr    netip.AddrPort
	Encrypt Encryption
	own     []crypto // our keys
	profile string   // of the audio line that was agreed on
	Web     bool     // offers are those of browsers
	link    *link    // of the sound that is described
}

// NewSession describes a sound at addr, the address of it that the peer reaches, and at also, which is another one or
// not valid.
func NewSession(sound *Stream, addr netip.AddrPort, also netip.Addr, encrypt Encryption) Session {
	sound.link.also = also
	return Session{id: uint64(time.Now().UnixNano()) >> 8, addr: addr, Encrypt: encrypt, own: ownCryptos(),
		profile: "RTP/AVP", link: sound.link}
}
