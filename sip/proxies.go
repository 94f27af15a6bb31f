package sip

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	proto "github.com/emiago/sipgo/sip"
)

// proxies are the addresses whose word about where a request came from is taken.
type proxies []netip.Prefix

func parseProxies(texts []string) (list proxies, err error) {
	for _, text := range texts {
		p, err := netip.ParsePrefix(text)
		if err != nil {
			addr, err := netip.ParseAddr(text)
			if err != nil {
				return nil, fmt.Errorf("sip: proxy %q is neither an address nor a network like 10.0.0.0/24", text)
			}
			p = single(addr)
		}
		list = append(list, p.Masked())
	}
	return list, nil
}

func (p proxies) trust(addr netip.Addr) bool {
	for _, prefix := range p {
		if prefix.Contains(addr.Unmap()) {
			return true
		}
	}
	return false
}

// place is where somebody is: a transport, and the address that messages come from over it.
type place struct {
	transport string // UDP, TCP, and behind a proxy whatever there is
	at        netip.AddrPort
}

// String is the form in which bindings keep a place.
func (p place) String() string { return strings.ToLower(p.transport) + ":" + p.at.String() }

// origin is where a request came from before our proxies: what the last of them noted in the Via below its own (RFC 3261 §18.2.1,
// RFC 3581 §4). A request that comes from nobody we trust came from its socket address, whatever it says.
func (c *core) origin(req *proto.Request) place {
	from := place{req.Transport(), sourceOf(req)}
	vias := req.GetHeaders("Via")
	for i := 1; i < len(vias) && c.proxies.trust(from.at.Addr()); i++ {
		v, ok := vias[i].(*proto.ViaHeader)
		at := noted(v)
		if !ok || !at.IsValid() { // the proxy should have noted it
			break
		}
		from = place{strings.ToUpper(v.Transport), at}
	}
	return from
}

// noted is the address that a Via tells: where the next hop received it from, else what its sender wrote. Not valid for a name.
func noted(v *proto.ViaHeader) netip.AddrPort {
	if v == nil {
		return netip.AddrPort{}
	}
	addr, err := netip.ParseAddr(strings.Trim(v.Params.GetOr("received", v.Host), "[]"))
	if err != nil {
		return netip.AddrPort{}
	}
	port := v.Port
	if n, err := strconv.ParseUint(v.Params.GetOr("rport", ""), 10, 16); err == nil {
		port = int(n)
	}
	if port == 0 {
		port = proto.DefaultPort(v.Transport)
	}
	return netip.AddrPortFrom(addr.Unmap(), uint16(port))
}

// forwarded tells whether a proxy of ours brought req.
func (c *core) forwarded(req *proto.Request) bool { return c.proxies.trust(sourceOf(req).Addr()) }
