package directory

import (
	"context"
	"errors"
	"slices"
	"testing"

	"frontdesk/pbx/dialplan"
	"frontdesk/store"
	"frontdesk/store/storetest"
)

func TestHuntGroups(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d, changes := directory(t, db)
		ctx := context.Background()
		trunk := Trunk{Name: "Carrier", Host: "192.0.2.1", Active: true}
		must(t, d.SaveTrunk(ctx, &trunk))
		sales := dialplan.HuntGroup{Name: " Sales ", Strategy: dialplan.RoundRobin, Members: []string{"ana", "bob"},
			Seconds: 20}
		must(t, d.SaveHuntGroup(ctx, &sales))
		after := dialplan.HuntGroup{Name: "After", Strategy: dialplan.Together, Members: []string{"cal"}, Seconds: 20,
			Otherwise: &dialplan.Destination{Kind: dialplan.ToGroup, HuntGroup: sales.ID}}
		must(t, d.SaveHuntGroup(ctx, &after))
		for field, change := range map[string]func(*dialplan.HuntGroup){
			"name":     func(g *dialplan.HuntGroup) { g.Name = "After" },
			"strategy": func(g *dialplan.HuntGroup) { g.Strategy = "loudest" },
			"members":  func(g *dialplan.HuntGroup) { g.Members = []string{"ana", "bob", "ana"} },
			"seconds":  func(g *dialplan.HuntGroup) { g.Seconds = 80 }, // two people, one after another
			"otherwise.hunt_group": func(g *dialplan.HuntGroup) {
				g.Otherwise = &dialplan.Destination{Kind: dialplan.ToGroup, HuntGroup: after.ID}
			},
			"otherwise.user": func(g *dialplan.HuntGroup) { g.Otherwise = &dialplan.Destination{Kind: "user"} },
		} {
			bad := sales
			change(&bad)
			wantField(t, field, d.SaveHuntGroup(ctx, &bad))
		}
		wantField(t, "destination.hunt_group", d.SaveExtension(ctx, &dialplan.Extension{Number: "200",
			Destination: dialplan.Destination{Kind: dialplan.ToGroup, HuntGroup: "none"}}))
		must(t, d.SaveExtension(ctx,
			&dialplan.Extension{Number: "200",
				Destination: dialplan.Destination{Kind: dialplan.ToGroup, HuntGroup: sales.ID}}))
		before := *changes
		for number := range int64(3) {
			if peek, err := d.Turn(ctx, sales.ID); err != nil || peek != number {
				t.Errorf("the next turn is %d, %v", peek, err)
			}
			if got, err := d.NextTurn(ctx, sales.ID); err != nil || got != number {
				t.Errorf("turn %d is %d, %v", number, got, err)
			}
		}
		if *changes != before {
			t.Error("a call changed the plan")
		}
		sales.Seconds = 10
		must(t, d.SaveHuntGroup(ctx, &sales))
		if all, err := d.HuntGroups(ctx); err != nil || len(all) != 2 || all[1].Name != "Sales" ||
			all[1].Seconds != 10 ||
			all[0].Otherwise.HuntGroup != sales.ID {
			t.Errorf("%+v, %v", all, err)
		}
		if leading, err := d.Leading(ctx, "ana"); err != nil || !slices.Equal(leading, []string{"Sales"}) {
			t.Error(leading, err)
		}
		must(t, db.Tx(ctx, func(tx *store.Tx) error { return d.HandOver(ctx, tx, "ana", "cal") }))
		must(t, db.Tx(ctx, func(tx *store.Tx) error { return d.HandOver(ctx, tx, "bob", "cal") }))
		if all, err := d.HuntGroups(ctx); err != nil || !slices.Equal(all[1].Members, []string{"cal"}) {
			t.Errorf("%+v, %v", all, err)
		}
		if err := d.DeleteHuntGroup(ctx, sales.ID); !errors.Is(err, ErrInUse) || err.Error() !=
			"200, After: let it lead elsewhere first: still in use" {
			t.Error(err)
		}
		must(t, d.DeleteExtension(ctx, "200"))
		must(t, d.DeleteHuntGroup(ctx, after.ID))
		must(t, d.DeleteHuntGroup(ctx, sales.ID))
		if err := d.DeleteHuntGroup(ctx, sales.ID); !errors.Is(err, ErrNotFound) {
			t.Error(err)
		}
	})
}
