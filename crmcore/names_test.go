package crmcore

import (
	"testing"

	"frontdesk/crmcore/address"
)

// A lead that was converted names nobody beside the client that it became; an open one is called as its person, not as
// its title.
func TestNamesOfLeads(t *testing.T) {
	each(t, func(o *office) {
		card := o.receive(o.mail("m1", "ana@new.ro"))
		_, err := o.ConvertLead(o.ctx, o.root, card.Lead, Conversion{})
		o.must(err)
		points := []Point{{Kind: address.Email, Raw: "ion@new.ro"}}
		_, err = o.CreateLead(o.ctx, o.root, Lead{Title: "Offer for windows", Name: "Ion", Points: points})
		o.must(err)
		contact, err := o.Contacts(o.ctx, o.root, Filter{})
		o.must(err)
		changed := contact.Items[0]
		changed.Name = "Ana Pop"
		_, err = o.UpdateContact(o.ctx, o.root, changed)
		o.must(err)
		names, err := o.Names(o.ctx, o.root, []string{"ana@new.ro", "ion@new.ro"})
		o.must(err)
		if names["ana@new.ro"] != "Ana Pop" || names["ion@new.ro"] != "Ion" {
			o.Errorf("%v", names)
		}
	})
}
