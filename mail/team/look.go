package team

import (
	"context"
	"errors"
	"time"

	"frontdesk/mail"
	"frontdesk/store"
	"frontdesk/store/query"
)

// What a tab does with a conversation.
const (
	Reading   = "reading"
	Answering = "answering"
)

// LookFor is how long a look holds that is not renewed: tabs say it again in half the time.
const LookFor = time.Minute

// Look is a user who has a conversation open.
type Look struct {
	User   string    `json:"user"`
	Thread string    `json:"thread"`
	Doing  string    `json:"doing" enum:"reading,answering"`
	Since  time.Time `json:"since"`
}

// Looks are who has which conversations of one of the user's mailboxes open. mail.ErrNotFound.
func (t *Team) Looks(ctx context.Context, user, mailbox string) ([]Look, error) {
	if _, err := t.members(ctx, user, mailbox); err != nil {
		return nil, err
	}
	return t.looks(ctx, mailbox, "")
}

// looks are those of a mailbox, or of one of its conversations; a user with several tabs counts once.
func (t *Team) looks(ctx context.Context, mailbox, thread string) ([]Look, error) {
	q := query.New(`SELECT user_id, thread, MIN(doing), MIN(since) FROM mail_look WHERE mailbox = ? AND until > ?`, mailbox,
		store.Micros(time.Now())) // answering comes before reading
	if thread != "" {
		q.Add(` AND thread = ?`, thread)
	}
	q.Add(` GROUP BY user_id, thread ORDER BY MIN(since), user_id LIMIT 500`)
	return query.All(ctx, t.db, func(row store.Row) (l Look, err error) {
		var since int64
		err = row.Scan(&l.User, &l.Thread, &l.Doing, &since)
		l.Since = store.Time(since)
		return l, err
	}, q)
}

// Look says what a tab of a user does with a conversation; it is said again while he does, and "" when no more. What he
// was told of it is read then.
func (t *Team) Look(ctx context.Context, user, tab string, at Thread, doing string) error {
	members, err := t.members(ctx, user, at.Mailbox)
	if err != nil {
		return err
	}
	if doing == "" {
		return t.Gone(ctx, user, tab)
	}
	var changed bool
	now := time.Now()
	err = t.db.Tx(ctx, func(tx *store.Tx) error {
		before := Look{}
		var mailbox string
		err := tx.QueryRow(ctx, `SELECT mailbox, thread, doing FROM mail_look WHERE user_id = $1 AND tab = $2 AND until > $3`, user, tab,
			store.Micros(now)).Scan(&mailbox, &before.Thread, &before.Doing)
		if err = store.Found(err); err != nil && !errors.Is(err, mail.ErrNotFound) {
			return err
		}
		changed = before.Thread != at.Thread || mailbox != at.Mailbox || before.Doing != doing
		if err := note(ctx, tx, user, tab, at, doing, changed, now); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `DELETE FROM mail_notice WHERE user_id = $1 AND mailbox = $2 AND thread = $3`, user, at.Mailbox, at.Thread)
		return err
	})
	if err == nil && changed {
		t.changed(members, at, "look")
	}
	return err
}

