package filter

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"

	"github.com/mjl-/mox/dkim"
	"github.com/mjl-/mox/dmarc"
	"github.com/mjl-/mox/dmarcrpt"
	"github.com/mjl-/mox/dns"
	"github.com/mjl-/mox/message"
	"github.com/mjl-/mox/publicsuffix"
	"github.com/mjl-/mox/smtp"
	"github.com/mjl-/mox/spf"

	"frontdesk/mail"
	"frontdesk/mail/mime"
	"frontdesk/mail/resolver"
	"frontdesk/mail/tally"
)

// maxSignatures bounds the DNS questions and RSA operations one message may cost (RFC 6376 section 6.1 allows a limit).
const maxSignatures = 8

// claim is how a message pretends to be from us, in words.
type claim string

// authentication is what DNS says about where a message comes from.
type authentication struct {
	domains   []dns.Domain // of the authors
	from      dns.Domain   // the one of them that is proven worst; zero without any
	fromErr   error
	spf       spf.Received
	spfDomain dns.Domain
	dkim      []dkim.Result
	dkimErr   error
	dmarc     dmarc.Result
	iprev     string       // pass, fail (no name, or one that leads elsewhere), temperror (RFC 8601 section 2.7.3)
	listed    []string     // block lists that know the client
	aligned   bool         // every author is proven by an aligned SPF or DKIM pass
	unproven  []dns.Domain // of domains
	pretends  claim        // to come from us; zero when it makes none, or proves it
}

func parseZones(names []string) (zones []dns.Domain, err error) {
	for _, name := range names {
		zone, err := dns.ParseDomain(name)
		if err != nil {
			return nil, fmt.Errorf("DNS block list %q: %w", name, err)
		}
		zones = append(zones, zone)
	}
	return zones, nil
}

// authenticate asks everything at once, then DMARC, which builds on SPF and DKIM.
func (f *Filter) authenticate(ctx context.Context, e Envelope, raw io.ReaderAt, head *mime.Message) *authentication {
	ctx, cancel := context.WithTimeout(ctx, f.config.Timeout)
	defer cancel()
	a := &authentication{}
	a.domains, a.fromErr = authors(head)
	var wg sync.WaitGroup
	wg.Go(func() { f.checkSPF(ctx, e, a) })
	wg.Go(func() { f.checkDKIM(ctx, e, raw, a) })
	wg.Go(func() { a.iprev = f.checkReverse(ctx, e.IP) })
	wg.Go(func() { f.checkLists(ctx, e.IP, a) })
	wg.Wait()
	f.checkDMARC(ctx, a)
	return a
}

// authors finds the domains that From claims, each once. It looks at nothing else, so that no other malformed field can
// hide an author from DMARC.
func authors(head *mime.Message) (domains []dns.Domain, err error) {
	people, err := head.Authors()
	for _, author := range people {
		domain, bad := dns.ParseDomainLax(author.Address[strings.LastIndexByte(author.Address, '@')+1:])
		if bad != nil {
			err = fmt.Errorf("%s: %w", author.Address, mime.ErrAuthors)
		} else if !slices.Contains(domains, domain) {
			domains = append(domains, domain)
		}
	}
	return domains, err
}

func (f *Filter) checkSPF(ctx context.Context, e Envelope, a *authentication) {
	args := spf.Args{RemoteIP: e.IP, HelloDomain: parseHelo(e.Helo), LocalIP: net.IPv4zero}
	args.LocalHostname, _ = dns.ParseDomain(f.config.Hostname)
	if from, err := smtp.ParseAddress(e.From); err == nil {
		args.MailFromLocalpart, args.MailFromDomain = from.Localpart, from.Domain
	}
	a.spf, a.spfDomain, _, _, _ = spf.Verify(ctx, f.log, f.config.Resolver, args)
}

func parseHelo(helo string) dns.IPDomain {
	literal := strings.TrimPrefix(strings.TrimSuffix(strings.TrimPrefix(helo, "["), "]"), "IPv6:")
	if ip := net.ParseIP(literal); ip != nil {
		return dns.IPDomain{IP: ip}
	}
	domain, _ := dns.ParseDomain(strings.TrimSuffix(helo, "."))
	return dns.IPDomain{Domain: domain}
}

