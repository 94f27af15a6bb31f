package crmcore

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"frontdesk/store"
	"frontdesk/store/storetest"
)

// found are the names of the contacts that a search finds, on all its pages.
func (o *office) found(actor User, f Filter) (names []string) {
	o.Helper()
	f.Limit = 7
	for {
		page, err := o.Contacts(o.ctx, actor, f)
		o.must(err)
		for _, c := range page.Items {
			names = append(names, c.Name)
		}
		if f.Cursor = page.Next; page.Next == "" {
			return names
		}
	}
}

// What a search finds does not depend on how many records have a word: here 30 are named by every index, and 3,000 of others stand around them.
func TestSearchAmongMany(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db, Hooks{})
		seller := o.user("lena", Staff, "", AccessOwn)
		for _, c := range []Contact{
			{Name: "Ștefan Popescu", Responsible: seller.ID, Points: []Point{{Kind: Phone, Raw: "+40722123456"}, {Kind: Email, Raw: "stefan.p@alpha-grup.ro"}}},
			{Name: "Надежда Крупская", Responsible: seller.ID},
			{Name: "Popa Cezar Emil", Responsible: o.root.ID},
		} {
			_, err := o.CreateContact(o.ctx, o.root, c)
			o.must(err)
		}
		o.crowd(3000)
		for query, want := range map[string][]string{
			"popescu": {"Ștefan Popescu"}, "opesc": {"Ștefan Popescu"}, "STEFAN": {"Ștefan Popescu"}, "3456": {"Ștefan Popescu"}, "0722 123 456": {"Ștefan Popescu"},
			"+40722123456": {"Ștefan Popescu"}, "stefan.p@alpha-grup.ro": {"Ștefan Popescu"}, "lpha": {"Ștefan Popescu"}, "рупск": {"Надежда Крупская"},
			"common popescu": nil, "cezar emil": {"Popa Cezar Emil"}, "popa": {"Popa Cezar Emil"}, "c cezar": {"Popa Cezar Emil"}, "opa popescu": nil, "!!": nil,
		} {
			for _, order := range []Order{Newest, ByName} {
				if got := o.found(o.root, Filter{Query: query, Order: order}); !slices.Equal(got, want) {
					t.Errorf("%q, %s: %q, want %q", query, order, got, want)
				}
			}
		}
		if got := o.found(seller, Filter{Query: "pop"}); !slices.Equal(got, []string{"Ștefan Popescu"}) {
			t.Errorf("the seller's: %q", got)
		}
		for _, query := range []string{"c", "common", "ommo", "c cr"} {
			page, err := o.Contacts(o.ctx, o.root, Filter{Query: query, Page: Page{Limit: 50}})
			if o.must(err); len(page.Items) != 50 || page.Next == "" || page.Items[0].Name != "Common Crowd 2999" {
				t.Errorf("%q: %d of 3,000", query, len(page.Items))
			}
		}
		// More than the index is asked for share a word, and all are older than those that a walk comes by.
		page, err := o.Contacts(o.ctx, o.root, Filter{Query: "veteran common", Page: Page{Limit: 50}})
		if o.must(err); len(page.Items) != 50 || !strings.HasSuffix(page.Items[49].Name, " veteran") {
			t.Errorf("%d veterans", len(page.Items))
		}
	})
}

// crowd adds contacts of the root's who share words.
func (o *office) crowd(n int) {
	o.Helper()
	o.must(o.db.Tx(o.ctx, func(tx *store.Tx) error {
		persons, words := &bulk{tx: tx, into: "contact"}, &bulk{tx: tx, into: "search_word"}
		for i := range n {
			id, name := store.NewID(), fmt.Sprintf("Common Crowd %d", i)
			if i < 1200 {
				name += " veteran"
			}
			if err := persons.add(o.ctx, id, name, sortKey(name), "", "", "", o.root.ID, "", 1, 1); err != nil {
				return err
			}
			for _, w := range wordsOnce(name) {
				if err := words.add(o.ctx, KindContact, []byte(w), id); err != nil {
					return err
				}
			}
		}
		if err := insertParts(o.ctx, tx, []string{"common", "crowd"}); err != nil {
			return err
		}
		return steps(func() error { return persons.flush(o.ctx) }, func() error { return words.flush(o.ctx) })
	}))
}

func wordsOnce(name string) []string {
	list := words(name)
	slices.Sort(list)
	return slices.Compact(list)
}

// A list over several people has all of theirs in order, page by page, each once.
func TestListOfADepartment(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db, Hooks{})
		top := o.department("North", "")
		below := o.department("South", top)
		boss, one, other := o.user("boss", Staff, top, AccessDepartment), o.user("one", Staff, below, AccessOwn), o.user("two", Staff, "", AccessAll)
		var want []string
		for i := range 30 {
			who := []User{boss, one, other}[i%3]
			name := fmt.Sprintf("Client %02d", i)
			_, err := o.CreateContact(o.ctx, o.root, Contact{Name: name, Responsible: who.ID})
			if o.must(err); who.ID != other.ID {
				want = append(want, name)
			}
		}
		if got := o.found(boss, Filter{Order: ByName}); !slices.Equal(got, want) {
			t.Errorf("by name: %q", got)
		}
		slices.Reverse(want)
		if got := o.found(boss, Filter{}); !slices.Equal(got, want) {
			t.Errorf("newest: %q", got)
		}
		if got := o.found(boss, Filter{Query: "client"}); !slices.Equal(got, want) {
			t.Errorf("searched: %q", got)
		}
	})
}

// What was written before words had parts is found by parts when the job has done its work, which a later run does not repeat for ever.
func TestPartsOfOlderWords(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db, Hooks{})
		o.contact("Ana Marinescu")
		_, err := db.Exec(o.ctx, "DELETE FROM search_part")
		o.must(err)
		if got := o.found(o.root, Filter{Query: "arines"}); len(got) != 0 {
			t.Fatalf("found without parts: %q", got)
		}
		payload, _ := json.Marshal(partsDone{Again: true})
		o.must(o.FillParts(o.ctx, store.Job{Payload: payload}))
		if got := o.found(o.root, Filter{Query: "arines"}); !slices.Equal(got, []string{"Ana Marinescu"}) {
			t.Errorf("found %q", got)
		}
		next, err := one(o.ctx, db, text, new(query).add("SELECT payload FROM job WHERE kind = ?", PartsJob))
		if o.must(err); next != "{}" {
			t.Errorf("the next job: %s", next)
		}
	})
}
