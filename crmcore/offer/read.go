package offer

import (
	"context"
	"encoding/json"

	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/store"
	"frontdesk/store/query"
)

const columns = `SELECT o.id, o.kind, o.deal, o.state, o.number, o.made_from, o.language, o.currency, o.client, o.email,
	o.intro, o.note, o.date, o.until, o.net, o.tax, o.total, o.issuer, o.user_id, o.sent_at, o.decided_at, o.paid_on,
	o.created_at, o.updated_at FROM offer o`

func scan(r store.Row) (o Offer, err error) {
	var issuer string
	var sent, decided, created, updated int64
	err = r.Scan(&o.ID, &o.Kind, &o.Deal, &o.State, &o.Number, &o.From, &o.Language, &o.Currency, &o.Client, &o.Email,
		&o.Intro, &o.Note, &o.Date, &o.Until, &o.Totals.Net, &o.Totals.Tax, &o.Totals.Total, &issuer, &o.By, &sent,
		&decided, &o.PaidOn, &created, &updated)
	if err == nil && issuer != "" {
		err = json.Unmarshal([]byte(issuer), &o.Issuer)
	}
	o.SentAt, o.Decided = moment(sent), moment(decided)
	o.Created, o.Updated, o.Lines, o.Totals.Rates = store.Time(created), store.Time(updated), []Line{}, []Taxed{}
	return o, err
}

// seen is the predicate of offers o that the actor may see: those of the deals he sees, and to administrators also
// invoices that outlived theirs.
func seen(actor people.User) func(*query.Builder) {
	return func(q *query.Builder) {
		q.Add("(EXISTS (SELECT 1 FROM deal t WHERE t.id = o.deal AND ").With(people.Readable(actor, "t")).Add(")")
		if actor.Role == people.Admin {
			q.Add(" OR o.kind = 'invoice' AND o.number <> '' AND NOT EXISTS (SELECT 1 FROM deal t WHERE t.id = o.deal)")
		}
		q.Add(")")
	}
}

// Filter narrows what is listed.
type Filter struct {
	Deal  string // id
	Kind  Kind
	State State
	After string // id of the last of the page before
	Limit int
}

// List is a page of offers and invoices, the latest first, without their lines, and where the next page begins.
func (o *Offers) List(ctx context.Context, actor people.User, f Filter) (list []Offer, next string, err error) {
	if err := o.on(ctx); err != nil {
		return nil, "", err
	}
	if f.Deal != "" {
		if _, err := record.Permit(ctx, o.db, actor, record.Deal.Ref(f.Deal)); err != nil {
			return nil, "", err
		}
	}
	q := query.New(columns + " WHERE ").With(seen(actor))
	for _, c := range []struct{ column, value string }{{"deal", f.Deal}, {"kind", string(f.Kind)},
		{"state", string(f.State)}} {
		if c.value != "" {
			q.Add(" AND o."+c.column+" = ?", c.value)
		}
	}
	if f.After != "" {
		q.Add(" AND o.id < ?", f.After)
	}
	list, err = query.All(ctx, o.db, scan, q.Add(" ORDER BY o.id DESC LIMIT ?", f.Limit+1))
	if len(list) > f.Limit {
		list = list[:f.Limit]
		next = list[f.Limit-1].ID
	}
	return list, next, err
}

// Offer reads one with its lines: store.ErrNotFound, people.ErrForbidden. One that did not leave the house yet names
// the company as it is now.
func (o *Offers) Offer(ctx context.Context, actor people.User, id string) (Offer, error) {
	if err := o.on(ctx); err != nil {
		return Offer{}, err
	}
	return read(ctx, o.db, actor, id)
}

func read(ctx context.Context, db store.Queries, actor people.User, id string) (Offer, error) {
	one, err := query.One(ctx, db, scan, query.New(columns+" WHERE o.id = ?", id))
	if err != nil {
		return one, err
	}
	mine, err := query.All(ctx, db, query.Text, query.New("SELECT o.id FROM offer o WHERE o.id = ? AND ", id).
		With(seen(actor)))
	if err != nil {
		return one, err
	}
	if len(mine) == 0 {
		if _, err := record.Permit(ctx, db, actor, record.Deal.Ref(one.Deal)); err != nil {
			return Offer{}, err // the deal may be gone
		}
		return Offer{}, store.ErrNotFound
	}
	if one.Lines, err = linesOf(ctx, db, id); err != nil {
		return one, err
	}
	one.Totals = Sum(one.Currency, one.Lines)
	if one.Issuer == nil {
		s, err := settings(ctx, db)
		if err != nil {
			return one, err
		}
		one.Issuer = &s.Company
	}
	return one, nil
}

func linesOf(ctx context.Context, db store.Queries, id string) ([]Line, error) {
	list, err := query.All(ctx, db, func(r store.Row) (l Line, err error) {
		return l, r.Scan(&l.Product, &l.Name, &l.Unit, &l.Quantity, &l.Price, &l.Discount, &l.Tax)
	}, query.New(`SELECT product, name, unit, quantity, price, discount, tax FROM offer_line WHERE offer = ?
		ORDER BY position`, id))
	if list == nil {
		list = []Line{}
	}
	return list, err
}

// Written are documents by their ids, for who may see all: also where the company does without by now.
func (o *Offers) Written(ctx context.Context, ids []string) (all []Offer, err error) {
	for _, id := range ids {
		one, err := read(ctx, o.db, people.System(), id)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, nil
}
