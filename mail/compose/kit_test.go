package compose

import (
	"errors"
	"log/slog"
	"reflect"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/mail"
	"frontdesk/mail/domain/keytest"
	"frontdesk/store"
	"frontdesk/store/blob"
	"frontdesk/store/storetest"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// mailbox makes one that u-ana and u-ion share.
func mailbox(t *testing.T, db *store.DB) mail.Mailbox {
	t.Helper()
	blobs, err := blob.NewFiles(t.TempDir())
	must(t, err)
	box := mail.New(mail.Config{RSA: keytest.RSA()}, db, blobs, slog.New(slog.DiscardHandler), prometheus.NewRegistry())
	_, err = box.CreateDomain(t.Context(), "acme.example")
	must(t, err)
	m, err := box.CreateMailbox(t.Context(), mail.Mailbox{Address: "sales@acme.example", Users: []string{"u-ana",
		"u-ion"}})
	must(t, err)
	return m
}

// Everybody has a signature of his own, or the mailbox's; nobody writes below the mails of a mailbox that isn't his.
func TestSignatures(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		k, m := New(db), mailbox(t, db)
		must(t, k.SaveSignature(t.Context(), "u-ana", m.ID, `<p>Sales<script>x</script></p>`, true))
		must(t, k.SaveSignature(t.Context(), "u-ana", m.ID, `<p>Ana</p>`, false))
		if err := k.SaveSignature(t.Context(), "u-eve", m.ID, "<p>Eve</p>", true); !errors.Is(err, mail.ErrNoMailbox) {
			t.Errorf("a stranger: %v", err)
		}
		if err := k.SaveSignature(t.Context(), "u-ana", m.ID, strings.Repeat("x", maxHTML+1), false); !errors.Is(err,
			mail.ErrInvalid) {
			t.Errorf("a book: %v", err)
		}
		for user, want := range map[string][]Signature{"u-ana": {{m.ID, "<p>Ana</p>", "<p>Sales</p>"}},
			"u-ion": {{m.ID, "", "<p>Sales</p>"}}, "u-eve": nil} {
			if got, err := k.Signatures(t.Context(), user); err != nil || len(got) != len(want) || len(want) > 0 &&
				!reflect.DeepEqual(got, want) {
				t.Errorf("%s has %+v, %v", user, got, err)
			}
		}
		must(t, k.SaveSignature(t.Context(), "u-ana", m.ID, "<p> </p>", false))
		if got, err := k.Signatures(t.Context(), "u-ana"); err != nil || got[0].Own != "" {
			t.Errorf("taken away: %+v, %v", got, err)
		}
	})
}

// A template is its owner's; when it is shared all use it, and those who may change everything change it.
func TestTemplates(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		k := New(db)
		own, err := k.SaveTemplate(t.Context(), "u-ana", false, Template{Name: " My\noffer ", Subject: "Offer",
			HTML: "<p onclick=x>Hi</p>"})
		must(t, err)
		if own.Name != "My offer" || own.HTML != "<p>Hi</p>" || own.Owner != "u-ana" {
			t.Errorf("saved %+v", own)
		}
		if _, err := k.SaveTemplate(t.Context(), "u-ana", false, Template{Name: " "}); !errors.Is(err,
			mail.ErrInvalid) {
			t.Errorf("nameless: %v", err)
		}
		for _, all := range []bool{false, true} {
			if _, err := k.SaveTemplate(t.Context(), "u-ion", all, own); !errors.Is(err, mail.ErrNotFound) {
				t.Errorf("changed another's: %v", err)
			}
		}
		if _, err := k.Template(t.Context(), "u-ion", own.ID); !errors.Is(err, mail.ErrNotFound) {
			t.Errorf("read another's: %v", err)
		}
		own.Shared, own.Subject = true, "Our offer"
		_, err = k.SaveTemplate(t.Context(), "u-ana", false, own)
		must(t, err)
		if list, err := k.Templates(t.Context(), "u-ion"); err != nil || len(list) != 1 ||
			list[0].Subject != "Our offer" {
			t.Errorf("shared: %+v, %v", list, err)
		}
		if err := k.DeleteTemplate(t.Context(), "u-ion", false, own.ID); !errors.Is(err, mail.ErrNotFound) {
			t.Errorf("removed another's: %v", err)
		}
		if _, err := k.SaveTemplate(t.Context(), "u-ion", true, own); err != nil {
			t.Errorf("an administrator: %v", err)
		}
		must(t, k.DeleteTemplate(t.Context(), "u-ion", true, own.ID))
	})
}

func TestFill(t *testing.T) {
	tpl := Template{Subject: "Offer for {{company.name}}", HTML: `<p>Dear {{ Contact.First_Name|friend }},</p><p>{{contact.name}} {{deal.amount}} {{contact.Dată &amp; loc}}{{x}}{{x}}</p>`}
	got := tpl.Fill(map[string]string{"company.name": "Acme\r\nBcc: x", "contact.name": "<b>Ion</b>",
		"deal.amount": ""})
	want := Filled{Subject: "Offer for Acme Bcc: x", HTML: `<p>Dear friend,</p><p>&lt;b&gt;Ion&lt;/b&gt; {{deal.amount}} {{contact.Dată &amp; loc}}{{x}}{{x}}</p>`,
		Unknown: []string{"deal.amount", "x"}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("filled %+v\nwant   %+v", got, want)
	}
	if places := tpl.Places(); len(places) != 5 {
		t.Errorf("places %q", places)
	}
}