func note(ctx context.Context, tx *store.Tx, user, tab string, at Thread, doing string, fresh bool,
	now time.Time) error {
	until := store.Micros(now.Add(LookFor))
	if !fresh {
		_, err := tx.Exec(ctx, `UPDATE mail_look SET until = $1 WHERE user_id = $2 AND tab = $3`, until, user, tab)
		return err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM mail_look WHERE until < $1`, store.Micros(now.Add(-time.Hour))); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `INSERT INTO mail_look (user_id, tab, mailbox, thread, doing, since, until) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (user_id, tab) DO UPDATE SET mailbox = excluded.mailbox, thread = excluded.thread, doing = excluded.doing,
		since = excluded.since, until = excluded.until`, user, tab, at.Mailbox, at.Thread, doing, store.Micros(now), until)
	return err
}

// Gone ends what a tab looked at.
func (t *Team) Gone(ctx context.Context, user, tab string) error {
	var at Thread
	err := t.db.Tx(ctx, func(tx *store.Tx) error {
		return tx.QueryRow(ctx, `DELETE FROM mail_look WHERE user_id = $1 AND tab = $2 RETURNING mailbox, thread`, user, tab).
			Scan(&at.Mailbox, &at.Thread)
	})
	if err = store.Found(err); errors.Is(err, mail.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	members, err := t.members(ctx, user, at.Mailbox)
	if err == nil {
		t.changed(members, at, "look")
	}
	if errors.Is(err, mail.ErrNotFound) {
		return nil
	}
	return err
}

// Check fails with ErrOthers when a draft of a shared mailbox would be the second answer: a colleague began to answer
// before this user did and still does, or has sent one since.
func (t *Team) Check(ctx context.Context, user, draft string) error {
	var at Thread
	var others int
	err := t.db.QueryRow(ctx, `SELECT m.mailbox, m.thread, (SELECT count(*) FROM mailbox_user u WHERE u.mailbox = m.mailbox AND u.user_id <> $1)
		FROM mail_message m WHERE m.id = $2`, user, draft).Scan(&at.Mailbox, &at.Thread, &others)
	if err = store.Found(err); errors.Is(err, mail.ErrNotFound) || err == nil && others == 0 {
		return nil // what sends it says so
	}
	if err != nil {
		return err
	}
	now := store.Micros(time.Now())
	since, err := t.began(ctx, user, at, now)
	if err != nil {
		return err
	}
	var crossed bool
	err = t.db.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM mail_look WHERE mailbox = $1 AND thread = $2 AND user_id <> $3 AND doing = 'answering'
		AND until > $4 AND since < $5) OR EXISTS (SELECT 1 FROM mail_answered WHERE mailbox = $1 AND thread = $2 AND user_id <> $3 AND at > $6)`,
		at.Mailbox, at.Thread, user, now, since.looks, since.answers).Scan(&crossed)
	if err == nil && crossed {
		err = ErrOthers
	}
	return err
}

// began is since when others' looks and answers cross those of a user.
type began struct{ looks, answers int64 }

// began reads when a user began to answer; of who says nothing of it, others' answers count that came after what they
// answer.
func (t *Team) began(ctx context.Context, user string, at Thread, now int64) (b began, err error) {
	var mine, last int64
	err = t.db.QueryRow(ctx, `SELECT (SELECT coalesce(MIN(since), 0) FROM mail_look WHERE mailbox = $1 AND thread = $2 AND user_id = $3
		AND doing = 'answering' AND until > $4), (SELECT coalesce(MAX(received_at), 0) FROM mail_message WHERE mailbox = $1 AND thread = $2
		AND NOT outgoing AND NOT draft)`, at.Mailbox, at.Thread, user, now).Scan(&mine, &last)
	if mine > 0 {
		return began{looks: mine, answers: mine}, err
	}
	return began{looks: now, answers: last}, err
}

// Answered notes in the transaction that sends a mail, or schedules it, that a user did.
func Answered(ctx context.Context, tx *store.Tx, user, id string) error {
	_, err := tx.Exec(ctx, `INSERT INTO mail_answered (mail, mailbox, thread, user_id, at) SELECT m.id, m.mailbox, m.thread, CAST($1 AS TEXT), CAST($2 AS BIGINT) FROM mail_message m
		WHERE m.id = $3 AND EXISTS (SELECT 1 FROM mailbox_user u WHERE u.mailbox = m.mailbox AND u.user_id <> $1)
		ON CONFLICT (mail) DO UPDATE SET user_id = excluded.user_id, at = excluded.at`, user, store.Micros(time.Now()), id)
	return err
}

// TakenBack does away with the note of a mail that is a draft again.
func TakenBack(ctx context.Context, tx *store.Tx, draft string) error {
	_, err := tx.Exec(ctx, `DELETE FROM mail_answered WHERE mail = $1`, draft)
	return err
}
