package provision

import (
	"context"
	"slices"
	"strings"

	"frontdesk/crmcore/address"
	"frontdesk/crmcore/fold"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/store"
)

// maxBook is how many people and as many contacts a phone book has.
const maxBook = 200

// entries are the company's people with an extension, and the contacts that the user may see, as far as their names
// match what is searched for.
func (s *Server) entries(ctx context.Context, user people.User, search string) ([]Entry, error) {
	ctx = store.As(ctx, store.Screens, user.ID)
	search = search[:min(len(search), 100)]
	book, err := s.colleagues(ctx, search)
	if err != nil {
		return nil, err
	}
	contacts, err := s.Core.Contacts(ctx, user, record.Filter{Query: search, Order: record.ByName,
		Page: record.Page{Limit: maxBook}})
	for _, c := range contacts.Items {
		e := Entry{Name: c.Name}
		for _, p := range c.Points {
			if p.Kind == address.Phone {
				e.Numbers = append(e.Numbers, p.Value)
			}
		}
		if len(e.Numbers) > 0 {
			book = append(book, e)
		}
	}
	return book, err
}

func (s *Server) colleagues(ctx context.Context, search string) (book []Entry, err error) {
	all, err := s.Core.Users(ctx)
	if err != nil {
		return nil, err
	}
	extensions, err := s.Directory.Extensions(ctx)
	for _, u := range all {
		e := Entry{Name: u.Name}
		for _, x := range extensions {
			if x.Kind == "user" && x.User == u.ID {
				e.Numbers = append(e.Numbers, x.Number)
			}
		}
		if u.Active && len(e.Numbers) > 0 && strings.Contains(fold.Text(u.Name), fold.Text(search)) {
			book = append(book, e)
		}
	}
	slices.SortFunc(book, func(a, b Entry) int { return strings.Compare(fold.Text(a.Name), fold.Text(b.Name)) })
	return book[:min(len(book), maxBook)], err
}
