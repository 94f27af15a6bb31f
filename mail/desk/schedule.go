package desk

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"frontdesk/mail"
	"frontdesk/mail/letter"
	"frontdesk/mail/queue"
	"frontdesk/mail/team"
	"frontdesk/store"
	"frontdesk/store/query"
)

// Bounds of times that people say.
const (
	furthest = 366 * 24 * time.Hour
	mostUndo = 2 * time.Minute
)

var (
	// ErrTime is told of a time that is over, or more than a year away.
	ErrTime = errors.New("choose a time that is to come, within a year")
	// ErrGone is told of a mail that is no more to be taken back.
	ErrGone = errors.New("this mail is sent already")
)

// Sending is when a draft goes out.
type Sending struct {
	At     time.Time     // zero: after Undo
	Undo   time.Duration // how long it may be taken back
	Remind time.Time     // when its writer wants to know that nobody answered; zero: never
}

// Scheduled is a draft that goes out later.
type Scheduled struct {
	Draft   string        `json:"draft"` // id
	Version string        `json:"version"`
	Mailbox string        `json:"mailbox"` // id
	Thread  string        `json:"thread"`
	User    string        `json:"user"` // who sends it
	At      time.Time     `json:"at"`
	Undo    bool          `json:"undo"`   // it is sent: only the time to take it back runs
	Remind  *time.Time    `json:"remind"` // when its writer wants to know that nobody answered
	Problem string        `json:"problem" enum:",changed,recipients,sender,quota,size" doc:"Why it could not be sent: it waits for its writer"`
	To      []mail.Person `json:"to"`
	Subject string        `json:"subject"`
	Snippet string        `json:"snippet"`
}

// sendJob is the kind of the job that sends a draft when its time has come.
const sendJob = "mail.later"

type sending struct {
	Draft string `json:"draft"`
	At    int64  `json:"at"`
}

