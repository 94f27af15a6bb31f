package domain

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"

	"frontdesk/guard"
)

// mx: mail for the domain comes to us, and first to us.
func (l look) mx() (published []string, v Verdict) {
	list, _, err := l.resolver.LookupMX(l.ctx, l.domain.Name+".")
	if err != nil {
		return nil, failed(err)
	}
	ours, best := -1, -1
	for _, mx := range list {
		published = append(published, fmt.Sprintf("%d %s", mx.Pref, mx.Host))
		if best < 0 || int(mx.Pref) < best {
			best = int(mx.Pref)
		}
		if same(mx.Host, l.host) {
			ours = int(mx.Pref)
		}
	}
	switch {
	case len(list) == 0:
		return nil, Verdict{State: Missing}
	case ours < 0:
		return published, Verdict{State: Wrong, Problem: "mx_other"}
	case ours > best:
		return published, Verdict{State: Weak, Problem: "mx_second"}
	}
	return published, Verdict{State: OK}
}

// address: our name leads to an address that the world can reach.
func (l look) address(r DNSRecord) ([]string, Verdict) {
	if l.err != nil || r.Value == "" {
		if l.err == nil {
			return nil, Verdict{State: Missing}
		}
		return nil, failed(l.err)
	}
	v := Verdict{State: OK}
	if !public(net.ParseIP(r.Value)) {
		v = Verdict{State: Wrong, Problem: "address_private"}
	}
	return []string{r.Value}, v
}

// public tells whether an address is one of the internet.
func public(ip net.IP) bool {
	a, ok := netip.AddrFromSlice(ip)
	nowhere, err := guard.NewEgress(nil)
	return ok && err == nil && nowhere.Check(a, false) == nil
}

// reverse: our address has our name; servers distrust those whose address has another.
func (l look) reverse(r DNSRecord) ([]string, Verdict) {
	names, _, err := l.resolver.LookupAddr(l.ctx, r.Name)
	switch {
	case err != nil:
		return nil, failed(err)
	case len(names) == 0:
		return nil, Verdict{State: Missing}
	case !slices.ContainsFunc(names, func(name string) bool { return same(name, l.host) }):
		return names, Verdict{State: Wrong, Problem: "ptr_other"}
	}
	return names, Verdict{State: OK}
}

// leadsHere: a name of the domain leads to an address of ours, by whatever kind of record.
func (l look) leadsHere(r DNSRecord) (published []string, v Verdict) {
	found, _, err := l.resolver.LookupIP(l.ctx, "ip", r.Name+".")
	if err != nil {
		return nil, failed(err)
	}
	v = Verdict{State: Wrong, Problem: "leads_elsewhere"}
	for _, ip := range found {
		published = append(published, ip.String())
		if slices.ContainsFunc(l.addresses, ip.Equal) {
			v = Verdict{State: OK}
		}
	}
	if r.Purpose == forSTSHost && v.State == OK {
		v = l.policyServed()
	}
	return published, v
}

// policyServed: the https server there has the policy that this server enforces.
func (l look) policyServed() Verdict {
	policy, err := fetchPolicy(l.ctx, l.config.HTTP, l.domain.Name)
	if err != nil {
		return Verdict{State: Wrong, Problem: "policy_unread", Detail: err.Error()}
	}
	if string(policy.Mode) != l.domain.STS || !slices.ContainsFunc(policy.MX,
		func(mx mtastsMX) bool { return same(mx.Domain.ASCII, l.host) }) {
		return Verdict{State: Wrong, Problem: "policy_other", Detail: policy.String()}
	}
	return Verdict{State: OK}
}

// service: mail programs find our ports (RFC 6186).
func (l look) service(r DNSRecord) (published []string, v Verdict) {
	name, _, _ := strings.Cut(strings.TrimPrefix(r.Name, "_"), ".")
	_, list, _, err := l.resolver.LookupSRV(l.ctx, name, "tcp", l.domain.Name+".")
	if err != nil {
		return nil, failed(err)
	}
	v = Verdict{State: Wrong, Problem: "service_other"}
	for _, s := range list {
		published = append(published, fmt.Sprintf("%d %d %d %s", s.Priority, s.Weight, s.Port, s.Target))
		if same(s.Target, l.host) && s.Port == l.config.Services[name] {
			v = Verdict{State: OK}
		}
	}
	if len(list) == 0 {
		v = Verdict{State: Missing}
	}
	return published, v
}
