package filter

import (
	"context"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/mjl-/mox/dns"

	"frontdesk/guard"
	"frontdesk/mail/mime"
)

// pretends is how a message from outside claims to be from us: from a domain that looks like ours, or without proof
// from ours or below it. The form of a web site that sends as us for the client who filled it in pretends nothing.
func (f *Filter) pretends(ctx context.Context, e Envelope, raw io.ReaderAt, head *mime.Message,
	a *authentication) (claim, error) {
	for _, domain := range a.domains {
		if alike, err := f.looksOurs(ctx, domain); err != nil || alike {
			return claim("it comes from " + domain.Name() + ", which only looks like your own domain"), err
		}
	}
	for _, domain := range a.unproven {
		ours, err := f.ours(ctx, domain)
		if err != nil {
			return "", err
		}
		if !ours {
			continue
		}
		if form, err := f.fromForm(ctx, e, raw, head); err != nil || form {
			return "", err
		}
		return claim("it claims to come from " + domain.Name() +
			", your own domain, and nothing proves it (neither SPF nor DKIM)"), nil
	}
	return "", nil
}

// ours tells a domain of ours, and what is below one.
func (f *Filter) ours(ctx context.Context, domain dns.Domain) (bool, error) {
	if f.config.Ours == nil {
		return false, nil
	}
	for name, above := domain.ASCII, true; above; _, name, above = strings.Cut(name, ".") {
		if ours, err := f.config.Ours(ctx, name); err != nil || ours {
			return ours, err
		}
	}
	return false, nil
}

// looksOurs tells a domain that isn't ours and is read as one that is.
func (f *Filter) looksOurs(ctx context.Context, domain dns.Domain) (bool, error) {
	latin, err := dns.ParseDomainLax(guard.Latin(domain.Name()))
	if err != nil || latin == domain {
		return false, nil
	}
	if ours, err := f.ours(ctx, domain); err != nil || ours {
		return false, err
	}
	return f.ours(ctx, latin)
}

func (f *Filter) colleague(ctx context.Context, name string) (bool, error) {
	if f.config.Colleague == nil {
		return false, nil
	}
	return f.config.Colleague(ctx, name)
}

// fromForm: its author is no colleague but a program, or the very mailbox it is for and nobody else is, and answers go
// outside. Who is called as a colleague would be taken for one, whatever the address.
func (f *Filter) fromForm(ctx context.Context, e Envelope, raw io.ReaderAt, head *mime.Message) (bool, error) {
	if len(head.From) != 1 {
		return false, nil
	}
	author := head.From[0]
	if colleague, err := f.colleague(ctx, author.Name); err != nil || colleague {
		return false, err
	}
	client, elsewhere := head.Elsewhere()
	if !elsewhere { // the form may say it in its text
		whole, err := mime.Parse(io.NewSectionReader(raw, 0, math.MaxInt64))
		if err != nil {
			return false, err
		}
		client, elsewhere = whole.Elsewhere()
	}
	if !elsewhere {
		return false, nil
	}
	others := slices.ContainsFunc(e.To, func(to string) bool { return !strings.EqualFold(to, author.Address) })
	own := len(e.To) > 0 && !others
	domain, err := dns.ParseDomainLax(client.Address[strings.LastIndexByte(client.Address, '@')+1:])
	if err != nil || !own && !author.Form() {
		return false, nil
	}
	ours, err := f.ours(ctx, domain)
	return !ours, err
}
