package crmcore

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"frontdesk/crmcore/address"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/crmcore/timeline"
	"frontdesk/store"
)

func TestUnknownCallerBecomesOneLead(t *testing.T) {
	each(t, func(o *office) {
		touch := o.call("c1", number(9))
		touch.Name = "Mr New"
		card := o.receive(touch)
		if card.Match != None || card.Lead == "" || card.Responsible != o.root.ID || card.Rule != "Everything else" ||
			names(card) != "Mr New" {
			o.Fatalf("first call: %+v", card)
		}
		if want := []string{o.seller.ID}; !slices.Equal(card.For, want) {
			o.Errorf("for %v, want who was dialled: %v; nobody else is chosen yet", card.For, want)
		}
		ring := o.receive(touch)
		touch.Phase = timeline.Answered
		talk := o.receive(touch)
		end := o.receive(touch.ended("answered", 42))
		late := o.receive(touch)
		for _, again := range []Card{ring, talk, end, late} {
			if again.Activity != card.Activity || again.Lead != "" || again.Match != Exact {
				o.Errorf("again: %+v", again)
			}
		}
		got := o.timeline(record.Lead.Ref(card.Lead))
		if len(got) != 1 || got[0].Outcome != "answered" || got[0].Seconds != 42 || got[0].User != o.seller.ID {
			o.Errorf("timeline %+v", got)
		}
		if next := o.receive(o.mail("m1", "new@x.ro")); next.Lead == "" || next.Lead == card.Lead {
			o.Errorf("a mail of somebody else: %+v", next)
		}
		if next := o.receive(o.call("c2", number(9))); next.Lead != "" || next.Cards[0].Ref.ID != card.Lead {
			o.Errorf("the second call: %+v", next)
		}
	})
}

func TestEndedMayComeAlone(t *testing.T) {
	each(t, func(o *office) {
		card := o.receive(o.call("c1", number(9)).ended("missed", 0))
		day, err := o.MyDay(o.ctx, o.root)
		o.must(err)
		if card.Lead == "" || len(day.Missed) != 1 || day.Missed[0].Address != number(9) ||
			day.Missed[0].Entities[0].ID != card.Lead {
			o.Errorf("card %+v, day %+v", card, day)
		}
		tasks := o.timeline(record.Lead.Ref(card.Lead), "task")
		if len(tasks) != 1 || tasks[0].Title != "Call back "+tasks[0].Made.Name ||
			!reflect.DeepEqual(tasks[0].Made, &timeline.Made{What: "call_back", Name: number(9)}) {
			o.Errorf("follow-ups %+v", tasks)
		}
	})
}

// While nobody can say whether a number is ours, nothing is made of it; the next try finds out.
func TestOwnUnknownForNow(t *testing.T) {
	each(t, func(o *office) {
		own, broken := o.cfg.Own, errors.New("the database is away")
		o.cfg.Own = func(context.Context, address.Address) (bool, error) { return false, broken }
		touch := o.call("c1", ownNumber)
		if _, err := o.Receive(o.ctx, touch); !errors.Is(err, broken) {
			o.Errorf("a touch: %v", err)
		}
		if _, err := o.CreateContact(o.ctx, o.root, Contact{Name: "We", Points: points(ownNumber)}); !errors.Is(err,
			broken) {
			o.Errorf("a contact: %v", err)
		}
		o.cfg.Own = own
		o.receive(touch)
		leads, err := o.Leads(o.ctx, o.root, record.Filter{})
		o.must(err)
		if len(leads.Items) != 0 {
			o.Errorf("our own number became %+v", leads.Items)
		}
	})
}

// While many phones of one stranger ring at once, there is one lead, and one activity per call.
func TestConcurrentTouchesMakeOneLead(t *testing.T) {
	each(t, func(o *office) {
		const calls, copies = 6, 3
		cards := make([]Card, calls*copies)
		var wg sync.WaitGroup
		for i := range cards {
			wg.Go(func() {
				card, err := o.Receive(o.ctx, o.call(fmt.Sprint("c", i%calls), number(9)))
				if err != nil {
					o.Error(err)
				}
				cards[i] = card
			})
		}
		wg.Wait()
		made, activities := 0, map[string]bool{}
		for _, card := range cards {
			if activities[card.Activity] = true; card.Lead != "" {
				made++
			}
			if len(card.Cards) != 1 || card.Cards[0].Lead == nil || card.Responsible != o.root.ID {
				o.Errorf("card without the lead: %+v", card)
			}
		}
		if made != 1 || len(activities) != calls || o.leadsCount() != 1 {
			o.Errorf("%d leads told, %d kept, %d activities; want 1, 1, %d", made, o.leadsCount(), len(activities),
				calls)
		}
	})
}

