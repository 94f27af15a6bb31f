package crmcore

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/crmcore/rules"
)

// Each row is something that users of other systems complain about, or a rule of the match order.
func TestMatch(t *testing.T) {
	each(t, func(o *office) {
		firm, err := o.CreateCompany(o.ctx, o.root,
			Company{Name: "Firm", Points: points("021 312 34 00"), Responsible: o.seller.ID})
		o.must(err)
		o.contactOf(o.seller, Contact{Name: "Ana", Company: firm.ID}, "0722 111 111", "0722/111.222", "ana@firm.ro",
			"Ana.Pop@Home.ro")
		o.contactOf(o.seller, Contact{Name: "Ext 12", Company: firm.ID}, "021 312 34 57 ext. 12")
		o.contactOf(o.seller, Contact{Name: "Ext 13", Company: firm.ID}, "021 312 34 57 ext. 13")
		o.contactOf(o.seller, Contact{Name: "Village"}, "0256 123 456")
		for i := range 5 {
			o.contactOf(o.seller, Contact{Name: fmt.Sprintf("Staff %d", i), Company: firm.ID}, "021 312 99 99")
		}
		for _, row := range []struct{ from, match, shown, why string }{
			{"+40722111111", "exact", "Ana", "canonical"},
			{"0040722111111", "exact", "Ana", "00 instead of +"},
			{"40722111111", "exact", "Ana", "the + is missing"},
			{"0722/111-111", "exact", "Ana", "a slash in the number"},
			{"722111111", "exact", "Ana", "the leading 0 is missing"},
			{"sip:+40722111111@carrier;user=phone", "exact", "Ana", "a URI"},
			{"0722111222", "exact", "Ana", "a secondary number"},
			{"0213123400", "exact", "Firm", "the company's number"},
			{"0213123457;ext=13", "exact", "Ext 13", "extension"},
			{"0213123457", "exact", "Ext 13 Ext 12", "no extension: both, no guess"},
			{"0213129999", "exact", "Firm Staff 0 Staff 1 Staff 2 Staff 3 Staff 4", "five people: company first"},
			{"123456", "maybe", "Village", "local number: similar only"},
			{"anonymous", "none", "", "withheld"},
			{"201", "none", "", "an extension is no client"},
			{ownNumber, "none", "", "our own number"},
		} {
			card := o.receive(o.call(row.why, row.from))
			if string(card.Match) != row.match || names(card) != row.shown || card.Lead != "" {
				o.Errorf("%s (%s): %s %q lead %q, want %s %q", row.from, row.why, card.Match, names(card), card.Lead,
					row.match, row.shown)
			}
		}
		if card := o.receive(o.mail("m1", "ANA.pop@home.RO")); shown(card) != "Ana:recent" {
			o.Errorf("secondary mailbox: %q", shown(card))
		}
		if n := o.leadsCount(); n != 0 {
			o.Errorf("%d leads of known, own, short and anonymous callers", n)
		}
	})
}

func TestMaybeIsNeverLinked(t *testing.T) {
	each(t, func(o *office) {
		village := o.contact("Village", "0256 123 456")
		card := o.receive(o.call("c1", "123456"))
		o.receive(o.call("c1", "123456").ended("missed", 0))
		if got := o.timeline(record.Contact.Ref(village.ID)); len(got) != 0 || card.Responsible != "" {
			o.Errorf("linked by itself: %+v, responsible %q", got, card.Responsible)
		}
		if _, err := o.Choose(o.ctx, o.seller, card.Activity, record.Contact.Ref(village.ID)); err != nil {
			o.Fatal(err)
		}
		if got := o.timeline(record.Contact.Ref(village.ID)); len(got) != 2 {
			o.Errorf("after the choice: %+v", got)
		}
	})
}

