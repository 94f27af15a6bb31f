package guard

import (
	"fmt"
	"net/netip"
	"slices"
)

// Networks are addresses and networks that somebody named.
type Networks []netip.Prefix

// ParseNetworks reads addresses and CIDRs.
func ParseNetworks(texts []string) (all Networks, err error) {
	for _, text := range texts {
		p, err := prefixOf(text)
		if err != nil {
			return nil, fmt.Errorf("%q is neither an address nor a network like 10.0.0.0/24", text)
		}
		all = append(all, p)
	}
	return all, nil
}

func prefixOf(text string) (netip.Prefix, error) {
	if a, err := netip.ParseAddr(text); err == nil {
		a = a.Unmap().WithZone("")
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	p, err := netip.ParsePrefix(text)
	return p.Masked(), err
}

// Contain tells whether an address is one of them or in one.
func (n Networks) Contain(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	return slices.ContainsFunc(n, func(p netip.Prefix) bool { return p.Contains(a) })
}
