package crmcore

import (
	"errors"
	"slices"
	"testing"

	"frontdesk/crmcore/people"
	"frontdesk/crmcore/person"
	"frontdesk/crmcore/record"
	"frontdesk/store"
)

// A person is his contact and the leads that became it; who shares a number with him is named as maybe him, and what is
// theirs too is not taken for his alone.
func TestWhoAPersonIs(t *testing.T) {
	each(t, func(o *office) {
		lead := o.receive(o.call("p1", "+40733000001").ended("missed", 0)).Lead
		done, err := o.ConvertLead(o.ctx, o.root, lead, Conversion{})
		o.must(err)
		shared := o.contactOf(o.root, Contact{Name: "Colleague"}, "+40733000002")
		x := done.Contact
		x.Name, x.Points = "Ana Pop", append(x.Points, points("+40733000002", "ana@client.test")...)
		_, err = o.UpdateContact(o.ctx, o.root, x)
		o.must(err)
		o.receive(o.mail("m1", "ana@client.test"))
		p, err := person.Find(o.ctx, o.db, o.root, record.Contact.Ref(x.ID), nil)
		o.must(err)
		if len(p.Records) != 2 || p.Name != "Ana Pop" || !slices.Equal(p.Numbers, []string{"+40733000001"}) ||
			!slices.Equal(p.Addresses, []string{"ana@client.test"}) ||
			!slices.Equal(p.Shared, []string{"+40733000002"}) ||
			len(p.Others) != 1 || p.Others[0].ID != shared.ID {
			o.Errorf("a person: %+v", p)
		}
		both, err := person.Find(o.ctx, o.db, o.root, record.Contact.Ref(x.ID), []record.Ref{p.Others[0].Ref})
		o.must(err)
		if len(both.Records) != 3 || len(both.Shared) != 0 || len(both.Numbers) != 2 {
			o.Errorf("with the other: %+v", both)
		}
		if _, err := person.Find(o.ctx, o.db, o.seller, record.Contact.Ref(x.ID), nil); !errors.Is(err,
			people.ErrForbidden) {
			o.Errorf("a seller finds: %v", err)
		}
		if _, err := person.Find(o.ctx, o.db, o.root, record.Company.Ref("x"), nil); err == nil {
			o.Error("a company is a person")
		}
		o.must(o.db.Tx(o.ctx, func(tx *store.Tx) error { return person.Erase(o.ctx, tx, o.root, p) }))
		if _, err := o.Contact(o.ctx, o.root, shared.ID); err != nil {
			o.Errorf("who shared a number: %v", err)
		}
		if _, err := o.Lead(o.ctx, o.root, lead); !errors.Is(err, ErrNotFound) {
			o.Errorf("the lead that he was: %v", err)
		}
	})
}
