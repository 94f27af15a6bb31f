package rules

import (
	"cmp"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/mail"
	"frontdesk/mail/domain/keytest"
	"frontdesk/mail/filter"
	"frontdesk/mail/filter/dnstest"
	"frontdesk/mail/mime"
	"frontdesk/mail/queue"
	"frontdesk/mail/resolver"
	"frontdesk/mail/smtpd"
	"frontdesk/store"
	"frontdesk/store/blob"
	"frontdesk/store/storetest"
	"frontdesk/testwait"
)

// office is a mail server with Ana's mailbox, its rules, and the world that its mail goes out to.
type office struct {
	*Sorter
	t      testing.TB
	ana    mail.Mailbox
	mx     string // where the world's mail comes in
	sorted chan string
	world  *world
}

// world is the server that all outgoing mail is handed to.
type world struct {
	mu    sync.Mutex
	mails []outgoing
}

type outgoing struct {
	from string
	to   []string
	*mime.Message
}

func (w *world) NewSession(*smtp.Conn) (smtp.Session, error) { return &session{world: w}, nil }

type session struct {
	world *world
	mail  outgoing
}

func (s *session) Reset()        { s.mail = outgoing{} }
func (s *session) Logout() error { return nil }
func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.mail.from = from
	return nil
}
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.mail.to = append(s.mail.to, to)
	return nil
}
func (s *session) Data(r io.Reader) (err error) {
	if s.mail.Message, err = mime.Parse(r); err == nil {
		s.world.mu.Lock()
		defer s.world.mu.Unlock()
		s.world.mails = append(s.world.mails, s.mail)
	}
	return err
}

func (w *world) got() []outgoing {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.mails)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func listen(t testing.TB, serve func(net.Listener) error) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	done := make(chan struct{})
	go func() { serve(l); close(done) }()
	t.Cleanup(func() { l.Close(); <-done })
	return l.Addr().String()
}

func newOffice(t testing.TB, db *store.DB) *office {
	t.Helper()
	log, reg := slog.New(slog.DiscardHandler), prometheus.NewRegistry()
	blobs, err := blob.NewFiles(t.TempDir())
	must(t, err)
	box := mail.New(mail.Config{RSA: keytest.RSA()}, db, blobs, log, reg)
	_, err = box.CreateDomain(t.Context(), "acme.test")
	must(t, err)
	o := &office{t: t, sorted: make(chan string, 100), world: &world{}}
	o.ana, err = box.CreateMailbox(t.Context(), mail.Mailbox{Address: "ana@acme.test", Name: "Ana",
		Users: []string{"u-ana"}})
	must(t, err)
	members, err := store.JoinMembers(t.Context(), db, store.MembersConfig{Node: "test"}, log)
	must(t, err)
	sink := smtp.NewServer(o.world)
	sink.Domain = "world.test"
	smart := queue.Host{Address: listen(t, sink.Serve)}
	out, err := queue.New(queue.Config{Hostname: "mx.acme.test", Members: members, Deliver: queue.SmartHost,
		SmartHost: smart}, box, db,
		blobs, log, reg)
	must(t, err)
	o.Sorter = New(db, box, out, log)
	o.serve(db, blobs, out, reg)
	return o
}

// serve takes mail in, and does its jobs: each mail is sorted twice, as where a node is lost between.
func (o *office) serve(db *store.DB, blobs blob.Store, out *queue.Queue, reg *prometheus.Registry) {
	jobs := store.NewJobs(db, store.JobsConfig{Holder: "test/1"}, o.log)
	out.Handle(jobs)
	jobs.Handle(mail.IntakeJob, 1, func(ctx context.Context, job store.Job) error {
		var in mail.Intake
		must(o.t, json.Unmarshal(job.Payload, &in))
		for range 2 {
			a, errs := o.box.Arrivals(ctx, []mail.Intake{in})
			if err := cmp.Or(errs[0], o.Sort(ctx, a)[0]); err != nil {
				o.t.Error(err)
			}
		}
		o.sorted <- in.Message
		return nil
	})
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { jobs.Run(ctx); close(done) }()
	o.t.Cleanup(func() { stop(); <-done })
	judge, err := filter.New(ctx, filter.Config{Hostname: "mx.acme.test", Ours: o.box.Ours,
		Resolver: resolver.New(dnstest.Start(o.t), o.log)}, db, o.log, reg)
	must(o.t, err)
	server := smtpd.New(smtpd.Config{Hostname: "mx.acme.test", Tarpit: time.Millisecond}, o.box, blobs, judge, out,
		func(context.Context, string, string) (string, error) { return "", mail.ErrLogin }, o.log, reg)
	o.mx = listen(o.t, server.ServeMX)
	o.t.Cleanup(func() { server.Close(context.Background()); judge.Close() })
}

