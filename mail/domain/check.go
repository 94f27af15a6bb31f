package domain

import (
	"context"
	"slices"
	"sync"
	"time"
)

// Finding is a record as it should be beside what is published.
type Finding struct {
	DNSRecord
	Verdict
	Published []string `json:"published"`
}

// Check is what the world sees of a domain.
type Check struct {
	At       time.Time `json:"at"`
	Host     string    `json:"host" doc:"The server that takes the domain's mail"`
	Findings []Finding `json:"findings"`
	Reach    Reach     `json:"reach"`
	Listings []Listing `json:"listings" doc:"What lists of senders of junk say of our addresses"`
	Zone     string    `json:"zone" doc:"All records as they are written in a zone file"`
}

// checkTime is how long a check may take: what has not answered by then counts as unknown.
const checkTime = 12 * time.Second

// Check asks DNS, our own door and the lists about a domain, all at once. New keys that DNS shows sign from then on.
// store.ErrNotFound.
func (c *Checker) Check(ctx context.Context, name string) (Check, error) {
	resolver := c.config.Resolver()
	if err := c.book.Follow(ctx, resolver); err != nil {
		return Check{}, err
	}
	d, err := c.book.Domain(ctx, name)
	if err != nil {
		return Check{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, checkTime)
	defer cancel()
	l := look{Checker: c, ctx: ctx, resolver: resolver, domain: d, host: c.config.HostOf(d.Name)}
	l.addresses, _, l.err = resolver.LookupIP(ctx, "ip", l.host+".")
	check := Check{At: time.Now().UTC(), Host: l.host}
	wanted := c.config.Wanted(d)
	own := l.addressRecords()
	records := slices.Concat(wanted[:1], own, wanted[1:])
	check.Zone = Zone(records)
	check.Findings = make([]Finding, len(records))
	var all sync.WaitGroup
	for i, r := range records {
		all.Go(func() { check.Findings[i] = l.judge(r) })
	}
	all.Go(func() { check.Reach = c.reach(ctx, l.host, l.addresses) })
	all.Go(func() { check.Listings = l.listings() })
	all.Wait()
	return check, nil
}

// Follow has new keys sign as soon as DNS shows them.
func (c *Checker) Follow(ctx context.Context) error { return c.book.Follow(ctx, c.config.Resolver()) }

// addressRecords are those of our own name, and the names that lead back to it.
func (l look) addressRecords() []DNSRecord {
	if len(l.addresses) == 0 {
		return []DNSRecord{{Name: l.host, Type: "A", Purpose: forAddress}}
	}
	var list, back []DNSRecord
	for _, ip := range l.addresses {
		kind := "A"
		if ip.To4() == nil {
			kind = "AAAA"
		}
		list = append(list, DNSRecord{Name: l.host, Type: kind, Value: ip.String(), Purpose: forAddress})
		back = append(back, DNSRecord{Name: ip.String(), Type: "PTR", Value: l.host + ".", Purpose: forPTR})
	}
	return append(list, back...)
}

// judge compares a record with what is published.
func (l look) judge(r DNSRecord) Finding {
	var published []string
	var v Verdict
	switch r.Purpose {
	case forMX:
		published, v = l.mx()
	case forAddress:
		published, v = l.address(r)
	case forPTR:
		published, v = l.reverse(r)
	case forSTSHost, forSetup:
		published, v = l.leadsHere(r)
	case forService:
		published, v = l.service(r)
	default:
		published, v = l.text(r)
	}
	if published == nil {
		published = []string{}
	}
	return Finding{DNSRecord: r, Verdict: v, Published: published}
}
