package guard

import (
	"fmt"
	"net"
	"net/netip"
	"strings"
	"syscall"
	"time"
)

// Egress says where requests may go whose addresses people type in: out to the internet, but not to this machine and
// the networks around it, which trust it, unless they are allowed by name. It judges the address that a name was found
// to have, at the moment of the connection.
type Egress struct {
	allowed, special Networks
}

// Forbidden is the error of a connection that Egress refuses.
type Forbidden struct {
	Addr  netip.Addr
	Plain bool // it may be reached with TLS
}

func (e *Forbidden) Error() string {
	if e.Plain {
		return fmt.Sprintf("%v may be reached by https only", e.Addr)
	}
	return fmt.Sprintf("%v is an address of this machine or of a private network", e.Addr)
}

// NewEgress allows networks that are not of the internet: addresses or CIDRs.
func NewEgress(allow []string) (e Egress, err error) {
	if e.allowed, err = ParseNetworks(allow); err != nil {
		return e, err
	}
	// What the registries of special addresses list (RFC 6890): of IPv4 …
	for text := range strings.FieldsSeq(`0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12
		192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/3
		2001::/23 2001:db8::/32 2002::/16 3fff::/20`) { // … and inside of 2000::/3
		e.special = append(e.special, netip.MustParsePrefix(text))
	}
	return e, nil
}

// Check tells whether an address may be connected to; without TLS only one that is allowed by name. *Forbidden.
func (e Egress) Check(a netip.Addr, plain bool) error {
	a = a.Unmap().WithZone("")
	switch {
	case e.allowed.Contain(a):
		return nil
	case !public(a) || e.special.Contain(a):
		return &Forbidden{Addr: a}
	case plain:
		return &Forbidden{Addr: a, Plain: true}
	}
	return nil
}

// public tells whether an address may be one of the internet, as far as its first bits say: of IPv6 only 2000::/3 is.
func public(a netip.Addr) bool { return a.Is4() || a.Is6() && a.As16()[0]&0xe0 == 0x20 }

// Dialer connects where Check says that it may.
func (e Egress) Dialer(plain bool) *net.Dialer {
	return &net.Dialer{Timeout: 10 * time.Second, Control: func(_, address string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(address)
		if err != nil {
			return err
		}
		return e.Check(at.Addr(), plain)
	}}
}
