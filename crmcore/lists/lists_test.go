package lists

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/crmcore"
	"frontdesk/crmcore/field"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/store"
	"frontdesk/store/storetest"
)

// desk is a company of an administrator and two sellers who see their own.
type desk struct {
	*testing.T
	*Lists
	core              *crmcore.Core
	root, ana, bogdan people.User
}

func each(t *testing.T, test func(d *desk)) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		core := crmcore.New(db, crmcore.Config{KnownPasswords: true}, crmcore.Hooks{}, slog.New(slog.DiscardHandler),
			prometheus.NewRegistry())
		d := &desk{T: t, Lists: New(db, core), core: core}
		d.root, d.ana, d.bogdan = d.user("root", people.Admin), d.user("ana", people.Staff),
			d.user("bogdan", people.Staff)
		_, err := core.SavePipeline(t.Context(), d.root, crmcore.Pipeline{Name: "Sales",
			Stages: []crmcore.Stage{{Name: "New"}, {Name: "Won", Kind: "won"}}})
		d.must(err)
		test(d)
	})
}

func (d *desk) must(err error) {
	d.Helper()
	if err != nil {
		d.Fatal(err)
	}
}

func (d *desk) user(login string, role people.Role) people.User {
	d.Helper()
	u, err := d.core.CreateUser(d.Context(), people.System(),
		people.NewUser{User: people.User{Login: login, Name: login,
			Email: login + "@ours.ro", Role: role, Access: people.AccessOwn}, Password: "correct horse"})
	d.must(err)
	return u
}

func (d *desk) deal(owner people.User, title string, amount int64, tags ...string) crmcore.Deal {
	d.Helper()
	made, err := d.core.CreateDeal(d.Context(), d.root,
		crmcore.Deal{Title: title, Amount: amount, Responsible: owner.ID,
			Fields: record.Values{"tags": tags}})
	d.must(err)
	return made
}

func (d *desk) read(id string) crmcore.Deal {
	d.Helper()
	x, err := d.core.Deal(d.Context(), d.root, id)
	d.must(err)
	return x
}

// Views are one's own until they are shared; only their owner and administrators change them.
func TestViews(t *testing.T) {
	each(t, func(d *desk) {
		mine := SavedView{List: record.Deal, Name: "Big", Order: record.ByAmount, Columns: []string{"name", "tags"},
			Where: []field.Asked{{Field: "amount", Op: "from", Values: []string{"1000"}}}}
		v, err := d.Save(d.Context(), d.ana, mine)
		d.must(err)
		names := func(of people.User) (out []string) {
			list, err := d.Views(d.Context(), of)
			d.must(err)
			for _, v := range list {
				out = append(out, v.Name)
			}
			return out
		}
		if len(names(d.bogdan)) != 0 || !slices.Equal(names(d.ana), []string{"Big"}) {
			d.Errorf("not hers alone: %v, %v", names(d.ana), names(d.bogdan))
		}
		v.Name = "Theirs"
		if _, err := d.Save(d.Context(), d.root, v); !errors.Is(err, store.ErrNotFound) {
			d.Errorf("an administrator changed what is not shared: %v", err)
		}
		v.Name, v.Shared = "Bigger", true
		_, err = d.Save(d.Context(), d.ana, v)
		d.must(err)
		if !slices.Equal(names(d.bogdan), []string{"Bigger"}) {
			d.Errorf("shared: %v", names(d.bogdan))
		}
		if err := d.Delete(d.Context(), d.bogdan, v.ID); !errors.Is(err, store.ErrNotFound) {
			d.Errorf("a colleague deleted it: %v", err)
		}
		mine.Where[0].Field = "nothing"
		if _, err := d.Save(d.Context(), d.ana, mine); err == nil {
			d.Error("a view that asks for what there is not was kept")
		}
		d.must(d.Delete(d.Context(), d.root, v.ID))
	})
}

// Many are changed at once as far as one may, and back where nobody changed them since.
func TestChangesOfMany(t *testing.T) {
	each(t, func(d *desk) {
		var ids []string
		for i := range 3 {
			ids = append(ids, d.deal(d.ana, fmt.Sprint("D", i), 0, "old").ID)
		}
		theirs := d.deal(d.bogdan, "Theirs", 0).ID
		won := d.read(ids[0]).Pipeline
		stages, err := d.core.Pipelines(d.Context())
		d.must(err)
		stage := stages[slices.IndexFunc(stages, func(p crmcore.Pipeline) bool { return p.ID == won })].Stages[1].ID
		done, err := d.Apply(d.Context(), d.ana, record.Deal, append(slices.Clone(ids), theirs, "x"),
			Change{Stage: &stage, AddTags: []string{"vip"}, RemoveTags: []string{"old"},
				Fields: record.Values{"source": {"website"}}})
		d.must(err)
		if done.Changed != 3 || done.Refused != 2 || done.Why == "" {
			d.Errorf("%+v", done)
		}
		now := d.read(ids[1])
		if now.Stage != stage || !slices.Equal(now.Fields["tags"], []string{"vip"}) || now.Fields["source"] == nil {
			d.Errorf("changed to %+v", now)
		}
		if d.read(theirs).Stage == stage {
			d.Error("a colleague's deal was changed")
		}
		now.Title = "Renamed"
		_, err = d.core.UpdateDeal(d.Context(), d.ana, now)
		d.must(err)
		if _, err := d.Undo(d.Context(), d.bogdan, done.ID); !errors.Is(err, store.ErrNotFound) {
			d.Errorf("a colleague took it back: %v", err)
		}
		back, err := d.Undo(d.Context(), d.ana, done.ID)
		d.must(err)
		if back.Changed != 2 || back.Refused != 1 || d.read(ids[1]).Stage != stage || d.read(ids[0]).Stage == stage ||
			!slices.Equal(d.read(ids[0]).Fields["tags"], []string{"old"}) || d.read(ids[0]).Fields["source"] != nil {
			d.Errorf("back: %+v, %+v", back, d.read(ids[0]))
		}
		nobody := "nobody"
		if _, err := d.Apply(d.Context(), d.ana, record.Deal, ids, Change{Responsible: &nobody}); err == nil {
			d.Error("given to nobody")
		}
	})
}

// Lists by amount and by change go page by page, each record once.
func TestOrders(t *testing.T) {
	each(t, func(d *desk) {
		for i, amount := range []int64{300, 100, 300, 200, 0} {
			d.deal([]people.User{d.ana, d.bogdan}[i%2], fmt.Sprint("D", i), amount)
		}
		third := d.deal(d.ana, "Last", 50)
		third.Title = "Changed"
		_, err := d.core.UpdateDeal(d.Context(), d.root, third)
		d.must(err)
		for order, want := range map[record.Order]string{record.ByAmount: "D2 D0 D3 D1 Changed D4 ",
			record.ByChange: "Changed D4 D3 D2 D1 D0 "} {
			got, f := "", record.Filter{Order: order, Page: record.Page{Limit: 2}}
			for {
				list, err := d.core.Deals(d.Context(), d.root, f)
				d.must(err)
				for _, x := range list.Items {
					got += x.Title + " "
				}
				if f.Cursor = list.Next; f.Cursor == "" {
					break
				}
			}
			if got != want {
				d.Errorf("%s: %s, want %s", order, got, want)
			}
		}
	})
}
