package queue

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/mjl-/mox/dns"
	"github.com/mjl-/mox/mtasts"
)

// policies remembers MTA-STS policies (RFC 8461). Losing them costs a look-up.
type policies struct {
	mu    sync.Mutex
	known map[string]remembered
}

// remembered is the policy last fetched, nil when there never was one.
type remembered struct {
	policy *mtasts.Policy
	until  time.Time // it holds, also when neither record nor policy can be had any more (section 5.1)
	id     string    // of the record it was last asked for under: another id is another policy (section 3.1)
	again  time.Time // it is asked for under the same id
}

const (
	maxPolicies = 10_000
	policyWait  = 15 * time.Second
	policyAgain = 24 * time.Hour   // so that one in use does not come to its end
	failedAgain = 10 * time.Minute // at least 5 (section 3.3)
)

// enforced is the policy that servers must satisfy now, or nil.
func (r remembered) enforced(now time.Time) *mtasts.Policy {
	if r.policy == nil || r.policy.Mode != mtasts.ModeEnforce || !now.Before(r.until) {
		return nil
	}
	return r.policy
}

// lookup returns the policy to enforce, or nil.
func (p *policies) lookup(ctx context.Context, log *slog.Logger, resolver dns.Resolver,
	domain dns.Domain) *mtasts.Policy {
	ctx, cancel := context.WithTimeout(ctx, policyWait)
	defer cancel()
	known, now := p.recall(domain.ASCII), time.Now()
	record, _, err := mtasts.LookupRecord(ctx, log, resolver, domain)
	if err != nil {
		if !errors.Is(err, mtasts.ErrNoRecord) {
			log.Info("MTA-STS record", "domain", domain.ASCII, "err", err)
		}
		return known.enforced(now)
	}
	if record.ID == known.id && now.Before(known.again) {
		return known.enforced(now)
	}
	policy, _, err := mtasts.FetchPolicy(ctx, log, domain)
	known.id, known.again = record.ID, now.Add(failedAgain)
	if err == nil {
		known.policy, known.again = policy, now.Add(policyAgain)
		known.until = now.Add(time.Duration(policy.MaxAgeSeconds) * time.Second)
	} else {
		log.Warn("MTA-STS policy", "domain", domain.ASCII, "err", err)
	}
	p.keep(domain.ASCII, known)
	return known.enforced(now)
}

func (p *policies) recall(domain string) remembered {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.known[domain]
}

func (p *policies) keep(domain string, r remembered) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.known == nil || len(p.known) >= maxPolicies {
		p.known = map[string]remembered{}
	}
	p.known[domain] = r
}
