package crmcore

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"frontdesk/crmcore/bin"
	"frontdesk/crmcore/history"
	"frontdesk/crmcore/merging"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/crmcore/timeline"
	"frontdesk/store"
	"frontdesk/store/query"
)

// changes are those on a record's timeline, by what, name, from, to and by; the oldest first.
func (o *office) changes(ref record.Ref) (all []string) {
	o.Helper()
	list, err := o.TimelineOf(o.ctx, o.root, ref, "change", record.Page{})
	o.must(err)
	for _, a := range slices.Backward(list.Items) {
		m := a.Made
		all = append(all, strings.Join([]string{m.What, m.Name, m.From, m.To, string(m.By)}, "|"))
	}
	return all
}

// untraited are entries without those of names, addresses and the like that changed.
func untraited(list []timeline.Activity) []timeline.Activity {
	return slices.DeleteFunc(list, func(a timeline.Activity) bool { return a.Made != nil && a.Made.What == "trait" })
}

// Each field that changes is told, from what to what, by whom and through what; what stays is not told, and a long text
// is told by its beginning.
func TestFieldChangesAreTold(t *testing.T) {
	each(t, func(o *office) {
		firm, err := o.CreateCompany(o.ctx, o.seller, Company{Name: "Firm"})
		o.must(err)
		ana := o.contactOf(o.seller, Contact{Name: "Ana"}, "+40722000001")
		ana.Position, ana.Company, ana.Comment = "Head", firm.ID, strings.Repeat("ă long ", 5000/8)
		ana, err = o.UpdateContact(o.ctx, o.seller, ana)
		o.must(err)
		ana.Points = append(ana.Points, points("ana@client.test")...)
		ana, err = o.UpdateContact(timeline.Through(o.ctx, timeline.ByAPI), o.seller, ana)
		o.must(err)
		told := o.changes(record.Contact.Ref(ana.ID))
		for _, want := range []string{"trait|position||Head|", "trait|company||Firm|",
			"trait|points|+40722000001|+40722000001, ana@client.test|api"} {
			if !slices.Contains(told, want) {
				o.Errorf("%q is not in %q", want, told)
			}
		}
		long := told[slices.IndexFunc(told, func(s string) bool { return strings.HasPrefix(s, "trait|comment") })]
		if len(told) != 4 || len(long) > history.MaxSaid+30 || !strings.HasSuffix(long, "…|") {
			o.Errorf("told: %q", told)
		}
		deal := o.deal("Deal", ana)
		deal.Amount, deal.Fields = 1200_50, record.Values{"tags": {"big"}}
		_, err = o.UpdateDeal(o.ctx, o.seller, deal)
		o.must(err)
		if told := o.changes(record.Deal.Ref(deal.ID)); !slices.Equal(told, []string{"field|Tags||big|",
			"trait|amount|100.00 EUR|1200.50 EUR|"}) {
			o.Errorf("of the deal: %q", told)
		}
		if _, err := o.TimelineOf(o.ctx, o.other, record.Contact.Ref(ana.ID), "change",
			record.Page{}); !errors.Is(err, people.ErrForbidden) {
			o.Errorf("another reads them: %v", err)
		}
	})
}

// A merge tells which value came from where, and with whom; what a refused change would have told is not there.
func TestChangesOfMerges(t *testing.T) {
	each(t, func(o *office) {
		first, second := o.twins()
		o.merged(merging.Merging{Kind: record.Contact, IDs: []string{first.ID, second.ID}})
		told := o.changes(record.Contact.Ref(first.ID))
		for _, want := range []string{"merged|Ana Pop|||merge", "trait|position||Head|merge",
			"field|Tags|vip|vip, fair|merge"} {
			if !slices.Contains(told, want) {
				o.Errorf("%q is not in %q", want, told)
			}
		}
		x, err := o.Contact(o.ctx, o.seller, first.ID)
		o.must(err)
		x.Name, x.Responsible = "Never", "nobody"
		if _, err := o.UpdateContact(o.ctx, o.seller, x); err == nil {
			o.Error("nobody became responsible")
		}
		if again := o.changes(record.Contact.Ref(first.ID)); !slices.Equal(told, again) {
			o.Errorf("a refused change is told: %q", again)
		}
	})
}

// With a record that is gone for good, what was changed of it is gone.
func TestChangesGoWithTheRecord(t *testing.T) {
	each(t, func(o *office) {
		ana := o.contactOf(o.seller, Contact{Name: "Ana"}, "+40722000001")
		ana.Name = "Secret Name"
		_, err := o.UpdateContact(o.ctx, o.seller, ana)
		o.must(err)
		o.must(o.Delete(o.ctx, o.seller, record.Contact.Ref(ana.ID)))
		left := query.New("SELECT id FROM activity WHERE kind = 'change'")
		if ids, _ := query.All(o.ctx, o.db, query.Text, left); len(ids) != 1 {
			o.Errorf("in the bin: %v", ids)
		}
		o.must(bin.Empty(o.ctx, o.db, store.Now().AddDate(0, 0, 1)))
		if ids, _ := query.All(o.ctx, o.db, query.Text, left); len(ids) != 0 {
			o.Errorf("left: %v", ids)
		}
	})
}