func (f *Filter) checkDKIM(ctx context.Context, e Envelope, raw io.ReaderAt, a *authentication) {
	seen := 0
	policy := func(sig *dkim.Sig) error {
		if seen++; seen > maxSignatures {
			return errors.New("too many signatures")
		}
		return dkim.DefaultPolicy(sig)
	}
	a.dkim, a.dkimErr = dkim.Verify(ctx, f.log, f.config.Resolver, e.UTF8, policy, raw, false)
}

// maxNames of one address that are looked up.
const maxNames = 3

// checkReverse tells whether a name of the client's address leads back to it.
func (f *Filter) checkReverse(ctx context.Context, ip net.IP) string {
	names, _, err := f.config.Resolver.LookupAddr(ctx, ip.String())
	for _, name := range names[:min(len(names), maxNames)] {
		var ips []net.IP
		ips, _, err = f.config.Resolver.LookupIP(ctx, "ip", name)
		if slices.ContainsFunc(ips, ip.Equal) {
			return "pass"
		}
	}
	if err != nil && !dns.IsNotFound(err) {
		return "temperror"
	}
	return "fail"
}

func (f *Filter) checkLists(ctx context.Context, ip net.IP, a *authentication) {
	for _, zone := range f.zones {
		if said, err := resolver.List(ctx, f.config.Resolver, zone.ASCII, ip); err == nil && said.Named {
			a.listed = append(a.listed, zone.Name())
		}
	}
}

// checkDMARC asks for every author's domain; the strictest answer counts (RFC 7489 section 6.6.1).
func (f *Filter) checkDMARC(ctx context.Context, a *authentication) {
	a.dmarc.Status = dmarc.StatusNone
	a.aligned = len(a.domains) > 0 && a.fromErr == nil
	for i, domain := range a.domains {
		apply, result := dmarc.Verify(ctx, f.log, f.config.Resolver, domain, a.dkim, a.spf.Result, &a.spfDomain, true)
		result.Reject = result.Reject && apply
		if i == 0 || strictness(result) > strictness(a.dmarc) {
			a.from, a.dmarc = domain, result
		}
		if result.Status != dmarc.StatusPass &&
			!(result.Status == dmarc.StatusNone && f.alignedAnyway(ctx, a, domain)) {
			a.aligned = false
			a.unproven = append(a.unproven, domain)
		}
	}
}

// strictness orders what DMARC says.
func strictness(r dmarc.Result) int {
	if r.Reject {
		return 10
	}
	return slices.Index([]dmarc.Status{dmarc.StatusPass, dmarc.StatusNone, dmarc.StatusTemperror, dmarc.StatusPermerror,
		dmarc.StatusFail}, r.Status)
}

// alignedAnyway is DMARC's relaxed alignment for the many domains that publish no policy.
func (f *Filter) alignedAnyway(ctx context.Context, a *authentication, domain dns.Domain) bool {
	author := publicsuffix.Lookup(ctx, f.log, domain)
	if a.spf.Result == spf.StatusPass && publicsuffix.Lookup(ctx, f.log, a.spfDomain) == author {
		return true
	}
	for _, r := range a.dkim {
		if r.Status == dkim.StatusPass && r.Sig != nil && publicsuffix.Lookup(ctx, f.log, r.Sig.Domain) == author {
			return true
		}
	}
	return false
}

// verdict is the part of a verdict that is known without judgement of the content.
func (a *authentication) verdict() mail.Verdict {
	return mail.Verdict{
		SPF:      string(a.spf.Result),
		DKIM:     string(a.bestDKIM().Status),
		DMARC:    string(a.dmarc.Status),
		Verified: a.aligned,
		Reasons:  a.reasons(),
	}
}

// bestDKIM is a signature that passes if there is one, else the first.
func (a *authentication) bestDKIM() dkim.Result {
	for _, r := range a.dkim {
		if r.Status == dkim.StatusPass {
			return r
		}
	}
	if len(a.dkim) > 0 {
		return a.dkim[0]
	}
	return dkim.Result{Status: dkim.StatusNone}
}

