package record

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"frontdesk/crmcore/address"
	"frontdesk/crmcore/fold"
	"frontdesk/crmcore/people"
	"frontdesk/store"
	"frontdesk/store/storetest"
)

// Whatever is asked for, by whom and in which order: each of the ways of a search finds exactly the contacts that a
// look at each of them finds.
func TestSearchFindsWhatIsThere(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		top := o.department("North", "")
		below := o.department("South", top)
		boss, one, seller := o.user("boss", people.Staff, top, people.AccessDepartment), o.user("one", people.Staff,
			below, people.AccessOwn),
			o.user("two", people.Staff, "", people.AccessOwn)
		v := &villagers{rand: rand.New(rand.NewPCG(3, 4))}
		v.settle(o, []people.User{boss, one, seller, o.root}, below)
		for _, actor := range []people.User{o.root, boss, one, seller} {
			seen := v.seenBy(o, actor)
			for _, order := range []Order{Newest, ByName} {
				for range 40 {
					f := Filter{Query: v.question(), Order: order, Page: Page{Limit: 200}}
					want := v.naive(seen, f)
					for way, find := range ways(actor, f) {
						got, err := find(o.ctx, db)
						o.must(err)
						if !slices.Equal(got, want) {
							t.Errorf("%q by %s, %s, %s: %d found, %d are there\n%q\n%q", f.Query, actor.Login, order,
								way, len(got), len(want), v.called(got), v.called(want))
						}
					}
				}
			}
		}
	})
}

// ways are the ways in which a search may go: as it decides, by a walk through the list, and by the indexes together.
func ways(actor people.User, f Filter) map[string]func(context.Context, *store.DB) ([]string, error) {
	rs := contacts()
	return map[string]func(context.Context, *store.DB) ([]string, error){
		"search": func(ctx context.Context, db *store.DB) ([]string, error) {
			spots, _, err := rs.spots(ctx, db, actor, f, 200)
			return spotIDs(spots), err
		},
		"walk": func(ctx context.Context, db *store.DB) ([]string, error) {
			list, err := rs.terms(ctx, db, terms(f.Query))
			if err != nil {
				return nil, err
			}
			spots, _, err := rs.next(ctx, db, actor, f, list, 500)
			return spotIDs(appendHits(nil, spots)), err
		},
		"lists": func(ctx context.Context, db *store.DB) ([]string, error) {
			list, err := rs.terms(ctx, db, terms(f.Query))
			if err != nil {
				return nil, err
			}
			lists, err := rs.lengths(ctx, db, actor, f, list, maxRead)
			if err != nil {
				return nil, err
			}
			spots, err := rs.read(ctx, db, actor, f, lists, 200)
			return spotIDs(spots), err
		},
	}
}

// villagers are contacts made up at random, and what they are found by.
type villagers struct {
	rand  *rand.Rand
	all   []client
	words map[string][]string // of a contact and its company
}

func (v *villagers) pick(list ...string) string { return list[v.rand.IntN(len(list))] }