// Send sends a draft when s says so. It is sent by whichever node, whatever becomes of the browser. Its errors are
// those
// of queue.Queue.SendDraft, and ErrTime.
func (d *Desk) Send(ctx context.Context, user, draft, version string, s Sending) (time.Time, error) {
	now := time.Now()
	at := s.At
	if at.IsZero() {
		at = now.Add(min(max(s.Undo, 0), mostUndo))
	}
	if at.Before(now) || at.After(now.Add(furthest)) || !s.Remind.IsZero() && (s.Remind.Before(at) ||
		s.Remind.After(at.Add(furthest))) {
		return at, ErrTime
	}
	ready, err := d.queue.CheckDraft(ctx, user, draft, version)
	if err != nil {
		return at, err
	}
	err = d.db.Tx(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO mail_scheduled (draft, mailbox, user_id, version, send_at, undo, remind_at, problem, created_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, '', $8) ON CONFLICT (draft) DO UPDATE SET mailbox = excluded.mailbox, user_id = excluded.user_id,
			version = excluded.version, send_at = excluded.send_at, undo = excluded.undo, remind_at = excluded.remind_at, problem = ''`,
			draft, ready.Drafts(), user, version, store.Micros(at), s.At.IsZero(), micros(s.Remind), store.Micros(now))
		if err != nil {
			return err
		}
		if err := team.Answered(ctx, tx, user, draft); err != nil {
			return err
		}
		return store.Enqueue(ctx, tx, sendJob, sending{draft, store.Micros(at)}, store.JobOptions{At: at})
	})
	if err == nil {
		d.box.Changed(ready.Drafts())
	}
	return at, err
}

func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return store.Micros(t)
}

// TakeBack makes a draft of one of the user's mailboxes again of what was to be sent. ErrGone.
func (d *Desk) TakeBack(ctx context.Context, user, draft string) error {
	var mailbox string
	err := d.db.Tx(ctx, func(tx *store.Tx) error {
		if err := tx.QueryRow(ctx, `DELETE FROM mail_scheduled WHERE draft = $1 AND mailbox IN (SELECT mailbox FROM mailbox_user WHERE user_id = $2)
			RETURNING mailbox`, draft, user).Scan(&mailbox); err != nil {
			return err
		}
		return team.TakenBack(ctx, tx, draft)
	})
	if err = store.Found(err); errors.Is(err, store.ErrNotFound) {
		return ErrGone
	}
	if err == nil {
		d.box.Changed(mailbox)
	}
	return err
}

// Scheduled are the drafts of the user's mailboxes that go out later, the next first.
func (d *Desk) Scheduled(ctx context.Context, user string) ([]Scheduled, error) {
	q := query.New(`SELECT s.draft, s.version, s.mailbox, m.thread, s.user_id, s.send_at, s.undo, s.remind_at, s.problem, m.to_list, m.subject, m.snippet
		FROM mail_scheduled s JOIN mailbox_user u ON u.mailbox = s.mailbox AND u.user_id = ? JOIN mail_message m ON m.id = s.draft
		ORDER BY s.send_at, s.draft LIMIT 500`, user)
	return query.All(ctx, d.db, func(row store.Row) (s Scheduled, err error) {
		var at, remind int64
		var to string
		if err = row.Scan(&s.Draft, &s.Version, &s.Mailbox, &s.Thread, &s.User, &at, &s.Undo, &remind, &s.Problem,
			&to, &s.Subject,
			&s.Snippet); err != nil {
			return s, err
		}
		s.At = store.Time(at)
		if remind > 0 {
			t := store.Time(remind)
			s.Remind = &t
		}
		return s, json.Unmarshal([]byte(to), &s.To)
	}, q)
}

// due is a draft whose time has come.
type due struct {
	draft, mailbox, user, version string
	at, remind                    int64
}

// errTakenBack ends a sending whose row somebody took meanwhile.
var errTakenBack = errors.New("taken back")

// send is the job of a draft whose time has come. What another job is for, or nobody any more, is left alone.
func (d *Desk) send(ctx context.Context, job store.Job) error {
	var p sending
	if err := json.Unmarshal(job.Payload, &p); err != nil {
		return fmt.Errorf("%w: %w", store.ErrDead, err)
	}
	s := due{draft: p.Draft, at: p.At}
	err := d.db.QueryRow(ctx, `SELECT mailbox, user_id, version, remind_at FROM mail_scheduled WHERE draft = $1 AND send_at = $2 AND problem = ''`,
		s.draft, s.at).Scan(&s.mailbox, &s.user, &s.version, &s.remind)
	if err = store.Found(err); err != nil {
		return unless(err, store.ErrNotFound)
	}
	_, err = d.queue.SendDraft(ctx, s.user, s.draft, s.version, func(ctx context.Context, tx *store.Tx,
		r queue.Receipt) error {
		return d.sent(ctx, tx, s, r)
	})
	if err == nil || errors.Is(err, errTakenBack) {
		return nil
	}
	return d.unsent(ctx, s, err)
}

// sent does away with the row of a draft in the transaction that sends it.
func (d *Desk) sent(ctx context.Context, tx *store.Tx, s due, r queue.Receipt) error {
	result, err := tx.Exec(ctx, `DELETE FROM mail_scheduled WHERE draft = $1 AND send_at = $2`, s.draft, s.at)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n == 0 {
		return cmp.Or(err, errTakenBack)
	}
	if s.remind == 0 {
		return nil
	}
	return remindOf(ctx, tx, s.user, r.Copy.ID, store.Time(s.remind))
}

// unsent keeps why a draft can't be sent, for its writer; other trouble passes, and the job comes again. A draft that
// is
// gone, or in Trash, was not to be sent.
func (d *Desk) unsent(ctx context.Context, s due, why error) error {
	problem := ""
	switch {
	case errors.Is(why, mail.ErrNotFound):
	case errors.Is(why, mail.ErrChanged):
		problem = "changed"
	case errors.Is(why, letter.ErrRecipients):
		problem = "recipients"
	case errors.Is(why, mail.ErrNotOurs):
		problem = "sender"
	case errors.Is(why, mail.ErrQuota):
		problem = "quota"
	case errors.Is(why, mail.ErrTooBig):
		problem = "size"
	default:
		return why
	}
	_, err := d.db.Exec(ctx, `UPDATE mail_scheduled SET problem = $1 WHERE draft = $2 AND send_at = $3`, problem, s.draft, s.at)
	if err == nil {
		_, err = d.db.Exec(ctx, `DELETE FROM mail_scheduled WHERE draft = $1 AND send_at = $2 AND NOT EXISTS (SELECT 1 FROM mail_message m
			JOIN mail_folder f ON f.id = m.folder WHERE m.id = $1 AND f.special_use <> 'Trash')`, s.draft, s.at)
	}
	if err == nil {
		d.box.Changed(s.mailbox)
	}
	return err
}