// arrives has the world send a mail by SMTP, and waits until it is sorted.
func (o *office) arrives(from, text string) {
	o.t.Helper()
	c, err := smtp.Dial(o.mx)
	must(o.t, err)
	defer c.Close()
	must(o.t, c.SendMail(from, []string{"ana@acme.test"}, strings.NewReader(strings.ReplaceAll(text, "\n", "\r\n"))))
	select {
	case <-o.sorted:
	case <-time.After(testwait.Limit):
		o.t.Fatal("the mail was not sorted")
	}
}

func (o *office) in(folder string) (list []mail.Summary) {
	o.t.Helper()
	f, err := o.box.Folder(o.t.Context(), o.ana.ID, folder)
	must(o.t, err)
	p, err := o.box.Messages(o.t.Context(), "u-ana", mail.Listing{Folder: f.ID})
	must(o.t, err)
	return p.Items
}

func (o *office) rulesAre(list ...Rule) {
	o.t.Helper()
	for i := range list {
		list[i].Name, list[i].Active = "r", true
	}
	must(o.t, o.SaveRules(o.t.Context(), "u-ana", o.ana.ID, list))
}

// Mail that comes in by SMTP is moved, marked and discarded as the mailbox's rules say, in their order.
func TestRulesSortMail(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		offers, err := o.box.CreateFolder(t.Context(), o.ana.ID, "Offers")
		must(t, err)
		o.rulesAre(Rule{If: is("subject", "begins", "offer"), Then: Action{Folder: offers.ID,
			Labels: []string{"Money"}, Flagged: true}},
			Rule{If: Condition{Op: "all", Of: []Condition{is("list", "exists", ""), {Op: "none",
				Of: []Condition{is("from", "contains", "boss")}}}}, Then: Action{Discard: true, Stop: true}},
			Rule{If: is("words", "contains", "urgent"), Then: Action{Seen: true}}, Rule{If: is("from", "contains",
				"x.test"), Then: Action{Folder: "gone"}})
		o.arrives("c@x.test", "From: c@x.test\nTo: ana@acme.test\nSubject: Offer 1\n\nurgent\n")
		o.arrives("l@x.test", "From: l@x.test\nTo: ana@acme.test\nSubject: News\nList-Id: <n.x.test>\n\nurgent\n")
		o.arrives("boss@x.test", "From: boss@x.test\nTo: ana@acme.test\nSubject: Mine\nList-Id: <n.x.test>\n\nx\n")
		if got := o.in("Offers"); len(got) != 1 || !got[0].Seen || !got[0].Flagged || !slices.Equal(got[0].Labels,
			[]string{"Money"}) {
			t.Errorf("offers %+v", got)
		}
		if got := o.in("Trash"); len(got) != 1 || got[0].Subject != "News" || got[0].Seen {
			t.Errorf("trash %+v", got)
		}
		if got := o.in(mail.Inbox); len(got) != 1 || got[0].Subject != "Mine" {
			t.Errorf("inbox %+v", got)
		}
		if err := o.SaveRules(t.Context(), "u-eve", o.ana.ID, nil); err == nil {
			t.Error("a stranger set the rules")
		}
	})
}

