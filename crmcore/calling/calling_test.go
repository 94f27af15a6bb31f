package calling

import (
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/crmcore"
	"frontdesk/crmcore/address"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/store"
	"frontdesk/store/storetest"
)

// desk is a company whose sellers see all.
type desk struct {
	*testing.T
	*Lists
	db             *store.DB
	core           *crmcore.Core
	root, ana, dan people.User
	department     string
}

func each(t *testing.T, test func(d *desk)) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		core := crmcore.New(db, crmcore.Config{KnownPasswords: true}, crmcore.Hooks{}, slog.New(slog.DiscardHandler),
			prometheus.NewRegistry())
		d := &desk{T: t, Lists: New(db, "RO"), db: db, core: core}
		d.root = d.user("root", people.NewUser{User: people.User{Role: people.Admin}})
		house, err := core.CreateDepartment(t.Context(), d.root, people.Department{Name: "House"})
		d.must(err)
		sales, err := core.CreateDepartment(t.Context(), d.root, people.Department{Name: "Sales", Parent: house.ID})
		d.must(err)
		d.department = house.ID
		d.ana = d.user("ana", people.NewUser{User: people.User{Access: people.AccessAll, Department: sales.ID}})
		d.dan = d.user("dan", people.NewUser{User: people.User{Access: people.AccessAll}})
		test(d)
	})
}

func (d *desk) must(err error) {
	d.Helper()
	if err != nil {
		d.Fatal(err)
	}
}

func (d *desk) user(login string, u people.NewUser) people.User {
	d.Helper()
	if u.Role == "" {
		u.Role = people.Staff
	}
	if u.Access == "" {
		u.Access = people.AccessOwn
	}
	u.Login, u.Name, u.Email, u.Password = login, login, login+"@ours.ro", "correct horse"
	made, err := d.core.CreateUser(d.Context(), people.System(), u)
	d.must(err)
	return made
}

// contacts makes n of them, each with a number, of a responsible user.
func (d *desk) contacts(n int, of people.User) (ids []string) {
	d.Helper()
	for i := range n {
		c, err := d.core.CreateContact(d.Context(), d.root, crmcore.Contact{Name: fmt.Sprint("Client ", i),
			Responsible: of.ID, Points: []record.Point{{Kind: address.Phone, Raw: number(i)}}})
		d.must(err)
		ids = append(ids, c.ID)
	}
	return ids
}

func number(i int) string { return fmt.Sprintf("+4072200%04d", i) }

// list makes one of clients, that some work.
func (d *desk) list(l List, ids []string) List {
	d.Helper()
	l.Name, l.Kind = "Autumn", record.Contact
	if l.Tries == 0 {
		l.Tries, l.Minutes = 3, 60
	}
	made, err := d.Save(d.Context(), d.root, l)
	d.must(err)
	added, err := d.Add(d.Context(), d.root, made.ID, ids)
	d.must(err)
	if added.Added != len(ids) {
		d.Fatalf("added %+v of %d", added, len(ids))
	}
	return made
}

func (d *desk) next(u people.User, l List) Item {
	d.Helper()
	item, err := d.Next(d.Context(), u, l.ID)
	d.must(err)
	return item
}

func (d *desk) none(u people.User, l List) {
	d.Helper()
	if item, err := d.Next(d.Context(), u, l.ID); !errors.Is(err, store.ErrNotFound) {
		d.Errorf("%s gets %+v, %v", u.Login, item, err)
	}
}

func (d *desk) say(u people.User, item Item, o Outcome) {
	d.Helper()
	d.must(d.Say(d.Context(), u, item.ID, o))
}

func (d *desk) is(l List, want Progress) {
	d.Helper()
	got, err := d.One(d.Context(), d.root, l.ID)
	d.must(err)
	if got.Progress != want {
		d.Errorf("it stands at %+v, want %+v", got.Progress, want)
	}
}

// passes has the time come of all that waits, and all leases lapse.
func (d *desk) passes() {
	d.Helper()
	_, err := d.db.Exec(d.Context(), `UPDATE calling_item SET due = CASE WHEN due > 0 THEN 1 ELSE 0 END, lease = 1`)
	d.must(err)
}

