package domain

import (
	"net"
	"slices"
	"strings"

	"github.com/mjl-/mox/dmarc"
	"github.com/mjl-/mox/dns"
	"github.com/mjl-/mox/mtasts"
	"github.com/mjl-/mox/spf"
	"github.com/mjl-/mox/tlsrpt"
)

type mtastsMX = mtasts.MX

// text judges a TXT record among those of its name.
func (l look) text(r DNSRecord) ([]string, Verdict) {
	all, _, err := l.resolver.LookupTXT(l.ctx, r.Name+".")
	if err != nil {
		return nil, failed(err)
	}
	begin, _, _ := strings.Cut(r.Value, ";")
	if r.Purpose == forSPF {
		begin = "v=spf1"
	}
	if r.Purpose == forDKIM { // its v may be missing (RFC 6376 section 3.6.1)
		begin = ""
	}
	published := slices.DeleteFunc(slices.Clone(all), func(text string) bool {
		return !strings.HasPrefix(strings.ToLower(text), strings.ToLower(begin))
	})
	if len(published) == 0 {
		return nil, Verdict{State: Missing}
	}
	if len(published) > 1 {
		return published, Verdict{State: Wrong, Problem: "several"}
	}
	return published, l.textOf(r, published[0])
}

func (l look) textOf(r DNSRecord, text string) Verdict {
	switch r.Purpose {
	case forSPF:
		return l.spf(text)
	case forDKIM:
		if tag(text, "p") != tag(r.Value, "p") {
			return Verdict{State: Wrong, Problem: "dkim_other"}
		}
	case forDMARC:
		return dmarcOf(text)
	case forSTS:
		if tag(text, "id") != tag(r.Value, "id") {
			return Verdict{State: Wrong, Problem: "sts_other"}
		}
	case forTLSReport:
		if _, _, err := tlsrpt.ParseRecord(text); err != nil {
			return Verdict{State: Wrong, Problem: "broken", Detail: err.Error()}
		}
	}
	return Verdict{State: OK}
}

// spf: receivers find our addresses among those that may send, and others not (RFC 7208).
func (l look) spf(text string) Verdict {
	record, _, err := spf.ParseRecord(text)
	if err != nil {
		return Verdict{State: Wrong, Problem: "broken", Detail: err.Error()}
	}
	all := ""
	for _, d := range record.Directives {
		if d.Mechanism == "all" {
			all = d.Qualifier
		}
	}
	if l.config.Sends {
		for _, ip := range l.addresses {
			if v := l.mayUs(ip); v.State != OK {
				return v
			}
		}
	}
	switch {
	case record.Redirect != "", all == "-", all == "~":
		return Verdict{State: OK}
	}
	return Verdict{State: Weak, Problem: "spf_anybody"}
}

// mayUs asks as a receiver of mail from an address of ours would.
func (l look) mayUs(ip net.IP) Verdict {
	own, err := dns.ParseDomain(l.domain.Name)
	if err != nil {
		return Verdict{State: Unknown, Detail: err.Error()}
	}
	host, err := dns.ParseDomain(l.host)
	if err != nil {
		return Verdict{State: Unknown, Detail: err.Error()}
	}
	got, _, _, _, err := spf.Verify(l.ctx, l.log, l.resolver, spf.Args{RemoteIP: ip, MailFromLocalpart: "postmaster",
		MailFromDomain: own, HelloDomain: dns.IPDomain{Domain: host}, LocalIP: ip, LocalHostname: host})
	detail := ip.String() + ": " + string(got.Result)
	if err != nil {
		detail += ", " + err.Error()
	}
	switch got.Result {
	case spf.StatusPass:
		return Verdict{State: OK}
	case spf.StatusTemperror:
		return Verdict{State: Unknown, Problem: "no_answer", Detail: detail}
	case spf.StatusPermerror:
		return Verdict{State: Wrong, Problem: "broken", Detail: detail}
	}
	return Verdict{State: Wrong, Problem: "spf_not_us", Detail: detail}
}

// dmarcOf: receivers do something about forged mail, and tell us (RFC 7489).
func dmarcOf(text string) Verdict {
	record, _, err := dmarc.ParseRecord(text)
	switch {
	case err != nil:
		return Verdict{State: Wrong, Problem: "broken", Detail: err.Error()}
	case record.Policy == dmarc.PolicyNone:
		return Verdict{State: Weak, Problem: "dmarc_none"}
	case len(record.AggregateReportAddresses) == 0:
		return Verdict{State: Weak, Problem: "dmarc_silent"}
	}
	return Verdict{State: OK}
}
