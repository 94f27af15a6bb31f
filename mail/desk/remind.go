package desk

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	gomail "github.com/emersion/go-message/mail"

	"frontdesk/mail"
	"frontdesk/mail/letter"
	"frontdesk/mail/queue"
	"frontdesk/store"
)

// remindJob is the kind of the job that looks whether a mail was answered.
const remindJob = "mail.remind"

type reminding struct {
	Message string `json:"message"`
	Due     int64  `json:"due"`
}

// remindOf notes that the writer of a mail wants to know by a time that nobody answered.
func remindOf(ctx context.Context, tx *store.Tx, user, message string, at time.Time) error {
	_, err := tx.Exec(ctx, `INSERT INTO mail_reminder (message, user_id, due_at) VALUES ($1, $2, $3)
		ON CONFLICT (message) DO UPDATE SET user_id = excluded.user_id, due_at = excluded.due_at`, message, user, store.Micros(at))
	if err != nil {
		return err
	}
	return store.Enqueue(ctx, tx, remindJob, reminding{message, store.Micros(at)}, store.JobOptions{At: at})
}

// unanswered is a mail of ours that somebody waits for an answer to.
type unanswered struct {
	id, user, mailbox, thread, messageID, from, subject, to string
	received                                                int64
}

// remind is the job that looks whether a mail was answered by its time; if not, a notice joins the conversation in its
// writer's inbox.
func (d *Desk) remind(ctx context.Context, job store.Job) error {
	var p reminding
	if err := json.Unmarshal(job.Payload, &p); err != nil {
		return fmt.Errorf("%w: %w", store.ErrDead, err)
	}
	m := unanswered{id: p.Message}
	err := d.db.QueryRow(ctx, `SELECT r.user_id, m.mailbox, m.thread, m.message_id, b.address, m.subject, m.to_list, m.received_at FROM mail_reminder r
		JOIN mail_message m ON m.id = r.message JOIN mailbox b ON b.id = m.mailbox WHERE r.message = $1 AND r.due_at = $2`, p.Message, p.Due).
		Scan(&m.user, &m.mailbox, &m.thread, &m.messageID, &m.from, &m.subject, &m.to, &m.received)
	if err = store.Found(err); err != nil {
		return unless(err, store.ErrNotFound) // it was answered, or is deleted
	}
	var answered bool
	err = d.db.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM mail_message WHERE mailbox = $1 AND thread = $2 AND received_at > $3
		AND NOT outgoing AND NOT auto AND NOT draft)`, m.mailbox, m.thread, m.received).Scan(&answered)
	if err == nil && !answered {
		err = d.notice(ctx, m)
	}
	if err != nil {
		return err
	}
	_, err = d.db.Exec(ctx, `DELETE FROM mail_reminder WHERE message = $1 AND due_at = $2`, p.Message, p.Due)
	return err
}

// notice tells by a mail that nobody answered: every mail program shows it, in the conversation.
func (d *Desk) notice(ctx context.Context, m unanswered) error {
	domain := m.from[strings.LastIndexByte(m.from, '@')+1:]
	words := noticeIn(d.config.Language(ctx, m.user))
	h := letter.Begin("unanswered-"+m.id+"@"+domain, gomail.Address{Name: "Frontdesk", Address: m.from},
		words.subject+m.subject)
	h.SetAddressList("To", []*gomail.Address{{Address: m.from}})
	h.SetMsgIDList("In-Reply-To", []string{m.messageID})
	h.SetMsgIDList("References", []string{m.messageID})
	h.Set("Auto-Submitted", "auto-generated")
	var to []mail.Person
	if err := json.Unmarshal([]byte(m.to), &to); err != nil {
		return err
	}
	names := make([]string, len(to))
	for i, p := range to {
		names[i] = p.Name
		if p.Name == "" {
			names[i] = p.Address
		}
	}
	raw, err := letter.Write(h, fmt.Sprintf(words.text, strings.Join(names, ", "), m.subject), "", nil)
	if err != nil {
		return err
	}
	_, err = d.queue.Submit(ctx, queue.Envelope{To: []string{m.from}}, bytes.NewReader(raw))
	return err
}

type noticeWords struct{ subject, text string }

// noticeIn are the words of a notice in a user's language, English where there are none.
func noticeIn(language string) noticeWords {
	switch language {
	case "ro":
		return noticeWords{"Fără răspuns: ",
			"Nimeni nu a răspuns încă la mailul dumneavoastră.\n\nCătre: %s\nSubiect: %s\n"}
	case "ru":
		return noticeWords{"Нет ответа: ", "На ваше письмо пока никто не ответил.\n\nКому: %s\nТема: %s\n"}
	}
	return noticeWords{"No answer: ", "Nobody has answered your mail yet.\n\nTo: %s\nSubject: %s\n"}
}
