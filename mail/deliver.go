package mail

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"frontdesk/mail/mime"
	"frontdesk/store"
)

// Deliver stores a message in its recipients' mailboxes, all or none: rows, UIDs, quota, thread and the CRM's job in
// one durable transaction. ErrQuota when one mailbox is full, ErrNoMailbox when one is gone. The refs come in no order.
func (b *Box) Deliver(ctx context.Context, d Delivery) ([]Ref, error) {
	if err := b.prepare(ctx, &d); err != nil {
		return nil, err
	}
	refs, err := b.arriving.store(d, b.commitBatch)
	if err != nil {
		b.Unclaimed(d.Blob)
		return nil, fmt.Errorf("deliver: %w", err)
	}
	b.delivered(d, refs)
	return refs, nil
}

// DeliverTx is Deliver as part of the caller's transaction; after its commit the caller calls Changed with the
// refs' mailboxes.
func (b *Box) DeliverTx(ctx context.Context, tx *store.Tx, d Delivery) ([]Ref, error) {
	if err := b.prepare(ctx, &d); err != nil {
		return nil, err
	}
	return b.deliverAll(ctx, tx, []Delivery{d}, leaveToAny)
}

func (b *Box) prepare(ctx context.Context, d *Delivery) (err error) {
	slices.SortFunc(d.To, func(x, y Recipient) int { return cmp.Compare(x.Mailbox, y.Mailbox) })
	d.To = slices.CompactFunc(d.To, func(x, y Recipient) bool { return x.Mailbox == y.Mailbox })
	if len(d.To) == 0 {
		return ErrNoMailbox
	}
	if d.Received.IsZero() {
		d.Received = time.Now()
	}
	if d.Parsed == nil {
		d.Parsed, err = b.Parse(ctx, d.Blob)
	}
	return err
}

// Parse reads a stored message.
func (b *Box) Parse(ctx context.Context, blob string) (*mime.Message, error) {
	r, err := b.blobs.Open(ctx, blob)
	if err != nil {
		return nil, fmt.Errorf("read message: %w", err)
	}
	defer r.Close()
	return mime.Parse(r)
}

func (b *Box) delivered(d Delivery, refs []Ref) {
	into := Inbox
	if d.Verdict.Junk {
		into = "Junk"
	}
	for _, ref := range refs {
		b.metrics.delivered.WithLabelValues(into).Inc()
		b.Changed(ref.Mailbox)
	}
}

// deliverAll stores deliveries in one transaction, locking the mailboxes in the order of their ids so that
// transactions that share some can't wait for each other in a circle.
func (b *Box) deliverAll(ctx context.Context, tx *store.Tx, list []Delivery,
	job leave) (refs []Ref, err error) {
	sizes := map[string]int64{}
	for _, d := range list {
		for _, to := range d.To {
			sizes[to.Mailbox] += d.Size
		}
	}
	for _, id := range slices.Sorted(maps.Keys(sizes)) {
		if err := reserve(ctx, tx, id, sizes[id]); err != nil {
			return nil, err
		}
	}
	var entries []entry
	for _, d := range list {
		for _, to := range d.To {
			entries = append(entries, d.entry(to))
		}
	}
	return b.insert(ctx, tx, entries, job)
}

func (d Delivery) entry(to Recipient) entry {
	e := entry{
		mailbox: to.Mailbox, folder: Inbox, blob: d.Blob, size: d.Size, parsed: d.Parsed, received: d.Received,
		verdict: d.Verdict, auto: d.Parsed.Auto || d.EnvelopeFrom == "", intake: !d.Verdict.Junk,
		envelopeFrom: d.EnvelopeFrom, envelopeTo: to.Address, helo: d.Helo, remoteIP: d.RemoteIP,
	}
	if d.Verdict.Junk {
		e.folder = "Junk"
	}
	return e
}

// commitTimeout bounds one delivering transaction.
const commitTimeout = time.Minute

// commitBatch stores all in one transaction; if that fails, each in its own, so that one can't fail the others.
func (b *Box) commitBatch(batch []*delivering) {
	b.metrics.batch.Observe(float64(len(batch)))
	if len(batch) > 1 && b.commitTogether(batch) == nil {
		return
	}
	for _, w := range batch {
		if w.err = b.commitTogether([]*delivering{w}); w.err != nil {
			w.refs = nil
		}
	}
}

func (b *Box) commitTogether(batch []*delivering) error {
	ctx, cancel := context.WithTimeout(store.As(context.Background(), store.Mail, ""), commitTimeout)
	defer cancel()
	list := make([]Delivery, len(batch))
	for i, w := range batch {
		list[i] = w.delivery
	}
	var refs []Ref
	var handed []func()
	hand := func(payload Intake) (store.Statement, error) {
		job, run, err := b.config.Jobs.Hand(IntakeJob, payload, store.JobOptions{})
		handed = append(handed, run)
		return job, err
	}
	err := b.db.Tx(ctx, func(tx *store.Tx) (err error) {
		handed = nil
		refs, err = b.deliverAll(ctx, tx, list, hand)
		return err
	})
	if err != nil {
		return err
	}
	for _, run := range handed {
		run()
	}
	for _, w := range batch { // deliverAll returns the refs in the order of the list
		n := len(w.delivery.To)
		w.refs, refs = refs[:n:n], refs[n:]
	}
	return nil
}
