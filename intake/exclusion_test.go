package intake

import (
	"slices"
	"testing"

	"frontdesk/mail/exclusion"
	"frontdesk/store"
	"frontdesk/store/storetest"
)

// Of excluded mail the CRM hears nothing, be it by its sender, his domain or the mailbox, in either direction, and its
// readers do; what is taken off the list is told again.
func TestExcludedMail(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		c := newMailCompany(t, db)
		list := exclusion.New(db)
		c.cover = list.Cover
		add := func(mailbox, pattern string) string {
			t.Helper()
			e, err := list.Add(t.Context(), exclusion.Exclusion{Mailbox: mailbox, Pattern: pattern})
			must(t, err)
			return e.ID
		}
		ana, news := c.contact("Ana", "ana@firm.test"), add("", " News@shop.test")
		add("", "supplier.test")
		add(c.elena.ID, "ana@firm.test")
		add("another mailbox", "@free.test")
		writes := func(from string) { t.Helper(); c.arrives(from, "From: "+from+"\nSubject: x "+from+"\n\nx") }
		for _, from := range []string{"news@shop.test", "bill@mail.supplier.test", "ana@firm.test", "ion@free.test"} {
			writes(from)
		}
		c.arrives("x@hoster.test", "From: wordpress@hoster.test\nReply-To: x@supplier.test\nSubject: x\n\n"+
			"Name: X\nEmail: x@supplier.test\n")
		c.writes("1@acme", "ana@firm.test", "dan@supplier.test")
		if got := c.leads(); !slices.Equal(got, []string{"ion@free.test"}) || len(c.incoming(ana)) != 0 {
			t.Errorf("leads %v, of Ana %v", got, c.incoming(ana))
		}
		entries := 0
		must(t, db.QueryRow(t.Context(), `SELECT count(*) FROM activity WHERE kind = 'mail'`).Scan(&entries))
		if entries != 1 {
			t.Errorf("%d mails stand in the CRM", entries)
		}
		log := store.NewEventLog(db, c.log)
		_, err := log.Number(t.Context())
		must(t, err)
		events, _, err := log.After(t.Context(), 0)
		must(t, err)
		told := 0
		for _, e := range events {
			if e.Type == mailReceived {
				told++
			}
		}
		if told != 5 {
			t.Errorf("readers are told of %d mails", told)
		}
		must(t, list.Remove(t.Context(), news))
		all := add(c.elena.ID, exclusion.All)
		writes("a@new.test")
		must(t, list.Remove(t.Context(), all))
		writes("b@new.test")
		c.arrives("news@shop.test", "From: news@shop.test\nSubject: y\n\ny")
		if got := c.leads(); !slices.Contains(got, "b@new.test") || !slices.Contains(got, "news@shop.test") ||
			slices.Contains(got, "a@new.test") {
			t.Errorf("leads %v", got)
		}
		for _, bad := range []string{"*", "nothing", "a@b@c.test", "@", "<a@b.test>"} {
			if _, err := list.Add(t.Context(), exclusion.Exclusion{Pattern: bad}); err == nil {
				t.Errorf("%q is taken", bad)
			}
		}
	})
}
