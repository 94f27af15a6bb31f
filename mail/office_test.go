package mail

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/mail/domain/keytest"
	"frontdesk/store"
	"frontdesk/store/blob"
)

// office is a Box with a domain, Ana's mailbox and one she shares with Ion.
type office struct {
	*Box
	t            testing.TB
	db           *store.DB
	ana, support Mailbox
}

func newOffice(t testing.TB, db *store.DB) *office {
	t.Helper()
	blobs, err := blob.NewFiles(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	box := New(Config{RSA: keytest.RSA()}, db, blobs, slog.New(slog.DiscardHandler), prometheus.NewRegistry())
	o := &office{Box: box, t: t, db: db}
	if _, err := o.CreateDomain(t.Context(), "Acme.example"); err != nil {
		t.Fatal(err)
	}
	o.ana = o.create(Mailbox{Address: "Ana@acme.example", Name: "Ana Pop", Users: []string{"u-ana"}})
	o.support = o.create(Mailbox{Address: "support@acme.example", Users: []string{"u-ana", "u-ion"}})
	return o
}

func (o *office) create(m Mailbox) Mailbox {
	o.t.Helper()
	m, err := o.CreateMailbox(o.t.Context(), m)
	if err != nil {
		o.t.Fatal(err)
	}
	return m
}

// receive delivers a mail of these headers and body to mailboxes.
func (o *office) receive(text string, verdict Verdict, to ...Mailbox) []Ref {
	o.t.Helper()
	blob, size, err := o.PutBlob(o.t.Context(), strings.NewReader(strings.ReplaceAll(text, "\n", "\r\n")))
	if err != nil {
		o.t.Fatal(err)
	}
	d := Delivery{Blob: blob, Size: size, EnvelopeFrom: "client@else.example", Verdict: verdict}
	for _, m := range to {
		d.To = append(d.To, Recipient{Mailbox: m.ID, Address: m.Address})
	}
	refs, err := o.Deliver(o.t.Context(), d)
	if err != nil {
		o.t.Fatal(err)
	}
	return refs
}

// arrivalOf reads what the CRM is told of one message.
func (o *office) arrivalOf(in Intake) (Arrival, error) {
	list, errs := o.Arrivals(o.t.Context(), []Intake{in})
	return list[0], errs[0]
}

func (o *office) folder(m Mailbox, name string) Folder {
	o.t.Helper()
	f, err := o.Folder(o.t.Context(), m.ID, name)
	if err != nil {
		o.t.Fatal(err)
	}
	return f
}

func (o *office) jobs() (n int) {
	o.t.Helper()
	if err := o.db.QueryRow(o.t.Context(), `SELECT count(*) FROM job WHERE kind = $1`, IntakeJob).Scan(&n); err != nil {
		o.t.Fatal(err)
	}
	return n
}

// lessons are what the junk filter is to learn: whether each mail is junk. They are taken from those that wait.
func (o *office) lessons() (junk []string) {
	o.t.Helper()
	err := o.db.Tx(o.t.Context(), func(tx *store.Tx) error {
		rows, err := tx.Query(o.t.Context(), `DELETE FROM job WHERE kind = $1 RETURNING payload`, TrainJob)
		payloads, err := store.Collect(rows, err, one[string])
		for _, payload := range payloads {
			var lesson Lesson
			if err := json.Unmarshal([]byte(payload), &lesson); err != nil {
				return err
			}
			if _, err := o.blobs.Size(o.t.Context(), lesson.Blob); err != nil {
				return err
			}
			junk = append(junk, fmt.Sprint(lesson.Junk))
		}
		return err
	})
	if err != nil {
		o.t.Fatal(err)
	}
	return junk
}
