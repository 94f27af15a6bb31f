package mail

import (
	"context"
	"fmt"

	"frontdesk/mail/mime"
	"frontdesk/store"
)

// IntakeJob is the kind of the job that tells the CRM of a message: its payload is an Intake.
const IntakeJob = "intake.mail"

// Intake is the payload of an IntakeJob.
type Intake struct {
	Message string   `json:"message"` // id
	Mailbox string   `json:"mailbox"` // id
	Blob    string   `json:"blob,omitempty"`
	Telling *Telling `json:"telling,omitempty"` // nil: the message is read for it
}

// Telling is what the CRM has to know of a message's content, and its row does not say.
type Telling struct {
	Reply  []string      `json:"reply,omitempty"`  // Message-IDs it answers, the most telling first
	Digest string        `json:"digest"`           // of what it says
	Others []mime.Person `json:"others,omitempty"` // who may be behind a mail that a machine sent, see mime.Message.Others
	Form   bool          `json:"form,omitempty"`   // its author is such a machine
}

func tellingOf(m *mime.Message) Telling {
	t := Telling{Reply: relatives(m), Digest: digest(m), Others: m.Others()}
	if m.MessageID != "" && len(t.Reply) > 0 {
		t.Reply = t.Reply[:len(t.Reply)-1] // the last is its own
	}
	t.Form = len(m.From) > 0 && m.From[0].Form()
	return t
}

// Arrival is what the CRM has to know of a message.
type Arrival struct {
	Summary
	Auto         bool     // sent by a machine: never answered, never a lead
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
		parsed, err := b.parse(ctx, row.blob)
		if err != nil {
			return a, err
		}
		t := tellingOf(parsed)
		telling = &t
	}
	a.InReplyTo, a.Digest = telling.Reply, telling.Digest
	a.Client, a.Proven, err = b.writer(ctx, *telling, a.Summary)
	a.Auto = a.Auto || a.Client == a.From && mime.Person{Address: a.From.Address}.Machine() // for nobody outside
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
	return s, found(err)
}
