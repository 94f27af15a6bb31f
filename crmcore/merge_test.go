package crmcore

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"frontdesk/crmcore/bin"
	"frontdesk/crmcore/merging"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/store"
	"frontdesk/store/query"
)

// twins are two contacts of one person, each with a call, a deal and a task of its own; the first has no position.
func (o *office) twins() (first, second Contact) {
	o.Helper()
	firm, err := o.CreateCompany(o.ctx, o.seller, Company{Name: "Firm"})
	o.must(err)
	first = o.contactOf(o.seller, Contact{Name: "A. Pop", Fields: record.Values{"tags": {"vip"}}}, "+40722000001")
	second = o.contactOf(o.seller, Contact{Name: "Ana Pop", Company: firm.ID, Position: "Head",
		Fields: record.Values{"tags": {"fair"}}}, "+40722000002", "ana@client.test")
	for i, c := range []Contact{first, second} {
		o.deal("Deal of "+c.Name, c)
		o.receive(o.call("c"+c.Name, "+4072200000"+string(rune('1'+i))).ended("missed", 0))
	}
	return first, second
}

func (o *office) merged(in merging.Merging) merging.Merged {
	o.Helper()
	done, err := o.Merge(o.ctx, o.seller, in)
	o.must(err)
	return done
}

// everything is all that the database keeps of records, line by line.
func (o *office) everything(refs ...record.Ref) (all []string) {
	o.Helper()
	for _, ref := range refs {
		all = append(all, o.whole(ref, o.columnsOf(ref))...)
	}
	for _, ask := range []string{
		"SELECT entity_id || ' ' || activity || ' ' || at FROM activity_entity ORDER BY 1",
		"SELECT entity_id || ' ' || position || ' ' || value || ' ' || raw FROM contact_point ORDER BY 1",
		"SELECT id || ' ' || contact || ' ' || company FROM deal ORDER BY 1",
		"SELECT entity_id || ' ' || field || ' ' || value FROM field_value ORDER BY 1",
		"SELECT address || ' ' || lead FROM lead_address ORDER BY 1",
		"SELECT list || ' ' || record FROM calling_item ORDER BY 1",
		"SELECT id FROM activity ORDER BY 1",
		"SELECT id FROM bin ORDER BY 1",
	} {
		lines, err := query.All(o.ctx, o.db, query.Text, query.New(ask))
		o.must(err)
		all = append(all, lines...)
	}
	words, err := query.All(o.ctx, o.db, func(r store.Row) (string, error) {
		var id string
		var word []byte
		err := r.Scan(&id, &word)
		return id + " " + string(word), err
	}, query.New("SELECT entity_id, word FROM search_word ORDER BY entity_id, word"))
	o.must(err)
	return append(all, words...)
}

