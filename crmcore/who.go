package crmcore

import (
	"context"
	"errors"
	"time"

	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/crmcore/timeline"
	"frontdesk/store"
	"frontdesk/store/query"
)

// with finds out who a touch is with: whom it names, or whose address it is.
func (c *Core) with(ctx context.Context, db store.Queries, t Touch) (found, error) {
	if t.Channel.Policy().Named {
		return c.matchMeeting(ctx, db, t)
	}
	return c.match(ctx, db, t)
}

// matchMeeting are the records that a meeting is about and those whom its guests are known as, the ones that are gone
// left out. A converted lead is the contact it became.
func (c *Core) matchMeeting(ctx context.Context, db store.Queries, t Touch) (found, error) {
	f := found{match: None}
	at, err := began(ctx, db, t)
	if err != nil {
		return f, err
	}
	for _, ref := range t.About {
		now, err := became(ctx, db, ref)
		if err != nil {
			return f, err
		}
		if err := f.include(ctx, db, now); err != nil {
			return f, err
		}
		if now != ref {
			f.thread = append(f.thread, ref)
		}
	}
	for _, guest := range t.Guests {
		own, err := c.cfg.Own(ctx, guest)
		if err != nil {
			return f, err
		}
		g, err := c.match(ctx, db, Touch{Channel: timeline.Call, Client: guest, At: at, own: own})
		if err != nil {
			return f, err
		}
		if g.match == Exact && !g.several {
			if err := f.include(ctx, db, g.hits[0].Ref); err != nil {
				return f, err
			}
		}
	}
	f.hits, f.thread = unique(f.hits), record.Distinct(f.thread)
	return f, nil
}

// include adds a record, if it is there, and the timelines that go with it.
func (f *found) include(ctx context.Context, db store.Queries, ref record.Ref) error {
	h, err := record.HeadOf(ctx, db, people.System(), ref)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	lines, err := timeline.WithDeal(ctx, db, ref)
	f.match, f.hits = Exact, append(f.hits, hit{Ref: ref, responsible: h.Responsible, why: "meeting"})
	f.thread = append(f.thread, lines...)
	return err
}

// became is the contact that a lead was converted to; any other record is itself.
func became(ctx context.Context, db store.Queries, ref record.Ref) (record.Ref, error) {
	if ref.Kind != record.Lead {
		return ref, nil
	}
	contact, err := query.One(ctx, db, query.Text, query.New("SELECT contact FROM lead WHERE id = ? AND contact <> ''",
		ref.ID))
	if errors.Is(err, ErrNotFound) {
		return ref, nil
	}
	return record.Contact.Ref(contact), err
}

// began is when the touch was first heard of.
func began(ctx context.Context, db store.Queries, t Touch) (time.Time, error) {
	q := query.New("SELECT at FROM activity WHERE channel = ? AND dedupe = ?", t.Channel, t.Key)
	at, err := query.One(ctx, db, func(r store.Row) (us int64, err error) { return us, r.Scan(&us) }, q)
	if errors.Is(err, ErrNotFound) {
		return t.At, nil
	}
	return store.Time(at), err
}