// settle makes them: a quarter of them nobody's, of a department.
func (v *villagers) settle(o *office, owners []people.User, department string) {
	o.Helper()
	v.words = map[string][]string{}
	var firms []client
	for _, name := range []string{"Alpha Grup SRL", "Popescu și Fiii", "Бета 2000"} {
		firms = append(firms, o.company(client{Name: name,
			Points: []Point{{Kind: address.Phone, Raw: fmt.Sprintf("+4021300%04d", len(firms)*1234)}}}))
	}
	for i := range 100 {
		in := client{Name: v.name(), Responsible: owners[v.rand.IntN(len(owners))].ID}
		if v.rand.IntN(3) > 0 {
			in.Points = append(in.Points, Point{Kind: address.Phone,
				Raw: fmt.Sprintf("+40722%06d", v.rand.IntN(1000)*1001)})
		}
		if v.rand.IntN(3) == 0 {
			in.Points = append(in.Points, Point{Kind: address.Email,
				Raw: fmt.Sprintf("%s.%s%d@%s.ro", v.pick("ion", "ana", "st"), v.pick("pop", "ionescu"), i,
					v.pick("alpha", "mail-er"))})
		}
		if v.rand.IntN(3) == 0 {
			in.Company = firms[v.rand.IntN(len(firms))].ID
		}
		c := o.contact(in)
		if v.rand.IntN(4) == 0 {
			_, err := o.db.Exec(o.ctx, "UPDATE contact SET responsible = '', department = $1 WHERE id = $2", department,
				c.ID)
			o.must(err)
		}
		v.all = append(v.all, c)
		v.words[c.ID] = append(fold.Words(c.Name), pointsWords(c.Points)...)
		if at := slices.IndexFunc(firms, func(f client) bool { return f.ID == c.Company }); at >= 0 {
			v.words[c.ID] = append(v.words[c.ID],
				append(fold.Words(firms[at].Name), pointsWords(firms[at].Points)...)...)
		}
	}
}

func pointsWords(points []Point) (all []string) {
	for _, p := range points {
		all = append(all, pointWords(p)...)
	}
	return all
}

func (v *villagers) name() string {
	first := v.pick("Ion", "Ioana", "Ștefan", "Ștefania", "Иван", "Наталья", "Jürgen", "Ana-Maria", "J.")
	return first + " " + v.pick("Popescu", "Popa", "Ionescu", "Müller", "Петров", "Țăranu", "O'Ion", "Păun 2000") +
		v.pick("", " jr", " 77")
}

// question are one to three words, or parts of them, of somebody: of one or of several; or the end of a number.
func (v *villagers) question() string {
	var asked []string
	for range 1 + v.rand.IntN(3) {
		whose := v.words[v.all[v.rand.IntN(len(v.all))].ID]
		word := []rune(whose[v.rand.IntN(len(whose))])
		from, to := 0, 1+v.rand.IntN(len(word))
		if v.rand.IntN(2) == 0 && len(word) > 4 {
			from, to = v.rand.IntN(len(word)-3), len(word)
		}
		asked = append(asked, string(word[from:to]))
	}
	return strings.Join(asked, v.pick(" ", "  ", " "))
}

// seenBy are those that an actor may see.
func (v *villagers) seenBy(o *office, actor people.User) (seen []client) {
	o.Helper()
	for _, c := range v.all {
		h, err := HeadOf(o.ctx, o.db, actor, Contact.Ref(c.ID))
		if o.must(err); h.Readable {
			seen = append(seen, c)
		}
	}
	return seen
}

// naive is the search without an index.
func (v *villagers) naive(seen []client, f Filter) (ids []string) {
	slices.SortFunc(seen, func(a, b client) int {
		return f.Order.compare(spot{id: a.ID, folded: SortKey(a.Name)}, spot{id: b.ID, folded: SortKey(b.Name)})
	})
	wanted := terms(f.Query)
	for _, c := range seen {
		lacks := func(text string) bool {
			return !slices.ContainsFunc(v.words[c.ID], func(word string) bool { return answers(word, text) })
		}
		if len(wanted) > 0 && !slices.ContainsFunc(wanted, lacks) {
			ids = append(ids, c.ID)
		}
	}
	return ids
}

// answers tells whether a word is found by a text: as its beginning, within it, or as the end of a number.
func answers(word, text string) bool {
	switch {
	case strings.HasPrefix(word, text):
		return true
	case utf8.RuneCountInString(text) < minInfix || strings.Contains(word, "@"):
		return false
	case isNumber(word) && len(word) > maxBare:
		return strings.HasSuffix(word, text)
	}
	return strings.Contains(word, text)
}

func (v *villagers) called(ids []string) (names []string) {
	for _, id := range ids {
		at := slices.IndexFunc(v.all, func(c client) bool { return c.ID == id })
		names = append(names, v.all[at].Name)
	}
	return names
}
