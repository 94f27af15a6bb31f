package mail

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"frontdesk/mail/mime"
	"frontdesk/store"
)

// Ref names a stored message.
type Ref struct {
	ID       string
	Mailbox  string // id
	Folder   string // id
	Validity uint32 // UIDVALIDITY of the folder
	UID      uint32
}

// Recipient is one mailbox of a delivery.
type Recipient struct {
	Mailbox string // id, from Resolve
	Address string // as the peer gave it, with its plus-tag
}

// Delivery is a message that arrived. Its blob is stored already.
type Delivery struct {
	To           []Recipient // the same mailbox twice gets one copy
	Blob         string      // the whole message, trace headers on top
	Size         int64
	Parsed       *mime.Message // nil: Deliver reads the blob
	Verdict      Verdict       // Junk goes to the folder Junk and is not told to the CRM
	EnvelopeFrom string        // "" is the null return-path: the message counts as automatic
	Helo         string
	RemoteIP     string
	Received     time.Time // zero: now
}

// Deliver stores a message in its recipients' mailboxes, all or none: rows, UIDs, quota, thread and the CRM's job in
// one durable transaction. ErrQuota when one mailbox is full, ErrNoMailbox when one is gone. The refs come in no order.
func (b *Box) Deliver(ctx context.Context, d Delivery) ([]Ref, error) {
	if err := b.prepare(ctx, &d); err != nil {
		return nil, err
	}
	refs, err := b.deliver.commit(d)
	if err != nil {
		b.unclaimed(d.Blob)
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
	return b.deliverAll(ctx, tx, []Delivery{d})
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
		d.Parsed, err = b.parse(ctx, d.Blob)
	}
	return err
}

func (b *Box) parse(ctx context.Context, blob string) (*mime.Message, error) {
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
func (b *Box) deliverAll(ctx context.Context, tx *store.Tx, list []Delivery) (refs []Ref, err error) {
	sizes := map[string]int64{}
	for _, d := range list {
		for _, to := range d.To {
			sizes[to.Mailbox] += d.Size
		}
	}
	for _, id := range sortedKeys(sizes) {
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
	return b.insert(ctx, tx, entries)
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
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

// AppendTx is Append as part of the caller's transaction, who calls Changed after its commit. Set Parsed, or the blob is read while the transaction is open.
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
	}})
	if err != nil {
		return ref, err
	}
	return refs[0], nil
}

// entry is a row of mail_message in the making.
type entry struct {
	id                                       string // "": a new one
	mailbox, folder                          string // id; name
	blob                                     string
	size                                     int64
	parsed                                   *mime.Message
	received                                 time.Time
	flags                                    Flags
	outgoing, auto, intake                   bool
	recipients                               []string // of a mail of ours; nil: those it names
	verdict                                  Verdict
	envelopeFrom, envelopeTo, helo, remoteIP string
}

// insert stores entries in a transaction that has reserved their sizes, and returns their refs in the same order.
func (b *Box) insert(ctx context.Context, tx *store.Tx, entries []entry) ([]Ref, error) {
	places, err := number(ctx, tx, entries)
	if err != nil {
		return nil, err
	}
	threads, todo, err := joinThreads(ctx, tx, entries)
	if err != nil {
		return nil, err
	}
	refs, blobs := make([]Ref, len(entries)), make([]string, len(entries))
	for i, e := range entries {
		refs[i], blobs[i] = places[i].Ref, e.blob
		written, err := e.statements(places[i], threads[i])
		if err != nil {
			return nil, err
		}
		todo = append(todo, written...)
	}
	if err := tx.ExecAll(ctx, todo); err != nil {
		return nil, fmt.Errorf("write message: %w", err)
	}
	return refs, b.keep(ctx, tx, blobs)
}

// place is where an entry goes.
type place struct {
	Ref
	modseq int64
}

// number gives each entry the next UID of its folder. The folders' rows stay locked until the commit, so UIDs become
// visible in the order they were given out (RFC 9051 section 2.3.1.1).
func number(ctx context.Context, tx *store.Tx, entries []entry) ([]place, error) {
	folders := map[string][]int{} // entries by folder
	for i, e := range entries {
		key := e.mailbox + "/" + e.folder
		folders[key] = append(folders[key], i)
	}
	places := make([]place, len(entries))
	for _, key := range sortedKeys(folders) {
		if err := numberFolder(ctx, tx, entries, folders[key], places); err != nil {
			return nil, err
		}
	}
	return places, nil
}

