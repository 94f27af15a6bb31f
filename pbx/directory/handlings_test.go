package directory

import (
	"fmt"
	"testing"
	"time"

	"frontdesk/pbx/dialplan"
	"frontdesk/store"
	"frontdesk/store/storetest"
)

func TestHandlings(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		d, changes := directory(t, db)
		must(t, d.SavePolicy(ctx, dialplan.OutboundPolicy{Countries: []string{"RO"}}))
		must(t, d.SaveExtension(ctx,
			&dialplan.Extension{Number: "101", Destination: dialplan.Destination{Kind: "user", User: "ana"}}))
		if h, err := d.Handling(ctx, "ana"); err != nil || !h.Plain() {
			t.Errorf("%+v, %v", h, err)
		}
		before := *changes
		ana := dialplan.Handling{Always: &dialplan.Forward{Kind: "number", Number: "0722 000 111", Confirm: true,
			User: "x"}}
		must(t, d.SaveHandling(ctx, "ana", &ana))
		must(t, d.ChangeHandling(ctx, "ana", func(h *dialplan.Handling) { h.DND = true }))
		must(t, d.SaveHandling(ctx, "bob",
			&dialplan.Handling{DND: true, Busy: &dialplan.Forward{Kind: "user", User: "ana"},
				NoAnswer: &dialplan.Forward{Kind: "user", User: "eve"}}))
		h, err := d.Handling(ctx, "ana")
		must(t, err)
		if !h.DND || *h.Always != (dialplan.Forward{Kind: "number", Number: "+40722000111", Confirm: true}) ||
			*changes != before+3 {
			t.Errorf("%+v, %d changes", h, *changes-before)
		}
		if users, err := d.Disturbed(ctx); err != nil || fmt.Sprint(users) != "[ana bob]" {
			t.Errorf("%v, %v", users, err)
		}
		// ana leaves, and eve takes over
		must(t, db.Tx(ctx, func(tx *store.Tx) error { return d.HandOver(ctx, tx, "ana", "eve") }))
		d.Announce()
		must(t, db.Tx(ctx, func(tx *store.Tx) error { return d.HandOver(ctx, tx, "cal", "bob") }))
		bob, err := d.Handling(ctx, "bob")
		must(t, err)
		if bob.Busy.User != "eve" {
			t.Errorf("%+v", bob.Busy)
		}
		must(t, db.Tx(ctx, func(tx *store.Tx) error { return d.HandOver(ctx, tx, "eve", "bob") }))
		if bob, _ = d.Handling(ctx, "bob"); bob.Busy != nil || bob.NoAnswer != nil {
			t.Errorf("bob forwards to himself: %+v", bob)
		}
		must(t, d.SaveHandling(ctx, "bob", &dialplan.Handling{}))
		if users, err := d.Disturbed(ctx); err != nil || len(users) != 0 {
			t.Errorf("%v, %v", users, err)
		}
		plan, err := d.Plan(ctx)
		must(t, err)
		in := plan.Inbound("", dialplan.Party{Kind: dialplan.Browser, User: "bob"}, "101")
		if user := dialplan.OnlyUser(plan.Route(in, dialplan.Facts{}, time.Now())); user != "bob" {
			t.Errorf("101, which was ana's, rings %q", user)
		}
	})
}
