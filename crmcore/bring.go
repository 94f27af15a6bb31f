package crmcore

import (
	"context"
	"fmt"

	"frontdesk/crmcore/match"
	"frontdesk/crmcore/timeline"
	"frontdesk/store"
	"frontdesk/store/query"
)

// bring writes the activities of touches or moves those on that are there, and brings each touch to the time when it
// was first heard of. Phases only go forward: a late Began or a second Ended changes nothing.
func bring(ctx context.Context, tx *store.Tx, touches []Touch, all []written) error {
	entries := make([]entering, 0, len(touches))
	var reads []store.Read
	for i := range touches {
		t, w := &touches[i], &all[i]
		if t.Channel.Policy().Named {
			if err := writeMeeting(ctx, tx, *t, w); err != nil {
				return err
			}
			continue
		}
		entries = append(entries, entering{t: t, w: w, waits: t.awaits() && !t.overtaken(touches[i+1:])})
		more, err := entries[len(entries)-1].reads()
		if err != nil {
			return err
		}
		reads = append(reads, more...)
	}
	if err := tx.ReadAll(ctx, reads...); err != nil {
		return err
	}
	return again(ctx, tx, entries)
}

// again reads what is there of touches that turned out to have been heard of before.
func again(ctx context.Context, tx *store.Tx, entries []entering) error {
	var reads []store.Read
	for i := range entries {
		if e := &entries[i]; len(e.fresh)+len(e.now) == 0 {
			reads = append(reads, e.before()...)
		}
	}
	if len(reads) > 0 {
		if err := tx.ReadAll(ctx, reads...); err != nil {
			return err
		}
	}
	for i := range entries {
		if err := entries[i].entered(); err != nil {
			return err
		}
	}
	return nil
}

// entering is a touch whose activity is being written.
type entering struct {
	t            *Touch
	w            *written
	waits        bool // for an answer, as far as is known before
	id           string
	fresh, moved []string // the activity's id, where it was written, or was there and moved on
	now          []timeline.Activity
}

// reads write the activity. A call was mostly heard of before; a mail never was, unless its job is done again.
func (e *entering) reads() ([]store.Read, error) {
	entry := e.t.entry(e.w.f)
	entry.Waiting = e.waits
	insert, err := entry.Inserting()
	if err != nil {
		return nil, err
	}
	e.id = entry.ID
	reads := []store.Read{query.Into(query.Text, insert.Add(" RETURNING id"), &e.fresh)}
	if e.t.Channel.Policy().Rings {
		reads = append(reads, e.before()...)
	}
	return reads, nil
}

// before move the activity on that is there, and read it.
func (e *entering) before() (reads []store.Read) {
	if e.t.Phase != timeline.Began {
		reads = append(reads, query.Into(query.Text, moving(*e.t, e.w.f, e.id).Add(" RETURNING id"), &e.moved))
	}
	return append(reads, query.Into(timeline.ScanLinks, query.New("SELECT "+timeline.Columns+", "+timeline.Links("a")+
		" FROM activity a WHERE a.channel = ? AND a.dedupe = ?", e.t.Channel, e.t.Key), &e.now))
}

// entered says what was written.
func (e *entering) entered() error {
	w := e.w
	w.created, w.waits = len(e.fresh) > 0, len(e.fresh) > 0 && e.waits
	w.ended = e.t.Phase == timeline.Ended && len(e.fresh)+len(e.moved) > 0
	if w.activity = e.id; w.created {
		return nil
	}
	if len(e.now) != 1 {
		return fmt.Errorf("activity of %s %s vanished", e.t.Channel, e.t.Key)
	}
	now := e.now[0]
	w.activity, w.links, w.several, e.t.At = now.ID, now.Entities, now.Several, now.At
	return nil
}

// moving moves on the activity of a touch that is another than the one just written.
func moving(t Touch, f match.Found, written string) *query.Builder {
	before := []string{string(timeline.Began)}
	if t.Phase == timeline.Ended {
		before = append(before, string(timeline.Answered))
	}
	const unless = "CASE WHEN CAST(? AS TEXT) = '' THEN %s ELSE CAST(? AS TEXT) END"
	user, source := t.user(f), t.Source
	return query.New("UPDATE activity SET phase = ?, seconds = ?, outcome = ?", t.Phase, t.Seconds, t.Outcome).
		Add(", user_id = "+fmt.Sprintf(unless, "user_id"), user, user).
		Add(", source = "+fmt.Sprintf(unless, "source"), source, source).
		Add(" WHERE channel = ? AND dedupe = ? AND id <> ? AND phase", t.Channel, t.Key, written).In(before)
}
