package crmapi

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"frontdesk/crmcore"
	"frontdesk/crmcore/address"
	"frontdesk/crmcore/record"
	"frontdesk/web/api"
)

// Hit is a record that was found.
type Hit struct {
	Ref      record.Ref     `json:"ref"`
	Name     string         `json:"name"`
	Subtitle string         `json:"subtitle"`
	Points   []record.Point `json:"points"`
}

type searchQuery struct {
	Text string `query:"q" required:"true" minLength:"1" maxLength:"200"`
	Each int    `query:"each" default:"6" minimum:"1" maximum:"50" doc:"At most so many of each kind"`
}

// search looks for contacts, companies, leads and deals, and in the end colleagues.
func (o *Operations) search(ctx context.Context, in *searchQuery) (api.Page[Hit], error) {
	f := record.Filter{Query: in.Text, Page: record.Page{Limit: in.Each}}
	found := api.Page[Hit]{}
	for _, find := range []func(context.Context, record.Filter) ([]Hit, error){o.findContacts, o.findCompanies,
		o.findLeads, o.findDeals, o.findUsers} {
		hits, err := find(ctx, f)
		if err != nil {
			return found, err
		}
		found.Items = append(found.Items, hits...)
	}
	return found, nil
}

// maxPages are looked through for the few hits that are shown: a page may end early where words are common and rarely
// meet.
const maxPages = 4

// hits are what the first pages of a list have, at most as many as a page may.
func hits[T any](f record.Filter, page func(record.Filter) (record.List[T], error),
	of func(T) Hit) (all []Hit, err error) {
	for range maxPages {
		l, err := page(f)
		if err != nil {
			return nil, err
		}
		for _, one := range l.Items[:min(len(l.Items), f.Limit-len(all))] {
			all = append(all, of(one))
		}
		if f.Cursor = l.Next; f.Cursor == "" || len(all) == f.Limit {
			break
		}
	}
	return all, nil
}

func (o *Operations) findContacts(ctx context.Context, f record.Filter) ([]Hit, error) {
	page := func(f record.Filter) (record.List[crmcore.Contact], error) {
		return o.core.Contacts(ctx, api.UserOf(ctx), f)
	}
	return hits(f, page, func(c crmcore.Contact) Hit {
		return Hit{record.Ref{Kind: record.Contact, ID: c.ID}, c.Name, joined(c.Position, c.CompanyName),
			c.Points}
	})
}

func (o *Operations) findCompanies(ctx context.Context, f record.Filter) ([]Hit, error) {
	page := func(f record.Filter) (record.List[crmcore.Company], error) {
		return o.core.Companies(ctx, api.UserOf(ctx), f)
	}
	return hits(f, page, func(c crmcore.Company) Hit {
		return Hit{record.Ref{Kind: record.Company, ID: c.ID}, c.Name, c.Website, c.Points}
	})
}

func (o *Operations) findLeads(ctx context.Context, f record.Filter) ([]Hit, error) {
	page := func(f record.Filter) (record.List[crmcore.Lead], error) {
		return o.core.Leads(ctx, api.UserOf(ctx), f)
	}
	return hits(f, page, func(l crmcore.Lead) Hit {
		return Hit{record.Ref{Kind: record.Lead, ID: l.ID}, l.Title, joined(l.Name, l.CompanyName), l.Points}
	})
}

func (o *Operations) findDeals(ctx context.Context, f record.Filter) ([]Hit, error) {
	page := func(f record.Filter) (record.List[crmcore.Deal], error) {
		return o.core.Deals(ctx, api.UserOf(ctx), f)
	}
	return hits(f, page, func(d crmcore.Deal) Hit {
		return Hit{record.Ref{Kind: record.Deal, ID: d.ID}, d.Title, joined(d.ContactName, d.CompanyName), nil}
	})
}

// findUsers finds colleagues by a part of their name or login; their kind is "user".
func (o *Operations) findUsers(ctx context.Context, f record.Filter) ([]Hit, error) {
	all, err := o.core.Users(ctx)
	if err != nil {
		return nil, err
	}
	var found []Hit
	text := strings.ToLower(f.Query)
	for _, u := range all {
		if u.Active && len(found) < f.Limit && strings.Contains(strings.ToLower(u.Name+" "+u.Login), text) {
			found = append(found, Hit{record.Ref{Kind: "user", ID: u.ID}, u.Name, u.Email, nil})
		}
	}
	return found, nil
}

type knownQuery struct {
	Kind   address.Kind `query:"kind" required:"true" enum:"phone,email"`
	Text   string       `query:"text" required:"true" minLength:"1" maxLength:"320" doc:"As typed"`
	Record record.Kind  `query:"record" enum:"contact,company,lead" doc:"The record that it is typed into, which does not count: its kind"`
	ID     string       `query:"id" maxLength:"100" doc:"And its id"`
}

// askedAtOnce and askedEvery bound how many numbers and mailboxes one user asks about: more than anybody types, too few
// to go through a list of them.
const (
	askedAtOnce = 60
	askedEvery  = 3 * time.Second
	maxAskers   = 10000
)

func (o *Operations) known(ctx context.Context, in *knownQuery) (crmcore.Known, error) {
	user := api.UserOf(ctx)
	if !o.asked.Allow(user.ID) {
		return crmcore.Known{},
			huma.ErrorWithHeaders(
				huma.Error429TooManyRequests("You have asked about many numbers and addresses. Wait a little, or "+
					"just save: it is told then too."),
				http.Header{"Retry-After": {strconv.Itoa(int(askedEvery.Seconds()))}})
	}
	known, err := o.core.KnownAs(ctx, user, record.Point{Kind: in.Kind, Raw: in.Text},
		record.Ref{Kind: in.Record, ID: in.ID})
	for i := 1; i < len(known.Points); i++ { // of several in one text each counts
		o.asked.Allow(user.ID)
	}
	return known, err
}

// joined is both texts with a comma where both are there.
func joined(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + ", " + b
}
