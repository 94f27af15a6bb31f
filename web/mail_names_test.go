package web

import (
	"context"
	"strings"
	"testing"

	"frontdesk/crmcore"
	"frontdesk/crmcore/address"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/mail"
	"frontdesk/store"
	"frontdesk/store/storetest"
	"frontdesk/web/api"
)

// Lists of mail name whom a mail gives an address of only: known clients, if they may be seen and are proven, and
// colleagues.
func TestNamesInMailLists(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := newHouse(t, db)
		box, inbox := h.mailbox()
		for name, owner := range map[string]string{"Radu": h.seller.ID, "Somebody else's": h.admin.ID} {
			mailbox := strings.ToLower(strings.Fields(name)[0]) + "@client.test"
			if _, err := h.core.CreateContact(context.Background(), people.System(),
				crmcore.Contact{Name: name, Responsible: owner,
					Points: []record.Point{{Kind: address.Email, Raw: mailbox}}}); err != nil {
				t.Fatal(err)
			}
		}
		deliver := func(raw string, proven bool) {
			blob, size, err := h.box.PutBlob(context.Background(), strings.NewReader(raw))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := h.box.Deliver(context.Background(),
				mail.Delivery{To: []mail.Recipient{{Mailbox: box.ID}}, Blob: blob, Size: size, EnvelopeFrom: "x@y",
					Verdict: mail.Verdict{Verified: proven}}); err != nil {
				t.Fatal(err)
			}
		}
		deliver("From: Radu@client.test\r\nTo: sales@acme.test, somebody@client.test\r\nSubject: proven\r\n\r\nx", true)
		deliver("From: radu@client.test\r\nTo: radu@client.test\r\nSubject: unproven\r\n\r\nx", false)
		seller := h.asSeller()
		for _, path := range []string{"messages", "threads"} {
			list := read[api.Page[mail.Summary]](seller, "/api/v1/mail/"+path+"?folder="+inbox.ID).Items
			if len(list) != 3 || list[0].From.Name != "" || list[0].To[0].Name != "Radu" ||
				list[1].From.Name != "Radu" || list[1].To[1].Name != "" || list[2].From.Name != "Ana" {
				t.Errorf("%s: %+v", path, list)
			}
		}
	})
}
