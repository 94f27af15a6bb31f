package desk

import (
	"crypto/x509"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/guard"
	"frontdesk/mail"
	"frontdesk/mail/domain/keytest"
	"frontdesk/mail/queue"
	"frontdesk/store"
	"frontdesk/store/blob"
	"frontdesk/store/storetest"
)

// office is a desk with a domain, Ana's mailbox and one she shares with Ion.
type office struct {
	*Desk
	t            testing.TB
	ana, support mail.Mailbox
}

func newOffice(t testing.TB, db *store.DB, c Config) *office {
	t.Helper()
	blobs, err := blob.NewFiles(t.TempDir())
	must(t, err)
	log, reg := slog.New(slog.DiscardHandler), prometheus.NewRegistry()
	box := mail.New(mail.Config{RSA: keytest.RSA()}, db, blobs, log, reg)
	members, err := store.JoinMembers(t.Context(), db, store.MembersConfig{Node: "a"}, log)
	must(t, err)
	out, err := queue.New(queue.Config{Hostname: "mail.acme.example", Members: members}, box, db, blobs, log, reg)
	must(t, err)
	o := &office{Desk: New(c, db, box, out, log), t: t}
	_, err = box.CreateDomain(t.Context(), "acme.example")
	must(t, err)
	o.ana = o.create("ana@acme.example", "u-ana")
	o.support = o.create("support@acme.example", "u-ana", "u-ion")
	return o
}

func (o *office) create(address string, users ...string) mail.Mailbox {
	o.t.Helper()
	m, err := o.box.CreateMailbox(o.t.Context(), mail.Mailbox{Address: address, Users: users})
	must(o.t, err)
	return m
}

// receive delivers a mail and returns its row.
func (o *office) receive(to mail.Mailbox, text string) mail.Summary {
	o.t.Helper()
	blob, size, err := o.box.PutBlob(o.t.Context(), strings.NewReader(strings.ReplaceAll(text, "\n", "\r\n")))
	must(o.t, err)
	refs, err := o.box.Deliver(o.t.Context(), mail.Delivery{Blob: blob, Size: size, EnvelopeFrom: "c@else.example",
		To: []mail.Recipient{{Mailbox: to.ID, Address: to.Address}}, Verdict: mail.Verdict{Verified: true}})
	must(o.t, err)
	m, err := o.box.Message(o.t.Context(), to.Users[0], refs[0].ID, false)
	must(o.t, err)
	return m.Summary
}

func (o *office) in(box mail.Mailbox, folder string) (subjects []string) {
	o.t.Helper()
	f, err := o.box.Folder(o.t.Context(), box.ID, folder)
	must(o.t, err)
	p, err := o.box.Messages(o.t.Context(), box.Users[0], mail.Listing{Folder: f.ID})
	must(o.t, err)
	for _, m := range p.Items {
		subjects = append(subjects, m.Subject)
	}
	slices.Sort(subjects)
	return subjects
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Conversations of several mailboxes move together, each within its own, and nobody moves what is not his.
func TestConversationsMoveTogether(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db, Config{})
		first := o.receive(o.ana, "From: c@else.example\nMessage-ID: <1@x>\nSubject: a\n\nx\n")
		o.receive(o.ana, "From: c@else.example\nIn-Reply-To: <1@x>\nSubject: b\n\nx\n")
		shared := o.receive(o.support, "From: c@else.example\nSubject: c\n\nx\n")
		both := []ThreadRef{{first.Thread, o.ana.ID}, {shared.Thread, o.support.ID}}
		yes := true
		if were, err := o.Do(t.Context(), "u-eve", both, Act{Use: "Trash"}); err != nil || len(were) != 0 {
			t.Fatalf("a stranger moved %v, %v", were, err)
		}
		were, err := o.Do(t.Context(), "u-ana", both,
			Act{Use: "Archive", Seen: &yes, AddLabels: []string{"Urgent offer", "Ofertă"}})
		if err != nil || len(were) != 3 {
			t.Fatalf("moved %v, %v", were, err)
		}
		if a, b := o.in(o.ana, "Archive"), o.in(o.support, "Archive"); !slices.Equal(a, []string{"a", "b"}) ||
			!slices.Equal(b, []string{"c"}) {
			t.Errorf("archived %v and %v", a, b)
		}
		labels, err := o.Labels(t.Context(), "u-ana", o.ana.ID)
		if err != nil || !slices.Equal(labels, []string{"Ofertă", "Urgent offer"}) {
			t.Errorf("labels %q, %v", labels, err)
		}
		found, err := o.box.Messages(t.Context(), "u-ana", mail.Listing{Query: `label:"Urgent offer"`})
		if err != nil || len(found.Items) != 3 || !found.Items[0].Seen || len(found.Items[0].Labels) != 2 {
			t.Errorf("found by label: %+v, %v", found, err)
		}
		if _, err := o.Do(t.Context(), "u-ana", both[:1], Act{RemoveLabels: []string{"URGENT offer"}}); err != nil {
			t.Error(err)
		}
		if labels, err = o.Labels(t.Context(), "u-ana", o.ana.ID); err != nil ||
			!slices.Equal(labels, []string{"Ofertă"}) {
			t.Errorf("labels left %q, %v", labels, err)
		}
		if _, err := o.Labels(t.Context(), "u-ion", o.ana.ID); !errors.Is(err, mail.ErrNoMailbox) {
			t.Errorf("another's labels: %v", err)
		}
		inbox, err := o.box.Folder(t.Context(), o.ana.ID, mail.Inbox)
		must(t, err)
		if _, err := o.Do(t.Context(), "u-ion", both[1:], Act{Folder: inbox.ID}); !errors.Is(err, mail.ErrNotFound) {
			t.Errorf("moved into another's mailbox: %v", err)
		}
	})
}

