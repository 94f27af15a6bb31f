package crmcore

import (
	"cmp"
	"context"
	"time"

	"frontdesk/crmcore/event"
	"frontdesk/crmcore/field"
	"frontdesk/crmcore/input"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/store"
	"frontdesk/store/query"
)

func companies() record.Table[Company] {
	return record.Table[Company]{
		Kind: record.Company,
		From: `SELECT t.id, t.name, t.website, t.responsible, t.comment, t.fields, t.created_at, t.updated_at FROM company t`,
		Scan: func(r store.Row) (x Company, err error) {
			var created, updated int64
			err = r.Scan(&x.ID, &x.Name, &x.Website, &x.Responsible, &x.Comment, &x.Fields, &created, &updated)
			x.Created, x.Updated = store.Time(created), store.Time(updated)
			return x, err
		},
		Self: func(x *Company) (string, string, *[]record.Point) { return x.ID, x.Name, &x.Points },
	}
}

// Company reads a company: ErrNotFound, ErrForbidden.
func (c *Core) Company(ctx context.Context, actor people.User, id string) (Company, error) {
	return companies().Permitted(ctx, c.db, actor, id)
}

// Companies lists companies.
func (c *Core) Companies(ctx context.Context, actor people.User, f record.Filter) (record.List[Company], error) {
	return companies().List(ctx, c.db, actor, f)
}

// CreateCompany adds a company, the actor's own unless it names another responsible user. Errors: Invalid.
func (c *Core) CreateCompany(ctx context.Context, actor people.User, in Company) (Company, error) {
	if err := c.checkCompany(ctx, &in); err != nil {
		return Company{}, err
	}
	in.ID, in.Responsible = store.NewID(), cmp.Or(in.Responsible, actor.ID)
	err := c.db.Tx(ctx, func(tx *store.Tx) error {
		return query.Steps(
			func() error { return checkResponsible(ctx, tx, in.Responsible) },
			func() error { return claim(ctx, tx, actor, record.Company.Ref(in.ID), in.Points) },
			func() error { return insertCompany(ctx, tx, in) })
	})
	return created(ctx, c, companies(), in.ID, err)
}

// insertCompany writes a checked company.
func insertCompany(ctx context.Context, tx *store.Tx, in Company) error {
	_, err := tx.Exec(ctx, `INSERT INTO company (id, name, folded, website, comment, responsible, department, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, '', $7, $7)`,
		in.ID, in.Name, record.SortKey(in.Name), in.Website, in.Comment, in.Responsible, store.Micros(time.Now()))
	if err != nil {
		return err
	}
	return query.Steps(
		func() error { return record.Index(ctx, tx, record.Company.Ref(in.ID), in.Points, in.Name) },
		func() error { return field.Begin(ctx, tx, record.Company.Ref(in.ID), in.Fields) },
		func() error { return event.Record(ctx, tx, record.Company.Ref(in.ID), event.Created, "") })
}

// UpdateCompany replaces a company; see UpdateContact.
func (c *Core) UpdateCompany(ctx context.Context, actor people.User, in Company) (Company, error) {
	if err := c.checkCompany(ctx, &in); err != nil {
		return Company{}, err
	}
	ref := record.Company.Ref(in.ID)
	err := c.change(ctx, actor, ref, in.Updated, func(tx *store.Tx, old record.Head) error {
		return query.Steps(
			func() error {
				_, err := tx.Exec(ctx, `UPDATE company SET name = $1, folded = $2, website = $3, comment = $4 WHERE id = $5`,
					in.Name, record.SortKey(in.Name), in.Website, in.Comment, in.ID)
				return err
			},
			func() error { return claim(ctx, tx, actor, ref, in.Points) },
			func() error { return record.Index(ctx, tx, ref, in.Points, in.Name) },
			func() error { return field.Put(ctx, tx, actor, ref, in.Fields) },
			func() error { return c.handOver(ctx, tx, actor, ref, old, cmp.Or(in.Responsible, old.Responsible)) })
	})
	if err != nil {
		return Company{}, err
	}
	return companies().Get(ctx, c.db, in.ID)
}

func (c *Core) checkCompany(ctx context.Context, in *Company) (err error) {
	if err := input.Texts(input.Bound("name", &in.Name, 1, input.MaxName),
		input.Bound("website", &in.Website, 0, input.MaxTitle),
		input.Bound("comment", &in.Comment, 0, input.MaxComment)); err != nil {
		return err
	}
	in.Points, err = c.normalise(ctx, in.Points, record.Company)
	return err
}
