package desk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"frontdesk/mail"
	"frontdesk/store"
	"frontdesk/store/query"
)

// SnoozedFolder is where conversations are until they come back.
const SnoozedFolder = "Snoozed"

// wakeJob is the kind of the job that brings a conversation back.
const wakeJob = "mail.wake"

type waking struct {
	ThreadRef
	Until int64 `json:"until"`
}

// Snooze takes conversations of the user's out of the inbox until a time, and tells where their messages were. ErrTime.
func (d *Desk) Snooze(ctx context.Context, user string, list []ThreadRef, until time.Time) (were []Place, err error) {
	if now := time.Now(); until.Before(now) || until.After(now.Add(furthest)) {
		return nil, ErrTime
	}
	for _, c := range list {
		moved, err := d.snooze(ctx, user, c, until)
		if err != nil {
			return were, err
		}
		were = append(were, moved...)
	}
	return were, nil
}

// snooze notes first when a conversation comes back: should this node end between, it does so all the same.
func (d *Desk) snooze(ctx context.Context, user string, c ThreadRef, until time.Time) ([]Place, error) {
	own, err := d.reads(ctx, user, c.Mailbox)
	if err != nil || !own {
		return nil, err
	}
	inbox, err := d.box.Folder(ctx, c.Mailbox, mail.Inbox)
	if err != nil {
		return nil, err
	}
	to, err := d.snoozed(ctx, c.Mailbox)
	if err != nil {
		return nil, err
	}
	err = d.db.Tx(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO mail_snoozed (mailbox, thread, until) VALUES ($1, $2, $3)
			ON CONFLICT (mailbox, thread) DO UPDATE SET until = excluded.until`, c.Mailbox, c.Thread, store.Micros(until))
		if err != nil {
			return err
		}
		return store.Enqueue(ctx, tx, wakeJob, waking{c, store.Micros(until)}, store.JobOptions{At: until})
	})
	if err != nil {
		return nil, err
	}
	return d.Do(ctx, user, []ThreadRef{c}, Act{From: inbox.ID, Folder: to.ID})
}

// snoozed is the folder of a mailbox that they are in.
func (d *Desk) snoozed(ctx context.Context, mailbox string) (mail.Folder, error) {
	f, err := d.box.Folder(ctx, mailbox, SnoozedFolder)
	if !errors.Is(err, mail.ErrNotFound) {
		return f, err
	}
	if f, err = d.box.CreateFolder(ctx, mailbox, SnoozedFolder); errors.Is(err, mail.ErrExists) { // another was faster
		return d.box.Folder(ctx, mailbox, SnoozedFolder)
	}
	return f, err
}

// wake is the job of a conversation whose time has come: it is unread in the inbox again. What was snoozed anew has
// another job; what somebody moved elsewhere stays there.
func (d *Desk) wake(ctx context.Context, job store.Job) error {
	var p waking
	if err := json.Unmarshal(job.Payload, &p); err != nil {
		return fmt.Errorf("%w: %w", store.ErrDead, err)
	}
	var one int
	err := d.db.QueryRow(ctx, `SELECT 1 FROM mail_snoozed WHERE mailbox = $1 AND thread = $2 AND until = $3`, p.Mailbox, p.Thread,
		p.Until).Scan(&one)
	if err = store.Found(err); err != nil {
		return unless(err, store.ErrNotFound)
	}
	if err := d.back(ctx, p.ThreadRef); err != nil {
		return unless(err, mail.ErrNotFound) // of a folder that is gone
	}
	_, err = d.db.Exec(ctx, `DELETE FROM mail_snoozed WHERE mailbox = $1 AND thread = $2 AND until = $3`, p.Mailbox, p.Thread, p.Until)
	return err
}

func (d *Desk) back(ctx context.Context, c ThreadRef) error {
	from, err := d.box.Folder(ctx, c.Mailbox, SnoozedFolder)
	if err != nil {
		return err
	}
	to, err := d.box.Folder(ctx, c.Mailbox, mail.Inbox)
	if err != nil {
		return err
	}
	q := query.New(`SELECT uid FROM mail_message WHERE mailbox = ? AND thread = ? AND folder = ?`, c.Mailbox, c.Thread, from.ID)
	uids, err := query.All(ctx, d.db, func(row store.Row) (uid uint32, err error) { return uid, row.Scan(&uid) }, q)
	if err != nil || len(uids) == 0 {
		return err
	}
	if _, err := d.box.ChangeFlags(ctx, from, uids, mail.RemoveFlags, mail.Flags{Seen: true}); err != nil {
		return err
	}
	_, err = d.box.MoveUIDs(ctx, from, uids, to)
	return err
}
