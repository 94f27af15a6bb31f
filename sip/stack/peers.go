package stack

import (
	"net/netip"
	"slices"
	"sync"
)

// peerNames are the names that certificates must have at the addresses that they were found for: SIP goes to addresses,
// certificates are of names (RFC 5922 §4).
type peerNames struct {
	mu   sync.Mutex
	of   map[netip.AddrPort][]string
	dial map[netip.AddrPort]*sync.Mutex // held while a connection there is made
}

// note keeps that host, which may have a port, is at the places found for it over TLS.
func (p *peerNames) note(host string, list []Target) {
	name, _ := SplitHost(host)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.of == nil {
		p.of, p.dial = map[netip.AddrPort][]string{}, map[netip.AddrPort]*sync.Mutex{}
	}
	for _, t := range list {
		for _, place := range t.places {
			if place.Transport == "TLS" && !slices.Contains(p.of[place.At], name) {
				p.of[place.At] = append(p.of[place.At], name)
			}
		}
	}
}

// at are the names that were found to be at an address; of others it is the address that the certificate must have.
func (p *peerNames) at(at netip.AddrPort) ([]string, *sync.Mutex) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if names := p.of[at]; len(names) > 0 {
		if p.dial[at] == nil {
			p.dial[at] = &sync.Mutex{}
		}
		return names, p.dial[at]
	}
	return []string{at.Addr().String()}, &sync.Mutex{}
}
