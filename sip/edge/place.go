// Package edge is what is read out of messages, and told in answers, whatever call they belong to.
package edge

import (
	"net/netip"
	"strings"

	proto "github.com/emiago/sipgo/sip"
)

// Place is where somebody is: a transport, and the address that messages come from over it.
type Place struct {
	Transport string // UDP, TCP, TLS, WS, WSS, and behind a proxy whatever there is
	At        netip.AddrPort
}

// PlaceOf is where m came from.
func PlaceOf(m proto.Message) Place { return Place{Transport: m.Transport(), At: SourceOf(m)} }

// String is the form in which bindings keep a place.
func (p Place) String() string { return strings.ToLower(p.Transport) + ":" + p.At.String() }

// Single is the network of one address.
func Single(a netip.Addr) netip.Prefix {
	a = a.Unmap()
	return netip.PrefixFrom(a, a.BitLen())
}

// TransportOf is what a SIP URI is reached over; otherwise where it doesn't say. Not ok: nothing that we speak.
func TransportOf(uri proto.Uri, otherwise string) (transport string, ok bool) {
	transport = strings.ToUpper(uri.UriParams.GetOr("transport", otherwise))
	switch {
	case uri.Scheme == "sips" && (transport == "TCP" || transport == "TLS" || !uri.UriParams.Has("transport")):
		return "TLS", true // RFC 3261 §26.2.2
	case uri.Scheme != "sip":
		return "", false
	default:
		return transport, transport == "UDP" || transport == "TCP" || transport == "TLS"
	}
}

// SourceOf is where m came from.
func SourceOf(m proto.Message) netip.AddrPort {
	a, _ := netip.ParseAddrPort(m.Source())
	return Plain(a)
}

// Plain is an address in its own form, not as IPv6 may carry it.
func Plain(a netip.AddrPort) netip.AddrPort { return netip.AddrPortFrom(a.Addr().Unmap(), a.Port()) }
