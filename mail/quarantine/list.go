package quarantine

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"frontdesk/mail"
	"frontdesk/store"
	"frontdesk/store/query"
)

// Held is a mail that was stopped, as an administrator sees it: never what it says.
type Held struct {
	ID      string      `json:"id"`
	At      time.Time   `json:"at"`
	Cause   mail.Cause  `json:"cause" enum:"virus,forged,spam"`
	Reason  string      `json:"reason"`
	From    mail.Person `json:"from" doc:"As the mail claims"`
	Sender  string      `json:"sender" doc:"As the server claimed that brought it (envelope); empty: a notice"`
	Server  string      `json:"server" doc:"Address of that server"`
	To      []string    `json:"to"`
	Subject string      `json:"subject"`
	Size    int64       `json:"size"`

	Verified bool `json:"verified" doc:"The author is proven by SPF, DKIM or DMARC"`
}

// kept is a row.
type kept struct {
	Held
	delivery mail.Delivery
}

const columns = `SELECT id, at, kind, reason, from_name, from_address, subject, blob, size, verdict, recipients, envelope_from, helo, remote_ip FROM mail_quarantine `

func scan(row store.Row) (h kept, err error) {
	var at int64
	var verdict, recipients string
	d := &h.delivery
	if err = row.Scan(&h.ID, &at, &h.Cause, &h.Reason, &h.From.Name, &h.From.Address, &h.Subject, &d.Blob, &d.Size,
		&verdict, &recipients, &d.EnvelopeFrom, &d.Helo, &d.RemoteIP); err != nil {
		return h, err
	}
	h.At, h.Size, h.Sender, h.Server = store.Time(at), d.Size, d.EnvelopeFrom, d.RemoteIP
	if err = json.Unmarshal([]byte(verdict), &d.Verdict); err != nil {
		return h, err
	}
	h.Verified = d.Verdict.Verified
	err = json.Unmarshal([]byte(recipients), &d.To)
	h.To = []string{}
	for _, to := range d.To {
		h.To = append(h.To, to.Address)
	}
	return h, err
}

// List has the latest first, up to limit, after the one of a former page ("" at first); words narrow it to what has all
// of them in its people or subject.
func (k *Keeper) List(ctx context.Context, words, after string, limit int) ([]Held, error) {
	q := query.New(columns + `WHERE 1 = 1`)
	for _, word := range strings.Fields(strings.ToLower(words)) {
		q.Add(` AND search LIKE ? ESCAPE '\'`, "%"+query.EscapeLike(word)+"%")
	}
	if after != "" {
		q.Add(` AND id < ?`, after)
	}
	return query.All(ctx, k.db, func(row store.Row) (Held, error) {
		h, err := scan(row)
		return h.Held, err
	}, q.Add(` ORDER BY id DESC LIMIT ?`, limit))
}
