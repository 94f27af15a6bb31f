package offer

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"time"

	"frontdesk/crmcore/input"
	"frontdesk/crmcore/people"
	"frontdesk/store"
	"frontdesk/store/query"
)

// ErrState: what is asked does not follow what became of it so far.
var ErrState = errors.New("its state does not allow that: load it again")

// leads tells which states may follow one another, of offers and of invoices; back is the way to take a step back.
func leads(k Kind, from, to State) bool {
	steps := map[State][]State{Draft: {Sent, Accepted, Declined}, Sent: {Accepted, Declined}, Accepted: {Sent},
		Declined: {Sent}}
	if k == Invoice {
		steps = map[State][]State{Draft: {Issued}, Issued: {Paid, Cancelled}, Paid: {Issued}}
	}
	for _, s := range steps[from] {
		if s == to {
			return true
		}
	}
	return false
}

// Put brings a document into a state: an offer is sent by hand, accepted or declined, an invoice issued, paid on a day
// (today when it is empty) or cancelled; accepted, declined and paid are taken back by sent and issued. Errors:
// ErrState.
func (o *Offers) Put(ctx context.Context, actor people.User, id string, to State, day string) (Offer, error) {
	err := o.write(ctx, func(tx *store.Tx) (string, error) {
		old, err := hold(ctx, tx, actor, id)
		if err != nil {
			return "", err
		}
		if old.State == to {
			return old.Deal, nil
		}
		if !leads(old.Kind, old.State, to) {
			return "", ErrState
		}
		return old.Deal, o.put(ctx, tx, actor, old, to, day)
	})
	if err != nil {
		return Offer{}, err
	}
	return read(ctx, o.db, actor, id)
}

func (o *Offers) put(ctx context.Context, tx *store.Tx, actor people.User, old Offer, to State, day string) error {
	next, what := old, string(to)
	next.State = to
	if old.State == Draft {
		if err := o.leave(ctx, tx, &next); err != nil {
			return err
		}
	}
	switch to {
	case Paid:
		next.PaidOn = cmp.Or(day, o.today().Format(time.DateOnly))
		if err := checkDay("day", next.PaidOn); err != nil {
			return err
		}
	case Accepted, Declined, Cancelled:
		next.Decided = o.now()
	case Sent, Issued:
		next.Decided, next.PaidOn = time.Time{}, ""
		if old.State != Draft {
			what = "reopened"
		}
		if to == Sent && old.SentAt.IsZero() {
			next.SentAt = o.now()
		}
	}
	return query.Steps(func() error { return o.keep(ctx, tx, next) },
		func() error { return tell(ctx, tx, actor, next, what) })
}

// leave fixes a document that leaves the house: an invoice gets its number and the day, and both keep the company as it
// is now.
func (o *Offers) leave(ctx context.Context, tx *store.Tx, next *Offer) error {
	if len(next.Lines) == 0 {
		return input.Refuse("lines", "are missing: add what is sold first")
	}
	s, err := settings(ctx, tx)
	if err != nil {
		return err
	}
	next.Issuer = &s.Company
	if next.Kind != Invoice {
		return nil
	}
	if s.Name == "" {
		return input.Refuse("name", "of the company is missing: Settings → Offers and invoices")
	}
	if next.Client == "" {
		return input.Refuse("client", "is missing: an invoice is somebody's")
	}
	today := o.today().Format(time.DateOnly)
	if from, wrong := time.Parse(time.DateOnly, next.Date); wrong == nil && next.Date != today {
		until, _ := time.Parse(time.DateOnly, next.Until) // checked when it was written
		next.Until = o.today().Add(until.Sub(from)).Format(time.DateOnly)
	}
	next.Date = today
	next.Number, err = o.number(ctx, tx, Invoice, s.InvoicePrefix)
	return err
}

// keep writes what became of a document.
func (o *Offers) keep(ctx context.Context, tx *store.Tx, next Offer) error {
	issuer, err := json.Marshal(next.Issuer)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `UPDATE offer SET state = $2, number = $3, date = $4, until = $5, issuer = $6, sent_at = $7,
		decided_at = $8, paid_on = $9, updated_at = $10 WHERE id = $1`, next.ID, next.State, next.Number, next.Date,
		next.Until, string(issuer), micros(next.SentAt), micros(next.Decided), next.PaidOn,
		max(store.Micros(o.now()), store.Micros(next.Updated)+1))
	return err
}
