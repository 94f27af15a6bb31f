package remote

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/mail"
	"frontdesk/mail/queue"
	"frontdesk/store"
	"frontdesk/store/storetest"
)

// sender is a provider's SMTP server: it sends for whoever logs in.
type sender struct {
	addr string

	mu  sync.Mutex
	got []string
}

type sending struct {
	s    *sender
	in   bool
	path string
}

func newSender(t testing.TB) *sender {
	t.Helper()
	s := &sender{}
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &sending{s: s}, nil }))
	server.Domain, server.AllowInsecureAuth = "smtp.provider.test", true
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.addr = l.Addr().String()
	done := make(chan struct{})
	go func() { server.Serve(l); close(done) }()
	t.Cleanup(func() { server.Close(); <-done })
	return s
}

func (c *sending) AuthMechanisms() []string { return []string{sasl.Plain} }
func (c *sending) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, pass string) error {
		if c.in = user == address && pass == password; !c.in {
			return errors.New("wrong")
		}
		return nil
	}), nil
}
func (c *sending) Mail(from string, _ *smtp.MailOptions) error {
	if !c.in {
		return &smtp.SMTPError{Code: 530, Message: "log in first"}
	}
	c.path = from
	return nil
}
func (c *sending) Rcpt(to string, _ *smtp.RcptOptions) error {
	if strings.HasPrefix(to, "nobody@") {
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "no such user"}
	}
	c.path += " " + to
	return nil
}
func (c *sending) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	c.s.got = append(c.s.got, c.path+"\n"+string(text))
	return err
}
func (c *sending) Reset()        {}
func (c *sending) Logout() error { return nil }

func (s *sender) mails() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.got...)
}

// What is written from a mailbox kept elsewhere goes out by its own server, whoever it is for, and is in Sent on both
// sides, once; what that server refuses is told into the mailbox itself.
func TestSentByItsOwnServer(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		p, out := newProvider(t, ""), newSender(t)
		o, there := newOffice(t, db, nil), p.program()
		if _, err := o.box.CreateDomain(t.Context(), "ours.test"); err != nil {
			t.Fatal(err)
		}
		if _, err := o.box.CreateMailbox(t.Context(),
			mail.Mailbox{Address: "ana@ours.test", Users: []string{"u-ana"}}); err != nil {
			t.Fatal(err)
		}
		a, err := o.Add(t.Context(), "u-ana", Input{Address: address, Password: password, Name: "Ana",
			Servers: &Servers{IMAP: p.imap, IMAPTLS: Plain, SMTP: out.addr, SMTPTLS: Plain}})
		if err != nil {
			t.Fatal(err)
		}
		o.run()
		q := o.queue(t)
		raw := "From: Ana <" + address + ">\r\nTo: client@else.test, ana@ours.test, nobody@else.test\r\n" +
			"Subject: Offer\r\nMessage-ID: <offer@provider.test>\r\n\r\nHello\r\n"
		to := []string{"client@else.test", "ana@ours.test", "nobody@else.test"}
		if _, err := q.Submit(t.Context(), queue.Envelope{From: address, To: to, User: "u-ana"},
			bytes.NewReader([]byte(raw))); err != nil {
			t.Fatal(err)
		}
		o.waits("sent", func() string { return fmt.Sprint(len(out.mails())) }, "2")
		for _, m := range out.mails() {
			if !strings.HasPrefix(m, address+" ") || strings.Contains(m, "Sender:") ||
				!strings.Contains(m, "Subject: Offer") {
				t.Errorf("sent: %s", m)
			}
		}
		o.waits("in Sent there", func() string { return p.subjects(there, "Sent") }, `Offer \Seen`)
		links := func() string {
			var n int
			db.QueryRow(t.Context(), `SELECT count(*) FROM mail_remote_message r JOIN mail_message m ON m.id = r.message WHERE m.subject = 'Offer'`).Scan(&n)
			return fmt.Sprint(n)
		}
		o.waits("known as the same", links, "1")
		if got := o.folder(a, "Sent"); got != `Offer \Seen` {
			t.Errorf("in Sent here: %s", got)
		}
		o.waits("the refusal is told", func() string { return o.folder(a, "INBOX") },
			"Your mail could not be delivered")
		if _, err := o.Add(t.Context(), "u-ana", Input{Address: "b@provider.test", Login: address, Password: password,
			Servers: &Servers{IMAP: p.imap, IMAPTLS: Plain, SMTP: "127.0.0.1:1", SMTPTLS: Plain}}); !Unreached(err) {
			t.Errorf("an SMTP server that is not there: %v", err)
		}
	})
}

// queue sends what is written here.
func (o *office) queue(t *testing.T) *queue.Queue {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	members, err := store.JoinMembers(t.Context(), o.db, store.MembersConfig{Node: "a"}, log)
	if err != nil {
		t.Fatal(err)
	}
	if err := members.Start(t.Context(), store.MembersHooks{}); err != nil {
		t.Fatal(err)
	}
	q, err := queue.New(queue.Config{Hostname: "desk.ours.test", Deliver: queue.None, Members: members,
		Elsewhere: o.Out}, o.box, o.db, o.blobs, log,
		prometheus.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	jobs := store.NewJobs(o.db, store.JobsConfig{Holder: members.Self().Holder()}, log)
	q.Handle(jobs)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { jobs.Run(ctx); close(done) }()
	t.Cleanup(func() { cancel(); <-done; members.Close() })
	return q
}

// BenchmarkBackfill: messages that come in from the past.
func BenchmarkBackfill(b *testing.B) {
	for name, open := range map[string]func(testing.TB) *store.DB{"sqlite": storetest.SQLite,
		"postgres": storetest.Postgres} {
		b.Run(name, func(b *testing.B) {
			p := newProvider(b, "")
			o, there := newOffice(b, open(b), nil), p.program()
			const n = 1000
			for i := range n {
				p.comes(there, "INBOX", time.Now(), letterOf(fmt.Sprint("m", i), fmt.Sprint("Mail ", i))+
					strings.Repeat("What they wrote, in many words and lines.\n", 200))
			}
			b.ResetTimer()
			a := o.connect(p, 30)
			o.waits("all", func() string {
				var n int
				o.db.QueryRow(b.Context(), `SELECT count(*) FROM mail_message WHERE mailbox = $1`, a.Mailbox).Scan(&n)
				return fmt.Sprint(n)
			}, fmt.Sprint(n))
			b.ReportMetric(n/b.Elapsed().Seconds(), "messages/s")
		})
	}
}
