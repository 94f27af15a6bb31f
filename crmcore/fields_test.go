package crmcore

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"frontdesk/crmcore/field"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
)

func (o *office) field(name string, t field.Type, choices ...string) field.Field {
	o.Helper()
	f := field.Field{Name: name, Type: t, Kinds: record.Kinds()}
	for _, c := range choices {
		f.Choices = append(f.Choices, field.Option{Name: c})
	}
	f, err := o.SaveField(o.ctx, o.root, f)
	o.must(err)
	return f
}

// asked are the names of the contacts that satisfy the conditions, page by page.
func (o *office) asked(actor people.User, conditions ...field.Asked) (names []string) {
	o.Helper()
	f := record.Filter{Order: record.ByName, Page: record.Page{Limit: 2}}
	o.must(o.Narrow(o.ctx, actor, record.Contact, conditions, &f))
	for {
		list, err := o.Contacts(o.ctx, actor, f)
		o.must(err)
		for _, c := range list.Items {
			names = append(names, c.Name)
		}
		if f.Cursor = list.Next; f.Cursor == "" {
			return names
		}
	}
}

// Each type keeps values in one writing, and refuses what is none.
func TestValuesOfFields(t *testing.T) {
	each(t, func(o *office) {
		level := o.field("Level", field.Choice, "Gold", "Silver")
		several := o.field("Interests", field.Choices, "A", "B")
		for _, test := range []struct {
			f         field.Field
			give, has []string // has nil: refused
		}{
			{o.field("Text", field.Text), []string{" x "}, []string{"x"}},
			{o.field("Number", field.Number), []string{"1e3"}, []string{"1000"}},
			{o.field("No number", field.Number), []string{"ten"}, nil},
			{o.field("Money", field.Money), []string{"1200.5 EUR"}, []string{"1200.50 EUR"}},
			{o.field("No money", field.Money), []string{"1200"}, nil},
			{o.field("Date", field.Date), []string{"2026-11-30"}, []string{"2026-11-30"}},
			{o.field("No date", field.Date), []string{"30.11.2026"}, nil},
			{o.field("Yes", field.YesNo), []string{"yes"}, []string{"yes"}},
			{o.field("Maybe", field.YesNo), []string{"maybe"}, nil},
			{level, []string{level.Choices[1].ID}, []string{level.Choices[1].ID}},
			{level, []string{"Silver"}, nil},
			{level, []string{level.Choices[0].ID, level.Choices[1].ID}, nil},
			{several, []string{several.Choices[1].ID, several.Choices[0].ID}, []string{several.Choices[1].ID, several.Choices[0].ID}},
			{o.field("User", field.User), []string{o.seller.ID}, []string{o.seller.ID}},
			{o.field("Nobody", field.User), []string{"x"}, nil},
		} {
			c, err := o.CreateContact(o.ctx, o.root, Contact{Name: "X", Fields: record.Values{test.f.ID: test.give}})
			switch {
			case test.has == nil && err == nil:
				o.Errorf("%s: %q was kept as %q", test.f.Name, test.give, c.Fields[test.f.ID])
			case test.has == nil:
				wantInvalid(o.T, err, "fields."+test.f.ID)
			case err != nil || !slices.Equal(c.Fields[test.f.ID], test.has):
				o.Errorf("%s: %q is kept as %q, %v", test.f.Name, test.give, c.Fields[test.f.ID], err)
			}
		}
	})
}

