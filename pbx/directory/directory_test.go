package directory

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/input"
	"frontdesk/store"
	"frontdesk/store/storetest"
)

func directory(t *testing.T, db *store.DB) (*Directory, *int) {
	changes := 0
	return New(Config{Node: "n1", Region: "RO", Realm: "example.com"}, db, func() { changes++ }), &changes
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantField(t *testing.T, field string, err error) {
	t.Helper()
	var bad *input.Invalid
	if !errors.As(err, &bad) || bad.Field != field {
		t.Errorf("error %v, want one about %s", err, field)
	}
}

func TestTrunks(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		d, changes := directory(t, db)
		trunk := Trunk{Name: " Carrier ", Host: "sip.example.com:5070", Register: true, Username: "u", Password: "p",
			InUsername: "peer", InHA1: d.HA1("peer", "x"),
			Allow: []string{"198.51.100.0/24", "2001:db8::1"}, CallerID: "0311 000 001", MaxCalls: 4, Strict: true,
			Active: true}
		must(t, d.SaveTrunk(ctx, &trunk))
		got, err := d.Trunk(ctx, trunk.ID)
		must(t, err)
		if got.Name != "Carrier" || got.Kind != dialplan.Carrier || got.CallerID != "+40311000001" ||
			len(got.Allow) != 2 ||
			len(got.Codecs) != 3 || got.Password != "p" || !got.Active || !got.Strict || got.MaxCalls != 4 {
			t.Errorf("%+v", got)
		}
		if data, _ := json.Marshal(got); strings.Contains(string(data), got.InHA1) ||
			strings.Contains(string(data), `"p"`) {
			t.Errorf("secrets in %s", data)
		}
		got.Password, got.InHA1, got.Active = "", "", false
		must(t, d.SaveTrunk(ctx, &got))
		if kept, _ := d.Trunk(ctx, trunk.ID); kept.Password != "p" || kept.InHA1 != trunk.InHA1 || kept.Active {
			t.Errorf("%+v", kept)
		}
		if *changes != 2 {
			t.Errorf("%d changes told", *changes)
		}
		must(t, d.SaveNumber(ctx, &dialplan.Number{E164: "0311000001", Trunk: trunk.ID,
			Destination: dialplan.Destination{Kind: "user", User: "ana"}}))
		if err := d.DeleteTrunk(ctx, trunk.ID); !errors.Is(err, ErrInUse) {
			t.Errorf("a trunk with numbers: %v", err)
		}
		must(t, d.DeleteNumber(ctx, "+40311000001"))
		must(t, d.DeleteTrunk(ctx, trunk.ID))
		if _, err := d.Trunk(ctx, trunk.ID); !errors.Is(err, ErrNotFound) {
			t.Error(err)
		}
		if err := d.SaveTrunk(ctx, &got); !errors.Is(err, ErrNotFound) {
			t.Error(err)
		}
	})
}

func TestTrunkInput(t *testing.T) {
	d, _ := directory(t, storetest.SQLite(t))
	good := Trunk{Name: "A", Host: "192.0.2.1"}
	for field, change := range map[string]func(*Trunk){
		"name":      func(t *Trunk) { t.Name = " " },
		"kind":      func(t *Trunk) { t.Kind = "isdn" },
		"host":      func(t *Trunk) { t.Host = "a b" },
		"transport": func(t *Trunk) { t.Transport = "sctp" },
		"username":  func(t *Trunk) { t.Register = true },
		"format":    func(t *Trunk) { t.Format = "x" },
		"prefix":    func(t *Trunk) { t.Prefix = "7a" },
		"max_calls": func(t *Trunk) { t.MaxCalls = -1 },
		"allow":     func(t *Trunk) { t.Allow = []string{"example.com"} },
		"codecs":    func(t *Trunk) { t.Codecs = []string{"GSM"} },
		"caller_id": func(t *Trunk) { t.CallerID = "12" },
	} {
		bad := good
		change(&bad)
		wantField(t, field, d.SaveTrunk(t.Context(), &bad))
	}
	for _, host := range []string{"192.0.2.1:5080", "[2001:db8::1]:5060", "2001:db8::1", "sip.example.com"} {
		fine := good
		fine.Host = host
		must(t, d.SaveTrunk(t.Context(), &fine))
	}
}