// What is sent on arrives once, byte for byte below our mark, and never what came back or goes round.
func TestForwarding(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		o.rulesAre(Rule{If: Condition{Op: "all"}, Then: Action{Forward: []string{"home@far.test", "ANA+x@acme.test"}}})
		o.arrives("c@x.test", "From: C <c@x.test>\nTo: ana@acme.test\nMessage-ID: <1@x.test>\nSubject: Hello\n\nbody\n")
		o.arrives("", "From: mailer@x.test\nTo: ana@acme.test\nSubject: It came back\n\nx\n")
		o.arrives("c@x.test", "From: c@x.test\nTo: ana@acme.test\n"+loopField+": ana@acme.test\nSubject: round\n\nx\n")
		testwait.Until(t, "it is sent on", func() bool { return len(o.world.got()) > 0 })
		o.rulesAre(Rule{If: Condition{Op: "all"}, Then: Action{Forward: []string{"last@far.test"}}})
		o.arrives("c@x.test", "From: c@x.test\nTo: ana@acme.test\nSubject: last\n\nx\n")
		testwait.Until(t, "the last is sent on", func() bool {
			got := o.world.got()
			return got[len(got)-1].Subject == "last"
		})
		got := o.world.got()
		if len(got) != 2 || got[0].from != "ana@acme.test" || !slices.Equal(got[0].to, []string{"home@far.test"}) ||
			got[0].MessageID != "1@x.test" ||
			got[0].From[0].Address != "c@x.test" || strings.TrimSpace(got[0].Text) != "body" {
			t.Errorf("sent on %+v", got)
		}
		if len(o.in(mail.Inbox)) != 4 {
			t.Errorf("inbox %+v", o.in(mail.Inbox))
		}
	})
}

// Who writes to somebody who is away is told once, in his language; machines, lists and bounces are not.
func TestAway(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		before, after := time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
		away := Away{On: true, From: &before, Until: &after, Days: 7, Texts: []AwayText{{Language: "en",
			Text: "I am away."},
			{Language: "ru", Subject: "Меня нет", Text: "Буду в среду."}}}
		must(t, o.SaveAway(t.Context(), "u-ana", o.ana.ID, away))
		person := func(from, more string) string {
			return "From: " + from + "\nTo: Ana <ana+tag@acme.test>\nMessage-ID: <" + store.NewID() +
				"@x.test>\nSubject: Offer\n" + more + "\nHello, the offer please\n"
		}
		o.arrives("c@x.test", person("c@x.test", "References: <0@x.test>\n"))
		o.arrives("C@x.test", person("c@x.test", ""))
		for _, silent := range []struct{ from, text string }{
			{"d@x.test", person("d@x.test", "Auto-Submitted: auto-replied\n")}, {"d@x.test", person("d@x.test",
				"List-Id: <l.x.test>\n")},
			{"d@x.test", person("d@x.test", "Precedence: bulk\n")}, {"", person("d@x.test", "")},
			{"owner-list@x.test", person("d@x.test", "")},
			{"d@x.test", "From: d@x.test\nTo: others@acme.test\nSubject: Bcc\n\nHello\n"}, {"no-reply@x.test",
				person("no-reply@x.test", "")}} {
			o.arrives(silent.from, silent.text)
		}
		o.arrives("r@x.test",
			"From: r@x.test\nTo: ana@acme.test\nSubject: =?utf-8?b?0KbQtdC90LA=?=\n"+
				"Content-Type: text/plain; charset=utf-8\n\nДобрый день\n")
		testwait.Until(t, "both have an answer", func() bool { return len(o.world.got()) >= 2 })
		away.Until = &before
		over := before.Add(-time.Hour)
		away.From = &over
		must(t, o.SaveAway(t.Context(), "u-ana", o.ana.ID, away))
		o.arrives("e@x.test", person("e@x.test", ""))
		got := o.world.got()
		slices.SortFunc(got, func(a, b outgoing) int { return strings.Compare(a.to[0], b.to[0]) })
		if len(got) != 2 || got[0].from != "" || got[0].to[0] != "c@x.test" || got[0].Subject != "Auto: Offer" ||
			strings.TrimSpace(got[0].Text) != "I am away." ||
			got[0].Header.Get("Auto-Submitted") != "auto-replied" || len(got[0].InReplyTo) != 1 ||
			len(got[0].References) != 2 || got[0].From[0].Address != "ana@acme.test" {
			t.Errorf("answers %+v", got)
		}
		if got[1].to[0] != "r@x.test" || got[1].Subject != "Меня нет" ||
			strings.TrimSpace(got[1].Text) != "Буду в среду." {
			t.Errorf("in Russian %+v", got[1])
		}
		for _, bad := range []Away{{On: true, Days: 7}, {On: true, Texts: away.Texts}, {From: &after, Until: &before}} {
			if err := o.SaveAway(t.Context(), "u-ana", o.ana.ID, bad); err == nil {
				t.Errorf("kept %+v", bad)
			}
		}
	})
}
