package match

import (
	"context"
	"errors"
	"time"

	"frontdesk/crmcore/address"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/crmcore/timeline"
	"frontdesk/store"
	"frontdesk/store/query"
)

// Meeting finds out who a meeting is with, in place of an address: the records it is about, and those whom its guests
// are known as; what is gone is left out. A converted lead is the contact it became.
func (w Question) Meeting(ctx context.Context, db store.Queries, about []record.Ref, guests []address.Address,
	own func(context.Context, address.Address) (bool, error)) (Found, error) {
	f := Found{Match: None}
	at, err := w.began(ctx, db)
	if err != nil {
		return f, err
	}
	for _, ref := range about {
		now, err := became(ctx, db, ref)
		if err != nil {
			return f, err
		}
		if err := f.include(ctx, db, now); err != nil {
			return f, err
		}
		if now != ref {
			f.Thread = append(f.Thread, ref)
		}
	}
	for _, guest := range guests {
		ours, err := own(ctx, guest)
		if err != nil {
			return f, err
		}
		g, err := Question{Channel: timeline.Call, Client: guest, At: at, Own: ours}.Who(ctx, db)
		if err != nil {
			return f, err
		}
		if g.Match == Exact && !g.Several {
			if err := f.include(ctx, db, g.Hits[0].Ref); err != nil {
				return f, err
			}
		}
	}
	f.Hits, f.Thread = unique(f.Hits), record.Distinct(f.Thread)
	return f, nil
}

// include adds a record, if it is there, and the timelines that go with it.
func (f *Found) include(ctx context.Context, db store.Queries, ref record.Ref) error {
	h, err := record.HeadOf(ctx, db, people.System(), ref)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	lines, err := timeline.WithDeal(ctx, db, ref)
	f.Match, f.Hits = Exact, append(f.Hits, Hit{Ref: ref, Responsible: h.Responsible, Why: "meeting"})
	f.Thread = append(f.Thread, lines...)
	return err
}

// became is the contact that a lead was converted to; any other record is itself.
func became(ctx context.Context, db store.Queries, ref record.Ref) (record.Ref, error) {
	if ref.Kind != record.Lead {
		return ref, nil
	}
	contact, err := query.One(ctx, db, query.Text, query.New("SELECT contact FROM lead WHERE id = ? AND contact <> ''",
		ref.ID))
	if errors.Is(err, store.ErrNotFound) {
		return ref, nil
	}
	return record.Contact.Ref(contact), err
}

// began is when the touch was first heard of.
func (w Question) began(ctx context.Context, db store.Queries) (time.Time, error) {
	q := query.New("SELECT at FROM activity WHERE channel = ? AND dedupe = ?", w.Channel, w.Key)
	at, err := query.One(ctx, db, func(r store.Row) (us int64, err error) { return us, r.Scan(&us) }, q)
	if errors.Is(err, store.ErrNotFound) {
		return w.At, nil
	}
	return store.Time(at), err
}