func TestNumbersExtensionsMeetings(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		d, _ := directory(t, db)
		trunk := Trunk{Name: "A", Host: "192.0.2.1", Active: true}
		must(t, d.SaveTrunk(ctx, &trunk))
		room := Meeting{Title: "Standup", Owner: "ana"}
		must(t, d.CreateMeeting(ctx, &room))
		user := dialplan.Destination{Kind: "user", User: "ana"}
		wantField(t, "e164", d.SaveNumber(ctx, &dialplan.Number{E164: "12", Trunk: trunk.ID, Destination: user}))
		wantField(t, "trunk", d.SaveNumber(ctx, &dialplan.Number{E164: "0311000001", Trunk: "x", Destination: user}))
		wantField(t, "destination.user", d.SaveNumber(ctx,
			&dialplan.Number{E164: "0311000001", Trunk: trunk.ID, Destination: dialplan.Destination{Kind: "user"}}))
		wantField(t, "destination.kind", d.SaveNumber(ctx, &dialplan.Number{E164: "0311000001", Trunk: trunk.ID}))
		wantField(t, "destination.seconds", d.SaveExtension(ctx,
			&dialplan.Extension{Number: "101",
				Destination: dialplan.Destination{Kind: "user", User: "a", Seconds: 1000}}))
		wantField(t, "destination.users",
			d.SaveExtension(ctx, &dialplan.Extension{Number: "101", Destination: dialplan.Destination{Kind: "group"}}))
		wantField(t, "destination.meeting", d.SaveExtension(ctx,
			&dialplan.Extension{Number: "101", Destination: dialplan.Destination{Kind: "meeting", Meeting: "x"}}))
		wantField(t, "number", d.SaveExtension(ctx, &dialplan.Extension{Number: "112", Destination: user}))
		wantField(t, "number", d.SaveExtension(ctx, &dialplan.Extension{Number: "1", Destination: user}))
		must(t, d.SaveExtension(ctx, &dialplan.Extension{Number: "101", Destination: user}))
		must(t, d.SaveExtension(ctx,
			&dialplan.Extension{Number: "101", Destination: dialplan.Destination{Kind: "meeting", Meeting: room.ID}}))
		all, err := d.Extensions(ctx)
		if err != nil || len(all) != 1 || all[0].Kind != "meeting" || all[0].Seconds != 25 {
			t.Errorf("%+v, %v", all, err)
		}
		if err := d.DeleteMeeting(ctx, room.ID); !errors.Is(err, ErrInUse) {
			t.Error(err)
		}
		must(t, d.DeleteExtension(ctx, "101"))
		title := "Weekly"
		must(t, d.ChangeMeeting(ctx, room.ID, MeetingChange{Title: &title}))
		room.Title, room.Version = title, 2
		rooms, _, err := d.Meetings(ctx, MeetingFilter{})
		if err != nil || len(rooms) != 1 || !reflect.DeepEqual(rooms[0], room) {
			t.Errorf("%+v, want %+v; %v", rooms, room, err)
		}
		must(t, d.DeleteMeeting(ctx, room.ID))
		if err := d.DeleteExtension(ctx, "101"); !errors.Is(err, ErrNotFound) {
			t.Error(err)
		}
	})
}

func TestPolicy(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d, _ := directory(t, db)
		p, err := d.Policy(t.Context())
		if err != nil || len(p.Countries) != 0 {
			t.Errorf("%+v, %v: the default must deny", p, err)
		}
		wantField(t, "countries", d.SavePolicy(t.Context(), dialplan.OutboundPolicy{Countries: []string{"XX"}}))
		wantField(t, "short", d.SavePolicy(t.Context(), dialplan.OutboundPolicy{Short: []string{"+40722123456"}}))
		must(t, d.SavePolicy(t.Context(), dialplan.OutboundPolicy{Countries: []string{"ro"}}))
		if p, err := d.Policy(t.Context()); err != nil || len(p.Countries) != 1 || p.Countries[0] != "RO" {
			t.Errorf("%+v, %v", p, err)
		}
	})
}