// numberFolder numbers those of the entries that go into one folder.
func numberFolder(ctx context.Context, tx *store.Tx, entries []entry, which []int, places []place) error {
	unseen := 0
	for _, i := range which {
		unseen += count(!entries[i].flags.Seen)
	}
	first := entries[which[0]]
	p := place{Ref: Ref{Mailbox: first.mailbox}}
	err := tx.QueryRow(ctx, `UPDATE mail_folder SET uid_next = uid_next + $1, modseq = modseq + $1, total = total + $1, unseen = unseen + $2
		WHERE mailbox = $3 AND name = $4 RETURNING id, uid_next - $1, uid_validity, modseq - $1`, len(which), unseen, first.mailbox, first.folder).
		Scan(&p.Folder, &p.UID, &p.Validity, &p.modseq)
	for _, i := range which {
		p.ID, p.modseq = cmp.Or(entries[i].id, store.NewID()), p.modseq+1
		places[i] = p
		p.UID++
	}
	return found(err)
}

func count(is bool) int {
	if is {
		return 1
	}
	return 0
}

// statements write the entry's message, and the CRM's job where it is to hear of it.
func (e entry) statements(at place, thread string) ([]store.Statement, error) {
	message, err := e.message(at, thread)
	todo := append(keepHead(e.blob, e.parsed), message)
	if err != nil || !e.intake {
		return todo, err
	}
	telling := tellingOf(e.parsed)
	job, err := store.Enqueuing(IntakeJob, Intake{Message: at.ID, Mailbox: at.Mailbox, Blob: e.blob, Telling: &telling},
		store.JobOptions{})
	return append(todo, job), err
}

func (e entry) message(at place, thread string) (store.Statement, error) {
	verdict, err := json.Marshal(e.verdict)
	m := e.parsed
	to, errTo := people(m.To)
	cc, errCc := people(m.Cc)
	if err := errors.Join(err, errTo, errCc); err != nil {
		return store.Statement{}, err
	}
	from := author(m)
	subject, snippet := text(m.Subject, 1000), text(m.Snippet, 500)
	return store.Statement{Query: `INSERT INTO mail_message (id, mailbox, folder, uid, modseq, thread, blob, size, received_at, sent_at, message_id,
		from_name, from_address, to_list, cc_list, subject, snippet, search, seen, flagged, answered, draft, deleted, keywords,
		outgoing, auto, attachments, junk, verdict, envelope_from, envelope_to, helo, remote_ip) VALUES
		($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33)`, Args: []any{
		at.ID, at.Mailbox, at.Folder, at.UID, at.modseq, thread, e.blob, e.size, store.Micros(e.received),
		sentAt(m.Date), text(m.MessageID, maxID),
		text(from.Name, 200), text(strings.ToLower(from.Address), 320), to, cc, subject, snippet,
		searchText(from, m, subject, snippet),
		e.flags.Seen, e.flags.Flagged, e.flags.Answered, e.flags.Draft, e.flags.Deleted, keywords(e.flags.Keywords),
		e.outgoing, e.auto, attachments(m), e.verdict.Junk, string(verdict), text(e.envelopeFrom, 320),
		text(e.envelopeTo, 320), text(e.helo, 255), text(e.remoteIP, 64)}}, nil
}

// sentAt keeps a Date header only within the years that microseconds and readers can bear.
func sentAt(t time.Time) int64 {
	if t.Year() < 1970 || t.Year() > 2200 {
		return 0
	}
	return store.Micros(t)
}

// author is who a message is from: the first that From names, and nobody else.
func author(m *mime.Message) mime.Person {
	if len(m.From) == 0 {
		return mime.Person{}
	}
	return m.From[0].Honest()
}

// maxPeople of a header that lists show.
const maxPeople = 50

func people(list []mime.Person) (string, error) {
	short := []mime.Person{}
	for _, p := range list[:min(len(list), maxPeople)] {
		short = append(short, mime.Person{Name: text(p.Name, 200), Address: text(p.Address, 320)})
	}
	data, err := json.Marshal(short)
	return string(data), err
}

// maxSearch is how much of a message is searched for in lists, in bytes. IMAP searches all.
const maxSearch = 16_000

func clip(s string, max int) string { return s[:min(len(s), max)] }

func searchText(from mime.Person, m *mime.Message, subject, snippet string) string {
	words := []string{subject, snippet, from.Name, from.Address}
	for _, list := range [][]mime.Person{m.To, m.Cc} {
		for _, p := range list[:min(len(list), maxPeople)] {
			words = append(words, p.Name, p.Address)
		}
	}
	for _, p := range m.Parts {
		words = append(words, p.Name)
	}
	words = append(words, strings.Join(strings.Fields(clip(m.Text, maxSearch)), " "))
	return strings.ToLower(text(strings.Join(words, " "), maxSearch))
}

func attachments(m *mime.Message) (n int) {
	for _, p := range m.Parts {
		n += count(!p.Inline)
	}
	return n
}
