package web

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// proxies are the addresses whose word about the client is taken.
type proxies []netip.Prefix

func parseProxies(texts []string) (proxies, error) {
	var all proxies
	for _, text := range texts {
		p, err := netip.ParsePrefix(text)
		if err != nil {
			addr, addrErr := netip.ParseAddr(text)
			if addrErr != nil {
				return nil, err
			}
			p = netip.PrefixFrom(addr, addr.BitLen())
		}
		all = append(all, p.Masked())
	}
	return all, nil
}

func (p proxies) trust(host string) bool {
	addr, err := netip.ParseAddr(host)
	if err != nil {
		return false
	}
	for _, prefix := range p {
		if prefix.Contains(addr.Unmap()) {
			return true
		}
	}
	return false
}

// client tells where a request comes from: the peer's address, or what a trusted proxy says of it.
func (p proxies) client(r *http.Request) (ip string, https bool) {
	ip, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		ip = r.RemoteAddr
	}
	if !p.trust(ip) {
		return ip, r.TLS != nil
	}
	// one list, on however many lines (RFC 9110 section 5.3)
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && p.trust(ip); i-- { // the last hop that no proxy of ours is
		if hop := strings.TrimSpace(hops[i]); hop != "" {
			ip = hop
		}
	}
	return ip, r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https"
}
