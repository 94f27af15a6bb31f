package crmcore

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"frontdesk/crmcore/address"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/crmcore/timeline"
)

// meeting is a touch of a meeting that has just begun.
func (o *office) meeting(key string, about ...record.Ref) Touch {
	return Touch{Channel: timeline.Meeting, Phase: timeline.Began, Key: key, Users: []string{o.seller.ID},
		At: time.Now(), Subject: "Price talk", Snippet: "SELLER", Source: "room",
		About: append([]record.Ref{}, about...)}
}

func TestMeetingComesOnTheTimelinesOfWhatItIsAbout(t *testing.T) {
	each(t, func(o *office) {
		ana, firm := o.contact("Ana", number(1)), o.contact("Ion", number(2))
		deal := o.deal("Boat", firm)
		anaRef, dealRef, ionRef := record.Contact.Ref(ana.ID), record.Deal.Ref(deal.ID), record.Contact.Ref(firm.ID)
		card := o.receive(o.meeting("m", anaRef, record.Contact.Ref("gone")))
		if shown(card) != "Ana:meeting" || card.Reason != timeline.Meeting || card.Match != Exact || card.Lead != "" {
			o.Fatalf("card %+v", card)
		}
		if got := o.timeline(anaRef); len(got) != 1 || got[0].Kind != "meeting" || got[0].Outcome != "" ||
			got[0].Title != "Price talk" || got[0].Source != "room" {
			o.Errorf("while it runs: %+v", got)
		}
		more := o.meeting("m", anaRef, dealRef) // somebody else came in, and it is about more
		more.Snippet = "SELLER, OTHER"
		if again := o.receive(more); again.Activity != card.Activity || shown(again) != "Ana:meeting Boat:meeting" {
			o.Errorf("again: %+v", again)
		}
		o.receive(more.ended("answered", 600))
		for range 2 { // the job runs again, and a late one comes
			o.receive(more.ended("answered", 700))
			o.receive(o.meeting("m", anaRef))
		}
		for _, ref := range []record.Ref{anaRef, dealRef, ionRef} {
			got := o.timeline(ref, "meeting")
			if len(got) != 1 || got[0].ID != card.Activity || got[0].Seconds != 600 || got[0].Outcome != "answered" ||
				got[0].Body != "SELLER, OTHER" || got[0].User != o.seller.ID {
				o.Errorf("on %v: %+v", ref, got)
			}
		}
		if o.leadsCount() != 0 {
			o.Error("a meeting made a lead")
		}
	})
}

func TestMeetingFollowsWhatItIsAbout(t *testing.T) {
	each(t, func(o *office) {
		ana, ion := record.Contact.Ref(o.contact("Ana", number(1)).ID), record.Contact.Ref(o.contact("Ion",
			number(2)).ID)
		o.receive(o.meeting("moved", ana))
		o.receive(o.meeting("moved", ion).ended("answered", 60)) // it was set right meanwhile
		if a, i := len(o.timeline(ana)), len(o.timeline(ion)); a != 0 || i != 1 {
			o.Errorf("%d on the wrong timeline, %d on the right one", a, i)
		}
		o.receive(o.meeting("kept", ana))
		gone := o.meeting("kept").ended("answered", 60)
		gone.About = nil // the room was removed: nobody knows any more
		o.receive(gone)
		if got := o.timeline(ana); len(got) != 1 || got[0].Seconds != 60 {
			o.Errorf("after the room was removed: %+v", got)
		}
		if card := o.receive(o.meeting("nothing").ended("answered", 60)); card.Activity != "" || len(card.Cards) != 0 {
			o.Errorf("a meeting about nothing: %+v", card)
		}
	})
}

