package rtp

import (
	"fmt"
	"net/netip"
	"strings"
)

// webLines are those of our medium towards peer; the zero value of it: nobody has spoken yet.
func (l *Session) webLines(peer Web) string {
	own, print, err := l.link.identity(peer)
	if err != nil {
		return ""
	}
	mid, setup := "0", "actpass"
	if peer.print != "" {
		mid, setup = peer.mid, "passive"
	}
	var b strings.Builder
	if mid != "" {
		fmt.Fprintf(&b, "a=mid:%s\r\n", mid)
	}
	fmt.Fprintf(&b, "a=rtcp-mux\r\na=ice-ufrag:%s\r\na=ice-pwd:%s\r\n", own.ufrag, own.pwd)
	fmt.Fprintf(&b, "a=fingerprint:sha-256 %s\r\na=setup:%s\r\n", print, setup)
	fmt.Fprintf(&b, "a=msid:frontdesk sound\r\na=ssrc:%d cname:frontdesk\r\n", l.link.ssrc)
	for i, at := range l.candidates() {
		priority := uint32(126<<24 | (65535-i)<<8 | 255) // RFC 8445 §5.1.2.1
		fmt.Fprintf(&b, "a=candidate:%d 1 udp %d %s %d typ host\r\n", i+1, priority, at.Addr(), at.Port())
	}
	b.WriteString("a=end-of-candidates\r\n")
	return b.String()
}

// candidates are where a browser may find us (RFC 8445 §5.1.1.1).
func (l *Session) candidates() []netip.AddrPort {
	all := []netip.AddrPort{l.addr}
	if also := l.link.also; also.IsValid() && also != l.addr.Addr() {
		all = append(all, netip.AddrPortFrom(also, l.addr.Port()))
	}
	return all
}

// webSession are the lines of the session that stand before the media.
func (l *Session) webSession(mid string, bundled bool) string {
	lines := "a=ice-lite\r\n"
	if bundled {
		lines += "a=group:BUNDLE " + mid + "\r\n"
	}
	return lines
}
