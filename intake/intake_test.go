package intake

import (
	"log/slog"
	"slices"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/crmcore"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/pbx"
	"frontdesk/pbx/dialplan"
	"frontdesk/store"
	"frontdesk/store/storetest"
)

// noScreens are those of a house where nobody looks.
func noScreens() Screens { return Screens{Send: func(string, string, any) {}, Call: func(pbx.View) {}} }

// runs is an exchange in which all calls run, or none.
func runs(all bool) Calls {
	return Calls{Runs: func(string) bool { return all }, Tell: func(string, ...store.Event) bool { return false }}
}

// Of a call that ends while it is looked up nothing is left.
func TestCallThatEndsBeforeItsLookup(t *testing.T) {
	db, log := storetest.SQLite(t), slog.New(slog.DiscardHandler)
	core := crmcore.New(db, crmcore.Config{Region: "RO", KnownPasswords: true}, crmcore.Hooks{}, log,
		prometheus.NewRegistry())
	in := New(Deps{Core: core, Calls: runs(false), Region: "RO", Log: log})
	t.Cleanup(in.Close)
	_, err := in.core.CreateUser(t.Context(), people.System(),
		people.NewUser{User: people.User{Login: "root", Name: "Root", Role: people.Admin},
			Password: "correct horse"})
	if err != nil {
		t.Fatal(err)
	}
	in.call(pbx.View{Call: "1", State: "ended"})
	if _, err := in.Lookup(t.Context(), dialplan.Inbound{Call: "1", Private: true}); err != nil {
		t.Fatal(err)
	}
	if len(in.running) != 0 {
		t.Errorf("left: %v", in.running)
	}
}

// In a new installation whom a number leads to is rung, and nobody by a rule of ours: neither an admin, nor who was
// dismissed.
func TestWhomALookupNames(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		log := slog.New(slog.DiscardHandler)
		core := crmcore.New(db, crmcore.Config{Region: "RO", KnownPasswords: true},
			crmcore.Hooks{Looks: func([]string) bool { return false }}, log, prometheus.NewRegistry())
		in := New(Deps{Core: core, Calls: runs(true), Screens: noScreens(), DB: db,
			Region: "RO", Log: log})
		t.Cleanup(in.Close)
		user := func(login string, role people.Role) people.User {
			u, err := in.core.CreateUser(t.Context(), people.System(),
				people.NewUser{User: people.User{Login: login, Name: login, Role: role}, Password: "correct horse"})
			if err != nil {
				t.Fatal(err)
			}
			return u
		}
		root, seller := user("root", people.Admin), user("seller", people.Staff)
		names := func(what, call string, want ...string) {
			t.Helper()
			hint, err := in.Lookup(t.Context(), dialplan.Inbound{Call: call, From: "+40722000001"})
			if err != nil || !slices.Equal(hint.Users, want) {
				t.Errorf("%s: %v, %v", what, hint.Users, err)
			}
		}
		names("nobody is chosen", "1")
		names("nor the second time", "2")
		leads, err := in.core.Leads(t.Context(), root, record.Filter{})
		if err != nil || len(leads.Items) != 1 || leads.Items[0].Responsible != root.ID || !leads.Items[0].Kept {
			t.Fatalf("the admin keeps %+v, %v", leads.Items, err)
		}
		lead := record.Ref{Kind: record.Lead, ID: leads.Items[0].ID}
		if err := in.core.Assign(t.Context(), root, lead, seller.ID); err != nil {
			t.Fatal(err)
		}
		commits := db.Commits(store.Calls)
		names("somebody is", "3", seller.ID)
		if n := db.Commits(store.Calls) - commits; n != 1 {
			t.Errorf("a client's call costs %d transactions", n)
		}
		seller.Active = false
		if _, err := in.core.UpdateUser(t.Context(), root, seller); err != nil {
			t.Fatal(err)
		}
		names("and is gone", "4")
	})
}