// A converted lead's meetings are its contact's: those before and, where a room still points to the lead, those after.
func TestMeetingsOfALeadGoToItsContact(t *testing.T) {
	each(t, func(o *office) {
		lead, err := o.CreateLead(o.ctx, o.root, Lead{Title: "Somebody", Name: "Some Body", Responsible: o.seller.ID})
		o.must(err)
		ref := record.Lead.Ref(lead.ID)
		o.receive(o.meeting("before", ref).ended("answered", 60))
		o.receive(o.meeting("during", ref))
		made, err := o.ConvertLead(o.ctx, o.root, lead.ID, Conversion{Deal: &Deal{Title: "Boat"}})
		o.must(err)
		o.receive(o.meeting("during", ref).ended("answered", 60))
		if card := o.receive(o.meeting("after", ref)); shown(card) != "Some Body:meeting" ||
			card.Cards[0].Contact == nil {
			o.Errorf("card %+v", card)
		}
		for _, at := range []record.Ref{ref, record.Contact.Ref(made.Contact.ID), record.Deal.Ref(made.Deal.ID)} {
			if got := o.timeline(at, "meeting"); len(got) != 3 {
				o.Errorf("%d meetings on %v", len(got), at)
			}
		}
	})
}

func TestConcurrentTouchesOfAMeeting(t *testing.T) {
	each(t, func(o *office) {
		ana := record.Contact.Ref(o.contact("Ana", number(1)).ID)
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				touch := o.meeting("m", ana)
				if touch.Snippet = fmt.Sprint(i); i%4 == 3 {
					touch = touch.ended("answered", 60)
				}
				if _, err := o.Receive(o.ctx, touch); err != nil {
					o.Error(err)
				}
			})
		}
		wg.Wait()
		if got := o.timeline(ana); len(got) != 1 || got[0].Seconds != 60 {
			o.Errorf("timeline %+v", got)
		}
	})
}

func TestReadable(t *testing.T) {
	each(t, func(o *office) {
		mine := record.Contact.Ref(o.contact("Mine", number(1)).ID)
		other := record.Contact.Ref(o.contactOf(o.other, Contact{Name: "Other's"}, number(2)).ID)
		refs := []record.Ref{other, record.Deal.Ref("gone"), record.Kind("user").Ref(o.root.ID), mine}
		for user, want := range map[*people.User][]record.Named{&o.seller: {{Ref: mine, Name: "Mine"}},
			&o.root: {{Ref: other, Name: "Other's"}, {Ref: mine, Name: "Mine"}}} {
			got, err := o.Readable(o.ctx, *user, refs)
			o.must(err)
			if !slices.Equal(got, want) {
				o.Errorf("%s sees %v, want %v", user.Login, got, want)
			}
		}
	})
}

// A client who comes in by phone has the meeting on his timeline, whatever it is about; a stranger makes no lead, and
// of several nobody is guessed.
func TestGuestsOfAMeeting(t *testing.T) {
	each(t, func(o *office) {
		ana := record.Contact.Ref(o.contact("Ana", number(1)).ID)
		ion, eva := record.Contact.Ref(o.contact("Ion", number(2)).ID), record.Contact.Ref(o.contact("Eva",
			number(2)).ID)
		guests := func(numbers ...string) (all []address.Address) {
			for _, n := range numbers {
				a, err := address.ParsePhone(n, "RO")
				o.must(err)
				all = append(all, a)
			}
			return all
		}
		touch := o.meeting("m")
		touch.Guests = append(guests(number(1), number(2), number(9), ownNumber), address.Address{})
		if card := o.receive(touch); shown(card) != "Ana:meeting" || card.Lead != "" {
			o.Errorf("card %+v", card)
		}
		o.receive(touch.ended("answered", 60))
		if got := o.timeline(ana, "meeting"); len(got) != 1 || got[0].Seconds != 60 {
			o.Errorf("timeline %+v", got)
		}
		if len(o.timeline(ion))+len(o.timeline(eva)) != 0 || o.leadsCount() != 0 {
			o.Error("somebody was guessed, or a lead was made")
		}
	})
}
