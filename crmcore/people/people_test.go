package people

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/alexedwards/argon2id"
	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/crmcore/input"
	"frontdesk/store"
	"frontdesk/store/storetest"
)

// office is a small company to test in: sales with a team below it.
type office struct {
	*testing.T
	*People
	root, seller, other User
	sales, team         string
	ctx                 context.Context
}

func each(t *testing.T, test func(o *office)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := &office{T: t, ctx: t.Context(), People: New(db, true, prometheus.NewRegistry())}
		o.root = o.user("root", Admin, "", AccessAll)
		o.sales = o.department("Sales", "")
		o.team = o.department("Team", o.sales)
		o.seller = o.user("seller", Staff, o.team, AccessOwn)
		o.other = o.user("other", Staff, "", AccessOwn)
		test(o)
	})
}

func (o *office) must(err error) {
	o.Helper()
	if err != nil {
		o.Fatal(err)
	}
}

func (o *office) user(login string, role Role, department string, access Access) User {
	o.Helper()
	u, err := o.CreateUser(o.ctx, System(), NewUser{User: User{Login: login, Name: strings.ToUpper(login),
		Email: login + "@ours.ro", Role: role, Department: department, Access: access}, Password: "correct horse"})
	o.must(err)
	return u
}

func (o *office) department(name, parent string) string {
	o.Helper()
	d, err := o.CreateDepartment(o.ctx, System(), Department{Name: name, Parent: parent})
	o.must(err)
	return d.ID
}

func wantInvalid(t *testing.T, err error, field string) {
	t.Helper()
	var bad *input.Invalid
	if !errors.As(err, &bad) || bad.Field != field {
		t.Errorf("got %v, want %s to be invalid", err, field)
	}
}

func TestLogin(t *testing.T) {
	each(t, func(o *office) {
		gone := o.user("gone", Staff, "", AccessOwn)
		gone.Active = false
		_, err := o.UpdateUser(o.ctx, o.root, gone)
		o.must(err)
		for _, row := range []struct {
			login, password string
			want            error
		}{
			{"seller", "correct horse", nil}, {" Seller@Ours.RO ", "correct horse", nil}, {"seller", "wrong horse",
				ErrCredentials},
			{"nobody", "correct horse", ErrCredentials}, {"gone", "correct horse", ErrCredentials}, {"", "",
				ErrCredentials},
		} {
			u, err := o.Login(o.ctx, row.login, row.password)
			if !errors.Is(err, row.want) || err == nil && u.ID != o.seller.ID {
				o.Errorf("%q: %+v, %v", row.login, u, err)
			}
		}
		o.must(o.SetPassword(o.ctx, o.seller, o.seller.ID, "another horse"))
		if _, err := o.Login(o.ctx, "seller", "correct horse"); !errors.Is(err, ErrCredentials) {
			o.Errorf("the old password: %v", err)
		}
		if err := o.SetPassword(o.ctx, o.seller, o.other.ID, "another horse"); !errors.Is(err, ErrForbidden) {
			o.Errorf("somebody else's password: %v", err)
		}
		wantInvalid(o.T, o.SetPassword(o.ctx, o.seller, o.seller.ID, "short"), "password")
		o.knownPasswords = false
		o.must(o.SetPassword(o.ctx, o.seller, o.seller.ID, "a third horse"))
		var stored string
		o.must(o.db.QueryRow(o.ctx, "SELECT password FROM app_user WHERE id = $1", o.seller.ID).Scan(&stored))
		if want := "$argon2id$v=19$m=19456,t=2,p=1$"; !strings.HasPrefix(stored, want) ||
			!strings.HasPrefix(o.nobody(), want) {
			o.Errorf("stored %q; nobody's is %q", stored, o.nobody())
		}
		if _, err := o.Login(o.ctx, "seller", "a third horse"); err != nil {
			o.Error(err)
		}
	})
}