func TestFollowUp(t *testing.T) {
	each(t, func(o *office) {
		ana := o.contact("Ana", number(1), number(2))
		ref := record.Contact.Ref(ana.ID)
		missed := func() []timeline.Activity {
			day, err := o.MyDay(o.ctx, o.seller)
			o.must(err)
			return day.Missed
		}
		touch := o.call("c1", number(1))
		o.receive(touch)
		for range 2 {
			o.receive(touch.ended("missed", 0))
		}
		o.receive(o.call("c2", number(1)).ended("cancelled", 0))
		if got := missed(); len(got) != 1 || got[0].Due == nil || len(o.timeline(ref, "task")) != 1 {
			o.Fatalf("two missed calls left %+v", got)
		}
		back := o.call("c3", number(2)) // her other number
		back.Incoming = false
		o.receive(back.ended("failed", 0))
		if len(missed()) != 1 {
			o.Error("a call nobody answered settled the follow-up")
		}
		back.Key = "c4"
		o.receive(back.ended("answered", 30))
		if got := missed(); len(got) != 0 || o.timeline(ref, "task")[0].Outcome != "done" {
			o.Errorf("called back, and still %+v", got)
		}
		o.receive(touch.ended("missed", 0)) // the job runs again
		if len(missed()) != 0 {
			o.Error("the first missed call came again and left another follow-up")
		}
		o.receive(o.call("c5", number(1)).ended("missed", 0))
		if len(missed()) != 1 {
			o.Error("a new missed call left none")
		}
		promised := o.call("c7", number(2)).ended("missed", 0)
		promised.Promised = true
		o.receive(promised)
		if len(missed()) != 1 {
			o.Error("who is called back by a queue is left to people as well")
		}
		for range 2 {
			o.must(o.Owes(o.ctx, promised, func(*store.Tx) error { return nil }))
		}
		if len(missed()) != 2 {
			o.Error("who could not be called back is not left to people, once")
		}
		o.receive(o.call("c6", "anonymous").ended("missed", 0))
		if len(missed()) != 2 {
			o.Error("nobody can call an anonymous caller back")
		}
	})
}

func TestMailsWaiting(t *testing.T) {
	each(t, func(o *office) {
		o.contact("Ana", "ana@firm.ro", "ana@home.ro")
		waiting := func() int {
			day, err := o.MyDay(o.ctx, o.seller)
			o.must(err)
			return len(day.Mails)
		}
		o.receive(o.mail("1", "ana@firm.ro"))
		o.receive(o.mail("2", "ana@firm.ro"))
		auto := o.mail("3", "robot@firm.ro")
		auto.NoLead = true
		if card := o.receive(auto); card.Lead != "" || card.Match != None {
			o.Errorf("automatic mail: %+v", card)
		}
		if n := waiting(); n != 1 {
			o.Errorf("%d mails wait, want the last", n)
		}
		answer := o.mail("4", "ana@home.ro")
		answer.Incoming = false
		o.receive(answer)
		if n := waiting(); n != 0 {
			o.Errorf("%d mails wait after the answer", n)
		}
	})
}

func TestRedact(t *testing.T) {
	each(t, func(o *office) {
		firm, err := o.CreateCompany(o.ctx, o.root, Company{Name: "Firm", Comment: "secret", Responsible: o.other.ID})
		o.must(err)
		ana := o.contactOf(o.seller, Contact{Name: "Ana", Company: firm.ID, Comment: "private"}, number(1))
		o.deal("Boat", ana)
		_, err = o.CreateDeal(o.ctx, o.root, Deal{Title: "Hidden", Contact: ana.ID, Responsible: o.other.ID})
		o.must(err)
		card := o.receive(o.call("c1", number(1)))
		for _, row := range []struct {
			user                  people.User
			readable              bool
			deals                 int
			comment, firm, secret string
		}{
			{o.root, true, 2, "private", "Firm", "secret"},
			{o.seller, true, 1, "private", "Firm", ""},
			{o.chief, true, 1, "private", "Firm", ""},
			{o.other, false, 0, "", "", ""},
		} {
			got, err := o.Redact(o.ctx, card, row.user)
			o.must(err)
			v := got.Cards[0]
			if v.Name != "Ana" || v.Responsible != o.seller.ID || v.Readable != row.readable ||
				len(v.Deals) != row.deals || (v.Contact != nil) != row.readable {
				o.Errorf("%s sees %+v", row.user.Login, v)
			}
			if v.Readable && (v.Contact.Comment != row.comment || v.Company.Name != row.firm ||
				v.Company.Comment != row.secret) {
				o.Errorf("%s sees %+v of %+v", row.user.Login, v.Contact, v.Company)
			}
		}
	})
}

// What happened with two clients at once names both, in the card of each.
func TestSharedActivityKeepsItsLinksInEachCard(t *testing.T) {
	each(t, func(o *office) {
		o.contact("Ana", "+40721000001")
		o.contact("Ion", "+40721000001")
		o.receive(o.call("first", "+40721000001"))
		card := o.receive(o.call("second", "+40721000001"))
		if len(card.Cards) != 2 {
			t.Fatalf("%d cards", len(card.Cards))
		}
		for _, view := range card.Cards {
			for _, a := range view.Timeline {
				if len(a.Entities) != 2 {
					t.Errorf("%s: %s has %v", view.Name, a.ID, a.Entities)
				}
			}
			if len(view.Timeline) < 2 {
				t.Errorf("%s: %d on the timeline", view.Name, len(view.Timeline))
			}
		}
	})
}

// A channel that has no row in the table of policies is refused, and every row has what an activity needs.
func TestChannelsHavePolicies(t *testing.T) {
	if _, err := (Touch{Channel: "fax", Key: "k"}).normal(); err == nil ||
		!strings.Contains(err.Error(), "call, mail or meeting") {
		t.Errorf("fax: %v", err)
	}
	for name, p := range timeline.Policies() {
		if _, err := (Touch{Channel: name, Key: "k"}).normal(); err != nil || p.Kind == "" {
			t.Errorf("%s: kind %q, %v", name, p.Kind, err)
		}
	}
}
