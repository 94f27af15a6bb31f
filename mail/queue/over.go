package queue

import (
	"context"
	"errors"
	"fmt"
	netmail "net/mail"
	"strings"

	"frontdesk/mail"
	"frontdesk/mail/limit"
	"frontdesk/store"
)

// overLimit tells the administrators, once a day, that a user came to his limit: somebody else may have his password.
func (q *Queue) overLimit(ctx context.Context, user string, err error) {
	var over *limit.Over
	if !errors.As(err, &over) {
		return
	}
	q.log.Warn("a user came to the limit of sending", "user", user, "day", over.Today)
	first, err := q.config.Limits.First(ctx, user)
	if err == nil && first {
		err = q.warn(ctx, user, over)
	}
	if err != nil {
		q.log.Error("tell the administrators of a limit", "user", user, "err", err)
	}
}

// warn writes to whoever runs this server.
func (q *Queue) warn(ctx context.Context, user string, over *limit.Over) error {
	boxes, err := q.box.Postmaster(ctx)
	if errors.Is(err, mail.ErrNoMailbox) {
		return nil // the page of settings shows it all the same
	} else if err != nil {
		return err
	}
	who := user
	if own, err := q.box.Own(ctx, user); err == nil {
		who = own.Address
	}
	var to []string
	for _, box := range boxes {
		to = append(to, box.Address)
	}
	_, domain, _ := strings.Cut(to[0], "@")
	from := netmail.Address{Name: "Frontdesk", Address: "postmaster@" + domain}
	raw := fmt.Sprintf(
		"From: %s\r\nTo: %s\r\nSubject: %s has come to the limit of sending\r\nAuto-Submitted: auto-generated\r\n"+
			"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"+
			"%s has come to the limit of sending (%d recipients in a minute, %d in 24 hours; 0: any number), "+
			"and sends no more until that time is over.\r\n\r\n"+
			"If these mails are not meant, somebody else has the password: "+
			"set a new one, and revoke the passwords of mail programs.\r\n"+
			"If they are, raise the limit: Settings, Mail, Limits of sending.\r\n", &from, strings.Join(to, ", "), who,
		who, over.Rule.Minute, over.Rule.Day)
	p, err := q.prepare(ctx, Envelope{To: to}, []byte(raw))
	if err != nil {
		return err
	}
	if err := q.db.Tx(ctx, func(tx *store.Tx) error { return q.insert(ctx, tx, p) }); err != nil {
		return err
	}
	q.accepted(p)
	return nil
}
