package stack

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"

	proto "github.com/emiago/sipgo/sip"

	"frontdesk/sip/edge"
)

// Locate finds the servers of a peer (RFC 3263 §4): an address, or a name with a port, is meant as it stands; any other
// name may have NAPTR and SRV records, and is an ordinary one when it has none.
func (s *Stack) Locate(ctx context.Context, host, transport string) ([]Target, error) {
	list, err := s.locate(ctx, host, transport)
	s.peers.note(host, list)
	return list, err
}

func (s *Stack) locate(ctx context.Context, host, transport string) ([]Target, error) {
	name, port := SplitHost(host)
	if port != 0 {
		return s.Hosts(ctx, name, port, transport)
	}
	if _, err := netip.ParseAddr(name); err == nil {
		return s.Hosts(ctx, name, proto.DefaultPort(transport), transport)
	}
	for _, of := range s.Services(ctx, name, transport) {
		if list := s.Targets(ctx, of); len(list) > 0 {
			return list, nil
		}
	}
	return s.Hosts(ctx, name, proto.DefaultPort(transport), transport)
}

// Targets are those of the SRV records of a service.
func (s *Stack) Targets(ctx context.Context, of service) (list []Target) {
	_, records, _ := s.cfg.Resolver.LookupSRV(ctx, "", "", of.name) // none is no error here
	for _, r := range records {
		if r.Target == "." { // decidedly no such service
			continue
		}
		found, _ := s.Hosts(ctx, strings.TrimSuffix(r.Target, "."), int(r.Port), of.transport)
		for _, t := range found {
			t.priority, t.weight = r.Priority, r.Weight
			list = append(list, t)
		}
	}
	return list
}

func (s *Stack) Hosts(ctx context.Context, name string, port int, transport string) ([]Target, error) {
	addrs, err := s.cfg.Resolver.LookupNetIP(ctx, "ip", name)
	if err != nil {
		return nil, fmt.Errorf("address of %s: %w", name, err)
	}
	t := Target{}
	for _, a := range addrs {
		t.places = append(t.places, edge.Place{Transport: transport, At: netip.AddrPortFrom(a.Unmap(), uint16(port))})
	}
	// IPv4 first
	slices.SortStableFunc(t.places, func(a, b edge.Place) int {
		return cmp.Compare(a.At.Addr().BitLen(),
			b.At.Addr().BitLen())
	})
	return []Target{t}, nil
}

// InOrder lists the places in the order in which they are tried this time: by priority, and within one by chance, as
// the weights say (RFC 2782).
func InOrder(targets []Target) (list []edge.Place) {
	rest := slices.Clone(targets)
	slices.SortStableFunc(rest, func(a, b Target) int { return cmp.Compare(a.priority, b.priority) })
	for len(rest) > 0 {
		n := 0
		for n < len(rest) && rest[n].priority == rest[0].priority {
			n++
		}
		i := drawn(rest[:n])
		list = append(list, rest[i].places...)
		rest = slices.Delete(rest, i, i+1)
	}
	return list
}

// drawn picks one of those with the same priority. Those of weight 0 have a very small chance beside the others.
func drawn(targets []Target) int {
	sum := 0
	for _, t := range targets {
		sum += 100*int(t.weight) + 1
	}
	n := rand.N(sum)
	for i, t := range targets {
		if n -= 100*int(t.weight) + 1; n < 0 {
			return i
		}
	}
	return 0
}

// TryEach sends a request to one place after the other, until one answers with something else than 503 (RFC 3263 §4.3).
func (s *Stack) TryEach(ctx context.Context, places []edge.Place,
	send func(context.Context, edge.Place) (*proto.Response, error)) (res *proto.Response, err error) {
	for i, p := range places {
		limit := Final
		if i < len(places)-1 {
			limit = s.cfg.NextPlace
		}
		try, cancel := context.WithTimeout(ctx, limit)
		res, err = send(try, p)
		cancel()
		if err == nil && res.StatusCode != 503 || ctx.Err() != nil {
			return res, err
		}
	}
	return res, err
}