// Of two contacts one stands with the other's addresses, history, deals and place on calling lists; callers are taken
// for it at once, the old id leads to it, and undo brings both back to the letter.
func TestMergedAndTakenBack(t *testing.T) {
	each(t, func(o *office) {
		o.Merges = merging.New(o.db, []bin.Place{{Table: "calling_item", Owner: "list", Record: "record"}},
			o.hooks.Changed)
		first, second := o.twins()
		_, err := o.db.Exec(o.ctx, `INSERT INTO calling_item (id, list, record, position, state, due, promised, tries,
			reached, agent, lease, call, answered, changed_at)
			VALUES ('i', 'l', $1, 0, 'open', 0, '', 0, FALSE, '', 0, '', FALSE, 0)`, second.ID)
		o.must(err)
		refs := []record.Ref{record.Contact.Ref(first.ID), record.Contact.Ref(second.ID)}
		before := o.everything(refs...)
		done := o.merged(merging.Merging{Kind: record.Contact, IDs: []string{second.ID, first.ID},
			Stand: map[string]string{"name": second.ID}})
		if done.Into.ID != first.ID || done.Into.Name != "Ana Pop" {
			o.Fatalf("merged into %+v", done.Into)
		}
		one, err := o.Contact(o.ctx, o.seller, first.ID)
		o.must(err)
		if one.Position != "Head" || one.CompanyName != "Firm" || len(one.Points) != 3 ||
			!slices.Equal(one.Fields["tags"], []string{"vip", "fair"}) {
			o.Errorf("one of two: %+v", one)
		}
		if list, _ := o.Deals(o.ctx, o.seller, record.Filter{Contact: first.ID}); len(list.Items) != 2 {
			o.Errorf("%d deals", len(list.Items))
		}
		if calls := o.timeline(refs[0], "call"); len(calls) != 2 {
			o.Errorf("%d calls on the timeline", len(calls))
		}
		if tasks := o.timeline(refs[0], "task"); len(tasks) != 2 {
			o.Errorf("%d tasks on the timeline", len(tasks))
		}
		found, err := o.Contacts(o.ctx, o.seller, record.Filter{Query: "40722000002"})
		o.must(err)
		if len(found.Items) != 1 || found.Items[0].ID != first.ID {
			o.Errorf("found by the other's number: %+v", found.Items)
		}
		var moved *record.Moved
		if _, err := o.Contact(o.ctx, o.seller, second.ID); !errors.As(err, &moved) || moved.To != refs[0] {
			o.Errorf("the old id: %v", err)
		}
		if _, err := o.Contact(o.ctx, o.other, second.ID); errors.As(err, &moved) || !errors.Is(err, ErrNotFound) {
			o.Errorf("the old id, to who may not see: %v", err)
		}
		on := query.New("SELECT record FROM calling_item")
		if who, _ := query.One(o.ctx, o.db, query.Text, on); who != first.ID {
			o.Error("the calling list has who is gone")
		}
		back, err := o.Restore(o.ctx, o.seller, second.ID) // as from the bin
		o.must(err)
		if back != refs[1] {
			o.Errorf("back: %v", back)
		}
		if after := o.everything(refs...); !slices.Equal(before, after) {
			o.Errorf("not as it was:\n%s", differing(before, after))
		}
	})
}

// differing are the lines that only one of two has.
func differing(a, b []string) string {
	var out []string
	for _, s := range a {
		if !slices.Contains(b, s) {
			out = append(out, "- "+s)
		}
	}
	for _, s := range b {
		if !slices.Contains(a, s) {
			out = append(out, "+ "+s)
		}
	}
	return strings.Join(out, "\n")
}

// A call from either number after a merge opens the card of the one that stands; then there is no way back, and it says
// so.
func TestMergedIsUsed(t *testing.T) {
	each(t, func(o *office) {
		first, second := o.twins()
		done := o.merged(merging.Merging{Kind: record.Contact, IDs: []string{first.ID, second.ID}})
		card := o.receive(o.call("after", "+40722000002"))
		if len(card.Cards) != 1 || card.Cards[0].Ref.ID != first.ID {
			o.Errorf("a call from the other's number: %s", shown(card))
		}
		if _, err := o.Unmerge(o.ctx, o.seller, done.ID); err == nil || !strings.Contains(err.Error(), "used since") {
			o.Errorf("taken back after a call: %v", err)
		}
	})
}

// What the one that stands was changed by since is not lost by taking the merge back; and a merge that goes on is taken
// back from its end.
func TestMergedTwice(t *testing.T) {
	each(t, func(o *office) {
		first, second := o.twins()
		third := o.contact("Third", "+40722000003")
		one := o.merged(merging.Merging{Kind: record.Contact, IDs: []string{first.ID, second.ID}})
		two := o.merged(merging.Merging{Kind: record.Contact, IDs: []string{first.ID, third.ID}, Into: third.ID})
		var moved *record.Moved
		if _, err := o.Contact(o.ctx, o.seller, second.ID); !errors.As(err, &moved) || moved.To.ID != third.ID {
			o.Errorf("the oldest id leads to %v", err)
		}
		if _, err := o.Unmerge(o.ctx, o.seller, one.ID); err == nil {
			o.Error("the first of two merges is taken back before the second")
		}
		for _, id := range []string{two.ID, one.ID} {
			_, err := o.Unmerge(o.ctx, o.seller, id)
			o.must(err)
		}
		for _, id := range []string{first.ID, second.ID, third.ID} {
			if _, err := o.Contact(o.ctx, o.seller, id); err != nil {
				o.Errorf("%s: %v", id, err)
			}
		}
		again := o.merged(merging.Merging{Kind: record.Contact, IDs: []string{first.ID, second.ID}})
		x, err := o.Contact(o.ctx, o.seller, first.ID)
		o.must(err)
		x.Name = "Changed"
		_, err = o.UpdateContact(o.ctx, o.seller, x)
		o.must(err)
		if _, err := o.Unmerge(o.ctx, o.seller, again.ID); err == nil {
			o.Error("a change is lost")
		}
	})
}

