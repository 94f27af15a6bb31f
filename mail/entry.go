package mail

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"frontdesk/mail/conversation"
	"frontdesk/mail/mime"
	"frontdesk/mail/mime/coding"
	"frontdesk/store"
)

// entry is a row of mail_message in the making.
type entry struct {
	id                                       string // "": a new one
	mailbox, folder                          string // id; name
	blob                                     string
	size                                     int64
	parsed                                   *mime.Message
	received                                 time.Time
	flags                                    Flags
	outgoing, auto, intake, past             bool
	recipients                               []string // of a mail of ours; nil: those it names
	verdict                                  Verdict
	envelopeFrom, envelopeTo, helo, remoteIP string
}

// leave is the statement that leaves an IntakeJob.
type leave func(Intake) (store.Statement, error)

// leaveToAny leaves it to whichever node looks next.
func leaveToAny(payload Intake) (store.Statement, error) {
	return store.Enqueuing(IntakeJob, payload, store.JobOptions{})
}

// insert stores entries in a transaction that has reserved their sizes, and returns their refs in the same order.
func (b *Box) insert(ctx context.Context, tx *store.Tx, entries []entry, job leave) ([]Ref, error) {
	places, err := number(ctx, tx, entries)
	if err != nil {
		return nil, err
	}
	mails := make([]conversation.Mail, len(entries))
	for i, e := range entries {
		mails[i] = conversation.Mail{Mailbox: e.mailbox, Parsed: e.parsed, Outgoing: e.outgoing, Draft: e.flags.Draft,
			Recipients: e.recipients}
	}
	threads, todo, err := conversation.Join(ctx, tx, mails)
	if err != nil {
		return nil, err
	}
	refs, blobs := make([]Ref, len(entries)), make([]string, len(entries))
	for i, e := range entries {
		refs[i], blobs[i] = places[i].Ref, e.blob
		written, err := e.statements(places[i], threads[i], job)
		if err != nil {
			return nil, err
		}
		todo = append(todo, written...)
	}
	if err := tx.ExecAll(ctx, todo); err != nil {
		return nil, fmt.Errorf("write message: %w", err)
	}
	return refs, b.Keep(ctx, tx, blobs)
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
	for _, key := range slices.Sorted(maps.Keys(folders)) {
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
	return store.Found(err)
}

// statements write the entry's message, and the CRM's job where it is to hear of it.
func (e entry) statements(at place, thread string, job leave) ([]store.Statement, error) {
	message, err := e.message(at, thread)
	todo := append(keepHead(e.blob, e.parsed), message)
	if err != nil || !e.intake {
		return todo, err
	}
	telling := tellingOf(e.parsed)
	left, err := job(Intake{Message: at.ID, Mailbox: at.Mailbox, Blob: e.blob, Telling: &telling, Past: e.past})
	return append(todo, left), err
}

func (e entry) message(at place, thread string) (store.Statement, error) {
	verdict, err := json.Marshal(e.verdict)
	m := e.parsed
	to, errTo := people(m.To)
	cc, errCc := people(m.Cc)
	if err := errors.Join(err, errTo, errCc); err != nil {
		return store.Statement{}, err
	}
	from := m.Author()
	subject, snippet := coding.Clean(m.Subject, 1000), coding.Clean(m.Snippet, 500)
	return store.Statement{Query: `INSERT INTO mail_message (id, mailbox, folder, uid, modseq, thread, blob, size, received_at, sent_at, message_id,
		from_name, from_address, to_list, cc_list, subject, snippet, search, seen, flagged, answered, draft, deleted, keywords,
		outgoing, auto, attachments, junk, verdict, envelope_from, envelope_to, helo, remote_ip, files) VALUES
		($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34)`, Args: []any{
		at.ID, at.Mailbox, at.Folder, at.UID, at.modseq, thread, e.blob, e.size, store.Micros(e.received),
		sentAt(m.Date), coding.Clean(m.MessageID, conversation.MaxID),
		coding.Clean(from.Name, 200), coding.Clean(strings.ToLower(from.Address), 320), to, cc, subject, snippet,
		searchText(from, m, subject, snippet),
		e.flags.Seen, e.flags.Flagged, e.flags.Answered, e.flags.Draft, e.flags.Deleted, keywords(e.flags.Keywords),
		e.outgoing, e.auto, attachments(m), e.verdict.Junk, string(verdict), coding.Clean(e.envelopeFrom, 320),
		coding.Clean(e.envelopeTo, 320), coding.Clean(e.helo, 255), coding.Clean(e.remoteIP, 64), fileNames(m)}}, nil
}

// sentAt keeps a Date header only within the years that microseconds and readers can bear.
func sentAt(t time.Time) int64 {
	if t.Year() < 1970 || t.Year() > 2200 {
		return 0
	}
	return store.Micros(t)
}

// maxPeople of a header that lists show.
const maxPeople = 50

func people(list []mime.Person) (string, error) {
	short := []mime.Person{}
	for _, p := range list[:min(len(list), maxPeople)] {
		short = append(short, mime.Person{Name: coding.Clean(p.Name, 200), Address: coding.Clean(p.Address, 320)})
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
	words = append(words, coding.OneLine(clip(m.Text, maxSearch), maxSearch))
	return strings.ToLower(coding.Clean(strings.Join(words, " "), maxSearch))
}

// fileNames are the names of a message's files, one a line.
func fileNames(m *mime.Message) string {
	var names []string
	for _, p := range m.Parts {
		if p.Name != "" {
			names = append(names, p.Name)
		}
	}
	return coding.Clean(strings.Join(names, "\n"), maxSearch)
}

func attachments(m *mime.Message) (n int) {
	for _, p := range m.Parts {
		n += count(!p.Inline)
	}
	return n
}
