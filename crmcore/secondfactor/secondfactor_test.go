package secondfactor

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/crmcore/people"
	"frontdesk/guard"
	"frontdesk/store"
	"frontdesk/store/query"
	"frontdesk/store/storetest"
)

type desk struct {
	*testing.T
	*Factors
	db    *store.DB
	user  people.User
	clock time.Time
}

func each(t *testing.T, test func(d *desk)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		d := &desk{T: t, Factors: New(db, guard.NewSeal("test")), db: db, clock: time.Unix(1_800_000_000, 0)}
		d.now = func() time.Time { return d.clock }
		var err error
		d.user, err = people.New(db, true, prometheus.NewRegistry()).CreateUser(t.Context(), people.System(),
			people.NewUser{User: people.User{Login: "ana", Name: "Ana", Role: people.Admin, Access: people.AccessAll},
				Password: "correct horse"})
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

// code is what the app shows now.
func (d *desk) code(secret string) string {
	d.Helper()
	code, err := totp.GenerateCode(secret, d.clock)
	d.must(err)
	return code
}

func (d *desk) enrolled() (secret string, codes []string) {
	d.Helper()
	setup, err := d.Begin(d.Context(), d.user, "Acme")
	d.must(err)
	codes, err = d.Confirm(d.Context(), d.user.ID, d.code(setup.Secret))
	d.must(err)
	d.clock = d.clock.Add(time.Minute)
	return setup.Secret, codes
}

// A code is right for its time and a period on either side, once; the app's own address and picture have the secret,
// the database has it sealed.
func TestCodes(t *testing.T) {
	each(t, func(d *desk) {
		ctx := d.Context()
		if err := d.Check(ctx, d.user.ID, ""); err != nil {
			d.Errorf("without a factor: %v", err)
		}
		setup, err := d.Begin(ctx, d.user, "Acme")
		d.must(err)
		if !strings.Contains(setup.URI, "secret="+setup.Secret) || !strings.HasPrefix(setup.Picture, "data:image/png") {
			d.Errorf("setup: %+v", setup)
		}
		kept, err := query.One(ctx, d.db, query.Text, query.New("SELECT secret FROM second_factor"))
		d.must(err)
		if strings.Contains(kept, setup.Secret) {
			d.Error("the secret is not sealed")
		}
		if err := d.Check(ctx, d.user.ID, ""); err != nil {
			d.Errorf("not confirmed yet: %v", err)
		}
		if _, err := d.Confirm(ctx, d.user.ID, "000000"); !errors.Is(err, ErrCode) {
			d.Errorf("confirmed by a wrong code: %v", err)
		}
		_, err = d.Confirm(ctx, d.user.ID, d.code(setup.Secret))
		d.must(err)
		if err := d.Check(ctx, d.user.ID, d.code(setup.Secret)); !errors.Is(err, ErrCode) {
			d.Errorf("the code of the confirmation again: %v", err)
		}
		now := d.code(setup.Secret)
		d.clock = d.clock.Add(time.Minute)
		if err := d.Check(ctx, d.user.ID, now); !errors.Is(err, ErrCode) {
			d.Errorf("a minute old: %v", err)
		}
		late := d.code(setup.Secret)
		d.clock = d.clock.Add(30 * time.Second)
		d.must(d.Check(ctx, d.user.ID, late[:3]+" "+late[3:]))
		if err := d.Check(ctx, d.user.ID, late); !errors.Is(err, ErrCode) {
			d.Errorf("twice: %v", err)
		}
		for _, bad := range []string{"", "12345", strings.Repeat("9", 1000), "\x00"} {
			if err := d.Check(ctx, d.user.ID, bad); !errors.Is(err, ErrCode) {
				d.Errorf("%.10q: %v", bad, err)
			}
		}
		if _, err := d.Begin(ctx, d.user, "Acme"); err == nil {
			d.Error("begun anew over one that is on")
		}
	})
}

// A recovery code is good once, however it is typed; new ones make the old ones void, and all go with the factor.
func TestRecovery(t *testing.T) {
	each(t, func(d *desk) {
		ctx := d.Context()
		_, codes := d.enrolled()
		if len(codes) != recovery {
			d.Fatalf("%d codes", len(codes))
		}
		d.must(d.Check(ctx, d.user.ID, strings.ToLower(codes[0])))
		if err := d.Check(ctx, d.user.ID, codes[0]); !errors.Is(err, ErrCode) {
			d.Errorf("twice: %v", err)
		}
		if s, err := d.Of(ctx, d.user); err != nil || !s.On || s.Recovery != recovery-1 {
			d.Errorf("left: %+v %v", s, err)
		}
		fresh, err := d.Renew(ctx, d.user.ID)
		d.must(err)
		if err := d.Check(ctx, d.user.ID, codes[1]); !errors.Is(err, ErrCode) {
			d.Errorf("an old one: %v", err)
		}
		d.must(d.Check(ctx, d.user.ID, fresh[1]))
		d.must(d.Off(ctx, d.user.ID))
		if s, err := d.Of(ctx, d.user); err != nil || s.On || s.Recovery != 0 {
			d.Errorf("switched off: %+v %v", s, err)
		}
	})
}

// Who asks others for it has it himself.
func TestPolicy(t *testing.T) {
	each(t, func(d *desk) {
		ctx := d.Context()
		p := Policy{SecondFactor: "admins", AuditDays: 100}
		if err := d.SetPolicy(ctx, d.user, "203.0.113.7", p); err == nil {
			d.Error("asked for by who has none")
		}
		d.enrolled()
		d.must(d.SetPolicy(ctx, d.user, "203.0.113.7", p))
		got, err := d.Policy(ctx)
		d.must(err)
		if !reflect.DeepEqual(got, p) || !got.Demands(people.Admin) || got.Demands(people.Staff) {
			d.Errorf("policy %+v", got)
		}
		if s, _ := d.Of(ctx, d.user); !s.Required {
			d.Error("not required of an administrator")
		}
		p.Networks = []string{"10.0.0.0/8"}
		if err := d.SetPolicy(ctx, d.user, "203.0.113.7", p); err == nil {
			d.Error("locked himself out")
		}
		d.must(d.SetPolicy(ctx, d.user, "10.1.2.3", p))
		if got, _ := d.Policy(ctx); got.Admits("203.0.113.7") || got.Admits("nowhere") || !got.Admits("10.0.0.1") {
			d.Errorf("admits %+v", got)
		}
		d.must(AdmitAll(ctx, d.db))
		if got, _ := d.Policy(ctx); !got.Admits("203.0.113.7") || got.SecondFactor != "admins" {
			d.Errorf("at the console: %+v", got)
		}
	})
}
