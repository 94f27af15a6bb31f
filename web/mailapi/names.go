package mailapi

import (
	"context"
	"strings"

	"frontdesk/mail"
	"frontdesk/web/api"
)

func (o *Operations) nameAll(ctx context.Context, list []mail.Summary) error {
	people := make([]*mail.Summary, len(list))
	for i := range list {
		people[i] = &list[i]
	}
	return o.name(ctx, people)
}

// name gives people of whom a mail says the address only the names they have here. A sender who isn't proven keeps his
// address: it may be anybody's.
func (o *Operations) name(ctx context.Context, list []*mail.Summary) error {
	nameless := map[string][]*mail.Person{}
	want := func(p *mail.Person) {
		if address := strings.ToLower(p.Address); p.Name == "" && address != "" {
			nameless[address] = append(nameless[address], p)
		}
	}
	for _, m := range list {
		if m.Outgoing || m.Verdict.Verified {
			want(&m.From)
		}
		for _, people := range [][]mail.Person{m.To, m.Cc} {
			for i := range people {
				want(&people[i])
			}
		}
	}
	addresses := make([]string, 0, len(nameless))
	for address := range nameless {
		addresses = append(addresses, address)
	}
	names, err := o.core.Names(ctx, api.UserOf(ctx), addresses)
	for address, name := range names {
		for _, p := range nameless[address] {
			p.Name = name
		}
	}
	return err
}