// Many who take from one list at the same moment, each in two tabs, get a client each, and no client is with two.
func TestNobodyGetsTheSameClient(t *testing.T) {
	each(t, func(d *desk) {
		var agents []people.User
		var ids []string
		for i := range 6 {
			agents = append(agents, d.user(fmt.Sprint("agent", i),
				people.NewUser{User: people.User{Access: people.AccessAll}}))
			ids = append(ids, agents[i].ID)
		}
		l := d.list(List{Users: ids}, d.contacts(20, d.root))
		got := make([]string, 2*len(agents))
		var all sync.WaitGroup
		for i := range got {
			all.Go(func() {
				item, err := d.Next(d.Context(), agents[i/2], l.ID)
				if got[i] = item.Of.ID; err != nil {
					d.Error(err)
				}
			})
		}
		all.Wait()
		of := map[string]int{}
		for i, id := range got {
			if by, taken := of[id]; taken && by != i/2 {
				d.Errorf("%s is with agents %d and %d", id, by, i/2)
			}
			if of[id] = i / 2; got[i] != got[i^1] {
				d.Errorf("agent %d has two: %s and %s", i/2, got[i], got[i^1])
			}
		}
		d.is(l, Progress{Total: 20, Left: 20, Taken: len(agents)})
	})
}

// What came of a call decides: done, again at a time that is kept by who promised it, later and then left when nobody
// answers, never.
func TestOutcomes(t *testing.T) {
	each(t, func(d *desk) {
		l := d.list(List{Departments: []string{d.department}, Users: []string{d.dan.ID}, Tries: 2, Minutes: 30},
			d.contacts(4, d.root))
		first := d.next(d.ana, l) // by her department's parent
		if again := d.next(d.ana, l); again.ID != first.ID || first.Name != "Client 0" {
			d.Errorf("she got %+v, then %+v", first, again)
		}
		if err := d.Say(d.Context(), d.dan, first.ID, Outcome{Is: "done"}); !errors.Is(err, store.ErrNotFound) {
			d.Errorf("another's client: %v", err)
		}
		d.say(d.ana, first, Outcome{Is: "done"})
		promised := d.next(d.ana, l)
		d.say(d.ana, promised, Outcome{Is: "again", At: time.Now().Add(time.Hour)})
		never := d.next(d.ana, l)
		d.say(d.ana, never, Outcome{Is: "never", Why: "Has a supplier"})
		d.is(l, Progress{Total: 4, Left: 2, Later: 1, Done: 1, Reached: 3, Refused: 1})
		silent := d.next(d.dan, l)
		d.must(d.Told(d.Context(), Call{ID: "c1", Users: []string{d.dan.ID}, Number: number(3)}))
		d.must(d.Told(d.Context(), Call{ID: "c1", Users: []string{d.dan.ID}, Number: number(3), Ended: true}))
		if silent = d.next(d.dan, l); silent.Call != "c1" || silent.Answered || silent.Tries != 1 {
			d.Errorf("his client, called in vain: %+v", silent)
		}
		d.say(d.dan, silent, Outcome{Is: "no_answer"})
		d.none(d.dan, l) // the promise is hers, the other waits for half an hour
		d.none(d.ana, l)
		d.passes()
		if item := d.next(d.ana, l); item.ID != promised.ID || !item.Promised {
			d.Errorf("her promise: %+v", item)
		}
		if silent = d.next(d.dan, l); silent.Tries != 1 {
			d.Errorf("the second try: %+v", silent)
		}
		d.say(d.dan, silent, Outcome{Is: "no_answer"}) // by his mobile: no call was seen
		d.is(l, Progress{Total: 4, Left: 1, Taken: 1, Done: 1, Reached: 3, Refused: 1, Failed: 1})
	})
}

// Whose screen is gone gives his client up: one whom nobody called is the next one's, who answered is not called again,
// who did not is called later. Until somebody takes it he gets it back himself.
func TestALapsedClientIsGivenOn(t *testing.T) {
	each(t, func(d *desk) {
		l := d.list(List{Users: []string{d.ana.ID, d.dan.ID}}, d.contacts(3, d.root))
		held := d.next(d.ana, l)
		d.passes()
		if back := d.next(d.ana, l); back.ID != held.ID {
			d.Errorf("she gets %+v back", back)
		}
		d.passes()
		if given := d.next(d.dan, l); given.ID != held.ID {
			d.Errorf("he gets %+v", given)
		}
		if _, err := d.Hold(d.Context(), d.ana, held.ID); !errors.Is(err, store.ErrNotFound) {
			d.Errorf("she holds what is his: %v", err)
		}
		d.must(d.Told(d.Context(), Call{ID: "c1", Users: []string{d.dan.ID}, Number: number(0), Ended: true,
			Answered: true})) // the beginning was never told
		d.next(d.ana, l)
		d.must(d.Told(d.Context(), Call{ID: "c2", Users: []string{d.ana.ID}, Number: number(1), Ended: true}))
		d.passes()
		third := d.user("third", people.NewUser{User: people.User{Role: people.Admin}})
		l.Users = append(l.Users, third.ID)
		_, err := d.Save(d.Context(), d.root, l)
		d.must(err)
		if free := d.next(third, l); free.Name != "Client 2" {
			d.Errorf("the third gets %+v", free)
		}
		d.is(l, Progress{Total: 3, Left: 2, Later: 1, Taken: 1, Done: 1, Reached: 1})
	})
}

