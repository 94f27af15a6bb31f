package intake

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/crmcore"
	"frontdesk/crmcore/address"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/mail"
	"frontdesk/mail/domain/keytest"
	"frontdesk/store"
	"frontdesk/store/blob"
)

// mailCompany is the intake of mail with all that is behind it, for acme.example with Elena's mailbox and an admin who
// gets every lead.
type mailCompany struct {
	*Intake
	t      *testing.T
	blobs  blob.Store
	elena  mail.Mailbox
	jobs   *store.Jobs
	stored chan storedMail
}

// storedMail is what came of a job, and of the same job once more.
type storedMail struct {
	message    string
	err, again error
}

func newMailCompany(t *testing.T, db *store.DB) *mailCompany {
	t.Helper()
	log, reg := slog.New(slog.DiscardHandler), prometheus.NewRegistry()
	blobs, err := blob.NewFiles(t.TempDir())
	must(t, err)
	box := mail.New(mail.Config{RSA: keytest.RSA()}, db, blobs, log, reg)
	_, err = box.CreateDomain(t.Context(), "acme.example")
	must(t, err)
	own := func(ctx context.Context, a address.Address) (bool, error) {
		_, domain, _ := strings.Cut(a.Value, "@")
		return box.Ours(ctx, domain)
	}
	core := crmcore.New(db, crmcore.Config{Region: "RO", KnownPasswords: true, Own: own}, crmcore.Hooks{}, log, reg)
	admin, err := core.CreateUser(t.Context(), people.System(),
		people.NewUser{User: people.User{Login: "root", Name: "Root", Role: people.Admin},
			Password: "correct horse"})
	must(t, err)
	elena, err := box.CreateMailbox(t.Context(), mail.Mailbox{Address: "elena@acme.example", Users: []string{admin.ID}})
	must(t, err)
	in := New(Deps{Core: core, Box: box, Screens: noScreens(), DB: db, Region: "RO", Log: log})
	t.Cleanup(in.Close)
	c := &mailCompany{Intake: in, t: t, blobs: blobs, elena: elena, stored: make(chan storedMail, 100)}
	c.runJobs(db)
	return c
}

// runJobs does the jobs of mails as the program does, but each twice.
func (c *mailCompany) runJobs(db *store.DB) {
	c.jobs = store.NewJobs(db, store.JobsConfig{Holder: "test"}, slog.New(slog.DiscardHandler))
	c.jobs.Handle("intake.mail", 1, func(ctx context.Context, job store.Job) error {
		var of mail.Intake
		s := storedMail{err: cmp.Or(json.Unmarshal(job.Payload, &of), c.messagesStored(ctx, []store.Job{job})[0])}
		s.message, s.again = of.Message, c.messagesStored(ctx, []store.Job{job})[0]
		c.stored <- s
		return s.err
	})
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { c.jobs.Run(ctx) })
	c.t.Cleanup(func() { stop(); running.Wait() })
}

// known waits until the CRM knows of a message: once, though its job came twice.
func (c *mailCompany) known(message string, again error) {
	c.t.Helper()
	for s := range c.stored {
		if s.message != message {
			continue
		}
		if must(c.t, s.err); !errors.Is(s.again, again) {
			c.t.Errorf("the second time: %v", s.again)
		}
		return
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// arrives delivers a mail to Elena and tells the CRM of it.
func (c *mailCompany) arrives(envelopeFrom, raw string) {
	c.t.Helper()
	blob, size, err := c.blobs.Put(c.t.Context(), strings.NewReader(strings.ReplaceAll(raw, "\n", "\r\n")))
	must(c.t, err)
	refs, err := c.box.Deliver(c.t.Context(),
		mail.Delivery{To: []mail.Recipient{{Mailbox: c.elena.ID, Address: c.elena.Address}}, Blob: blob, Size: size,
			EnvelopeFrom: envelopeFrom})
	must(c.t, err)
	c.known(refs[0].ID, store.ErrLeaseLost)
}

func (c *mailCompany) leads() (addresses []string) {
	c.t.Helper()
	list, err := c.core.Leads(c.t.Context(), people.System(), record.Filter{})
	must(c.t, err)
	for _, lead := range list.Items {
		addresses = append(addresses, lead.Points[0].Value)
	}
	return addresses
}

// writes has Elena's mail go to clients, and tells the CRM of it.
func (c *mailCompany) writes(id string, to ...string) {
	c.t.Helper()
	raw := "From: elena@acme.example\nTo: " + strings.Join(to, ", ") + "\nMessage-ID: <" + id +
		">\nSubject: Prices\n\nNew prices."
	blob, size, err := c.blobs.Put(c.t.Context(), strings.NewReader(strings.ReplaceAll(raw, "\n", "\r\n")))
	must(c.t, err)
	ref, err := c.box.Append(c.t.Context(), mail.Addition{Mailbox: c.elena.ID, Folder: "Sent", Blob: blob, Size: size,
		Outgoing: true, Intake: true})
	must(c.t, err)
	c.known(ref.ID, nil)
}

func (c *mailCompany) contact(name, mailbox string) record.Ref {
	c.t.Helper()
	made, err := c.core.CreateContact(c.t.Context(), people.System(),
		crmcore.Contact{Name: name, Points: []record.Point{{Kind: address.Email, Raw: mailbox}}})
	must(c.t, err)
	return record.Ref{Kind: record.Contact, ID: made.ID}
}

// incoming are who wrote on a timeline, those new in the conversation with a star.
func (c *mailCompany) incoming(ref record.Ref) (from []string) {
	c.t.Helper()
	list, err := c.core.Timeline(c.t.Context(), people.System(), ref, record.Page{})
	must(c.t, err)
	for _, a := range list.Items {
		if a.Incoming {
			from = append(from, a.Address+map[bool]string{true: "*"}[a.Newcomer])
		}
	}
	slices.Sort(from)
	return from
}