func TestRankAndChoose(t *testing.T) {
	each(t, func(o *office) {
		shared := "0722 333 333"
		late := o.contactOf(o.other, Contact{Name: "Recent"}, shared)
		yours := o.contactOf(o.seller, Contact{Name: "Yours"}, "0722 000 001", shared)
		dealing := o.contactOf(o.other, Contact{Name: "Dealing"}, "0722 000 002", shared)
		o.contactOf(o.other, Contact{Name: "Other"}, "0722 000 003", shared)
		o.deal("Boat", dealing)
		_, err := o.AddNote(o.ctx, o.root, record.Contact.Ref(late.ID), "spoke")
		o.must(err)
		card := o.receive(o.call("c1", shared))
		if want := "Dealing:open_deal Recent:recent Yours:yours Other:number"; shown(card) != want {
			o.Errorf("ranked %q, want %q", shown(card), want)
		}
		again := o.receive(o.call("c1", shared).ended("answered", 10))
		if shown(again) != shown(card) || again.Activity != card.Activity {
			o.Errorf("at the end %q", shown(again))
		}
		if got := o.timeline(record.Contact.Ref(yours.ID), "call"); len(got) != 1 || !got[0].Several {
			o.Fatalf("before the choice: %+v", got)
		}
		_, err = o.Choose(o.ctx, o.seller, card.Activity, record.Contact.Ref(yours.ID))
		o.must(err)
		if n := len(o.timeline(record.Contact.Ref(dealing.ID), "call")); n != 0 {
			o.Errorf("%d calls left with who was not chosen", n)
		}
		if got := o.timeline(record.Contact.Ref(yours.ID), "call"); len(got) != 1 || got[0].Several {
			o.Errorf("with the chosen: %+v", got)
		}
		if got := o.receive(o.call("c1", shared).ended("answered", 10)); got.Activity != card.Activity ||
			len(o.timeline(record.Contact.Ref(dealing.ID), "call")) != 0 {
			o.Error("received again, the choice is lost")
		}
	})
}

// What happened with a client is taken off the client's timeline only by who sees the client; what was changed, by
// nobody.
func TestEntriesStayWithTheirRecords(t *testing.T) {
	each(t, func(o *office) {
		mine, theirs := o.contact("Mine", "0722 333 333"), o.contactOf(o.other, Contact{Name: "Theirs"}, "0722 333 333")
		to, from := record.Contact.Ref(mine.ID), record.Contact.Ref(theirs.ID)
		spare := o.contact("Spare")
		o.must(o.Assign(o.ctx, o.root, record.Contact.Ref(spare.ID), o.other.ID))
		o.must(o.Assign(o.ctx, o.root, record.Contact.Ref(spare.ID), o.seller.ID))
		call := o.receive(o.call("c1", "0722333333"))
		if _, err := o.Choose(o.ctx, o.seller, call.Activity, to); !errors.Is(err, people.ErrForbidden) {
			o.Errorf("a call is taken off another's client: %v", err)
		}
		note, err := o.AddNote(o.ctx, o.other, from, "promised")
		o.must(err)
		if _, err := o.Choose(o.ctx, o.seller, note.ID, to); !errors.Is(err, people.ErrForbidden) {
			o.Errorf("a note is taken off another's client: %v", err)
		}
		if _, err := o.Choose(o.ctx, o.other, note.ID, to); !errors.Is(err, people.ErrForbidden) {
			o.Errorf("a note is put on another's client: %v", err)
		}
		for _, a := range o.timeline(record.Contact.Ref(spare.ID), "change") {
			for _, actor := range []people.User{o.seller, o.root} {
				_, err := o.Choose(o.ctx, actor, a.ID, to)
				wantInvalid(o.T, err, "activity")
			}
		}
		if len(o.timeline(from)) != 2 || len(o.timeline(record.Contact.Ref(spare.ID), "change")) != 2 {
			o.Error("entries left their records")
		}
		if _, err := o.Choose(o.ctx, o.root, call.Activity, to); err != nil || len(o.timeline(from)) != 1 {
			o.Errorf("who sees both can't choose: %v", err)
		}
	})
}

