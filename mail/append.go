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
	Verdict  Verdict
	Outgoing bool // sent by us
	Intake   bool // tell the CRM
	Past     bool // it came long ago: the CRM makes nothing of it that nobody has yet

	Recipients []string // of what was sent; nil: those it names
}

// Append stores a message. ErrNotFound when there is no such folder, ErrQuota.
func (b *Box) Append(ctx context.Context, a Addition) (ref Ref, err error) {
	err = b.db.Tx(ctx, func(tx *store.Tx) error {
		ref, err = b.AppendTx(ctx, tx, a)
		return err
	})
	if err != nil {
		b.Unclaimed(a.Blob)
		return ref, fmt.Errorf("append: %w", err)
	}
	b.Changed(a.Mailbox)
	return ref, nil
}

// AppendTx is Append as part of the caller's transaction, who calls Changed after its commit. Set Parsed, or the blob
// is read while the transaction is open.
func (b *Box) AppendTx(ctx context.Context, tx *store.Tx, a Addition) (Ref, error) {
	refs, err := b.AppendAllTx(ctx, tx, []Addition{a})
	if err != nil {
		return Ref{}, err
	}
	return refs[0], nil
}

// AppendAllTx is AppendTx for several of one mailbox; the refs come in their order.
func (b *Box) AppendAllTx(ctx context.Context, tx *store.Tx, list []Addition) (refs []Ref, err error) {
	entries := make([]entry, len(list))
	var size int64
	for i, a := range list {
		if entries[i], err = b.addition(ctx, a); err != nil {
			return nil, err
		}
		size += a.Size
	}
	if err := reserve(ctx, tx, list[0].Mailbox, size); err != nil {
		return nil, err
	}
	return b.insert(ctx, tx, entries, leaveToAny)
}

func (b *Box) addition(ctx context.Context, a Addition) (e entry, err error) {
	if a.Parsed == nil {
		if a.Parsed, err = b.Parse(ctx, a.Blob); err != nil {
			return e, err
		}
	}
	if a.Received.IsZero() {
		a.Received = time.Now()
	}
	if a.Folder, err = folderName(a.Folder); err != nil {
		return e, err
	}
	return entry{
		mailbox: a.Mailbox, folder: a.Folder, blob: a.Blob, size: a.Size, parsed: a.Parsed, received: a.Received,
		flags: a.Flags, outgoing: a.Outgoing, auto: a.Parsed.Auto, intake: a.Intake, past: a.Past,
		recipients: a.Recipients, verdict: a.Verdict,
	}, nil
}
