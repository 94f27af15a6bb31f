package crmcore

import (
	"context"

	"frontdesk/crmcore/record"
	"frontdesk/crmcore/timeline"
	"frontdesk/store"
	"frontdesk/store/query"
)

// writeMeeting brings the entry of a meeting up to date. Until it has ended, each touch tells anew what it is about and
// who is there; once it has, nothing changes any more. A meeting that never was about anything leaves no entry.
func writeMeeting(ctx context.Context, tx *store.Tx, t Touch, w *written) (err error) {
	if len(w.f.Thread) == 0 {
		known, err := meetingEntry(ctx, tx, t.Key)
		if err != nil || known.ID == "" {
			return err
		}
	}
	e := t.entry(w.f)
	if w.created, err = e.Insert(ctx, tx); err != nil {
		return err
	}
	n, err := query.Exec(ctx, tx, `UPDATE activity SET phase = $1, seconds = $2, outcome = $3, user_id = $4, title = $5, body = $6
		WHERE channel = $7 AND dedupe = $8 AND (phase <> $9 OR id = $10)`,
		t.Phase, t.Seconds, t.Outcome, e.User, e.Title, e.Body, timeline.Meeting, t.Key, timeline.Ended, e.ID)
	if err != nil {
		return err
	}
	now, err := meetingEntry(ctx, tx, t.Key)
	if err != nil {
		return err
	}
	w.activity, w.links, w.ended = now.ID, now.Entities, n == 1 && t.Phase == timeline.Ended
	if n == 0 || t.About == nil {
		return nil
	}
	w.links = record.Distinct(append(w.links, w.f.Thread...))
	if _, err := tx.Exec(ctx, "DELETE FROM activity_entity WHERE activity = $1", now.ID); err != nil {
		return err
	}
	return timeline.Link(ctx, tx, now.ID, now.At, w.f.Thread)
}

// meetingEntry is the entry of a meeting; without an id where there is none.
func meetingEntry(ctx context.Context, tx *store.Tx, key string) (timeline.Activity, error) {
	found, err := timeline.Read(ctx, tx, query.New("SELECT "+timeline.Columns+
		" FROM activity a WHERE a.channel = ? AND a.dedupe = ?", timeline.Meeting, key))
	if err != nil || len(found) == 0 {
		return timeline.Activity{}, err
	}
	return found[0], nil
}
