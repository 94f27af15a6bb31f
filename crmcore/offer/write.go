package offer

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"frontdesk/crmcore/input"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/store"
	"frontdesk/store/query"
)

// maxOfDeal is how many documents a deal has.
const maxOfDeal = 500

// Create begins an offer or invoice on a deal that the actor may change. What is left out is filled in: the client by
// the deal's company or contact, as far as the actor may see them, the rest by the settings.
func (o *Offers) Create(ctx context.Context, actor people.User, in Offer) (Offer, error) {
	err := o.write(ctx, func(tx *store.Tx) (string, error) {
		if _, err := record.Permit(ctx, tx, actor, record.Deal.Ref(in.Deal)); err != nil {
			return "", err
		}
		s, err := settings(ctx, tx)
		if err != nil {
			return "", err
		}
		if err := query.Steps(func() error { return room(ctx, tx, in.Deal) },
			func() error { return in.fill(ctx, tx, actor, s, o.today()) }, in.check,
			func() error { return o.insert(ctx, tx, actor, s, &in) }); err != nil {
			return "", err
		}
		return in.Deal, nil
	})
	if err != nil {
		return Offer{}, err
	}
	return read(ctx, o.db, actor, in.ID)
}

// write is a transaction on the documents of a deal, whose id it gives: that is told after the commit.
func (o *Offers) write(ctx context.Context, do func(tx *store.Tx) (deal string, err error)) error {
	if err := o.on(ctx); err != nil {
		return err
	}
	var deal string
	err := o.db.Tx(ctx, func(tx *store.Tx) (err error) { deal, err = do(tx); return err })
	if err == nil {
		o.changed(ctx, []record.Ref{record.Deal.Ref(deal)})
	}
	return err
}

func room(ctx context.Context, tx *store.Tx, deal string) error {
	var n int
	err := tx.QueryRow(ctx, "SELECT COUNT(*) FROM offer WHERE deal = $1", deal).Scan(&n)
	if err == nil && n >= maxOfDeal {
		err = input.Refuse("deal", "has 500 offers and invoices already: make another deal")
	}
	return err
}

func (o *Offers) today() time.Time { return o.now().In(o.zone) }

// fill puts in what was left out.
func (in *Offer) fill(ctx context.Context, tx *store.Tx, actor people.User, s Settings, today time.Time) error {
	d, err := dealOf(ctx, tx, in.Deal)
	if err != nil {
		return err
	}
	in.Kind = cmp.Or(in.Kind, Quote)
	in.Language = cmp.Or(in.Language, s.Language)
	in.Currency = cmp.Or(in.Currency, d.currency, s.Currency)
	in.Date = cmp.Or(in.Date, today.Format(time.DateOnly))
	if in.Until == "" {
		if from, err := time.Parse(time.DateOnly, in.Date); err == nil {
			in.Until = from.AddDate(0, 0, s.days(in.Kind)).Format(time.DateOnly)
		}
	}
	if in.Client == "" && in.Email == "" {
		in.Client, in.Email, err = d.client(ctx, tx, actor)
	}
	return err
}

func (s Settings) days(k Kind) int {
	if k == Invoice {
		return s.DueDays
	}
	return s.ValidDays
}