func TestDevices(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		d, _ := directory(t, db)
		v := Device{User: "ana", Username: "Ana-Desk", Label: "desk"}
		wantField(t, "password", d.SaveDevice(ctx, &v, ""))
		wantField(t, "password", d.SaveDevice(ctx, &v, "short"))
		must(t, d.SaveDevice(ctx, &v, "secret-enough"))
		other := Device{User: "bob", Username: "ana-desk"}
		wantField(t, "username", d.SaveDevice(ctx, &other, "secret-enough"))
		wantField(t, "username", d.SaveDevice(ctx, &Device{User: "bob", Username: "a b"}, "secret-enough"))
		got, err := d.Digest(ctx, "ana-desk")
		must(t, err)
		if got.HA1 != d.HA1("ana-desk", "secret-enough") || len(got.HA1SHA) != 64 {
			t.Errorf("%+v", got)
		}
		got.Label = "kitchen"
		must(t, d.SaveDevice(ctx, &got, ""))
		got.Username = "kitchen"
		wantField(t, "password", d.SaveDevice(ctx, &got, "")) // the hash contains the name
		if all, err := d.Devices(ctx, "ana"); err != nil || len(all) != 1 || all[0].HA1 == "" ||
			all[0].Label != "kitchen" {
			t.Errorf("%+v, %v", all, err)
		}
		if none, _ := d.Devices(ctx, "bob"); len(none) != 0 {
			t.Errorf("%+v", none)
		}
		if _, err := d.Digest(ctx, "nobody"); !errors.Is(err, ErrNotFound) {
			t.Error(err)
		}
		must(t, d.DeleteDevice(ctx, got.ID))
	})
}

// RFC 2617 §3.5: the HA1 of its example, with its realm.
func TestHA1(t *testing.T) {
	d := New(Config{Realm: "testrealm@host.com"}, nil, nil)
	if got := d.HA1("Mufasa", "Circle Of Life"); got != "939e7578ed9e3c518a452acee763bce9" {
		t.Error(got)
	}
}

// A plan is read once, and again after a change here or, as Changed tells, on another node.
func TestPlanIsCached(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		here, _ := directory(t, db)
		there, _ := directory(t, db)
		plan := func(d *Directory) *dialplan.Plan {
			p, err := d.Plan(t.Context())
			must(t, err)
			return p
		}
		first, other := plan(here), plan(there)
		if plan(here) != first {
			t.Error("read twice")
		}
		must(t, here.SaveExtension(t.Context(),
			&dialplan.Extension{Number: "101", Destination: dialplan.Destination{Kind: "user", User: "ana"}}))
		if plan(here).UserOf("101") != "ana" || first.UserOf("101") != "" || plan(there) != other {
			t.Error("a plan changed, or did not")
		}
		there.Changed()
		if plan(there).UserOf("101") != "ana" {
			t.Error("the other node does not see the change")
		}
	})
}

func TestTrunkStatus(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		d, _ := directory(t, db)
		trunk := Trunk{Name: "Carrier", Kind: dialplan.Carrier, Host: "carrier.example", Transport: "udp"}
		must(t, d.SaveTrunk(ctx, &trunk))
		if _, err := d.TrunkStatus(ctx, trunk.ID); !errors.Is(err, ErrNotFound) {
			t.Errorf("nothing told yet: %v", err)
		}
		want := TrunkStatus{Trunk: trunk.ID, Node: "n1", Reachable: true, Problem: "403",
			Since: store.Time(store.Micros(time.Now()))}
		must(t, d.SaveTrunkStatus(ctx, want))
		want.Node, want.Registered, want.Problem = "n2", true, ""
		must(t, d.SaveTrunkStatus(ctx, want))
		if got, err := d.TrunkStatus(ctx, trunk.ID); err != nil || got != want {
			t.Errorf("%+v, %v", got, err)
		}
		must(t, d.DeleteTrunk(ctx, trunk.ID))
		if _, err := d.TrunkStatus(ctx, trunk.ID); !errors.Is(err, ErrNotFound) {
			t.Errorf("the trunk is gone: %v", err)
		}
	})
}
