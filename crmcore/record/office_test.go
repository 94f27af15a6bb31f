package record

import (
	"context"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/crmcore/address"
	"frontdesk/crmcore/people"
	"frontdesk/store"
	"frontdesk/store/query"
)

// office is a company to search in, with an admin.
type office struct {
	*testing.T
	*people.People
	db   *store.DB
	root people.User
	ctx  context.Context
}

func newOffice(t *testing.T, db *store.DB) *office {
	t.Helper()
	o := &office{T: t, ctx: t.Context(), db: db, People: people.New(db, true, prometheus.NewRegistry())}
	o.root = o.user("root", people.Admin, "", people.AccessAll)
	return o
}

func (o *office) must(err error) {
	o.Helper()
	if err != nil {
		o.Fatal(err)
	}
}

func (o *office) user(login string, role people.Role, department string, access people.Access) people.User {
	o.Helper()
	u, err := o.CreateUser(o.ctx, people.System(), people.NewUser{User: people.User{Login: login,
		Name: strings.ToUpper(login), Role: role, Department: department, Access: access}, Password: "correct horse"})
	o.must(err)
	return u
}

func (o *office) department(name, parent string) string {
	o.Helper()
	d, err := o.CreateDepartment(o.ctx, people.System(), people.Department{Name: name, Parent: parent})
	o.must(err)
	return d.ID
}

// client is a contact or a company, as far as a search sees it.
type client struct {
	ID, Name, Company, Responsible string
	Points                         []Point
}

func contacts() Table[client] {
	return Table[client]{
		Kind: Contact,
		From: "SELECT t.id, t.name, t.company, t.responsible FROM contact t",
		Scan: func(r store.Row) (x client, err error) {
			return x, r.Scan(&x.ID, &x.Name, &x.Company, &x.Responsible)
		},
		Self:   func(x *client) (string, string, *[]Point) { return x.ID, x.Name, &x.Points },
		Search: []string{"company"},
	}
}

// contact keeps a contact as the CRM does.
func (o *office) contact(c client) client {
	o.Helper()
	return o.keep(Contact, c, "INSERT INTO contact (id, name, folded, position, company, comment, responsible, "+
		"department, created_at, updated_at) VALUES ($1, $2, $3, '', $4, '', $5, '', 1, 1)")
}

func (o *office) company(c client) client {
	o.Helper()
	return o.keep(Company, c, "INSERT INTO company (id, name, folded, website, comment, responsible, department, "+
		"created_at, updated_at) VALUES ($1, $2, $3, '', $4, $5, '', 1, 1)")
}

func (o *office) keep(kind Kind, c client, insert string) client {
	o.Helper()
	c.ID = store.NewID()
	for i, p := range c.Points {
		a, err := address.ParseEmail(p.Raw)
		if p.Kind == address.Phone {
			a, err = address.ParsePhone(p.Raw, "RO")
		}
		o.must(err)
		c.Points[i] = PointOf(a)
	}
	o.must(o.db.Tx(o.ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(o.ctx, insert, c.ID, c.Name, SortKey(c.Name), c.Company, c.Responsible)
		if err != nil {
			return err
		}
		return Index(o.ctx, tx, kind.Ref(c.ID), c.Points, c.Name)
	}))
	return c
}

// bulk gathers lines of a table and inserts them thirty at a time.
type bulk struct {
	tx     *store.Tx
	into   string
	q      query.Builder
	pieces int
}

func (k *bulk) add(ctx context.Context, values ...any) error {
	if k.pieces == 0 {
		k.q = query.Builder{}
		k.q.Add("INSERT INTO " + k.into + " VALUES ")
	}
	k.q.Values(values...)
	if k.pieces++; k.pieces < 30 {
		return nil
	}
	return k.flush(ctx)
}

func (k *bulk) flush(ctx context.Context) error {
	if k.pieces == 0 {
		return nil
	}
	k.pieces = 0
	_, err := k.tx.Exec(ctx, k.q.String(), k.q.Args...)
	return err
}
