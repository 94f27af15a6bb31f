package intake

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/crmcore"
	"frontdesk/crmcore/address"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/crmcore/timeline"
	"frontdesk/pbx/dialplan"
	"frontdesk/store"
	"frontdesk/store/storetest"
)

// Before a call is routed the dial plan is told, where it asks, who last spoke with the client from whichever number of
// his, who missed his last call, and whose open deal he has; never who was dismissed.
func TestWhoIsTied(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		log := slog.New(slog.DiscardHandler)
		core := crmcore.New(db, crmcore.Config{Region: "RO", KnownPasswords: true},
			crmcore.Hooks{Looks: func([]string) bool { return false }}, log, prometheus.NewRegistry())
		rang := map[string][]string{}
		calls := runs(true)
		calls.Rang = func(_ context.Context, call string) ([]string, error) { return rang[call], nil }
		in := New(Deps{Core: core, Calls: calls, Screens: noScreens(), DB: db, Region: "RO", Log: log})
		t.Cleanup(in.Close)
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		users := map[string]people.User{}
		for _, login := range []string{"root", "ana", "bob"} {
			role := people.Staff
			if login == "root" {
				role = people.Admin
			}
			u, err := core.CreateUser(t.Context(), people.System(),
				people.NewUser{User: people.User{Login: login, Name: login, Role: role}, Password: "correct horse"})
			must(err)
			users[login] = u
		}
		ana, bob := users["ana"], users["bob"]
		client, err := core.CreateContact(t.Context(), users["root"], crmcore.Contact{Name: "Ion",
			Points: []record.Point{{Kind: address.Phone, Raw: "+40722000001"},
				{Kind: address.Phone, Raw: "+40722000002"}}})
		must(err)
		n := 0
		ended := func(number, outcome string, incoming bool, by ...string) string {
			t.Helper()
			n++
			key := store.NewID()
			_, err := core.Close(t.Context(), crmcore.Touch{Channel: timeline.Call, Phase: timeline.Ended, Key: key,
				Incoming: incoming, Client: in.phone(number, false), Line: "+40311000001", Users: by, Outcome: outcome,
				At: time.Now().Add(time.Duration(n-100) * time.Minute), Source: key}, nil)
			must(err)
			return key
		}
		asks := true
		want := func(what string, ties map[string][]string) {
			t.Helper()
			hint, err := in.Lookup(t.Context(), dialplan.Inbound{Call: store.NewID(), From: "+40722000001", Ties: asks})
			if err != nil || !maps.EqualFunc(hint.Ties, ties, slices.Equal) {
				t.Errorf("%s: %v, %v", what, hint.Ties, err)
			}
		}
		want("nothing was yet", map[string][]string{})
		ended("+40722000001", "answered", true, bob.ID)
		ended("+40722000002", "answered", false, ana.ID)
		want("ana spoke last, over his other number", map[string][]string{"spoke": {ana.ID}})
		missed := ended("+40722000002", "missed", true)
		rang[missed] = []string{bob.ID, "gone", ana.ID}
		want("his call was missed", map[string][]string{"spoke": {ana.ID}, "missed": {bob.ID, ana.ID}})
		_, err = core.SavePipeline(t.Context(), users["root"], crmcore.Pipeline{Name: "Sales",
			Stages: []crmcore.Stage{{Name: "New"}, {Name: "Won", Kind: "won"}}})
		must(err)
		_, err = core.CreateDeal(t.Context(), users["root"], crmcore.Deal{Title: "Roof", Contact: client.ID,
			Responsible: bob.ID, Currency: "EUR"})
		must(err)
		want("bob has his deal", map[string][]string{"spoke": {ana.ID}, "missed": {bob.ID, ana.ID}, "deal": {bob.ID}})
		ended("+40722000001", "answered", false, bob.ID)
		want("who called back", map[string][]string{"spoke": {bob.ID}, "deal": {bob.ID}})
		bob.Active = false
		_, err = core.UpdateUser(t.Context(), users["root"], bob)
		must(err)
		want("bob is gone", map[string][]string{"spoke": {ana.ID}})
		asks = false
		want("nobody asks", nil)
	})
}
