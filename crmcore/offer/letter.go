package offer

import (
	"context"
	"errors"

	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/store"
	"frontdesk/store/query"
)

// Goes notes that a mail, known by its Message-ID, is to take a document to the client: one is sent when the mail is.
// An invoice has to be issued first.
func (o *Offers) Goes(ctx context.Context, actor people.User, id, message string) error {
	return o.write(ctx, func(tx *store.Tx) (string, error) {
		one, err := hold(ctx, tx, actor, id)
		if err == nil && one.Kind == Invoice && one.State == Draft {
			err = ErrState
		}
		if err != nil {
			return "", err
		}
		_, err = tx.Exec(ctx, `INSERT INTO offer_letter (message_id, offer, user_id, at) VALUES ($1, $2, $3, $4)
			ON CONFLICT (message_id) DO UPDATE SET offer = excluded.offer, user_id = excluded.user_id, at = excluded.at`,
			message, id, actor.ID, store.Micros(o.now()))
		return one.Deal, err
	})
}

// Gone is a document that went out with a mail.
type Gone struct {
	Deal string
	User string // who sent it
}

// Went marks the document that a mail took as sent, once, however often it is told, and gives its deal each time; nil:
// the mail took none. One that was deleted, or whose deal was, is left alone.
func (o *Offers) Went(ctx context.Context, message string) (gone *Gone, err error) {
	if message == "" {
		return nil, nil
	}
	err = o.db.Tx(ctx, func(tx *store.Tx) error {
		var id string
		var g Gone
		err := store.Found(tx.QueryRow(ctx, `SELECT l.offer, l.user_id, o.deal FROM offer_letter l
			JOIN offer o ON o.id = l.offer JOIN deal d ON d.id = o.deal WHERE l.message_id = $1`, message).
			Scan(&id, &g.User, &g.Deal))
		if errors.Is(err, store.ErrNotFound) {
			gone = nil
			return nil
		}
		if err != nil {
			return err
		}
		gone = &g
		return o.went(ctx, tx, message, id, g.User)
	})
	if err == nil && gone != nil {
		o.changed(ctx, []record.Ref{record.Deal.Ref(gone.Deal)})
	}
	return gone, err
}

func (o *Offers) went(ctx context.Context, tx *store.Tx, message, id, user string) error {
	sender := people.System()
	sender.ID = user
	one, err := hold(ctx, tx, sender, id)
	if err != nil {
		return err
	}
	n, err := query.Exec(ctx, tx, "UPDATE offer_letter SET at = 0 WHERE message_id = $1 AND at > 0", message)
	if err != nil || n == 0 {
		return err
	}
	if one.State == Draft {
		return o.put(ctx, tx, sender, one, Sent, "")
	}
	if one.SentAt.IsZero() {
		one.SentAt = o.now()
		if err := o.keep(ctx, tx, one); err != nil {
			return err
		}
	}
	return tell(ctx, tx, sender, one, "sent")
}
