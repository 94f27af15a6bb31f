package mail

import (
	"context"
	"fmt"
	"strings"

	"frontdesk/mail/mime"
	"frontdesk/mail/mime/coding"
	"frontdesk/store"
)

// Arrival is what the CRM has to know of a message.
type Arrival struct {
	Summary
	Auto         bool     // sent by a machine, or long ago: never answered, never a lead
	Past         bool     // it came long ago, see Addition
	EnvelopeFrom string   // "": null return-path, or sent by us
	EnvelopeTo   string   // as the peer gave it, with its plus-tag
	InReplyTo    []string // Message-IDs it answers, the most telling first, without angle brackets
	Client       Person   // who wrote it: From, or whom a form sent it for
	Proven       bool     // Client is who he says (see Verdict.Verified)
	Digest       string   // of what it says: the same for every copy of one mail, and for no other
}

// stored is the row of an arrival.
type stored struct {
	Arrival
	blob string
}

// Arrivals reads messages for the system itself: it checks no permission. It returns each or its error: ErrNotFound
// when the message is gone.
func (b *Box) Arrivals(ctx context.Context, list []Intake) ([]Arrival, []error) {
	arrivals, errs := make([]Arrival, len(list)), make([]error, len(list))
	rows, err := b.rowsOf(ctx, list)
	for i, in := range list {
		if errs[i] = err; err == nil {
			arrivals[i], errs[i] = b.arrival(ctx, in, rows)
		}
		if errs[i] != nil {
			errs[i] = fmt.Errorf("message %s: %w", in.Message, errs[i])
		}
	}
	return arrivals, errs
}

func (b *Box) arrival(ctx context.Context, in Intake, rows map[string]stored) (a Arrival, err error) {
	row, there := rows[in.Message]
	if !there { // a client without MOVE copied it and expunged the one we know
		if row, err = b.copyOf(ctx, in); err != nil {
			return a, err
		}
	}
	a = row.Arrival
	telling := in.Telling
	if telling == nil {
		parsed, err := b.Parse(ctx, row.blob)
		if err != nil {
			return a, err
		}
		t := tellingOf(parsed)
		telling = &t
	}
	a.InReplyTo, a.Digest = telling.Reply, telling.Digest
	a.Client, a.Proven, err = b.writer(ctx, *telling, a.Summary)
	a.Past = in.Past
	// for nobody outside
	a.Auto = a.Auto || a.Past || a.Client == a.From && mime.Person{Address: a.From.Address}.Machine()
	return a, err
}

const arrivalQuery = `SELECT ` + summaryColumns + `, m.auto, m.envelope_from, m.envelope_to, m.blob FROM mail_message m WHERE `

func scanStored(row store.Row) (s stored, err error) {
	s.Summary, err = scanSummary(row.Scan, &s.Auto, &s.EnvelopeFrom, &s.EnvelopeTo, &s.blob)
	return s, err
}

// rowsOf reads the rows of messages by id.
func (b *Box) rowsOf(ctx context.Context, list []Intake) (map[string]stored, error) {
	ids := make([]string, len(list))
	for i, in := range list {
		ids[i] = in.Message
	}
	marks, args := in(nil, padded(ids))
	rows, err := b.db.Query(ctx, arrivalQuery+`m.id IN `+marks, args...)
	found, err := store.Collect(rows, err, scanStored)
	byID := map[string]stored{}
	for _, s := range found {
		byID[s.ID] = s
	}
	return byID, err
}

// copyOf is another copy of a message that is gone, best in the same mailbox.
func (b *Box) copyOf(ctx context.Context, in Intake) (stored, error) {
	if in.Blob == "" {
		return stored{}, ErrNotFound
	}
	row := b.db.QueryRow(ctx, arrivalQuery+`m.blob = $1 ORDER BY CASE WHEN m.mailbox = $2 THEN 0 ELSE 1 END, m.id LIMIT 1`,
		in.Blob, in.Mailbox)
	s, err := scanStored(row)
	return s, store.Found(err)
}

// writer is who wrote a message, and whether that is proven: its author, or where a form, a machine that reads no
// answers or one of ourselves sent it, the one outside whom an answer goes to. Nothing ever proves that one.
func (b *Box) writer(ctx context.Context, m Telling, s Summary) (Person, bool, error) {
	if len(m.Others) == 0 || s.Outgoing {
		return s.From, s.Verdict.Verified, nil
	}
	forOthers, err := m.Form, error(nil)
	if !forOthers {
		forOthers, err = b.oursAt(ctx, s.From.Address)
	}
	for _, client := range m.Others {
		ours := true
		if err == nil && forOthers {
			ours, err = b.oursAt(ctx, client.Address)
		}
		if err == nil && !ours {
			client = client.Honest()
			return Person{Name: coding.Clean(client.Name, 200),
				Address: coding.Clean(strings.ToLower(client.Address), 320)}, false, nil
		}
	}
	return s.From, s.Verdict.Verified, err
}

// oursAt tells whether an address is of a domain of ours.
func (b *Box) oursAt(ctx context.Context, address string) (bool, error) {
	_, domain, err := split(address)
	if err != nil {
		return false, nil
	}
	return b.OursLately(ctx, domain)
}
