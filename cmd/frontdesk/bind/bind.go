// Package bind is about the addresses that the program listens on: which one browsers are told, and what to do about
// one that can't be bound.
package bind

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/netip"
	"slices"
	"strings"
	"syscall"

	"frontdesk/sip/stack"
)

// Named is an address to take media on: browsers are told it, so 0.0.0.0 and :: become the address that this machine
// reaches the internet with; one of its networks' where it reaches none, or the loopback.
func Named(address string) string {
	at, err := netip.ParseAddrPort(address)
	if err != nil || !at.Addr().IsUnspecified() {
		return address
	}
	far, loopback := "192.0.2.1", netip.AddrFrom4([4]byte{127, 0, 0, 1}) // RFC 5737: nobody's; nothing is sent there
	if at.Addr().Is6() {
		far, loopback = "2001:db8::1", netip.IPv6Loopback()
	}
	ip := stack.OutgoingIP(far, cmp.Or(ofNetworks(at.Addr().Is4()), loopback))
	return netip.AddrPortFrom(ip, at.Port()).String()
}

// ofNetworks is an address of the first network that has one; the zero value when there is none.
func ofNetworks(v4 bool) netip.Addr {
	all, _ := net.InterfaceAddrs()
	for _, a := range all {
		network, err := netip.ParsePrefix(a.String())
		if ip := network.Addr(); err == nil && ip.Is4() == v4 && ip.IsGlobalUnicast() {
			return ip
		}
	}
	return netip.Addr{}
}

// Explain names the key of the configuration whose address could not be bound, and what to do; all are the addresses by
// key. Another error is left as it is.
func Explain(err error, all map[string]string) error {
	var op *net.OpError
	if !errors.As(err, &op) || op.Op != "listen" || op.Addr == nil {
		return err
	}
	for _, key := range slices.Sorted(maps.Keys(all)) {
		if strings.HasPrefix(op.Net, "udp") == OfUDP(key) && sameAddress(all[key], op.Addr.String()) {
			return fmt.Errorf("%s: %w: %s", key, err, Hint(err))
		}
	}
	return err
}

// OfUDP are the listeners that are no TCP.
func OfUDP(key string) bool {
	return key == "sip.udp" || key == "webrtc.turn.listen" || strings.HasPrefix(key, "webrtc.udp")
}

// sameAddress: a and b are one, the host of either may be left out.
func sameAddress(a, b string) bool {
	hostA, portA, _ := net.SplitHostPort(Named(a))
	hostB, portB, _ := net.SplitHostPort(Named(b))
	wild := func(host string) bool { return host == "" || net.ParseIP(host).IsUnspecified() }
	return portA == portB && (hostA == hostB || wild(hostA) || wild(hostB))
}

// Hint says what to do about an address that can't be bound.
func Hint(err error) string {
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return "another program has it, or this server runs already"
	case errors.Is(err, syscall.EACCES):
		return "ports below 1024 need the right CAP_NET_BIND_SERVICE, which the unit in configs/ gives"
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return "this machine has no such address: behind NAT listen on 0.0.0.0 and name the outer one as external_ip"
	}
	return "give another address, or none to switch it off"
}
