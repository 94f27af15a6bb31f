package resolver

import (
	"context"
	"net"

	"github.com/mjl-/adns"
	"github.com/mjl-/mox/dns"
)

// What every mail that comes in asks is remembered.

func (r *Resolver) LookupAddr(ctx context.Context, addr string) ([]string, adns.Result, error) {
	return remembered(r, "addr", addr, func(s dns.StrictResolver) ([]string, adns.Result, error) {
		return s.LookupAddr(ctx, addr)
	})
}

func (r *Resolver) LookupIP(ctx context.Context, network, host string) ([]net.IP, adns.Result, error) {
	return remembered(r, network, host, func(s dns.StrictResolver) ([]net.IP, adns.Result, error) {
		return s.LookupIP(ctx, network, host)
	})
}

func (r *Resolver) LookupTXT(ctx context.Context, name string) ([]string, adns.Result, error) {
	return remembered(r, "txt", name, func(s dns.StrictResolver) ([]string, adns.Result, error) {
		return s.LookupTXT(ctx, name)
	})
}

// The rest is asked by what goes out.

func (r *Resolver) LookupPort(ctx context.Context, network, service string) (int, error) {
	s, _ := r.asking()
	return s.LookupPort(ctx, network, service)
}

func (r *Resolver) LookupCNAME(ctx context.Context, host string) (string, adns.Result, error) {
	name, result, _, err := fresh(r, func(s dns.StrictResolver) (string, adns.Result, error) {
		return s.LookupCNAME(ctx, host)
	})
	return name, result, err
}

func (r *Resolver) LookupHost(ctx context.Context, host string) ([]string, adns.Result, error) {
	list, result, _, err := fresh(r, func(s dns.StrictResolver) ([]string, adns.Result, error) {
		return s.LookupHost(ctx, host)
	})
	return list, result, err
}

func (r *Resolver) LookupIPAddr(ctx context.Context, host string) ([]net.IPAddr, adns.Result, error) {
	list, result, _, err := fresh(r, func(s dns.StrictResolver) ([]net.IPAddr, adns.Result, error) {
		return s.LookupIPAddr(ctx, host)
	})
	return list, result, err
}

func (r *Resolver) LookupMX(ctx context.Context, name string) ([]*net.MX, adns.Result, error) {
	list, result, _, err := fresh(r, func(s dns.StrictResolver) ([]*net.MX, adns.Result, error) {
		return s.LookupMX(ctx, name)
	})
	return list, result, err
}

func (r *Resolver) LookupNS(ctx context.Context, name string) ([]*net.NS, adns.Result, error) {
	list, result, _, err := fresh(r, func(s dns.StrictResolver) ([]*net.NS, adns.Result, error) {
		return s.LookupNS(ctx, name)
	})
	return list, result, err
}

func (r *Resolver) LookupSRV(ctx context.Context, service, proto, name string) (
	string, []*net.SRV, adns.Result, error) {
	var list []*net.SRV
	cname, result, _, err := fresh(r, func(s dns.StrictResolver) (cname string, result adns.Result, err error) {
		cname, list, result, err = s.LookupSRV(ctx, service, proto, name)
		return cname, result, err
	})
	return cname, list, result, err
}

func (r *Resolver) LookupTLSA(ctx context.Context, port int, protocol, host string) ([]adns.TLSA, adns.Result, error) {
	list, result, _, err := fresh(r, func(s dns.StrictResolver) ([]adns.TLSA, adns.Result, error) {
		return s.LookupTLSA(ctx, port, protocol, host)
	})
	return list, result, err
}
