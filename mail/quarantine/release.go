package quarantine

import (
	"context"
	"errors"
	"slices"
	"time"

	"frontdesk/mail"
	"frontdesk/store"
)

var (
	// ErrVirus: it has a virus, and whoever releases it has not said that he knows.
	ErrVirus = errors.New("the scanner found a virus in it: release it only if you know that it is harmless")
	// ErrGone: there is nobody to deliver it to.
	ErrGone = errors.New("the mailboxes that it was for are gone")
)

// Release delivers a mail to its recipients as if it came now and the filter had nothing against it; what was junk by
// the filter's judgement teaches it. anyway is the word of who releases it that he knows of the virus. ErrNotFound,
// ErrVirus, ErrGone.
func (k *Keeper) Release(ctx context.Context, id string, anyway bool) error {
	h, err := scan(k.db.QueryRow(ctx, columns+`WHERE id = $1`, id))
	if err != nil {
		return store.Found(err)
	}
	if h.Cause == mail.Virus && !anyway {
		return ErrVirus
	}
	d := h.delivery
	if d.To, err = k.there(ctx, d.To); err != nil {
		return err
	}
	if d.Parsed, err = k.box.Parse(ctx, d.Blob); err != nil {
		return err
	}
	d.Received, d.Verdict.Junk = time.Now(), false
	d.Verdict.Reasons = append([]string{"an administrator released it from quarantine"}, d.Verdict.Reasons...)
	var refs []mail.Ref
	err = k.db.Tx(ctx, func(tx *store.Tx) (err error) {
		blob, err := take(ctx, tx, id)
		if err != nil {
			return err
		}
		if h.Cause == mail.Spam {
			if err := store.Enqueue(ctx, tx, mail.TrainJob, mail.Lesson{Blob: blob}, store.JobOptions{}); err != nil {
				return err
			}
		}
		refs, err = k.box.DeliverTx(ctx, tx, d)
		return err
	})
	for _, ref := range refs {
		k.box.Changed(ref.Mailbox)
	}
	return err
}

// there are the recipients whose mailboxes still exist.
func (k *Keeper) there(ctx context.Context, to []mail.Recipient) ([]mail.Recipient, error) {
	all, err := k.box.Mailboxes(ctx)
	if err != nil {
		return nil, err
	}
	to = slices.DeleteFunc(to, func(r mail.Recipient) bool {
		return !slices.ContainsFunc(all, func(m mail.Mailbox) bool { return m.ID == r.Mailbox })
	})
	if len(to) == 0 {
		return nil, ErrGone
	}
	return to, nil
}
