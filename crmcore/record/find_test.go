package record

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"frontdesk/crmcore/address"
	"frontdesk/crmcore/fold"
	"frontdesk/crmcore/people"
	"frontdesk/store"
	"frontdesk/store/query"
	"frontdesk/store/storetest"
)

// found are the names of the contacts that a search finds, on all its pages.
func (o *office) found(actor people.User, f Filter) (names []string) {
	o.Helper()
	f.Limit = 7
	for {
		page, err := contacts().List(o.ctx, o.db, actor, f)
		o.must(err)
		for _, c := range page.Items {
			names = append(names, c.Name)
		}
		if f.Cursor = page.Next; page.Next == "" {
			return names
		}
	}
}

// What a search finds does not depend on how many records have a word: here 30 are named by every index, and 4,200 of
// others stand around them.
func TestSearchAmongMany(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		seller := o.user("lena", people.Staff, "", people.AccessOwn)
		for _, c := range []client{
			{Name: "Ștefan Popescu", Responsible: seller.ID,
				Points: []Point{{Kind: address.Phone, Raw: "+40722123456"},
					{Kind: address.Email, Raw: "stefan.p@alpha-grup.ro"}}},
			{Name: "Надежда Крупская", Responsible: seller.ID},
			{Name: "Popa Cezar Emil", Responsible: o.root.ID},
		} {
			o.contact(c)
		}
		o.crowd(4200)
		for query, want := range map[string][]string{
			"popescu": {"Ștefan Popescu"}, "opesc": {"Ștefan Popescu"}, "STEFAN": {"Ștefan Popescu"},
			"23456": {"Ștefan Popescu"}, "0722 123 456": {"Ștefan Popescu"},
			"+40722123456": {"Ștefan Popescu"}, "stefan.p@alpha-grup.ro": {"Ștefan Popescu"},
			"lpha": {"Ștefan Popescu"}, "рупск": {"Надежда Крупская"},
			"common popescu": nil, "cezar emil": {"Popa Cezar Emil"}, "popa": {"Popa Cezar Emil"},
			"c cezar": {"Popa Cezar Emil"}, "opa popescu": nil, "!!": nil,
			"north south": {"Common Crowd 2050 south north"}, "ort sou": {"Common Crowd 2050 south north"},
			"south 2050": {"Common Crowd 2050 south north"},
		} {
			for _, order := range []Order{Newest, ByName} {
				if got := o.found(o.root, Filter{Query: query, Order: order}); !slices.Equal(got, want) {
					t.Errorf("%q, %s: %q, want %q", query, order, got, want)
				}
			}
		}
		if got := o.found(seller, Filter{Query: "north south"}); len(got) != 0 {
			t.Errorf("the seller's: %q", got)
		}
		if got := o.found(seller, Filter{Query: "pop"}); !slices.Equal(got, []string{"Ștefan Popescu"}) {
			t.Errorf("the seller's: %q", got)
		}
		for _, query := range []string{"c", "common", "ommo", "c cr"} {
			page, err := contacts().List(o.ctx, o.db, o.root, Filter{Query: query, Page: Page{Limit: 50}})
			if o.must(err); len(page.Items) != 50 || page.Next == "" ||
				page.Items[0].Name != "Common Crowd 4199 south" {
				t.Errorf("%q: %d of 4,200", query, len(page.Items))
			}
		}
		// More than the index is asked for share a word, and all are older than those that a walk comes by.
		page, err := contacts().List(o.ctx, o.db, o.root, Filter{Query: "veteran common", Page: Page{Limit: 50}})
		if o.must(err); len(page.Items) != 50 || !strings.HasSuffix(page.Items[49].Name, " veteran") {
			t.Errorf("%d veterans", len(page.Items))
		}
		o.searchPlans()
	})
}

// searchPlans looks at how the databases answer what a search asks: each question by its index, whatever the actor may
// see.
func (o *office) searchPlans() {
	o.Helper()
	if o.db.Dialect() == store.PostgreSQL {
		_, err := o.db.Exec(o.ctx, "ANALYZE")
		o.must(err)
	}
	ids, err := query.All(o.ctx, o.db, query.Text, query.New("SELECT id FROM contact LIMIT 8"))
	o.must(err)
	plain, inside, shared := term{text: "pau"}, term{text: "pau", inside: true}, term{text: "emi", shared: true}
	list := func(text string, size int) lengthy {
		t := term{text: text}
		return lengthy{term: &t, parts: lookUp(Contact, t), size: size}
	}
	words := func(q *query.Builder) {
		o.planned(q, "search_word_", "search_word_of (entity_id=?") // PostgreSQL has two indexes that serve
	}
	for _, actor := range []people.User{{ID: "one", Access: people.AccessOwn},
		{ID: "one", Access: people.AccessOwn, Department: "two"},
		{ID: "one", Access: people.AccessDepartment, Department: "two"}} {
		for _, order := range []Order{Newest, ByName} {
			f := Filter{Order: order, Page: Page{Cursor: cursorAt(order, spot{id: ids[0]})}}
			q, err := contacts().spotsAmong(o.db.Dialect(), actor, f, []term{plain, inside, shared},
				OneOf(ids), len(ids), 51)
			o.must(err)
			o.planned(q, "contact_", "sqlite_autoindex_contact_1 (id=?)")
			words(q)
			own, err := contacts().ownParts(o.ctx, o.db, actor, f)
			o.must(err)
			lists := []lengthy{list("ceza", 10), list("emi", 20), {parts: own, size: 100}, list("vet", 1000)}
			all, asked := together(lists)
			q = new(query.Builder).With(all)
			if o.planned(q, "search_word_pkey",
				"sqlite_autoindex_search_word_1 (entity_kind=? AND word=?"); len(asked) != 1 || asked[0].text != "vet" {
				o.Errorf("asked: %v", asked)
			}
			whole, err := contacts().spotsAmong(o.db.Dialect(), actor, f, nil,
				func(q *query.Builder) { q.Add(" IN (").With(all).Add(")") }, maxRead, 51)
			o.must(err)
			o.planned(whole, "contact_", "sqlite_autoindex_contact_1 (id=?")
			if o.db.Dialect() == store.SQLite {
				o.planned(q, "", "MERGE (INTERSECT)") // in one go through each, without a copy
				o.planned(q, "", "contact_responsible (responsible=?")
			}
		}
	}
	o.planned(lookUp(Contact, term{text: "com"})[0].query().Add(" LIMIT ?", maxListed), "search_word_pkey",
		"sqlite_autoindex_search_word_1 (entity_kind=? AND word=?")
	if o.db.Dialect() == store.SQLite { // the few points here are nothing for PostgreSQL to seek in
		numbers := strings.Fields(strings.Repeat("+40722000000 ", maxListed))
		o.planned(new(query.Builder).
			With(named(people.User{ID: "one", Access: people.AccessOwn}, address.Phone, numbers)), "",
			"contact_point_value (value=? AND kind=?")
	}
}