// The hash that an unknown login is checked against costs what a real one does; that it is checked,
// TestHashingIsBounded holds.
func TestLoginTellsNothingByTime(t *testing.T) {
	each(t, func(o *office) {
		for _, o.knownPasswords = range []bool{true, false} {
			real, err := o.hash(o.ctx, "correct horse")
			o.must(err)
			want, _, _, err := argon2id.DecodeHash(real)
			o.must(err)
			got, _, _, err := argon2id.DecodeHash(o.nobody())
			o.must(err)
			if *got != *want {
				o.Errorf("an unknown login costs %+v, a known one %+v", *got, *want)
			}
		}
		if want := (argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16,
			KeyLength: 32}); *o.hashCost() != want {
			o.Errorf("a password costs %+v", *o.hashCost())
		}
	})
}

func TestHashingIsBounded(t *testing.T) {
	each(t, func(o *office) {
		var wg sync.WaitGroup
		release := make(chan struct{})
		for range maxHashing {
			wg.Go(func() { _ = o.hashed(o.ctx, func() error { <-release; return nil }) })
		}
		for len(o.hashing) < maxHashing {
			select {
			case <-o.ctx.Done():
				o.Fatal("slots never taken")
			default:
			}
		}
		for _, login := range []string{"seller", "nobody"} {
			ctx, cancel := context.WithTimeout(o.ctx, 100*time.Millisecond)
			if _, err := o.Login(ctx, login, "correct horse"); !errors.Is(err, context.DeadlineExceeded) {
				o.Errorf("one more, %s: %v", login, err)
			}
			cancel()
		}
		close(release)
		wg.Wait()
	})
}

func TestTokens(t *testing.T) {
	each(t, func(o *office) {
		token, secret, err := o.CreateToken(o.ctx, o.seller, NewToken{User: o.seller.ID, Name: "script"})
		o.must(err)
		if u, scope, err := o.TokenUser(o.ctx, secret); err != nil || u.ID != o.seller.ID || scope != ScopeWrite {
			o.Errorf("%+v, %v", u, err)
		}
		list, err := o.Tokens(o.ctx, o.seller, o.seller.ID)
		o.must(err)
		if len(list) != 1 || list[0].Used.IsZero() {
			o.Errorf("tokens %+v", list)
		}
		if _, _, err := o.CreateToken(o.ctx, o.seller, NewToken{User: o.root.ID, Name: "theft"}); !errors.Is(err,
			ErrForbidden) {
			o.Errorf("a token of somebody else: %v", err)
		}
		if _, err := o.DeleteToken(o.ctx, o.other, token.ID); !errors.Is(err, ErrForbidden) {
			o.Errorf("deleting somebody else's: %v", err)
		}
		gone, err := o.DeleteToken(o.ctx, o.root, token.ID)
		o.must(err)
		if gone.User != token.User {
			t.Errorf("the key of %q is revoked", gone.User)
		}
		for _, bad := range []string{secret, "", "fd_x"} {
			if _, _, err := o.TokenUser(o.ctx, bad); !errors.Is(err, ErrCredentials) {
				o.Errorf("%q: %v", bad, err)
			}
		}
	})
}