// Whom one may not see one does not get; who is deleted meanwhile is let go of; a number that asked not to be called is
// not given out, and comes back when that is lifted.
func TestWhoIsGivenOut(t *testing.T) {
	each(t, func(d *desk) {
		eve := d.user("eve", people.NewUser{})
		ids := d.contacts(3, d.root)
		others, err := d.core.CreateContact(d.Context(), d.root, crmcore.Contact{Name: "Hers", Responsible: eve.ID,
			Points: []record.Point{{Kind: address.Phone, Raw: "+40722001000"}}})
		d.must(err)
		mute, err := d.core.CreateContact(d.Context(), d.root, crmcore.Contact{Name: "No phone"})
		d.must(err)
		l := d.list(List{Users: []string{eve.ID, d.ana.ID}}, append(ids, others.ID, mute.ID))
		if hers := d.next(eve, l); hers.Name != "Hers" {
			d.Errorf("eve sees only hers, and gets %+v", hers)
		}
		held := d.next(d.ana, l)
		d.must(d.core.Delete(d.Context(), d.root, held.Of))
		_, err = d.Bar(d.Context(), d.dan, "0722 000 001", "Wrote so")
		d.must(err)
		if item := d.next(d.ana, l); item.Name != "Client 2" {
			d.Errorf("instead of the deleted and the barred one: %+v", item)
		}
		d.is(l, Progress{Total: 5, Left: 2, Taken: 2, Refused: 1, NoPhone: 2})
		d.must(d.Unbar(d.Context(), d.dan, number(1)))
		d.is(l, Progress{Total: 5, Left: 3, Taken: 2, NoPhone: 2})
		if _, err := d.Add(d.Context(), eve, l.ID, ids); !errors.Is(err, people.ErrForbidden) {
			d.Errorf("she adds to another's list: %v", err)
		}
		if _, err := d.One(d.Context(), d.dan, l.ID); !errors.Is(err, store.ErrNotFound) {
			d.Errorf("he sees a list that is not his: %v", err)
		}
		if _, err := d.Save(d.Context(), eve, List{Name: "X", Kind: record.Contact, Users: []string{d.ana.ID}, Tries: 1,
			Minutes: 1}); err == nil {
			d.Error("she gives work to whose work she does not see")
		}
	})
}

// A number that asked not to be called stays so when its card is deleted and made again; who said so first, and why,
// stays. From a list it is never called; dialled by hand as the company chose.
func TestDoNotCall(t *testing.T) {
	each(t, func(d *desk) {
		ids := d.contacts(1, d.root)
		b, err := d.Bar(d.Context(), d.ana, "0722000000", "Not interested")
		d.must(err)
		if b.Number != number(0) || b.User != d.ana.ID || b.Why != "Not interested" {
			d.Errorf("kept: %+v", b)
		}
		again, err := d.Bar(d.Context(), d.dan, number(0), "Again")
		if err != nil || again != b {
			d.Errorf("said twice: %+v, %v", again, err)
		}
		d.must(d.core.Delete(d.Context(), d.root, record.Contact.Ref(ids[0])))
		ids = d.contacts(1, d.root)
		stands := func(u people.User, want ByHand) {
			d.Helper()
			if by, since, err := d.Stands(d.Context(), u.ID, number(0)); err != nil || by != want ||
				since.IsZero() != (want == "") {
				d.Errorf("%s may: %q, %v; want %q", u.Login, by, err, want)
			}
		}
		stands(d.ana, Asks)
		d.must(d.Dial(d.Context(), Refuses))
		stands(d.ana, Refuses)
		d.must(d.Dial(d.Context(), Asks))
		if err := d.Unbar(d.Context(), d.dan, number(0)); !errors.Is(err, people.ErrForbidden) {
			d.Errorf("lifted by another: %v", err)
		}
		d.must(d.Unbar(d.Context(), d.root, number(0)))
		stands(d.ana, "")
		l := d.list(List{Users: []string{d.ana.ID}}, ids)
		d.next(d.ana, l)
		_, err = d.Bar(d.Context(), d.dan, number(0), "")
		d.must(err)
		stands(d.ana, Refuses) // she has the client from a list
		stands(d.dan, Asks)
		if _, err := d.Bar(d.Context(), d.dan, "reception", ""); err == nil {
			d.Error("that is no number")
		}
	})
}
