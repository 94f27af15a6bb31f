package intake

import (
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/crmcore"
	"frontdesk/crmcore/address"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/crmcore/timeline"
	"frontdesk/mail"
	"frontdesk/store"
	"frontdesk/store/storetest"
)

// A conversation stands on a deal's timeline once somebody says so, and what follows in it does, too; a stranger's mail
// with the same Message-ID does not. Taken off, what comes then is not there either.
func TestConversationOfADeal(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		core := crmcore.New(db, crmcore.Config{Region: "RO", KnownPasswords: true}, crmcore.Hooks{},
			slog.New(slog.DiscardHandler), prometheus.NewRegistry())
		contact := func(name, email string) string {
			c, err := core.CreateContact(t.Context(), people.System(), crmcore.Contact{Name: name,
				Points: []record.Point{{Kind: address.Email, Raw: email}}})
			check(t, err)
			return c.ID
		}
		ana := contact("Ana", "ana@firm.ro")
		contact("Eve", "eve@else.ro")
		line, err := core.SavePipeline(t.Context(), people.System(), crmcore.Pipeline{Name: "Sales",
			Stages: []crmcore.Stage{{Name: "New", Kind: "open"}}})
		check(t, err)
		deal, err := core.CreateDeal(t.Context(), people.System(), crmcore.Deal{Title: "Big", Contact: ana,
			Pipeline: line.ID})
		check(t, err)
		in, box := &Intake{core: core}, mail.Mailbox{Address: "sales@ours.ro"}
		receive := func(id, from string, reply ...string) {
			t.Helper()
			a := mail.Arrival{Summary: mail.Summary{ID: "m" + id, MessageID: id, From: mail.Person{Address: from},
				Date: time.Now()}, Client: mail.Person{Address: from}, InReplyTo: reply, Digest: "d"}
			_, err := core.Receive(t.Context(), in.mailTouch(a, box, a.Client, true))
			check(t, err)
		}
		on := func(what string, want int) {
			t.Helper()
			page, err := core.Timeline(t.Context(), people.System(), record.Ref{Kind: record.Deal, ID: deal.ID},
				record.Page{})
			check(t, err)
			n := 0
			for _, a := range page.Items {
				if a.Kind == "mail" {
					n++
				}
			}
			if n != want {
				t.Errorf("%s: %d mails on the deal, want %d", what, n, want)
			}
		}
		receive("1@firm", "ana@firm.ro")
		receive("1@firm", "eve@else.ro")
		letters := []timeline.Letter{{Source: "m1@firm", MessageID: "1@firm", From: "ana@firm.ro"}}
		link := func(on bool) {
			t.Helper()
			if n, err := core.Attach(t.Context(), people.System(), letters, deal.ID, on); err != nil || n != 1 {
				t.Fatalf("linked %v: %d, %v", on, n, err)
			}
		}
		link(false)
		on("before", 0)
		link(true)
		link(true)
		on("linked", 1)
		deals, err := core.Attached(t.Context(), people.System(), letters)
		if err != nil || len(deals) != 1 || deals[0].Name != "Big" {
			t.Errorf("the conversation's deals: %+v, %v", deals, err)
		}
		receive("2@firm", "ana@firm.ro", "1@firm")
		on("its answer", 2)
		letters = append(letters, timeline.Letter{Source: "m2@firm", MessageID: "2@firm", From: "ana@firm.ro"})
		if _, err := core.Attach(t.Context(), people.System(), letters, deal.ID, false); err != nil {
			t.Fatal(err)
		}
		on("taken off", 0)
		stranger := people.User{ID: "u", Role: people.Staff, Access: people.AccessOwn, Active: true}
		if _, err := core.Attach(t.Context(), stranger, letters, deal.ID, true); !errors.Is(err, people.ErrForbidden) {
			t.Errorf("by who may not see the deal: %v", err)
		}
	})
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
