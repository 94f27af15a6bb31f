package directory

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"frontdesk/pbx/dialplan"
	"frontdesk/store"
	"frontdesk/store/storetest"
)

func TestRegister(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, now := t.Context(), time.Now()
		d, _ := directory(t, db)
		v := Device{User: "ana", Username: "ana"}
		must(t, d.SaveDevice(ctx, &v, "secret-enough"))
		at := func(contact string, seconds int) Binding {
			return Binding{Contact: contact, Received: "udp:198.51.100.7:5060", Agent: "baresip",
				Path: []string{"<sip:edge>"}, Expires: now.Add(time.Duration(seconds) * time.Second)}
		}
		register := func(call string, cseq uint32, r Registration) ([]Binding, error) {
			r.Device, r.Login, r.CallID, r.CSeq = v.ID, v.Login(), call, cseq
			return d.Register(ctx, r, now)
		}
		got, err := register("c1", 1, Registration{Add: []Binding{at("sip:a", 60), at("sip:b", 120)}})
		must(t, err)
		if len(got) != 2 || got[0].Contact != "sip:b" || got[0].Node != "n1" || got[0].Path[0] != "<sip:edge>" ||
			got[0].CSeq != 1 {
			t.Errorf("%+v", got)
		}
		if _, err := register("c1", 1, Registration{Add: []Binding{at("sip:c", 60)}}); !errors.Is(err, ErrOutOfOrder) {
			t.Errorf("an old CSeq: %v", err)
		}
		got, err = register("c2", 1, Registration{Remove: []string{"sip:a"}, Add: []Binding{at("sip:c", 60)}})
		must(t, err)
		if len(got) != 2 {
			t.Errorf("%+v", got)
		}
		if later, _ := d.Bindings(ctx, v.ID, now.Add(90*time.Second)); len(later) != 1 {
			t.Errorf("%+v", later)
		}
		for from, want := range map[string]bool{"udp:198.51.100.7:5060": true, "tcp:198.51.100.7:5060": false} {
			if known, err := d.RegisteredAt(ctx, from, now); err != nil || known != want {
				t.Errorf("somebody at %s: %v, %v", from, known, err)
			}
		}
		must(t, d.Expire(ctx, now.Add(90*time.Second)))
		if all, _ := d.Registered(ctx, now); len(all) != 1 || all[0].Contact != "sip:b" {
			t.Errorf("%+v", all)
		}
		var many []Binding
		for i := range maxBindings + 1 {
			many = append(many, at(fmt.Sprint("sip:", i), 60))
		}
		_, err = register("c3", 1, Registration{Add: many})
		wantField(t, "contact", err)
		got, err = register("c4", 1, Registration{All: true})
		if err != nil || len(got) != 0 {
			t.Errorf("%+v, %v", got, err)
		}
		if _, err := d.Register(ctx, Registration{Device: "x"}, now); !errors.Is(err, ErrNotFound) {
			t.Error(err)
		}
	})
}

func TestRegisterConcurrently(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d, _ := directory(t, db)
		v := Device{User: "ana", Username: "ana"}
		must(t, d.SaveDevice(t.Context(), &v, "secret-enough"))
		var phones sync.WaitGroup
		for i := range maxBindings {
			phones.Go(func() {
				b := Binding{Contact: fmt.Sprint("sip:", i), Expires: time.Now().Add(time.Minute)}
				if _, err := d.Register(context.Background(),
					Registration{Device: v.ID, Login: v.Login(), CallID: b.Contact,
						Add: []Binding{b}}, time.Now()); err != nil {
					t.Error(err)
				}
			})
		}
		phones.Wait()
		if all, err := d.Bindings(t.Context(), v.ID, time.Now()); err != nil || len(all) != maxBindings {
			t.Errorf("%d bindings, %v", len(all), err)
		}
	})
}

