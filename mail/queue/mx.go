package queue

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"

	"github.com/mjl-/mox/dns"
	"github.com/mjl-/mox/mtasts"
	"github.com/mjl-/mox/smtpclient"
)

// destination is what DNS says about where a domain's mail goes.
type destination struct {
	hosts  []smtpclient.HostPref
	mx     bool           // from MX records; without them the domain itself is the host (RFC 5321 section 5.1)
	secure bool           // DNSSEC vouches for hosts
	policy *mtasts.Policy // MTA-STS (RFC 8461); nil when there is none to enforce
}

func (q *Queue) destinations(ctx context.Context, domain string) (destination, *outcome) {
	next, err := nextHop(domain)
	if err != nil {
		return destination{}, &outcome{state: failed, enhanced: "5.1.2", answer: err.Error()}
	}
	haveMX, origin, expanded, _, hosts, permanent, err := smtpclient.GatherDestinations(ctx, q.log, q.config.Resolver, next)
	switch {
	case err != nil && permanent:
		return destination{}, &outcome{state: failed, enhanced: "5.1.10", answer: fmt.Sprintf("%s takes no mail: %v", domain, err)}
	case err != nil:
		return destination{}, &outcome{state: waiting, enhanced: "4.4.3", answer: "DNS: " + err.Error()}
	}
	d := destination{hosts: hosts, mx: haveMX, secure: haveMX && origin && expanded}
	if next.IsDomain() {
		d.policy = q.strict.lookup(ctx, q, next.Domain)
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

// target decides how a server must be spoken to: as DANE (RFC 7672) asks, else as MTA-STS does, else with TLS if possible.
func (q *Queue) target(ctx context.Context, d destination, host dns.IPDomain) (target, error) {
	t := target{host: host, port: q.config.Port, tls: smtpclient.TLSOpportunistic, opts: smtpclient.Opts{RootCAs: q.config.Roots}}
	authentic, expandedAuthentic, expandedHost, ips, _, err := smtpclient.GatherIPs(ctx, q.log, q.config.Resolver, "ip", host, nil)
	if err != nil {
		return t, err
	}
	t.ips = ips
	if d.secure && authentic && host.IsDomain() {
		required, records, base, err := smtpclient.GatherTLSA(ctx, q.log, q.config.Resolver, host.Domain, expandedAuthentic, expandedHost)
		if required {
			t.tls, t.opts.DANERecords, t.opts.DANEMoreHostnames = smtpclient.TLSRequiredStartTLS, records, []dns.Domain{base}
			return t, err
		}
	}
	if d.policy != nil {
		if !host.IsDomain() || !d.policy.Matches(host.Domain) {
			return t, fmt.Errorf("%s is not among the servers that the domain's MTA-STS policy names", host)
		}
		t.tls, t.verify = smtpclient.TLSRequiredStartTLS, true
	}
	return t, nil
}

// policies remembers MTA-STS policies for as long as they ask, at most a week. Losing them costs a look-up.
type policies struct {
	mu    sync.Mutex
	known map[string]remembered
}

type remembered struct {
	policy *mtasts.Policy
	until  time.Time
}

const (
	maxPolicies  = 10_000
	policyAge    = 7 * 24 * time.Hour
	policyWait   = 15 * time.Second
	noPolicyWait = time.Hour
)

// lookup returns the policy to enforce, or nil.
func (p *policies) lookup(ctx context.Context, q *Queue, domain dns.Domain) *mtasts.Policy {
	if known, ok := p.recall(domain.ASCII); ok {
		return known
	}
	ctx, cancel := context.WithTimeout(ctx, policyWait)
	defer cancel()
	_, policy, _, err := mtasts.Get(ctx, q.log, q.config.Resolver, domain)
	keep := noPolicyWait
	if err == nil && policy != nil && policy.Mode == mtasts.ModeEnforce {
		keep = min(time.Duration(policy.MaxAgeSeconds)*time.Second, policyAge)
	} else {
		policy = nil
	}
	if err != nil && !errors.Is(err, mtasts.ErrNoRecord) {
		q.log.Info("MTA-STS policy", "domain", domain.ASCII, "err", err)
	}
	p.keep(domain.ASCII, remembered{policy: policy, until: time.Now().Add(keep)})
	return policy
}

func (p *policies) recall(domain string) (*mtasts.Policy, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	known, ok := p.known[domain]
	return known.policy, ok && time.Now().Before(known.until)
}

func (p *policies) keep(domain string, r remembered) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.known == nil || len(p.known) >= maxPolicies {
		p.known = map[string]remembered{}
	}
	p.known[domain] = r
}
