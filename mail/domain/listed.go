package domain

import (
	"cmp"
	"net"
	"slices"
	"sync"

	"frontdesk/mail/resolver"
)

// Listing is what a list of senders of junk (RFC 5782) says of an address of ours.
type Listing struct {
	Verdict        // wrong: it names the address
	List    string `json:"list"`
	Address string `json:"address"`
}

// listings asks all lists about all our addresses.
func (l look) listings() []Listing {
	list := []Listing{}
	for _, ip := range l.addresses {
		for _, zone := range l.config.Lists {
			if public(ip) {
				list = append(list, Listing{List: zone, Address: ip.String()})
			}
		}
	}
	var all sync.WaitGroup
	for i := range list {
		all.Go(func() { list[i].Verdict = l.listed(list[i].List, net.ParseIP(list[i].Address)) })
	}
	all.Wait()
	slices.SortFunc(list, func(a, b Listing) int { return cmp.Compare(a.Address+" "+a.List, b.Address+" "+b.List) })
	return list
}

// listed asks a list about an address. That it doesn't name one counts only where it answers us at all: it has to know
// its test entry 127.0.0.2 (RFC 5782 section 5).
func (l look) listed(zone string, ip net.IP) Verdict {
	said, err := resolver.List(l.ctx, l.resolver, zone, ip)
	switch {
	case err != nil:
		return Verdict{State: Unknown, Problem: "no_answer", Detail: err.Error()}
	case said.Refused != "":
		return Verdict{State: Unknown, Problem: "list_silent", Detail: said.Refused}
	case said.Named:
		return Verdict{State: Wrong, Problem: "listed", Detail: said.Why}
	}
	if test, err := resolver.List(l.ctx, l.resolver, zone, net.IPv4(127, 0, 0, 2)); err != nil || !test.Named {
		return Verdict{State: Unknown, Problem: "list_silent"}
	}
	return Verdict{State: OK}
}
