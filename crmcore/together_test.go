package crmcore

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"frontdesk/crmcore/record"
	"frontdesk/store"
	"frontdesk/store/query"
	"frontdesk/store/storetest"
)

// Touches that come together are what they are one after the other: a stranger's two mails make one lead, who continues
// a mail of the same group is in its conversation, one that is none fails alone, and all of it is once.
func TestReceivedTogether(t *testing.T) {
	each(t, func(o *office) {
		ion := o.contact("Ion", "ion@x.ro")
		first, second := o.mail("m1", "new@x.ro"), o.mail("m2", "new@x.ro")
		third, answer := o.mail("m3", "ion@x.ro"), o.mail("m4", "colleague@else.ro")
		third.MessageID, answer.Reply = "m3@x.ro", []string{"m3@x.ro"}
		broken := o.mail("", "new@x.ro")
		for range 2 {
			cards, errs := o.ReceiveTogether(o.ctx, []Touch{first, broken, third, second, answer})
			for i, err := range errs {
				if (err != nil) != (i == 1) {
					o.Fatalf("touch %d: %v", i, err)
				}
			}
			lead := cards[0].Cards[0].Ref
			if lead.Kind != record.Lead || cards[3].Cards[0].Ref != lead {
				o.Errorf("the stranger is %+v and %+v", lead, cards[3].Cards[0].Ref)
			}
			if n := len(o.timeline(lead)); n != 2 || o.leadsCount() != 1 {
				o.Errorf("%d entries of the stranger, %d leads", n, o.leadsCount())
			}
			if got := o.timeline(record.Contact.Ref(ion.ID)); len(got) != 2 || !got[0].Newcomer {
				o.Errorf("Ion's conversation: %+v", got)
			}
		}
	})
}

// Of mails that come together, each settles those before it: what either side wrote last decides what waits.
func TestTogetherTheLastWaits(t *testing.T) {
	each(t, func(o *office) {
		o.contact("Ana", "ana@firm.ro", "ana@home.ro")
		answer := func(key, to string) Touch {
			m := o.mail(key, to)
			m.Incoming = false
			return m
		}
		waits := func(when, want string) {
			o.Helper()
			keys, err := query.All(o.ctx, o.db, query.Text,
				query.New("SELECT dedupe FROM activity WHERE waiting AND kind = 'mail' ORDER BY dedupe"))
			o.must(err)
			if got := strings.Join(keys, " "); got != want {
				o.Errorf("%s: %q wait, want %q", when, got, want)
			}
			o.marked(when)
		}
		together := func(touches ...Touch) {
			o.Helper()
			_, errs := o.ReceiveTogether(o.ctx, touches)
			o.must(errors.Join(errs...))
		}
		o.receive(o.mail("1", "ana@home.ro"))
		together(o.mail("2", "ana@firm.ro"), o.mail("3", "new@x.ro"), o.mail("4", "ana@home.ro"),
			o.mail("5", "new@x.ro"))
		waits("two clients wrote again", "4 5")
		together(answer("6", "ana@firm.ro"), o.mail("7", "new@x.ro"), o.mail("2", "ana@firm.ro"))
		waits("one was answered, and a mail came anew", "7")
		together(o.mail("8", "ana@home.ro"), answer("9", "ana@firm.ro"), o.mail("10", "own@y.ro"))
		waits("who wrote was answered at once", "10 7")
		together(o.mail("11", "ana@home.ro"), o.mail("8", "ana@home.ro"))
		waits("one that settles nothing any more came after", "10 11 7")
	})
}

// The card of a mail is put together while somebody would see it, or it made a lead; its entry is there anyway.
func TestCardOfAMailThatNobodySees(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		var looking bool
		o := newOffice(t, db, Hooks{Looks: func([]string) bool { return looking }})
		ana := o.contact("Ana", "ana@firm.ro")
		card := o.receive(o.mail("1", "ana@firm.ro"))
		if !card.Bare || len(card.Cards) != 0 || card.Match != Exact || card.Activity == "" ||
			card.Activity != o.timeline(record.Contact.Ref(ana.ID))[0].ID {
			o.Errorf("while nobody looks: %+v", card)
		}
		if card := o.receive(o.mail("2", "new@x.ro")); card.Lead == "" || len(card.For) == 0 ||
			card.Name != "new@x.ro" {
			o.Errorf("a new lead: %+v", card)
		}
		looking = true
		if card := o.receive(o.mail("3", "ana@firm.ro")); card.Bare || len(card.Cards) != 1 ||
			len(card.Cards[0].Timeline) != 2 || !slices.Contains(card.For, o.seller.ID) {
			o.Errorf("while somebody looks: %+v", card)
		}
	})
}
