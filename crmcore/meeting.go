package crmcore

import (
	"context"
	"errors"
	"slices"

	"frontdesk/store"
)

// matchMeeting are the records that a meeting is about and those whom its guests are known as, the ones that are gone left out. A converted lead is the
// contact it became.
func (c *Core) matchMeeting(ctx context.Context, db store.Queries, t Touch) (found, error) {
	f := found{match: None}
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
		g, err := c.match(ctx, db, Touch{Channel: Call, Client: guest, At: t.At, own: own})
		if err != nil {
			return f, err
		}
		if g.match == Exact && !g.several {
			if err := f.include(ctx, db, g.hits[0].Ref); err != nil {
				return f, err
			}
		}
	}
	f.hits, f.thread = unique(f.hits), distinct(f.thread)
	return f, nil
}

// include adds a record, if it is there, and the timelines that go with it.
func (f *found) include(ctx context.Context, db store.Queries, ref Ref) error {
	h, err := headOf(ctx, db, System(), ref)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	lines, err := withDeal(ctx, db, ref)
	f.match, f.hits = Exact, append(f.hits, hit{Ref: ref, responsible: h.responsible, why: "meeting"})
	f.thread = append(f.thread, lines...)
	return err
}

// became is the contact that a lead was converted to; any other record is itself.
func became(ctx context.Context, db store.Queries, ref Ref) (Ref, error) {
	if ref.Kind != KindLead {
		return ref, nil
	}
	contact, err := one(ctx, db, text, new(query).add("SELECT contact FROM lead WHERE id = ? AND contact <> ''", ref.ID))
	if errors.Is(err, ErrNotFound) {
		return ref, nil
	}
	return Ref{KindContact, contact}, err
}

// distinct keeps the first of each.
func distinct(refs []Ref) (out []Ref) {
	for _, ref := range refs {
		if !slices.Contains(out, ref) {
			out = append(out, ref)
		}
	}
	return out
}

// writeMeeting brings the entry of a meeting up to date. Until it has ended, each touch tells anew what it is about and who is there; once it has, nothing
// changes any more. A meeting that never was about anything leaves no entry.
func writeMeeting(ctx context.Context, tx *store.Tx, t Touch, w *written) (err error) {
	if len(w.f.thread) == 0 {
		known, err := meetingEntry(ctx, tx, t.Key)
		if err != nil || known.ID == "" {
			return err
		}
	}
	e := t.entry(w.f)
	if w.created, err = e.insert(ctx, tx); err != nil {
		return err
	}
	n, err := exec(ctx, tx, `UPDATE activity SET phase = $1, seconds = $2, outcome = $3, user_id = $4, title = $5, body = $6
		WHERE channel = $7 AND dedupe = $8 AND (phase <> $9 OR id = $10)`,
		t.Phase, t.Seconds, t.Outcome, e.User, e.Title, e.Body, Meeting, t.Key, Ended, e.ID)
	if err != nil {
		return err
	}
	now, err := meetingEntry(ctx, tx, t.Key)
	if err != nil {
		return err
	}
	w.activity, w.links, w.ended = now.ID, now.Entities, n == 1 && t.Phase == Ended
	if n == 0 || t.About == nil {
		return nil
	}
	w.links = distinct(append(w.links, w.f.thread...))
	if _, err := tx.Exec(ctx, "DELETE FROM activity_entity WHERE activity = $1", now.ID); err != nil {
		return err
	}
	return link(ctx, tx, now.ID, t.At, w.f.thread)
}

// meetingEntry is the entry of a meeting; without an id where there is none.
func meetingEntry(ctx context.Context, tx *store.Tx, key string) (Activity, error) {
	found, err := activities(ctx, tx, new(query).add("SELECT "+activityColumns+" FROM activity a WHERE a.channel = ? AND a.dedupe = ?", Meeting, key))
	if err != nil || len(found) == 0 {
		return Activity{}, err
	}
	return found[0], nil
}
