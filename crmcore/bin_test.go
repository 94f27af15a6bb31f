package crmcore

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"frontdesk/crmcore/bin"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/store"
	"frontdesk/store/query"
)

// What comes back out of the bin is as it was: addresses, fields, timeline, and what pointed to it; meanwhile no caller
// is taken for it.
func TestWhatIsRestoredIsAsItWas(t *testing.T) {
	each(t, func(o *office) {
		firm, err := o.CreateCompany(o.ctx, o.seller, Company{Name: "Firm", Website: "firm.test"})
		o.must(err)
		ana := o.contactOf(o.seller, Contact{Name: "Ana Pop", Company: firm.ID, Position: "Head",
			Fields: record.Values{"tags": {"vip"}}}, "+40722000001", "ana@client.test")
		deal := o.deal("Deal", ana)
		o.receive(o.call("c1", "+40722000001"))
		before := o.timeline(record.Contact.Ref(ana.ID))
		o.must(o.Delete(o.ctx, o.seller, record.Contact.Ref(ana.ID)))
		if _, err := o.Contact(o.ctx, o.root, ana.ID); !errors.Is(err, ErrNotFound) {
			o.Errorf("deleted: %v", err)
		}
		if card := o.receive(o.call("c2", "+40722000001")); card.Lead == "" {
			o.Errorf("a caller in the bin is known: %s", shown(card))
		}
		if gone, _ := o.Deal(o.ctx, o.root, deal.ID); gone.Contact != "" {
			o.Error("the deal points to who is gone")
		}
		_, err = o.Restore(o.ctx, o.other, ana.ID)
		if !errors.Is(err, people.ErrForbidden) {
			o.Errorf("another restores it: %v", err)
		}
		if list, err := o.Bin(o.ctx, o.other, "", record.Page{}); err != nil || len(list.Items) != 0 {
			o.Errorf("another sees %v %v", list.Items, err)
		}
		list, err := o.Bin(o.ctx, o.seller, record.Contact, record.Page{})
		o.must(err)
		if len(list.Items) != 1 || list.Items[0].Name != "Ana Pop" || list.Items[0].By != o.seller.ID {
			o.Errorf("in the bin: %+v", list.Items)
		}
		_, err = o.Restore(o.ctx, o.seller, ana.ID)
		o.must(err)
		back, err := o.Contact(o.ctx, o.seller, ana.ID)
		o.must(err)
		if back.Name != ana.Name || back.Position != "Head" || back.Company != firm.ID ||
			!back.Created.Equal(ana.Created) || !back.Fields.Equal(ana.Fields) ||
			!slices.Equal(back.Points, ana.Points) {
			o.Errorf("back: %+v\nwas: %+v", back, ana)
		}
		if after := o.timeline(record.Contact.Ref(ana.ID)); len(after) != len(before) || after[0].ID != before[0].ID {
			o.Errorf("timeline %v, was %v", after, before)
		}
		if again, _ := o.Deal(o.ctx, o.root, deal.ID); again.Contact != ana.ID {
			o.Error("the deal lost its contact")
		}
		found, err := o.Contacts(o.ctx, o.seller, record.Filter{Query: "ana pop"})
		o.must(err)
		if len(found.Items) != 1 {
			o.Errorf("found %d", len(found.Items))
		}
		if card := o.receive(o.call("c3", "+40722000001")); !strings.Contains(shown(card), "Ana Pop") {
			o.Errorf("a call from her: %s", shown(card))
		}
	})
}

// Records that are deleted one after the other point to each other again in whichever order they come back.
func TestLinksInTheBinComeBackInAnyOrder(t *testing.T) {
	each(t, func(o *office) {
		for _, firmFirst := range []bool{true, false} {
			firm, err := o.CreateCompany(o.ctx, o.root, Company{Name: "Firm"})
			o.must(err)
			ana := o.contactOf(o.root, Contact{Name: "Ana", Company: firm.ID})
			o.must(o.Delete(o.ctx, o.root, record.Company.Ref(firm.ID)))
			o.must(o.Delete(o.ctx, o.root, record.Contact.Ref(ana.ID)))
			order := []string{ana.ID, firm.ID}
			if firmFirst {
				order = []string{firm.ID, ana.ID}
			}
			for _, id := range order {
				_, err = o.Restore(o.ctx, o.root, id)
				o.must(err)
			}
			if back, _ := o.Contact(o.ctx, o.root, ana.ID); back.Company != firm.ID {
				o.Errorf("firm first %v: company %q", firmFirst, back.Company)
			}
		}
	})
}

// A deal whose pipeline is no more comes back to the first there is; all kinds come back with every column they have.
func TestEveryColumnComesBack(t *testing.T) {
	each(t, func(o *office) {
		lead, err := o.CreateLead(o.ctx, o.root, Lead{Title: "Wants", Name: "Ion", CompanyName: "X", Source: "manual",
			Stage: LeadNew, Points: points("+40722000009"), Comment: "c"})
		o.must(err)
		deal := o.deal("Deal", o.contact("Ana"))
		firm, err := o.CreateCompany(o.ctx, o.root, Company{Name: "Firm", Website: "w", Comment: "c"})
		o.must(err)
		for _, ref := range []record.Ref{record.Lead.Ref(lead.ID), record.Deal.Ref(deal.ID),
			record.Company.Ref(firm.ID), record.Contact.Ref(deal.Contact)} {
			columns := o.columnsOf(ref)
			was := o.whole(ref, columns)
			o.must(o.Delete(o.ctx, o.root, ref))
			_, err := o.Restore(o.ctx, o.root, ref.ID)
			o.must(err)
			is := o.whole(ref, columns)
			// the deletion itself is a change of the record
			if at := slices.Index(columns, "updated_at"); at >= 0 {
				was[at], is[at] = "", ""
			}
			if !slices.Equal(was, is) {
				o.Errorf("%s: %v\nwas %v\nis  %v", ref.Kind, columns, was, is)
			}
		}
		o.must(bin.Empty(o.ctx, o.db, store.Now()))
	})
}

// columnsOf are all columns of a kind's table.
func (o *office) columnsOf(ref record.Ref) []string {
	ask := `SELECT name FROM pragma_table_info($1) ORDER BY 1`
	if o.db.Dialect() == store.PostgreSQL {
		ask = `SELECT column_name FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = $1 ORDER BY 1`
	}
	rows, err := o.db.Query(o.ctx, ask, string(ref.Kind))
	all, err := store.Collect(rows, err, query.Text)
	o.must(err)
	return all
}

// whole is the line of a record, column by column.
func (o *office) whole(ref record.Ref, columns []string) (all []string) {
	for _, c := range columns {
		value, err := query.One(o.ctx, o.db, query.Text,
			query.New("SELECT COALESCE(CAST("+c+" AS TEXT), '') FROM "+string(ref.Kind)+" WHERE id = ?", ref.ID))
		o.must(err)
		all = append(all, value)
	}
	return all
}
