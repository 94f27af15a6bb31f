package crmcore

import (
	"cmp"
	"context"
	"errors"
	"time"

	"frontdesk/crmcore/event"
	"frontdesk/crmcore/field"
	"frontdesk/crmcore/input"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/store"
	"frontdesk/store/query"
)

func contacts() record.Table[Contact] {
	return record.Table[Contact]{
		Kind: record.Contact,
		From: `SELECT t.id, t.name, t.position, t.company, COALESCE(co.name, ''), t.responsible, t.comment, t.fields, t.created_at, t.updated_at
			FROM contact t LEFT JOIN company co ON co.id = t.company`,
		Scan: func(r store.Row) (x Contact, err error) {
			var created, updated int64
			err = r.Scan(&x.ID, &x.Name, &x.Position, &x.Company, &x.CompanyName, &x.Responsible, &x.Comment,
				&x.Fields, &created, &updated)
			x.Created, x.Updated = store.Time(created), store.Time(updated)
			return x, err
		},
		Self:   func(x *Contact) (string, string, *[]record.Point) { return x.ID, x.Name, &x.Points },
		Search: []string{"company"},
	}
}

// Contact reads a contact: ErrNotFound, ErrForbidden.
func (c *Core) Contact(ctx context.Context, actor people.User, id string) (Contact, error) {
	return contacts().Permitted(ctx, c.db, actor, id)
}

// Contacts lists contacts.
func (c *Core) Contacts(ctx context.Context, actor people.User, f record.Filter) (record.List[Contact], error) {
	return contacts().List(ctx, c.db, actor, f)
}

// CreateContact adds a contact, the actor's own unless it names another responsible user. Errors: Invalid;
// ErrForbidden for a company that the actor may not see.
func (c *Core) CreateContact(ctx context.Context, actor people.User, in Contact) (Contact, error) {
	if err := c.checkContact(ctx, &in); err != nil {
		return Contact{}, err
	}
	in.ID, in.Responsible = store.NewID(), cmp.Or(in.Responsible, actor.ID)
	err := c.db.Tx(ctx, func(tx *store.Tx) error {
		return query.Steps(
			func() error { return checkResponsible(ctx, tx, in.Responsible) },
			func() error { return permitNamed(ctx, tx, actor, record.Company, in.Company) },
			func() error { return claim(ctx, tx, actor, record.Contact.Ref(in.ID), in.Points) },
			func() error { return insertContact(ctx, tx, in) })
	})
	return created(ctx, c, contacts(), in.ID, err)
}

// insertContact writes a checked contact.
func insertContact(ctx context.Context, tx *store.Tx, in Contact) error {
	_, err := tx.Exec(ctx, `INSERT INTO contact (id, name, folded, position, company, comment, responsible, department, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, '', $8, $8)`,
		in.ID, in.Name, record.SortKey(in.Name), in.Position, in.Company, in.Comment, in.Responsible,
		store.Micros(time.Now()))
	if err != nil {
		return err
	}
	return query.Steps(
		func() error { return record.Index(ctx, tx, record.Contact.Ref(in.ID), in.Points, in.Name) },
		func() error { return field.Begin(ctx, tx, record.Contact.Ref(in.ID), in.Fields) },
		func() error { return event.Record(ctx, tx, record.Contact.Ref(in.ID), event.Created, "") })
}

// UpdateContact replaces a contact as it was read: when its Updated is set and somebody changed it since, ErrConflict.
// An empty responsible leaves it. A company that the actor may not see is ErrForbidden, unless the contact is there
// already.
func (c *Core) UpdateContact(ctx context.Context, actor people.User, in Contact) (Contact, error) {
	if err := c.checkContact(ctx, &in); err != nil {
		return Contact{}, err
	}
	ref := record.Contact.Ref(in.ID)
	err := c.change(ctx, actor, ref, in.Updated, func(tx *store.Tx, old record.Head) error {
		return query.Steps(
			func() error { return permitMove(ctx, tx, actor, in) },
			func() error {
				_, err := tx.Exec(ctx, `UPDATE contact SET name = $1, folded = $2, position = $3, company = $4, comment = $5 WHERE id = $6`,
					in.Name, record.SortKey(in.Name), in.Position, in.Company, in.Comment, in.ID)
				return err
			},
			func() error { return claim(ctx, tx, actor, ref, in.Points) },
			func() error { return record.Index(ctx, tx, ref, in.Points, in.Name) },
			func() error { return field.Put(ctx, tx, actor, ref, in.Fields) },
			func() error { return c.handOver(ctx, tx, actor, ref, old, cmp.Or(in.Responsible, old.Responsible)) })
	})
	if err != nil {
		return Contact{}, err
	}
	return contacts().Get(ctx, c.db, in.ID)
}

func (c *Core) checkContact(ctx context.Context, in *Contact) (err error) {
	if err := input.Texts(input.Bound("name", &in.Name, 1, input.MaxName),
		input.Bound("position", &in.Position, 0, input.MaxName),
		input.Bound("comment", &in.Comment, 0, input.MaxComment)); err != nil {
		return err
	}
	in.Points, err = c.normalise(ctx, in.Points, record.Contact)
	return err
}

// created ends a creation: tells it and reads what is there now.
func created[T any](ctx context.Context, c *Core, rs record.Table[T], id string, err error) (T, error) {
	if err != nil {
		var none T
		return none, err
	}
	c.hooks.Changed(ctx, rs.Kind.Ref(id))
	return rs.Get(ctx, c.db, id)
}

// checkResponsible is checkUser for a new record; the program itself may make one that nobody is responsible for.
func checkResponsible(ctx context.Context, db store.Queries, id string) error {
	if id == "" {
		return nil
	}
	return people.CheckUser(ctx, db, "responsible", id)
}

// permitMove checks the company of a contact when it is another one than before.
func permitMove(ctx context.Context, tx *store.Tx, actor people.User, in Contact) error {
	old, err := query.One(ctx, tx, query.Text, query.New("SELECT company FROM contact WHERE id = ?", in.ID))
	if err != nil || old == in.Company {
		return err
	}
	return permitNamed(ctx, tx, actor, record.Company, in.Company)
}

// permitNamed fails when id names no record of that kind, or one that the actor may not see; "" names none on purpose.
// The field is named like the kind.
func permitNamed(ctx context.Context, db store.Queries, actor people.User, kind record.Kind, id string) error {
	if id == "" {
		return nil
	}
	_, err := record.Permit(ctx, db, actor, kind.Ref(id))
	// one answer, which does not tell others' ids apart
	if errors.Is(err, ErrNotFound) || errors.Is(err, people.ErrForbidden) {
		return input.Refuse(string(kind), "there is no such "+string(kind)+", or it is not yours to see")
	}
	return err
}
