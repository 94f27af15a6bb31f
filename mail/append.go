package mail

import (
	"context"
	"fmt"
	"time"

	"frontdesk/mail/mime"
	"frontdesk/store"
)

// Addition is a message that a user stores: a copy of what was sent, a draft, an IMAP APPEND.
type Addition struct {
	Mailbox  string // id
	Folder   string // name
	Blob     string
	Size     int64
	Parsed   *mime.Message // nil: Append reads the blob
	Received time.Time     // INTERNALDATE; zero: now
	Flags    Flags
	Outgoing bool // sent by us
	Intake   bool // tell the CRM

	Recipients []string // of what was sent; nil: those it names
}

// Append stores a message. ErrNotFound when there is no such folder, ErrQuota.
func (b *Box) Append(ctx context.Context, a Addition) (ref Ref, err error) {
	err = b.db.Tx(ctx, func(tx *store.Tx) error {
		ref, err = b.AppendTx(ctx, tx, a)
		return err
	})
	if err != nil {
		b.unclaimed(a.Blob)
		return ref, fmt.Errorf("append: %w", err)
	}
	b.Changed(a.Mailbox)
	return ref, nil
}

// AppendTx is Append as part of the caller's transaction, who calls Changed after its commit. Set Parsed, or the blob is
// read while the transaction is open.
func (b *Box) AppendTx(ctx context.Context, tx *store.Tx, a Addition) (ref Ref, err error) {
	if a.Parsed == nil {
		if a.Parsed, err = b.parse(ctx, a.Blob); err != nil {
			return ref, err
		}
	}
	if a.Received.IsZero() {
		a.Received = time.Now()
	}
	if a.Folder, err = folderName(a.Folder); err != nil {
		return ref, err
	}
	if err := reserve(ctx, tx, a.Mailbox, a.Size); err != nil {
		return ref, err
	}
	refs, err := b.insert(ctx, tx, []entry{{
		mailbox: a.Mailbox, folder: a.Folder, blob: a.Blob, size: a.Size, parsed: a.Parsed, received: a.Received,
		flags: a.Flags, outgoing: a.Outgoing, auto: a.Parsed.Auto, intake: a.Intake, recipients: a.Recipients,
	}}, leaveToAny)
	if err != nil {
		return ref, err
	}
	return refs[0], nil
}
