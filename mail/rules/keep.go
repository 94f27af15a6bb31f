package rules

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"

	"frontdesk/mail"
	"frontdesk/mail/queue"
	"frontdesk/store"
	"frontdesk/store/query"
)

// Sorter keeps and follows rules. It is safe for concurrent use by any number of nodes on one database.
type Sorter struct {
	db    *store.DB
	box   *mail.Box
	queue *queue.Queue
	log   *slog.Logger
}

// New makes a sorter over a migrated database.
func New(db *store.DB, box *mail.Box, out *queue.Queue, log *slog.Logger) *Sorter {
	return &Sorter{db: db, box: box, queue: out, log: log}
}

// own fails with mail.ErrNoMailbox when a mailbox isn't the user's.
func (s *Sorter) own(ctx context.Context, user, mailbox string) error {
	var own bool
	err := s.db.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM mailbox_user WHERE mailbox = $1 AND user_id = $2)`, mailbox,
		user).Scan(&own)
	if err == nil && !own {
		err = mail.ErrNoMailbox
	}
	return err
}

// Rules of one of the user's mailboxes, in their order. mail.ErrNoMailbox.
func (s *Sorter) Rules(ctx context.Context, user, mailbox string) ([]Rule, error) {
	if err := s.own(ctx, user, mailbox); err != nil {
		return nil, err
	}
	byMailbox, err := s.rules(ctx, []string{mailbox})
	return byMailbox[mailbox], err
}

// rules of mailboxes.
func (s *Sorter) rules(ctx context.Context, mailboxes []string) (map[string][]Rule, error) {
	type row struct{ mailbox, rule string }
	q := query.New(`SELECT mailbox, rule FROM mail_rule WHERE mailbox`).In(mailboxes).Add(` ORDER BY mailbox, position`)
	rows, err := query.All(ctx, s.db, func(r store.Row) (x row, err error) { return x, r.Scan(&x.mailbox, &x.rule) }, q)
	list := map[string][]Rule{}
	for _, x := range rows {
		var r Rule
		if err := json.Unmarshal([]byte(x.rule), &r); err != nil {
			return nil, fmt.Errorf("rule of %s: %w", x.mailbox, err)
		}
		list[x.mailbox] = append(list[x.mailbox], r)
	}
	return list, err
}

// SaveRules sets the rules of one of the user's mailboxes, in their order. mail.ErrNoMailbox, mail.ErrInvalid.
func (s *Sorter) SaveRules(ctx context.Context, user, mailbox string, list []Rule) error {
	if err := s.own(ctx, user, mailbox); err != nil {
		return err
	}
	if len(list) > maxRules {
		return mail.ErrInvalid
	}
	texts := make([]string, len(list))
	for i, r := range list {
		if err := r.check(); err != nil {
			return err
		}
		text, err := json.Marshal(r)
		if err != nil {
			return err
		}
		texts[i] = string(text)
	}
	return s.db.Tx(ctx, func(tx *store.Tx) error {
		if _, err := tx.Exec(ctx, `DELETE FROM mail_rule WHERE mailbox = $1`, mailbox); err != nil {
			return err
		}
		for i, text := range texts {
			if _, err := tx.Exec(ctx, `INSERT INTO mail_rule (mailbox, position, rule) VALUES ($1, $2, $3)`, mailbox, i, text); err != nil {
				return err
			}
		}
		return nil
	})
}

// Away of one of the user's mailboxes; the zero value where none is kept. mail.ErrNoMailbox.
func (s *Sorter) Away(ctx context.Context, user, mailbox string) (a Away, err error) {
	if err := s.own(ctx, user, mailbox); err != nil {
		return a, err
	}
	all, err := s.away(ctx, []string{mailbox})
	return all[mailbox], err
}

func (s *Sorter) away(ctx context.Context, mailboxes []string) (map[string]Away, error) {
	type row struct{ mailbox, away string }
	q := query.New(`SELECT mailbox, away FROM mail_away WHERE mailbox`).In(mailboxes)
	rows, err := query.All(ctx, s.db, func(r store.Row) (x row, err error) { return x, r.Scan(&x.mailbox, &x.away) }, q)
	all := map[string]Away{}
	for _, x := range rows {
		var a Away
		if err := json.Unmarshal([]byte(x.away), &a); err != nil {
			return nil, fmt.Errorf("away of %s: %w", x.mailbox, err)
		}
		all[x.mailbox] = a
	}
	return all, err
}

// SaveAway sets the answers of one of the user's mailboxes. Who had one before may have the new one. mail.ErrNoMailbox,
// mail.ErrInvalid.
func (s *Sorter) SaveAway(ctx context.Context, user, mailbox string, a Away) error {
	if err := s.own(ctx, user, mailbox); err != nil {
		return err
	}
	if err := a.check(); err != nil {
		return err
	}
	text, err := json.Marshal(a)
	if err != nil {
		return err
	}
	return s.db.Tx(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO mail_away (mailbox, away) VALUES ($1, $2)
			ON CONFLICT (mailbox) DO UPDATE SET away = excluded.away`, mailbox, string(text))
		if err == nil {
			_, err = tx.Exec(ctx, `DELETE FROM mail_away_told WHERE mailbox = $1`, mailbox)
		}
		return err
	})
}
