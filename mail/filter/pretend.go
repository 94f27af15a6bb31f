package filter

import (
	"context"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/mjl-/mox/dns"

	"frontdesk/mail/mime"
)

// pretends is the domain of ours that a message from outside claims without proof to be from; zero when there is none.
// The form of a web site that sends as us for the client who filled it in pretends nothing.
func (f *Filter) pretends(ctx context.Context, e Envelope, raw io.ReaderAt, head *mime.Message,
	unproven []dns.Domain) (dns.Domain, error) {
	for _, domain := range unproven {
		ours, err := f.ours(ctx, domain)
		if err != nil {
			return dns.Domain{}, err
		}
		if !ours {
			continue
		}
		if form, err := f.fromForm(ctx, e, raw, head); err != nil || form {
			return dns.Domain{}, err
		}
		return domain, nil
	}
	return dns.Domain{}, nil
}

func (f *Filter) ours(ctx context.Context, domain dns.Domain) (bool, error) {
	if f.config.Ours == nil {
		return false, nil
	}
	return f.config.Ours(ctx, domain.ASCII)
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
