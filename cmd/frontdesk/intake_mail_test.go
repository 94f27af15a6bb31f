package main

import (
	"log/slog"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/crmcore"
	"frontdesk/mail"
	"frontdesk/store"
	"frontdesk/store/storetest"
)

// We write first; the client's answer joins that conversation, though it comes from another mailbox and names our mail
// second; a stranger's mail with a Message-ID in use is a mail of its own.
func TestMailInOfAConversation(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		core := crmcore.New(db, crmcore.Config{Region: "RO"}, crmcore.Hooks{}, slog.New(slog.DiscardHandler), prometheus.NewRegistry())
		if _, err := core.CreateUser(t.Context(), crmcore.System(), crmcore.NewUser{User: crmcore.User{Login: "root", Name: "Root", Role: crmcore.Admin}, Password: "correct horse"}); err != nil {
			t.Fatal(err)
		}
		points := []crmcore.Point{{Kind: crmcore.Email, Raw: "ana@firm.ro"}}
		ana, err := core.CreateContact(t.Context(), crmcore.System(), crmcore.Contact{Name: "Ana", Points: points})
		if err != nil {
			t.Fatal(err)
		}
		in, box := &intake{core: core}, mail.Mailbox{Address: "sales@ours.ro"}
		arrival := func(id, from string) mail.Arrival {
			return mail.Arrival{Summary: mail.Summary{ID: id + from, MessageID: id, From: mail.Person{Address: from}, Date: time.Now()}}
		}
		receive := func(a mail.Arrival) crmcore.Card {
			t.Helper()
			card, err := core.Receive(t.Context(), in.mailTouch(a, box, a.From, true))
			if err != nil {
				t.Fatal(err)
			}
			return card
		}
		ours := arrival("1@ours", box.Address)
		ours.To = []mail.Person{{Address: "ana@firm.ro"}}
		if err := in.sent(t.Context(), ours, box); err != nil {
			t.Fatal(err)
		}
		answer := arrival("2@firm", "ana@home.ro")
		answer.InReplyTo = []string{"lost@ours", "1@ours"}
		first := receive(answer)
		if len(first.Cards) != 1 || first.Cards[0].Ref.ID != ana.ID || first.Lead != "" {
			t.Errorf("the answer: %+v", first)
		}
		if again := receive(answer); again.Activity != first.Activity {
			t.Error("the answer, told twice, is there twice")
		}
		for _, from := range []string{"x@strange.ro", "ana@firm.ro"} {
			for _, id := range []string{"1@ours", "2@firm"} {
				taken := receive(arrival(id, from))
				if taken.Activity == first.Activity || (from == "x@strange.ro") != (taken.Cards[0].Ref.ID != ana.ID) {
					t.Errorf("%s from %s: %+v", id, from, taken)
				}
			}
		}
		list, err := core.Timeline(t.Context(), crmcore.System(), crmcore.Ref{Kind: crmcore.KindContact, ID: ana.ID}, crmcore.Page{})
		if err != nil || len(list.Items) != 4 {
			t.Errorf("Ana's timeline: %+v %v", list.Items, err)
		}
	})
}
