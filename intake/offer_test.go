package intake

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/crmcore"
	"frontdesk/crmcore/address"
	"frontdesk/crmcore/offer"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/mail"
	"frontdesk/mail/exclusion"
	"frontdesk/store"
	"frontdesk/store/storetest"
)

// A mail that takes an offer makes it sent, and stands on the timeline of its deal, once, however often its job begins.
// Another mail changes nothing.
func TestSentMailTakesAnOffer(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, root := t.Context(), people.System()
		core := crmcore.New(db, crmcore.Config{Region: "RO", KnownPasswords: true}, crmcore.Hooks{},
			slog.New(slog.DiscardHandler), prometheus.NewRegistry())
		offers := offer.New(db, time.UTC, core.Tell)
		_, err := core.CreateContact(ctx, root, crmcore.Contact{Name: "Ana",
			Points: []record.Point{{Kind: address.Email, Raw: "ana@firm.ro"}}})
		check(t, err)
		_, err = core.SavePipeline(ctx, root, crmcore.Pipeline{Name: "Sales",
			Stages: []crmcore.Stage{{Name: "New", Kind: "open"}}})
		check(t, err)
		deal, err := core.CreateDeal(ctx, root, crmcore.Deal{Title: "Big"}) // Ana's own would have all her mail
		check(t, err)
		o, err := offers.Create(ctx, root, offer.Offer{Deal: deal.ID,
			Lines: []offer.Line{{Name: "Phone", Quantity: 1000, Price: 100}}})
		check(t, err)
		check(t, offers.Goes(ctx, root, o.ID, "offer@ours"))
		in := &Intake{core: core, went: offers.Went,
			cover: func(_ context.Context, mails []exclusion.Mail) ([]bool, error) {
				return make([]bool, len(mails)), nil
			}}
		send := func(id string) (state offer.State, mails int) {
			t.Helper()
			a := mail.Arrival{Summary: mail.Summary{ID: id, MessageID: id, From: mail.Person{Address: "sales@ours.ro"},
				To: []mail.Person{{Address: "ana@firm.ro"}}, Date: time.Now()}}
			check(t, in.sent(ctx, a, mail.Mailbox{Address: "sales@ours.ro"}))
			o, err := offers.Offer(ctx, root, o.ID)
			check(t, err)
			page, err := core.Timeline(ctx, root, record.Deal.Ref(deal.ID), record.Page{})
			check(t, err)
			for _, e := range page.Items {
				if e.Kind == "mail" {
					mails++
				}
			}
			return o.State, mails
		}
		if state, mails := send("other@ours"); state != offer.Draft || mails != 0 {
			t.Errorf("another mail: %s, %d mails", state, mails)
		}
		for range 2 {
			if state, mails := send("offer@ours"); state != offer.Sent || mails != 1 {
				t.Errorf("the mail: %s, %d mails", state, mails)
			}
		}
	})
}