func TestReplyJoinsItsConversation(t *testing.T) {
	each(t, func(o *office) {
		ana := o.contact("Ana", "ana@firm.ro")
		deal := o.deal("Boat", ana)
		out := o.mail("1@ours sales@ours.ro ana@firm.ro", "ana@firm.ro")
		out.Incoming, out.MessageID = false, "1@ours"
		o.receive(out)
		in := o.mail("2@firm colleague@firm.ro", "colleague@firm.ro")
		in.MessageID, in.Reply, in.Verified = "2@firm", []string{"", "lost@ours", "1@ours"}, false
		card := o.receive(in)
		if card.Match != Maybe || shown(card) != "Ana:thread" || card.Lead != "" {
			o.Errorf("reply: %s %q lead %q", card.Match, shown(card), card.Lead)
		}
		got := o.timeline(record.Deal.Ref(deal.ID), "mail")
		if len(got) != 2 || got[0].Verified || !got[0].Newcomer || got[1].Newcomer || !got[1].Verified ||
			!got[0].At.After(got[1].At) {
			o.Errorf("on the deal: %+v", got)
		}
	})
}

// A Message-ID is chosen by whoever sends: a stranger who takes one that is in use gets a card of his own, and into no
// conversation of others.
func TestMessageIDTwice(t *testing.T) {
	each(t, func(o *office) {
		o.contact("Ana", "ana@firm.ro")
		o.contact("Bob", "bob@other.ro")
		for _, to := range []string{"bob@other.ro", "ana@firm.ro"} {
			out := o.mail("1@ours "+to, to)
			out.Incoming, out.MessageID = false, "1@ours"
			o.receive(out)
		}
		asked := o.mail("1@firm ana@firm.ro", "ana@firm.ro")
		asked.MessageID = "1@firm"
		o.receive(asked)
		for _, taken := range []string{"1@ours", "1@firm"} {
			stranger := o.mail(taken+" x@strange.ro", "x@strange.ro")
			stranger.Name, stranger.MessageID = "X", taken
			if card := o.receive(stranger); names(card) != "X" {
				o.Errorf("the stranger with %s: %q", taken, shown(card))
			}
		}
		for _, row := range []struct{ from, reply, shown string }{
			{"ana@firm.ro", "1@ours", "Ana:thread"},
			{"bob@other.ro", "1@ours", "Bob:thread"},
			{"third@firm.ro", "1@ours", "third@firm.ro:number"},
			{"fourth@firm.ro", "1@firm", "Ana:thread"},
		} {
			in := o.mail("reply "+row.from, row.from)
			in.Reply = []string{row.reply}
			if card := o.receive(in); shown(card) != row.shown {
				o.Errorf("%s answers %s: %q, want %q", row.from, row.reply, shown(card), row.shown)
			}
		}
	})
}

func TestOutboundIsLoggedAndMakesNoLead(t *testing.T) {
	each(t, func(o *office) {
		ana := o.contact("Ana", number(1))
		for i, to := range []string{number(1), number(2)} {
			touch := o.call(fmt.Sprint("out", i), to)
			touch.Incoming = false
			o.receive(touch)
			o.receive(touch.ended("answered", 61))
		}
		got := o.timeline(record.Contact.Ref(ana.ID))
		if len(got) != 1 || got[0].Incoming || got[0].Seconds != 61 || got[0].User != o.seller.ID {
			o.Errorf("timeline %+v", got)
		}
		if o.leadsCount() != 0 {
			o.Error("a call of ours made a lead")
		}
		_, err := o.SaveRule(o.ctx, o.root, rules.Rule{Name: "Cold calls", Active: true,
			When: rules.Condition{Field: "direction", Op: "is", Values: []string{"out"}},
			Then: rules.Action{Create: true, Assign: rules.ToAdmin}})
		o.must(err)
		touch := o.call("out3", number(3))
		touch.Incoming = false
		if card := o.receive(touch); card.Lead == "" || card.Rule != "Cold calls" {
			o.Errorf("with a rule for it: %+v", card)
		}
	})
}

func TestStrangersTextIsBounded(t *testing.T) {
	each(t, func(o *office) {
		touch := o.mail("k", "a@b.ro")
		for range 12 {
			touch.Subject += "\x00\xff\u202e" + touch.Subject + "long "
			touch.Key += touch.Key + "k"
		}
		touch.Name = touch.Subject
		touch.At = time.Time{}
		first, second := o.receive(touch), o.receive(touch)
		if first.Activity != second.Activity || first.Lead == "" {
			o.Errorf("%q %q", first.Activity, second.Activity)
		}
	})
}