func TestUsersAndDepartments(t *testing.T) {
	each(t, func(o *office) {
		for field, bad := range map[string]User{"login": {Login: "a b", Name: "x"}, "name": {Login: "ok"},
			"email": {Login: "ok", Name: "x", Email: "@"},
			"role":  {Login: "ok", Name: "x", Role: "king"}, "access": {Login: "ok", Name: "x", Access: "some"},
			"department": {Login: "ok", Name: "x", Department: "nowhere"}} {
			_, err := o.CreateUser(o.ctx, o.root, NewUser{User: bad, Password: "correct horse"})
			wantInvalid(o.T, err, field)
		}
		_, err := o.CreateUser(o.ctx, o.root,
			NewUser{User: User{Login: "SELLER", Name: "x"}, Password: "correct horse"})
		wantInvalid(o.T, err, "login")
		if _, err := o.CreateUser(o.ctx, o.seller, NewUser{}); !errors.Is(err, ErrForbidden) {
			o.Errorf("a user makes users: %v", err)
		}
		last := o.root
		last.Role = Staff
		_, err = o.UpdateUser(o.ctx, o.root, last)
		wantInvalid(o.T, err, "role")
		_, err = o.UpdateDepartment(o.ctx, o.root, Department{ID: o.sales, Name: "Sales", Parent: o.team})
		wantInvalid(o.T, err, "parent")
		wantInvalid(o.T, o.DeleteDepartment(o.ctx, o.root, o.sales), "department")
	})
}

func TestIsColleague(t *testing.T) {
	each(t, func(o *office) {
		_, err := o.CreateUser(o.ctx, o.root,
			NewUser{User: User{Login: "ion", Name: "Ion Țurcanu"}, Password: "correct horse"})
		if err != nil {
			o.Fatal(err)
		}
		for name, want := range map[string]bool{"Ion Țurcanu": true, "TURCANU, ION": true, "Ion  Turcanu": true,
			"I\u043en Turc\u0430nu": true,
			"Ion":                   false, "Ion Turcanu Junior": false, "": false, ".": false} {
			if got, err := o.IsColleague(o.ctx, name); err != nil || got != want {
				o.Errorf("%q: %v %v", name, got, err)
			}
		}
	})
}

// In on whose calls a user may listen: nobody's without the right, those of his department and the ones below, or all;
// of whoever is asked about, and as long as he is with the company.
func TestSupervisable(t *testing.T) {
	each(t, func(o *office) {
		all := []string{o.root.ID, o.seller.ID, o.other.ID, "nobody"}
		supervises := func(login string, role Role, department string, how Supervised) User {
			u, err := o.CreateUser(o.ctx, System(), NewUser{User: User{Login: login, Name: login,
				Email: login + "@ours.ro",
				Role:  role, Department: department, Access: AccessOwn, Supervises: how}, Password: "correct horse"})
			o.must(err)
			return u
		}
		for _, c := range []struct {
			user User
			want []string
		}{
			{o.root, []string{o.root.ID, o.seller.ID, o.other.ID}},
			{o.seller, nil},
			{supervises("s1", Staff, o.sales, SupervisesNobody), nil},
			{supervises("s2", Staff, o.sales, SupervisesDepartment), []string{o.seller.ID}},
			{supervises("s3", Staff, "", SupervisesDepartment), nil},
			{supervises("s4", Staff, "", SupervisesAll), []string{o.root.ID, o.seller.ID, o.other.ID}},
			{supervises("s5", Admin, "", SupervisesNobody), []string{o.root.ID, o.seller.ID, o.other.ID}},
		} {
			got, err := o.Supervisable(o.ctx, c.user.ID, all)
			o.must(err)
			slices.Sort(got)
			slices.Sort(c.want)
			if !slices.Equal(got, c.want) || c.user.MaySupervise() != (len(c.want) > 0 ||
				c.user.Supervises == SupervisesDepartment) {
				t.Errorf("%s may listen to %v, want %v", c.user.Login, got, c.want)
			}
		}
		gone := supervises("s6", Staff, "", SupervisesAll)
		_, err := o.db.Exec(o.ctx, `UPDATE app_user SET active = FALSE WHERE id = $1`, gone.ID)
		o.must(err)
		if got, err := o.Supervisable(o.ctx, gone.ID, all); err != nil || len(got) != 0 {
			t.Errorf("who is gone may listen to %v, %v", got, err)
		}
		if got, err := o.Supervisable(o.ctx, o.root.ID, nil); err != nil || len(got) != 0 {
			t.Errorf("of nobody: %v, %v", got, err)
		}
	})
}
