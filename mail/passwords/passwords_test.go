package passwords

import (
	"errors"
	"strings"
	"testing"

	"frontdesk/store"
	"frontdesk/store/storetest"
)

// A password opens the doors that it was made for, however it is typed, until it is revoked.
func TestPasswords(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		p := New(db)
		phone, secret, err := p.Make(t.Context(), "ana", Password{Name: " Phone ", Reads: true})
		if err != nil || phone.Name != "Phone" || len(secret) != 23 {
			t.Fatalf("%+v %q %v", phone, secret, err)
		}
		owns := func(door, given, want string) {
			t.Helper()
			user, err := p.Owner(t.Context(), door, given)
			if user != want || (want == "") != errors.Is(err, ErrNone) {
				t.Errorf("%s %q: %q %v", door, given, user, err)
			}
		}
		owns(Reading, secret, "ana")
		owns(Reading, strings.ToUpper(strings.ReplaceAll(secret, "-", " ")), "ana")
		owns(Sending, secret, "")
		owns(Reading, secret[:22], "")
		owns(Reading, "aaaaa-aaaaa-aaaaa-aaaaa", "")
		owns(Reading, "an own password of 20", "")
		var kept string
		if err := db.QueryRow(t.Context(), `SELECT digest FROM mail_password`).Scan(&kept); err != nil || strings.Contains(kept, secret[:5]) {
			t.Errorf("kept as %q %v", kept, err)
		}
		if err := p.Used(t.Context(), secret); err != nil {
			t.Fatal(err)
		}
		list, err := p.Of(t.Context(), "ana")
		if err != nil || len(list) != 1 || list[0].Used.IsZero() || list[0].Name != "Phone" || !list[0].Reads ||
			list[0].Sends {
			t.Errorf("%+v %v", list, err)
		}
		if err := p.Revoke(t.Context(), "ion", phone.ID); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("another's: %v", err)
		}
		if err := p.Revoke(t.Context(), "ana", phone.ID); err != nil {
			t.Fatal(err)
		}
		owns(Reading, secret, "")
	})
}

// Nobody makes more than he can tell apart, or one that opens nothing.
func TestPasswordsHaveLimits(t *testing.T) {
	p := New(storetest.SQLite(t))
	for _, none := range []Password{{Name: "Phone"}, {Name: "  ", Reads: true}} {
		if _, _, err := p.Make(t.Context(), "ana", none); !errors.Is(err, ErrInvalid) {
			t.Errorf("%+v: %v", none, err)
		}
	}
	for range maxEach {
		if _, _, err := p.Make(t.Context(), "ana", Password{Name: "Phone", Sends: true}); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := p.Make(t.Context(), "ana", Password{Name: "Phone", Sends: true}); !errors.Is(err, ErrTooMany) {
		t.Errorf("one more: %v", err)
	}
}

// One person, or the company, can have mail programs refuse people's own passwords.
func TestOnly(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		p := New(db)
		only := func(user string, want bool) {
			t.Helper()
			if got, err := p.Only(t.Context(), user); got != want || err != nil {
				t.Errorf("%s: %v %v", user, got, err)
			}
		}
		set := func(user string, only bool) {
			t.Helper()
			for range 2 {
				if err := p.SetOnly(t.Context(), user, only); err != nil {
					t.Fatal(err)
				}
			}
		}
		only("ana", false)
		set("ana", true)
		only("ana", true)
		only("ion", false)
		set("", true)
		only("ion", true)
		set("", false)
		only("ana", true)
		set("ana", false)
		only("ana", false)
	})
}