// reasons are the findings that a person may want to know, in words.
func (a *authentication) reasons() []string {
	reasons := []string{}
	if a.fromErr == nil && len(a.domains) == 0 {
		reasons = append(reasons, "there is no From field")
	} else if a.fromErr != nil {
		reasons = append(reasons, "the From field can't be read")
	}
	if a.spf.Result == spf.StatusFail || a.spf.Result == spf.StatusSoftfail {
		reasons = append(reasons, fmt.Sprintf("%s doesn't list the sending server (SPF %s)", a.spfDomain.Name(),
			a.spf.Result))
	}
	if best := a.bestDKIM(); best.Status == dkim.StatusFail && best.Sig != nil {
		reasons = append(reasons, fmt.Sprintf("the signature of %s doesn't match the message (DKIM fail)",
			best.Sig.Domain.Name()))
	}
	if a.dmarc.Status == dmarc.StatusFail {
		reasons = append(reasons, fmt.Sprintf("nothing proves that %s sent it (DMARC fail)", a.from.Name()))
	}
	for _, zone := range a.listed {
		reasons = append(reasons, "the sending server is on the block list "+zone)
	}
	return reasons
}

// counted is what the author's domain may ask to be told (RFC 7489 section 7.2).
func (a *authentication) counted(e Envelope) tally.Mail {
	m := tally.Mail{IP: e.IP, HeaderFrom: a.from.ASCII, Result: a.dmarc, Applied: a.dmarc.Reject}
	m.EnvelopeFrom = a.spfDomain.ASCII
	scope := dmarcrpt.SPFDomainScopeMailFrom
	if a.spf.Identity == spf.ReceivedHELO {
		scope, m.EnvelopeFrom = dmarcrpt.SPFDomainScopeHelo, ""
	}
	if a.spfDomain.ASCII != "" {
		m.Auth.SPF = []dmarcrpt.SPFAuthResult{{Domain: a.spfDomain.ASCII, Scope: scope,
			Result: dmarcrpt.SPFResult(a.spf.Result)}}
	}
	for _, r := range a.dkim[:min(len(a.dkim), maxSignatures)] {
		if r.Sig != nil {
			m.Auth.DKIM = append(m.Auth.DKIM, dmarcrpt.DKIMAuthResult{Domain: r.Sig.Domain.ASCII,
				Selector: r.Sig.Selector.ASCII, Result: dmarcrpt.DKIMResult(r.Status)})
		}
	}
	return m
}

// results is the Authentication-Results field (RFC 8601).
func (a *authentication) results(hostname string) message.AuthResults {
	prop := func(typ, name, value string) []message.AuthProp {
		if value == "" {
			return nil
		}
		return []message.AuthProp{message.MakeAuthProp(typ, name, value, true, "")}
	}
	methods := []message.AuthMethod{
		{Method: "spf", Result: string(a.spf.Result), Props: prop("smtp", string(cmp.Or(a.spf.Identity, spf.ReceivedMailFrom)), a.spfDomain.ASCII)},
		{Method: "dmarc", Result: string(a.dmarc.Status), Props: prop("header", "from", a.from.ASCII)},
		{Method: "iprev", Result: a.iprev},
	}
	for _, r := range a.dkim[:min(len(a.dkim), maxSignatures)] {
		method := message.AuthMethod{Method: "dkim", Result: string(r.Status)}
		if r.Sig != nil {
			method.Props = append(prop("header", "d", r.Sig.Domain.ASCII), prop("header", "s", r.Sig.Selector.ASCII)...)
		}
		methods = append(methods, method)
	}
	if len(a.dkim) == 0 {
		methods = append(methods, message.AuthMethod{Method: "dkim", Result: "none"})
	}
	for _, zone := range a.listed {
		methods = append(methods, message.AuthMethod{Method: "x-dnsbl", Result: "fail",
			Props: prop("policy", "zone", zone)})
	}
	return message.AuthResults{Hostname: hostname, Methods: methods}
}
