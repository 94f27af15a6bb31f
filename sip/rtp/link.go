package rtp

import (
	"crypto/rand"
	"encoding/base32"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"

	"github.com/pion/stun/v4"
)

// link is how the sound of a browser is reached and encrypted, as WebRTC has it (RFC 8827): the browser finds its way
// here by ICE, of which we do the lite half (RFC 8445 §2.5), and agrees on keys in the sound itself, by DTLS
// (RFC 5764), of which we are the server. Until a description speaks of it, it sleeps.
type link struct {
	send   func(data []byte, to netip.AddrPort)
	found  func(at netip.AddrPort) // told where the browser is
	keys   func(Keys) error        // told what the sound is sealed with
	failed func()                  // told of each datagram that is nobody's
	certs  *certificates
	ssrc   uint32      // of what we send
	also   netip.Addr  // one more address of ours, for browsers behind a proxy; may be invalid
	speaks atomic.Bool // the sound is a browser's: nothing goes unencrypted, nothing comes from elsewhere
	where  atomic.Pointer[netip.AddrPort]

	mu    sync.Mutex
	own   names
	cert  *certificate // ours, once told
	peer  Web          // the browser's
	shake *handshake   // that runs, or has run
}

// names are what checks of ICE are signed with (RFC 8445 §5.3).
type names struct{ ufrag, pwd string }

// newNames are ours: 40 and 160 bits of chance.
func newNames() names {
	var b [25]byte
	rand.Read(b[:])
	text := base32.StdEncoding.EncodeToString(b[:])
	return names{text[:8], text[8:]}
}

// identity is what a description tells of us. A browser that comes with other names than before begins ICE anew, and so
// do we (RFC 8445 §9).
func (l *link) identity(peer Web) (names, string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var err error
	if l.cert == nil {
		if l.cert, err = l.certs.get(); err != nil {
			return names{}, "", err
		}
	}
	if l.own == (names{}) || peer.ufrag != "" && l.peer.ufrag != "" && peer.ufrag != l.peer.ufrag {
		l.own = newNames()
	}
	return l.own, l.cert.print, nil
}

// meets takes what the browser's description says of it.
func (l *link) meets(peer Web) {
	l.speaks.Store(true)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.shake != nil && l.peer.print != peer.print { // another one, who has to prove itself
		l.shake.stop()
		l.shake = nil
	}
	l.peer = peer
}

// sleeps: the peer is none that speaks so.
func (l *link) sleeps() { l.speaks.Store(false) }

// take takes a datagram that is no sound (RFC 7983 §7). It runs where the network reads.
func (l *link) take(data []byte, from netip.AddrPort) {
	switch {
	case data[0] < 4:
		l.check(data, from)
	case data[0] >= 20 && data[0] < 64 && l.speaks.Load() && l.at(from):
		l.shakes(data, from)
	default:
		l.failed()
	}
}

// check answers a check of the browser's (RFC 8445 §7.3). The one that it settles on, or else the first, is where it
// is: whoever can sign a check has read the description.
func (l *link) check(data []byte, from netip.AddrPort) {
	m := &stun.Message{Raw: append([]byte{}, data...)}
	own := l.names()
	if own.ufrag == "" || m.Decode() != nil || m.Type != stun.BindingRequest || !signed(m, own) {
		l.failed()
		return
	}
	answer, err := stun.Build(stun.NewTransactionIDSetter(m.TransactionID), stun.BindingSuccess,
		&stun.XORMappedAddress{IP: from.Addr().AsSlice(), Port: int(from.Port())},
		stun.NewShortTermIntegrity(own.pwd), stun.Fingerprint)
	if err != nil {
		return
	}
	if m.Contains(stun.AttrUseCandidate) && !l.at(from) || l.where.Load() == nil {
		l.where.Store(&from)
		l.found(from)
	}
	l.send(answer.Raw, from)
}

// at tells whether the browser is there.
func (l *link) at(from netip.AddrPort) bool {
	where := l.where.Load()
	return where != nil && *where == from
}

func (l *link) names() names {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.own
}

// signed tells whether a check is for us, by somebody who knows our password.
func signed(m *stun.Message, own names) bool {
	var user stun.Username
	if user.GetFrom(m) != nil || len(user) <= len(own.ufrag) || string(user[:len(own.ufrag)+1]) != own.ufrag+":" {
		return false
	}
	return stun.NewShortTermIntegrity(own.pwd).Check(m) == nil
}

// shakes gives a datagram of DTLS to the handshake; the first begins it, once it is known whose certificate is to be
// seen.
func (l *link) shakes(data []byte, from netip.AddrPort) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.peer.print == "" || l.cert == nil {
		return // it comes again
	}
	if l.shake == nil || l.shake.ended() { // one that failed is tried again
		l.shake = newHandshake(l.send, net.UDPAddrFromAddrPort(from))
		l.shake.begin(l.cert, l.peer.print, l.keys)
	}
	l.shake.put(data, from)
}

// close ends the handshake and waits for it.
func (l *link) close() {
	l.mu.Lock()
	shake := l.shake
	l.mu.Unlock()
	if shake != nil {
		shake.stop()
		shake.running.Wait()
	}
}