func (o *Offers) insert(ctx context.Context, tx *store.Tx, actor people.User, s Settings, in *Offer) (err error) {
	in.ID, in.By, in.State = store.NewID(), actor.ID, Draft
	if in.Kind == Quote {
		if in.Number, err = o.number(ctx, tx, Quote, s.OfferPrefix); err != nil {
			return err
		}
	}
	in.Totals = Sum(in.Currency, in.Lines)
	if err := in.checkTotals(); err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO offer (id, kind, deal, state, number, made_from, language, currency, client, email,
		intro, note, date, until, net, tax, total, issuer, user_id, sent_at, decided_at, paid_on, created_at, updated_at)
		VALUES ($1, $2, $3, 'draft', $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, '', $17, 0, 0, '', $18, $18)`,
		in.ID, in.Kind, in.Deal, in.Number, in.From, in.Language, in.Currency, in.Client, in.Email, in.Intro, in.Note,
		in.Date, in.Until, in.Totals.Net, in.Totals.Tax, in.Totals.Total, actor.ID, store.Micros(o.now()))
	return query.Steps(func() error { return err }, func() error { return insertLines(ctx, tx, in.ID, in.Lines) },
		func() error { return tell(ctx, tx, actor, *in, "created") })
}

func insertLines(ctx context.Context, tx *store.Tx, id string, list []Line) error {
	if len(list) == 0 {
		return nil
	}
	q := query.New(`INSERT INTO offer_line (offer, position, product, name, unit, quantity, price, discount, tax) VALUES `)
	for i, l := range list {
		q.Values(id, i, l.Product, l.Name, l.Unit, l.Quantity, l.Price, l.Discount, l.Tax)
	}
	_, err := tx.Exec(ctx, q.String(), q.Args...)
	return err
}

// number takes the next of a series, for as long as the transaction lasts from all others.
func (o *Offers) number(ctx context.Context, tx *store.Tx, kind Kind, prefix string) (string, error) {
	year := o.today().Year()
	var n int64
	err := tx.QueryRow(ctx, `INSERT INTO offer_series (kind, year, last) VALUES ($1, $2, 1)
		ON CONFLICT (kind, year) DO UPDATE SET last = offer_series.last + 1 RETURNING last`, kind, year).Scan(&n)
	return fmt.Sprintf("%s%d-%04d", prefix, year, n), err
}

// hold reads a document that the actor may change, and keeps it from being changed by others until the transaction
// ends.
func hold(ctx context.Context, tx *store.Tx, actor people.User, id string) (Offer, error) {
	if _, err := tx.Exec(ctx, "UPDATE offer SET state = state WHERE id = $1", id); err != nil {
		return Offer{}, err
	}
	return read(ctx, tx, actor, id)
}

// Save replaces a draft; kind and deal stay. Errors: ErrFixed; record.ErrConflict where another changed it since
// Updated.
func (o *Offers) Save(ctx context.Context, actor people.User, in Offer) (Offer, error) {
	err := o.write(ctx, func(tx *store.Tx) (string, error) {
		old, err := hold(ctx, tx, actor, in.ID)
		switch {
		case err != nil:
			return "", err
		case old.State != Draft:
			return "", ErrFixed
		case !in.Updated.IsZero() && !in.Updated.Equal(old.Updated):
			return "", record.ErrConflict
		}
		in.Kind, in.Deal, in.Number = old.Kind, old.Deal, old.Number
		in.Language, in.Currency = cmp.Or(in.Language, old.Language), cmp.Or(in.Currency, old.Currency)
		in.Date, in.Until = cmp.Or(in.Date, old.Date), cmp.Or(in.Until, old.Until)
		if err := in.check(); err != nil {
			return "", err
		}
		in.Totals = Sum(in.Currency, in.Lines)
		if err := in.checkTotals(); err != nil {
			return "", err
		}
		return old.Deal, in.rewrite(ctx, tx, max(store.Micros(o.now()), store.Micros(old.Updated)+1))
	})
	if err != nil {
		return Offer{}, err
	}
	return read(ctx, o.db, actor, in.ID)
}

// rewrite writes a draft as it is to be. A mail that is still being written goes with what it was: it does not count as
// this one's any more.
func (in *Offer) rewrite(ctx context.Context, tx *store.Tx, at int64) error {
	_, err := tx.Exec(ctx, `UPDATE offer SET language = $2, currency = $3, client = $4, email = $5, intro = $6, note = $7,
		date = $8, until = $9, net = $10, tax = $11, total = $12, updated_at = $13 WHERE id = $1`, in.ID, in.Language,
		in.Currency, in.Client, in.Email, in.Intro, in.Note, in.Date, in.Until, in.Totals.Net, in.Totals.Tax,
		in.Totals.Total, at)
	for _, from := range []string{"offer_line", "offer_letter"} {
		if err == nil {
			_, err = tx.Exec(ctx, "DELETE FROM "+from+" WHERE offer = $1", in.ID)
		}
	}
	if err != nil {
		return err
	}
	return insertLines(ctx, tx, in.ID, in.Lines)
}

// Delete removes a draft. Errors: ErrFixed.
func (o *Offers) Delete(ctx context.Context, actor people.User, id string) error {
	return o.write(ctx, func(tx *store.Tx) (string, error) {
		old, err := hold(ctx, tx, actor, id)
		if err == nil && old.State != Draft {
			err = ErrFixed
		}
		if err != nil {
			return "", err
		}
		for _, from := range []string{"offer_line WHERE offer", "offer_letter WHERE offer", "offer WHERE id"} {
			if _, err := tx.Exec(ctx, "DELETE FROM "+from+" = $1", id); err != nil {
				return "", err
			}
		}
		return old.Deal, nil
	})
}

// Copy begins a document with the lines and words of another, of the same deal: an invoice of an offer, or another one
// of its kind.
func (o *Offers) Copy(ctx context.Context, actor people.User, id string, kind Kind) (Offer, error) {
	old, err := o.Offer(ctx, actor, id)
	if err != nil {
		return Offer{}, err
	}
	if old.Kind == Invoice && kind == Quote {
		return Offer{}, input.Refuse("kind", "is invoice: no offer is made of one")
	}
	made := Offer{Kind: kind, Deal: old.Deal, Language: old.Language, Currency: old.Currency, Client: old.Client,
		Email: old.Email, Lines: old.Lines}
	if old.Kind == kind {
		made.Intro, made.Note, made.From = old.Intro, old.Note, old.From
	} else {
		made.From = old.ID
	}
	return o.Create(ctx, actor, made)
}
