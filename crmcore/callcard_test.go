package crmcore

import (
	"errors"
	"testing"

	"frontdesk/crmcore/record"
)

// What the call bar shows while a call runs follows what is done meanwhile: a client is made, renamed, chosen,
// converted.
func TestCallCardFollows(t *testing.T) {
	each(t, func(o *office) {
		now := func(call string) string {
			o.Helper()
			card, err := o.CallCard(o.ctx, o.root, call)
			o.must(err)
			return names(card)
		}
		want := func(call, name string) {
			o.Helper()
			if got := now(call); got != name {
				o.Errorf("%s is with %q, want %q", call, got, name)
			}
		}
		if _, err := o.CallCard(o.ctx, o.root, "none"); !errors.Is(err, ErrNotFound) {
			o.Errorf("a call that is none: %v", err)
		}

		nobody := o.call("unknown", number(1))
		nobody.NoLead = true
		o.receive(nobody)
		want("unknown", "")
		made := o.contact("Ana", number(1))
		want("unknown", "Ana")
		made.Name = "Ana Pop"
		_, err := o.UpdateContact(o.ctx, o.root, made)
		o.must(err)
		want("unknown", "Ana Pop")

		o.contact("Ion", number(2))
		dan := o.contact("Dan", number(2))
		activity := o.receive(o.call("shared", number(2))).Activity
		_, err = o.Choose(o.ctx, o.root, activity, record.Contact.Ref(dan.ID))
		o.must(err)
		want("shared", "Dan")
		_, err = o.Choose(o.ctx, o.root, activity, record.Contact.Ref(made.ID)) // who has another number
		o.must(err)
		want("shared", "Ana Pop")

		caller := o.call("lead", number(3))
		caller.Name = "Mr New"
		lead := o.receive(caller).Lead
		want("lead", "Mr New")
		caller = caller.ended("missed", 0)
		o.receive(caller)
		_, err = o.ConvertLead(o.ctx, o.root, lead, Conversion{})
		o.must(err)
		card, err := o.CallCard(o.ctx, o.root, "lead")
		o.must(err)
		if len(card.Cards) != 1 || card.Cards[0].Ref.Kind != record.Contact || card.Match != Exact {
			o.Errorf("after the conversion: %+v", card)
		}
		client := card.Cards[0].Contact
		client.Name = "Mihai Newman"
		_, err = o.UpdateContact(o.ctx, o.root, *client)
		o.must(err)
		day, err := o.MyDay(o.ctx, o.root)
		o.must(err)
		if len(day.Missed) != 1 || day.Missed[0].Client != "Mihai Newman" || now("lead") != "Mihai Newman" {
			o.Errorf("missed %+v", day.Missed)
		}
	})
}
