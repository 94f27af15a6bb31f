package stack

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	proto "github.com/emiago/sipgo/sip"

	"frontdesk/sip/edge"
)

// proxyList are the addresses whose word about where a request came from is taken.
type proxyList []netip.Prefix

func parseProxies(texts []string) (list proxyList, err error) {
	for _, text := range texts {
		p, err := netip.ParsePrefix(text)
		if err != nil {
			addr, err := netip.ParseAddr(text)
			if err != nil {
				return nil, fmt.Errorf("sip: proxy %q is neither an address nor a network like 10.0.0.0/24", text)
			}
			p = edge.Single(addr)
		}
		list = append(list, p.Masked())
	}
	return list, nil
}

func (p proxyList) trust(addr netip.Addr) bool {
	for _, prefix := range p {
		if prefix.Contains(addr.Unmap()) {
			return true
		}
	}
	return false
}

// origin is where a request came from before our proxies: what the last of them noted in the Via below its own (RFC
// 3261 §18.2.1, RFC 3581 §4). A request that comes from nobody we trust came from its socket address, whatever it says.
func (p proxyList) origin(req *proto.Request) edge.Place {
	from := edge.PlaceOf(req)
	vias := req.GetHeaders("Via")
	for i := 1; i < len(vias) && p.trust(from.At.Addr()); i++ {
		v, ok := vias[i].(*proto.ViaHeader)
		at := noted(v)
		if !ok || !at.IsValid() { // the proxy should have noted it
			break
		}
		from = edge.Place{Transport: strings.ToUpper(v.Transport), At: at}
	}
	return from
}

// noted is the address that a Via tells: where the next hop received it from, else what its sender wrote. Not valid for
// a name.
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
func (p proxyList) forwarded(req *proto.Request) bool { return p.trust(edge.SourceOf(req).Addr()) }
