package importing

import (
	"cmp"
	"context"
	"slices"
	"time"

	"frontdesk/crmcore"
	"frontdesk/crmcore/record"
)

// update gives a record what a line says, and tells when that was.
func (b *batch) update(ctx context.Context, r *row) (time.Time, error) {
	id, in := r.known.id, r.said()
	switch b.of.Kind {
	case record.Contact:
		x, err := b.core.Contact(ctx, b.actor, id)
		if err == nil {
			addContact(&x, in.Contact)
			x, err = b.core.UpdateContact(ctx, b.actor, x)
		}
		return x.Updated, err
	case record.Company:
		x, err := b.core.Company(ctx, b.actor, id)
		if err == nil {
			addCompany(&x, in.Company)
			x, err = b.core.UpdateCompany(ctx, b.actor, x)
		}
		return x.Updated, err
	}
	x, err := b.core.Lead(ctx, b.actor, id)
	if err == nil {
		addLead(&x, in.Lead)
		x, err = b.core.UpdateLead(ctx, b.actor, x)
	}
	return x.Updated, err
}

// add gives a record that is yet to be made what a later line says of it.
func add(to, in crmcore.Fresh) {
	switch {
	case to.Contact != nil:
		addContact(to.Contact, in.Contact)
	case to.Company != nil:
		addCompany(to.Company, in.Company)
	default:
		addLead(to.Lead, in.Lead)
	}
}

// What a line does not say stays.

func addContact(x, in *crmcore.Contact) {
	x.Name, x.Position = cmp.Or(in.Name, x.Name), cmp.Or(in.Position, x.Position)
	x.Company, x.Comment = cmp.Or(in.Company, x.Company), cmp.Or(in.Comment, x.Comment)
	x.Points, x.Fields = joined(x.Points, in.Points), x.Fields.With(in.Fields)
}

func addCompany(x, in *crmcore.Company) {
	x.Name, x.Website = cmp.Or(in.Name, x.Name), cmp.Or(in.Website, x.Website)
	x.Comment = cmp.Or(in.Comment, x.Comment)
	x.Points, x.Fields = joined(x.Points, in.Points), x.Fields.With(in.Fields)
}

func addLead(x, in *crmcore.Lead) {
	x.Title, x.Name = cmp.Or(in.Title, x.Title), cmp.Or(in.Name, x.Name)
	x.CompanyName, x.Comment = cmp.Or(in.CompanyName, x.CompanyName), cmp.Or(in.Comment, x.Comment)
	x.Points, x.Fields = joined(x.Points, in.Points), x.Fields.With(in.Fields)
}

func joined(old, more []record.Point) []record.Point {
	for _, p := range more {
		if !slices.ContainsFunc(old, p.Same) {
			old = append(old, p)
		}
	}
	return old
}
