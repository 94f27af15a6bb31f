package crmcore

import (
	"cmp"
	"context"
	"time"

	"frontdesk/crmcore/bin"
	"frontdesk/crmcore/event"
	"frontdesk/crmcore/field"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/store"
	"frontdesk/store/query"
)

// Fresh is a client to be made together with others: one of the three.
type Fresh struct {
	Contact *Contact
	Company *Company
	Lead    *Lead
	Claims  bool // another record has a number or mailbox of it: see claim
}

// Ref points to what it will be.
func (f Fresh) Ref() record.Ref {
	switch {
	case f.Contact != nil:
		return record.Contact.Ref(f.Contact.ID)
	case f.Company != nil:
		return record.Company.Ref(f.Company.ID)
	}
	return record.Lead.Ref(f.Lead.ID)
}

// Points are its numbers and mailboxes.
func (f Fresh) Points() []record.Point {
	switch {
	case f.Contact != nil:
		return f.Contact.Points
	case f.Company != nil:
		return f.Company.Points
	}
	return f.Lead.Points
}

// Check checks and normalises it as if it were made alone, and gives it an id and a responsible user. Errors: Invalid.
func (c *Core) Check(ctx context.Context, actor people.User, f Fresh) error {
	switch {
	case f.Contact != nil:
		f.Contact.ID, f.Contact.Responsible = store.NewID(), cmp.Or(f.Contact.Responsible, actor.ID)
		return query.Steps(func() error { return c.checkContact(ctx, f.Contact) },
			func() error { return c.checkFields(ctx, record.Contact, &f.Contact.Fields) })
	case f.Company != nil:
		f.Company.ID, f.Company.Responsible = store.NewID(), cmp.Or(f.Company.Responsible, actor.ID)
		return query.Steps(func() error { return c.checkCompany(ctx, f.Company) },
			func() error { return c.checkFields(ctx, record.Company, &f.Company.Fields) })
	}
	f.Lead.ID, f.Lead.Responsible = store.NewID(), cmp.Or(f.Lead.Responsible, actor.ID)
	return query.Steps(func() error { return c.checkLead(ctx, f.Lead) },
		func() error { return c.checkFields(ctx, record.Lead, &f.Lead.Fields) })
}

func (c *Core) checkFields(ctx context.Context, kind record.Kind, values *record.Values) (err error) {
	*values, err = field.Checked(ctx, c.db, kind, *values)
	return err
}

// Make writes checked clients at once.
func (c *Core) Make(ctx context.Context, tx *store.Tx, actor people.User, at time.Time, all []Fresh) error {
	contacts := query.New(`INSERT INTO contact (id, name, folded, position, company, comment, responsible, department,
		created_at, updated_at) VALUES `)
	companies := query.New(`INSERT INTO company (id, name, folded, website, comment, responsible, department, created_at,
		updated_at) VALUES `)
	leads := query.New(`INSERT INTO lead (id, name, folded, person, company_name, source, line, stage, rule, contact,
		deal, comment, responsible, department, created_at, updated_at, kept) VALUES `)
	var index []record.Indexed
	var events []store.Event
	now := store.Micros(at)
	for _, f := range all {
		ref := f.Ref()
		if f.Claims {
			if err := claim(ctx, tx, actor, ref, f.Points()); err != nil {
				return err
			}
		}
		found := record.Indexed{Ref: ref, Points: f.Points()}
		switch {
		case f.Contact != nil:
			x := f.Contact
			found.Texts = []string{x.Name}
			contacts.Values(x.ID, x.Name, record.SortKey(x.Name), x.Position, x.Company, x.Comment,
				x.Responsible, "", now, now)
		case f.Company != nil:
			x := f.Company
			found.Texts = []string{x.Name}
			companies.Values(x.ID, x.Name, record.SortKey(x.Name), x.Website, x.Comment, x.Responsible, "", now,
				now)
		default:
			x := f.Lead
			found.Texts = []string{x.Title, x.Name, x.CompanyName}
			leads.Values(x.ID, x.Title, record.SortKey(x.Title), x.Name, x.CompanyName, x.Source, x.Line, x.Stage,
				"", "", "", x.Comment, x.Responsible, "", now, now, false)
		}
		index = append(index, found)
		events = append(events, event.Making(ctx, ref))
	}
	var todo []store.Statement
	for _, q := range []*query.Builder{companies, contacts, leads} {
		if len(q.Args) > 0 {
			todo = append(todo, store.Statement{Query: q.String(), Args: q.Args})
		}
	}
	return query.Steps(
		func() error { return tx.Later(ctx, append(todo, record.Indexing(index)...)...) },
		func() error { return beginFields(ctx, tx, all) },
		func() error { return tx.Tell(ctx, events...) })
}

func beginFields(ctx context.Context, tx *store.Tx, all []Fresh) error {
	for _, f := range all {
		var values record.Values
		switch {
		case f.Contact != nil:
			values = f.Contact.Fields
		case f.Company != nil:
			values = f.Company.Fields
		default:
			values = f.Lead.Fields
		}
		if err := field.Begin(ctx, tx, f.Ref(), values); err != nil {
			return err
		}
	}
	return nil
}

// Discard puts a record into the bin that an import made, as long as nobody changed or used it since: ErrConflict.
func (c *Core) Discard(ctx context.Context, actor people.User, ref record.Ref, made time.Time, by string) error {
	return c.alter(ctx, actor, ref, made, func(tx *store.Tx, old record.Head) error {
		used, err := bin.Used(ctx, tx, ref)
		if err == nil && used {
			err = record.ErrConflict
		}
		if err != nil {
			return err
		}
		return query.Steps(func() error { return bin.Put(ctx, tx, actor, ref, bin.Import, by) },
			func() error { return event.Record(ctx, tx, ref, event.Deleted, old.Responsible) })
	})
}