// Leads become one with the addresses that they were made for: neither makes a new lead.
func TestMergedLeads(t *testing.T) {
	each(t, func(o *office) {
		first := o.receive(o.call("l1", "+40733000001").ended("missed", 0)).Lead
		second := o.receive(o.call("l2", "+40733000002").ended("missed", 0)).Lead
		refs := []record.Ref{record.Lead.Ref(first), record.Lead.Ref(second)}
		before := o.everything(refs...)
		done, err := o.Merge(o.ctx, o.root, merging.Merging{Kind: record.Lead, IDs: []string{first, second}})
		o.must(err)
		if card := o.receive(o.call("l1", "+40733000002")); card.Lead != "" {
			o.Error("a merged number makes a lead")
		}
		_, err = o.Unmerge(o.ctx, o.root, done.ID)
		o.must(err)
		if after := o.everything(refs...); !slices.Equal(before, after) {
			o.Errorf("not as it was:\n%s", differing(before, after))
		}
		_, err = o.ConvertLead(o.ctx, o.root, first, Conversion{})
		o.must(err)
		if _, err := o.Merge(o.ctx, o.root, merging.Merging{Kind: record.Lead,
			IDs: []string{first, second}}); err == nil {
			o.Error("a converted lead is merged")
		}
	})
}

// Who may not see both merges neither; when the bin is emptied there is no way back, and nothing is kept of it.
func TestMergeRights(t *testing.T) {
	each(t, func(o *office) {
		first, second := o.twins()
		foreign := o.contactOf(o.other, Contact{Name: "Other's"})
		_, err := o.Merge(o.ctx, o.seller, merging.Merging{Kind: record.Contact, IDs: []string{first.ID, foreign.ID}})
		if !errors.Is(err, people.ErrForbidden) {
			o.Errorf("another's: %v", err)
		}
		for _, bad := range []merging.Merging{
			{Kind: record.Contact, IDs: []string{first.ID, first.ID}},
			{Kind: record.Deal, IDs: []string{first.ID, second.ID}},
			{Kind: record.Contact, IDs: []string{first.ID, second.ID}, Into: foreign.ID},
			{Kind: record.Contact, IDs: []string{first.ID, second.ID}, Stand: map[string]string{"id": first.ID}},
			{Kind: record.Contact, IDs: []string{first.ID, second.ID}, Stand: map[string]string{"name": foreign.ID}},
		} {
			if _, err := o.Merge(o.ctx, o.seller, bad); err == nil {
				o.Errorf("merged: %+v", bad)
			}
		}
		done := o.merged(merging.Merging{Kind: record.Contact, IDs: []string{first.ID, second.ID}})
		if _, err := o.Unmerge(o.ctx, o.other, done.ID); !errors.Is(err, people.ErrForbidden) {
			o.Errorf("another takes it back: %v", err)
		}
		o.must(bin.Empty(o.ctx, o.db, store.Now().AddDate(0, 0, 1)))
		if _, err := o.Unmerge(o.ctx, o.seller, done.ID); !errors.Is(err, ErrNotFound) {
			o.Errorf("taken back out of an empty bin: %v", err)
		}
		if _, err := o.Contact(o.ctx, o.seller, second.ID); !errors.As(err, new(*record.Moved)) {
			o.Errorf("the old id after that: %v", err)
		}
	})
}