// What changed stands on the timeline; a field that was removed returns with its values; a lead's go to the client.
func TestFieldsOfARecord(t *testing.T) {
	each(t, func(o *office) {
		level := o.field("Level", field.Choice, "Gold", "Silver")
		gold := record.Values{level.ID: {level.Choices[0].ID}}
		c := o.contact("Ana")
		c.Fields = gold.With(record.Values{"tags": {"vip", "Fair 2026"}})
		c, err := o.UpdateContact(o.ctx, o.seller, c)
		o.must(err)
		changes := o.timeline(record.Contact.Ref(c.ID), "change")
		if len(changes) != 2 || !slices.ContainsFunc([]string{changes[0].Title, changes[1].Title}, func(s string) bool {
			return s == "Level: – → Gold"
		}) {
			o.Errorf("the timeline tells %+v", changes)
		}
		o.must(o.RemoveField(o.ctx, o.root, level.ID))
		c.Fields = c.Fields.With(record.Values{"tags": nil})
		_, err = o.UpdateContact(o.ctx, o.seller, c)
		o.must(err)
		_, err = o.SaveField(o.ctx, o.root, level)
		o.must(err)
		if c, err = o.Contact(o.ctx, o.seller, c.ID); err != nil || !c.Fields.Equal(gold) {
			o.Errorf("it returned with %v, %v", c.Fields, err)
		}
		if _, err := o.SaveField(o.ctx, o.seller, level); !errors.Is(err, people.ErrForbidden) {
			o.Errorf("a seller changes fields: %v", err)
		}

		lead, err := o.CreateLead(o.ctx, o.seller, Lead{Title: "L", CompanyName: "Firm",
			Fields: gold.With(record.Values{"source": {"website"}, "utm_campaign": {"Autumn"}})})
		o.must(err)
		made, err := o.ConvertLead(o.ctx, o.seller, lead.ID, Conversion{Deal: new(Deal)})
		o.must(err)
		if made.Contact.Fields["source"] == nil || made.Contact.Fields["utm_campaign"] != nil ||
			made.Deal.Fields["utm_campaign"] == nil || made.Company.Fields[level.ID] == nil {
			o.Errorf("converted to %v, %v, %v", made.Contact.Fields, made.Company.Fields, made.Deal.Fields)
		}
	})
}

// Lists ask for values and for what all records have, page by page, within the rights of who asks.
func TestListsByFields(t *testing.T) {
	each(t, func(o *office) {
		size, since := o.field("Size", field.Number), o.field("Since", field.Date)
		for i := range 6 {
			c := Contact{Name: fmt.Sprint("C", i), Fields: record.Values{size.ID: {fmt.Sprint(i * 10)},
				since.ID: {fmt.Sprintf("2026-01-%02d", i+1)}}}
			if i%2 == 0 {
				c.Fields["tags"] = []string{"Țară", "vip"}
			}
			owner := o.seller
			if i == 4 {
				owner = o.other
			}
			o.contactOf(owner, c)
		}
		ask := func(id, op string, values ...string) field.Asked {
			return field.Asked{Field: id, Op: op, Values: values}
		}
		for _, test := range []struct {
			actor people.User
			want  string
			list  []field.Asked
		}{
			{o.root, "[C0 C2 C4]", []field.Asked{ask("tags", "is", "tara")}},
			{o.seller, "[C0 C2]", []field.Asked{ask("tags", "is", "TARA", "other")}},
			{o.root, "[C1 C3 C5]", []field.Asked{ask("tags", "not", "vip")}},
			{o.root, "[C1 C3 C5]", []field.Asked{ask("tags", "empty")}},
			{o.root, "[C2 C4]", []field.Asked{ask("tags", "starts", "vi"), ask(size.ID, "from", "15")}},
			{o.root, "[C1 C2]", []field.Asked{ask(size.ID, "from", "10"), ask(size.ID, "to", "20")}},
			{o.root, "[C0 C1]", []field.Asked{ask(since.ID, "to", "2026-01-02")}},
			{o.seller, "[C0 C1 C2 C3 C5]", []field.Asked{ask("responsible", "is", "me")}},
			{o.root, "[C0 C1 C2 C3 C4 C5]", []field.Asked{ask("created", "from", "-1"), ask("updated", "to", "+1")}},
			{o.root, "[]", []field.Asked{ask("created", "to", "-2")}},
		} {
			if got := fmt.Sprint(o.asked(test.actor, test.list...)); got != test.want {
				o.Errorf("%v: %s, want %s", test.list, got, test.want)
			}
		}
		for _, bad := range []field.Asked{ask("nothing", "is", "x"), ask("tags", "from", "1"),
			ask(size.ID, "from", "x"),
			ask("responsible", "from", "x"), ask("created", "is", time.Now().Format(time.DateOnly)),
			ask("tags", "is")} {
			wantInvalid(o.T, o.Narrow(o.ctx, o.root, record.Contact, []field.Asked{bad}, new(record.Filter)),
				"where[0]")
		}
	})
}
