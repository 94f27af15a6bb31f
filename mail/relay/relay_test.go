package relay

import (
	"errors"
	"strings"
	"testing"

	"frontdesk/guard"
	"frontdesk/store"
	"frontdesk/store/storetest"
)

// A domain's own hosts come before those of all, in their order; passwords are sealed and never listed.
func TestHosts(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := New(db, guard.NewSeal("a secret of this test"))
		put := func(x Host) Host {
			t.Helper()
			x, err := h.Put(t.Context(), x)
			if err != nil {
				t.Fatal(err)
			}
			return x
		}
		put(Host{Address: "relay.example:25"})
		second := put(Host{Domain: "Acme.test", Position: 2, Address: "b.example:587", User: "u",
			Password: "open sesame", TLS: StartTLS})
		put(Host{Domain: "acme.test", Position: 1, Address: " a.example:465", TLS: Immediate})
		for domain, want := range map[string]string{"ACME.test": "a.example:465 b.example:587",
			"else.test": "relay.example:25", "": "relay.example:25"} {
			list, err := h.For(t.Context(), domain)
			var got []string
			for _, x := range list {
				got = append(got, x.Address)
			}
			if strings.Join(got, " ") != want || err != nil {
				t.Errorf("%s: %v, %v", domain, got, err)
			}
		}
		if x, err := h.Get(t.Context(), second.ID); err != nil || x.Password != "open sesame" {
			t.Errorf("%+v, %v", x, err)
		}
		var kept string
		if err := db.QueryRow(t.Context(), `SELECT secret FROM mail_smarthost WHERE id = $1`, second.ID).Scan(&kept); err != nil || strings.Contains(kept, "sesame") {
			t.Errorf("kept as %q, %v", kept, err)
		}
		second.Position, second.Password = 0, "another"
		put(second)
		if list, err := h.All(t.Context()); err != nil || len(list) != 3 || list[1].ID != second.ID ||
			list[1].Password != "" {
			t.Errorf("%+v, %v", list, err)
		}
		if err := h.Remove(t.Context(), second.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := h.Get(t.Context(), second.ID); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("removed: %v", err)
		}
	})
}

// What could not work, or would send a password in the clear, is refused.
func TestInvalidHosts(t *testing.T) {
	for _, x := range []Host{{}, {Address: "a.example"}, {Address: ":25"}, {Address: "a.example:0"},
		{Address: "a.example:x"},
		{Address: "a.example:25", User: "u", Password: "p"}, {Address: "a.example:25", User: "u", TLS: StartTLS}} {
		if _, err := New(nil, nil).Put(t.Context(), x); !errors.Is(err, ErrInvalid) {
			t.Errorf("%+v: %v", x, err)
		}
	}
}