// One click posts what RFC 8058 wants, to a server of the internet only.
func TestUnsubscribe(t *testing.T) {
	var asked []string
	status := http.StatusOK
	list := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		asked = append(asked, r.Method+" "+r.Header.Get("Cookie")+string(body))
		if r.URL.Path == "/elsewhere" {
			http.Redirect(w, r, "/u", http.StatusTemporaryRedirect)
			return
		}
		w.WriteHeader(status)
	}))
	defer list.Close()
	roots := x509.NewCertPool()
	roots.AddCert(list.Certificate())
	egress, err := guard.NewEgress([]string{"127.0.0.0/8"})
	must(t, err)
	o := newOffice(t, storetest.SQLite(t), Config{Egress: egress, Roots: roots})
	letter := func(field string) string {
		return o.receive(o.ana, "From: news@list.example\nSubject: News\nList-Unsubscribe: "+field+
			"\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\n\nx\n").ID
	}
	must(t, o.Unsubscribe(t.Context(), "u-ana", letter("<"+list.URL+"/u>")))
	must(t, o.Unsubscribe(t.Context(), "u-ana", letter("<"+list.URL+"/elsewhere>")))
	if want := []string{"POST List-Unsubscribe=One-Click",
		"POST List-Unsubscribe=One-Click"}; !slices.Equal(asked, want) {
		t.Errorf("asked %q", asked)
	}
	status = http.StatusInternalServerError
	if err := o.Unsubscribe(t.Context(), "u-ana", letter("<"+list.URL+"/u>")); !errors.Is(err, ErrListSilly) {
		t.Errorf("a list that fails: %v", err)
	}
	asked = nil
	o.config.Egress, err = guard.NewEgress(nil)
	must(t, err)
	if err := o.Unsubscribe(t.Context(), "u-ana", letter("<"+list.URL+"/u>")); !errors.Is(err, ErrListSilly) ||
		asked != nil {
		t.Errorf("a server of our own network: %v, asked %q", err, asked)
	}
	if err := o.Unsubscribe(t.Context(), "u-ion", letter("<"+list.URL+"/u>")); !errors.Is(err, mail.ErrNotFound) {
		t.Errorf("another's mail: %v", err)
	}
	must(t, o.Unsubscribe(t.Context(), "u-ana", letter("<mailto:off@list.example?subject=go>")))
	if sent := o.in(o.ana, "Sent"); !slices.Equal(sent, []string{"go"}) {
		t.Errorf("sent %q", sent)
	}
	if err := o.Unsubscribe(t.Context(), "u-ana", letter("<http://list.example/u>")); !errors.Is(err, ErrNoList) {
		t.Errorf("no way: %v", err)
	}
}