// planned fails where a query does not use an index, or reads a whole table.
func (o *office) planned(q *query.Builder, postgres, sqlite string) {
	o.Helper()
	want, never := sqlite, []string{"SCAN contact", "SCAN search_word", "MULTI-INDEX"}
	if o.db.Dialect() == store.PostgreSQL {
		want, never = postgres, []string{"Seq Scan on contact", "Seq Scan on search_word"}
	}
	plan := storetest.Plan(o.T, o.db, q.String(), q.Args...)
	if !strings.Contains(plan, want) || slices.ContainsFunc(never,
		func(bad string) bool { return strings.Contains(plan, bad) }) {
		o.Errorf("%s\nis planned so, not by %s:\n%s", q.String(), want, plan)
	}
}

// Lists that go on are put together up to where one of them is not known.
func TestMerged(t *testing.T) {
	at := func(ids ...string) (list []spot) {
		for _, id := range ids {
			list = append(list, spot{id: id})
		}
		return list
	}
	for _, c := range []struct {
		lists [][]spot
		want  string
		whole bool
	}{
		{[][]spot{at("9", "5"), at("8", "7")}, "9 8 7", false},
		{[][]spot{at("9", "5"), at("8")}, "9 8 5", false},
		{[][]spot{at("5"), at("9"), nil}, "9 5", true},
	} {
		spots, whole := merged(Newest, c.lists, 2)
		if got := strings.Join(spotIDs(spots), " "); got != c.want || whole != c.whole {
			t.Errorf("%v: %s, whole %t", c.lists, got, whole)
		}
	}
}

// crowd adds contacts of the root's who share words.
func (o *office) crowd(n int) {
	o.Helper()
	o.must(o.db.Tx(o.ctx, func(tx *store.Tx) error {
		persons, words := &bulk{tx: tx,
			into: "contact (id, name, folded, position, company, comment, responsible, department, " +
				"created_at, updated_at)"}, &bulk{tx: tx, into: "search_word"}
		for i := range n {
			id, name := store.NewID(), fmt.Sprintf("Common Crowd %d", i)
			if i%2 == 1 || i == 2050 {
				name += " south"
			}
			if i%2 == 0 {
				name += " north"
			}
			if i < 1200 {
				name += " veteran"
			}
			if err := persons.add(o.ctx, id, name, SortKey(name), "", "", "", o.root.ID, "", 1, 1); err != nil {
				return err
			}
			for _, w := range wordsOnce(name) {
				if err := words.add(o.ctx, Contact, []byte(w), id); err != nil {
					return err
				}
			}
		}
		if err := insertParts(o.ctx, tx, []string{"common", "crowd", "north", "south"}); err != nil {
			return err
		}
		return query.Steps(func() error { return persons.flush(o.ctx) }, func() error { return words.flush(o.ctx) })
	}))
}

func wordsOnce(name string) []string {
	list := fold.Words(name)
	slices.Sort(list)
	return slices.Compact(list)
}

// A list over several people has all of theirs in order, page by page, each once.
func TestListOfADepartment(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		top := o.department("North", "")
		below := o.department("South", top)
		boss, one, other := o.user("boss", people.Staff, top, people.AccessDepartment), o.user("one", people.Staff,
			below, people.AccessOwn),
			o.user("two", people.Staff, "", people.AccessAll)
		var want []string
		for i := range 30 {
			who := []people.User{boss, one, other}[i%3]
			name := fmt.Sprintf("Client %02d", i)
			if o.contact(client{Name: name, Responsible: who.ID}); who.ID != other.ID {
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

// What was written before words had parts is found by parts when the job has done its work, which a later run does not
// repeat for ever.
func TestPartsOfOlderWords(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		o.contact(client{Name: "Ana Marinescu", Responsible: o.root.ID})
		_, err := db.Exec(o.ctx, "DELETE FROM search_part")
		o.must(err)
		if got := o.found(o.root, Filter{Query: "arines"}); len(got) != 0 {
			t.Fatalf("found without parts: %q", got)
		}
		payload, _ := json.Marshal(partsDone{Again: true})
		o.must(FillParts(o.ctx, o.db, store.Job{Payload: payload}))
		if got := o.found(o.root, Filter{Query: "arines"}); !slices.Equal(got, []string{"Ana Marinescu"}) {
			t.Errorf("found %q", got)
		}
		next, err := query.One(o.ctx, db, query.Text, query.New("SELECT payload FROM job WHERE kind = ?", PartsJob))
		if o.must(err); next != "{}" {
			t.Errorf("the next job: %s", next)
		}
	})
}
