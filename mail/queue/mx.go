package queue

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/mjl-/mox/dns"
	"github.com/mjl-/mox/mtasts"
	"github.com/mjl-/mox/smtpclient"
	"github.com/mjl-/mox/tlsrpt"
)

// destination is what DNS says about where a domain's mail goes.
type destination struct {
	domain dns.Domain // zero for an address literal
	hosts  []smtpclient.HostPref
	mx     bool           // from MX records; without them the domain itself is the host (RFC 5321 section 5.1)
	secure bool           // DNSSEC vouches for hosts
	policy *mtasts.Policy // MTA-STS (RFC 8461); nil when there is none to enforce
}

// target is one server to hand a message to.
type target struct {
	host   dns.IPDomain
	ips    []net.IP
	port   int
	tls    smtpclient.TLSMode
	verify bool // the certificate must be valid for host
	opts   smtpclient.Opts
	dialer *net.Dialer // nil: to anywhere
}

func (q *Queue) destinations(ctx context.Context, domain string) (destination, *outcome) {
	next, err := nextHop(domain)
	if err != nil {
		return destination{}, &outcome{state: failed, enhanced: "5.1.2", answer: err.Error()}
	}
	haveMX, origin, expanded, _, hosts, permanent,
		err := smtpclient.GatherDestinations(ctx, q.log, q.config.Resolver, next)
	switch {
	case err != nil && permanent:
		return destination{}, &outcome{state: failed, enhanced: "5.1.10",
			answer: fmt.Sprintf("%s takes no mail: %v", domain, err)}
	case err != nil:
		return destination{}, &outcome{state: waiting, enhanced: "4.4.3", answer: "DNS: " + err.Error()}
	}
	d := destination{domain: next.Domain, hosts: hosts, mx: haveMX, secure: haveMX && origin && expanded}
	if next.IsDomain() {
		d.policy = q.strict.lookup(ctx, q.log, q.config.Resolver, next.Domain)
	}
	return d, nil
}

func nextHop(domain string) (dns.IPDomain, error) {
	if literal, ok := strings.CutPrefix(domain, "["); ok {
		ip := net.ParseIP(strings.TrimPrefix(strings.TrimSuffix(literal, "]"), "ipv6:"))
		if ip == nil {
			return dns.IPDomain{}, fmt.Errorf("%s is no address", domain)
		}
		return dns.IPDomain{IP: ip}, nil
	}
	parsed, err := dns.ParseDomain(domain)
	return dns.IPDomain{Domain: parsed}, err
}

var errPolicy = errors.New("not among the servers that the domain's MTA-STS policy names")

// target decides how a server must be spoken to: as DANE (RFC 7672) asks, else as MTA-STS does, else with TLS if
// possible.
func (q *Queue) target(ctx context.Context, d destination, host dns.IPDomain) (target, error) {
	t := target{host: host, port: q.config.Port, tls: smtpclient.TLSOpportunistic,
		opts: smtpclient.Opts{RootCAs: q.config.Roots}}
	authentic, expandedAuthentic, expandedHost, ips, _,
		err := smtpclient.GatherIPs(ctx, q.log, q.config.Resolver, "ip", host, nil)
	if err != nil {
		return t, err
	}
	t.ips = ips
	t.opts.RecipientDomainResult = d.reported()
	if d.secure && authentic && host.IsDomain() {
		required, records, base, err := smtpclient.GatherTLSA(ctx, q.log, q.config.Resolver, host.Domain,
			expandedAuthentic, expandedHost)
		if required {
			t.tls, t.opts.DANERecords, t.opts.DANEMoreHostnames = smtpclient.TLSRequiredStartTLS, records,
				[]dns.Domain{base}
			t.opts.HostResult = &tlsrpt.Result{Policy: tlsrpt.TLSAPolicy(records, base)}
			return t, err
		}
	}
	if d.policy != nil {
		if !host.IsDomain() || !d.policy.Matches(host.Domain) {
			return t, fmt.Errorf("%s: %w", host, errPolicy)
		}
		t.tls, t.verify = smtpclient.TLSRequiredStartTLS, true
	}
	return t, nil
}

// reported is where a connection notes how it was encrypted, under the policy that holds (RFC 8460 section 4.2).
func (d destination) reported() *tlsrpt.Result {
	r := tlsrpt.MakeResult(tlsrpt.NoPolicyFound, d.domain)
	if d.policy == nil {
		return &r
	}
	r.Policy.Type = tlsrpt.STS
	r.Policy.String = strings.Split(strings.TrimSpace(strings.ReplaceAll(d.policy.String(), "\r", "")), "\n")
	for _, mx := range d.policy.MX {
		name := mx.Domain.ASCII
		if mx.Wildcard {
			name = "*." + name
		}
		r.Policy.MXHost = append(r.Policy.MXHost, name)
	}
	return &r
}