// A REGISTER with the right password that is written after the password changed registers nothing.
func TestRegisterWithAnOldLogin(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, now := t.Context(), time.Now()
		d, _ := directory(t, db)
		phone := Device{User: "ana", Username: "ana"}
		must(t, d.SaveDevice(ctx, &phone, "secret-one"))
		trunk := Trunk{Name: "PBX", Kind: dialplan.PBX, Active: true, Allow: []string{"192.0.2.0/24"}}
		d.SetLogin(&trunk, "pbx", "secret-one")
		must(t, d.SaveTrunk(ctx, &trunk))
		register := func(r Registration) error {
			r.CallID, r.CSeq = store.NewID(), 1
			r.Add = []Binding{{Contact: "sip:old", Path: []string{}, Expires: now.Add(time.Minute)}}
			_, err := d.Register(ctx, r, now)
			return err
		}
		ofPhone := Registration{Device: phone.ID, Login: phone.Login()}
		must(t, register(ofPhone))
		_, err := d.NewPassword(ctx, phone.ID, "secret-two")
		must(t, err)
		if err := register(ofPhone); !errors.Is(err, ErrNotFound) {
			t.Errorf("a phone registers with a password that is no more: %v", err)
		}
		ofLine := Registration{Trunk: trunk.ID, Login: trunk.Login()}
		must(t, register(ofLine))
		for _, change := range []struct {
			what string
			do   func()
		}{
			{"password", func() { d.SetLogin(&trunk, "pbx", "secret-two") }},
			{"networks", func() { trunk.Allow = []string{"198.51.100.0/24"} }},
			{"host", func() { trunk.Host = "192.0.2.7" }},
		} {
			before := Registration{Trunk: trunk.ID, Login: trunk.Login()}
			change.do()
			must(t, d.SaveTrunk(ctx, &trunk))
			if err := register(before); !errors.Is(err, ErrNotFound) {
				t.Errorf("a dialplan.PBX registers though its %s changed: %v", change.what, err)
			}
		}
		phones, err1 := d.Bindings(ctx, phone.ID, now)
		lines, err2 := d.TrunkBindings(ctx, trunk.ID, now)
		if err1 != nil || err2 != nil || len(phones)+len(lines) > 0 {
			t.Errorf("registered: %+v, %v, %+v, %v", phones, err1, lines, err2)
		}
	})
}

// However a new password and a REGISTER with the old one meet, nothing stays registered.
func TestNewPasswordWhileItRegisters(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, now := t.Context(), time.Now()
		d, _ := directory(t, db)
		v := Device{User: "ana", Username: "ana"}
		must(t, d.SaveDevice(ctx, &v, "secret-no-0"))
		for i := range 20 {
			var both sync.WaitGroup
			both.Go(func() {
				_, err := d.Register(ctx, Registration{Device: v.ID, Login: v.Login(), CallID: store.NewID(),
					Add: []Binding{{Contact: "sip:old", Path: []string{}, Expires: now.Add(time.Minute)}}}, now)
				if err != nil && !errors.Is(err, ErrNotFound) {
					t.Error(err)
				}
			})
			next, err := d.NewPassword(ctx, v.ID, fmt.Sprint("secret-no-", i+1))
			must(t, err)
			both.Wait()
			v = next
			if list, err := d.Bindings(ctx, v.ID, now); err != nil || len(list) != 0 {
				t.Fatalf("after %d changes: %+v, %v", i+1, list, err)
			}
		}
	})
}

// Where a dialplan.PBX is registered is kept as for phones: since when without a gap, until when, and for its trunk's
// life.
func TestTrunkBindings(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		d, _ := directory(t, db)
		trunk := Trunk{Name: "PBX", Kind: dialplan.PBX, Active: true}
		d.SetLogin(&trunk, "pbx", "secret")
		must(t, d.SaveTrunk(ctx, &trunk))
		if got, err := d.TrunkLogin(ctx, "pbx"); err != nil || got.ID != trunk.ID || got.InHA1SHA == "" {
			t.Errorf("%+v, %v", got, err)
		}
		start := time.Now().Truncate(time.Microsecond)
		register := func(seq uint32, at, until time.Duration) []Binding {
			t.Helper()
			list, err := d.Register(ctx, Registration{Trunk: trunk.ID, Login: trunk.Login(), CallID: "r", CSeq: seq,
				Add: []Binding{{Contact: "sip:s@10.0.0.9", Received: "udp:198.51.100.7:5060", Path: []string{"<sip:p>"},
					Expires: start.Add(until)}}}, start.Add(at))
			must(t, err)
			return list
		}
		register(1, 0, time.Minute)
		if list := register(2, time.Minute/2, 2*time.Minute); len(list) != 1 || !list[0].Since.Equal(start) ||
			list[0].Device != "" || len(list[0].Path) != 1 {
			t.Errorf("%+v", list)
		}
		if list := register(3, time.Hour, 2*time.Hour); !list[0].Since.Equal(start.Add(time.Hour)) {
			t.Errorf("after a gap %+v", list)
		}
		if _, err := d.Register(ctx, Registration{Trunk: trunk.ID, Login: trunk.Login(), CallID: "r", CSeq: 3,
			All: true}, start); !errors.Is(err, ErrOutOfOrder) {
			t.Error(err)
		}
		if there, err := d.RegisteredAt(ctx, "udp:198.51.100.7:5060", start); err != nil || !there {
			t.Error(there, err)
		}
		must(t, d.Expire(ctx, start.Add(3*time.Hour)))
		register(4, 0, time.Minute)
		must(t, d.UnbindAt(ctx, "udp:198.51.100.7:5060"))
		if list, err := d.TrunkBindings(ctx, trunk.ID, start); err != nil || len(list) != 0 {
			t.Errorf("%+v, %v", list, err)
		}
		register(5, 0, time.Minute)
		must(t, d.DeleteTrunk(ctx, trunk.ID))
		if there, err := d.RegisteredAt(ctx, "udp:198.51.100.7:5060", start); err != nil || there {
			t.Error(there, err)
		}
	})
}
