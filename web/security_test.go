package web

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"frontdesk/crmcore/secondfactor"
	"frontdesk/guard"
	"frontdesk/store"
	"frontdesk/store/query"
	"frontdesk/store/storetest"
	"frontdesk/web/api"
)

// enrol sets a second factor up, and gives its secret and the codes for recovery.
func (c *client) enrol(password string) (secret string, codes []string) {
	c.t.Helper()
	var setup secondfactor.Setup
	c.call("POST", "/api/v1/me/second-factor", object{"password": password}).want(http.StatusOK).into(&setup)
	code, err := totp.GenerateCode(setup.Secret, time.Now())
	if err != nil {
		c.t.Fatal(err)
	}
	var made RecoveryCodes
	c.call("POST", "/api/v1/me/second-factor/confirm", object{"code": code}).want(http.StatusOK).into(&made)
	return setup.Secret, made.Codes
}

// With a second factor a password alone opens nothing, and what is wrong is not told; a recovery code is good once; an
// administrator helps who lost all.
func TestSecondFactor(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := newHouse(t, db)
		c := h.asSeller()
		c.call("POST", "/api/v1/me/second-factor", object{"password": "wrong"}).problem(http.StatusForbidden)
		_, codes := c.enrol(sellerPassword)
		var answers []string
		for _, wrong := range []object{
			{"login": "seller", "password": sellerPassword},
			{"login": "seller", "password": sellerPassword, "code": "000000"},
			{"login": "seller", "password": "wrong", "code": codes[0]},
			{"login": "nobody", "password": "wrong"},
		} {
			r := h.client().call("POST", "/api/v1/login", wrong).problem(http.StatusUnauthorized)
			answers = append(answers, r["detail"].(string))
		}
		if len(slices.Compact(answers)) != 1 {
			t.Errorf("answers tell what is wrong: %q", answers)
		}
		h.client().call("POST", "/api/v1/login",
			object{"login": "seller", "password": sellerPassword, "code": codes[0]}).want(http.StatusOK)
		h.client().call("POST", "/api/v1/login",
			object{"login": "seller", "password": sellerPassword, "code": codes[0]}).problem(http.StatusUnauthorized)
		if s := read[secondfactor.Status](c, "/api/v1/me/second-factor"); !s.On || s.Recovery != len(codes)-1 {
			t.Errorf("status %+v", s)
		}
		h.asAdmin().call("DELETE", "/api/v1/users/"+h.seller.ID+"/second-factor", nil).want(http.StatusNoContent)
		c.call("GET", "/api/v1/me", nil).problem(http.StatusUnauthorized)
		h.client().call("POST", "/api/v1/login", object{"login": "seller", "password": sellerPassword}).
			want(http.StatusOK)
	})
}

// Where the company asks for it, who has none can do nothing but set it up, in sessions that are open, too.
func TestSecondFactorDemanded(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := newHouse(t, db)
		admin, c := h.asAdmin(), h.asSeller()
		all := object{"second_factor": "everybody", "audit_days": 400}
		admin.call("PUT", "/api/v1/security", all).problem(http.StatusUnprocessableEntity)
		admin.enrol(adminPassword)
		admin.call("PUT", "/api/v1/security", all).want(http.StatusOK)
		c.call("GET", "/api/v1/contacts", nil).problem(http.StatusForbidden)
		if me := read[Me](c, "/api/v1/me"); !me.Enrol || len(me.Mailboxes) != 0 {
			t.Errorf("me: %+v", me)
		}
		if r := c.call("GET", "/api/v1/live", nil); r.status != http.StatusUnauthorized {
			t.Errorf("the live socket answers %d", r.status)
		}
		_, codes := c.enrol(sellerPassword)
		c.call("GET", "/api/v1/contacts", nil).want(http.StatusOK)
		c.call("POST", "/api/v1/me/second-factor/off", object{"password": sellerPassword, "code": codes[0]}).
			problem(http.StatusUnprocessableEntity)
	})
}

// Where the company names networks, nobody logs in or is logged in from elsewhere, nor does an API token do anything;
// who sets them can't lock himself out.
func TestLogInsFromOwnNetworksAlone(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := newHouse(t, db)
		admin, seller := h.asAdmin(), h.asSeller()
		var made struct{ Secret string }
		admin.call("POST", "/api/v1/tokens", object{"name": "t"}).want(http.StatusCreated).into(&made)
		program := h.client()
		program.token = made.Secret
		factors := secondfactor.New(db, guard.NewSeal("test"))
		policy := func(networks ...string) object {
			return object{"second_factor": "", "audit_days": 400, "networks": networks}
		}
		admin.call("PUT", "/api/v1/security", policy("office")).problem(http.StatusUnprocessableEntity)
		admin.call("PUT", "/api/v1/security", policy("10.0.0.0/8")).problem(http.StatusUnprocessableEntity)
		admin.call("PUT", "/api/v1/security", policy("10.0.0.0/8", "127.0.0.1")).want(http.StatusOK)
		program.call("GET", "/api/v1/me", nil).want(http.StatusOK)
		set := func(p secondfactor.Policy) {
			if err := factors.SetPolicy(t.Context(), h.admin, "10.1.1.1", p); err != nil {
				t.Fatal(err)
			}
		}
		set(secondfactor.Policy{AuditDays: 400, Networks: []string{"10.0.0.0/8"}})
		seller.call("GET", "/api/v1/me", nil).problem(http.StatusUnauthorized)
		program.call("GET", "/api/v1/me", nil).problem(http.StatusForbidden)
		for _, password := range []string{sellerPassword, "wrong"} {
			h.client().call("POST", "/api/v1/login", object{"login": "seller", "password": password}).
				problem(http.StatusForbidden)
		}
		if r := seller.call("GET", "/api/v1/live", nil); r.status != http.StatusUnauthorized {
			t.Errorf("the live socket answers %d", r.status)
		}
		set(secondfactor.Policy{AuditDays: 400})
		seller.call("GET", "/api/v1/me", nil).want(http.StatusOK)
	})
}

// What matters for security is known: who, what, when, from where, and what came of it; administrators alone read it,
// and secrets are not in it.
func TestAudit(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := newHouse(t, db)
		h.client().call("POST", "/api/v1/login", object{"login": "=seller", "password": "hunter22"}).
			problem(http.StatusUnauthorized)
		admin, seller := h.asAdmin(), h.asSeller()
		seller.call("GET", "/api/v1/audit", nil).problem(http.StatusForbidden)
		seller.call("PUT", "/api/v1/settings", Settings{"X", "en", 7}).problem(http.StatusForbidden)
		admin.call("PUT", "/api/v1/settings", Settings{"Acme", "en", 7}).want(http.StatusOK)
		admin.call("PATCH", "/api/v1/users/"+h.seller.ID, object{"access": "all"}).want(http.StatusOK)
		seller.call("GET", "/api/v1/exports/contact", nil).want(http.StatusOK)
		admin.call("POST", "/api/v1/tokens", object{"name": "t"}).want(http.StatusCreated)
		told := map[string]api.AuditEntry{}
		for _, e := range read[api.Page[api.AuditEntry]](admin, "/api/v1/audit").Items {
			told[e.Act+" "+http.StatusText(e.Status)] = e
		}
		for act, who := range map[string]string{"put-settings OK": h.admin.ID, "patch-users-id OK": h.admin.ID,
			"get-exports-kind OK": h.seller.ID, "post-tokens Created": h.admin.ID, "post-login Unauthorized": ""} {
			if e, there := told[act]; !there || e.User != who || e.At.IsZero() || e.IP == "" {
				t.Errorf("%s: %+v", act, e)
			}
		}
		if e := told["patch-users-id OK"]; !strings.HasSuffix(e.About, h.seller.ID) || e.Kind != api.AuditPeople {
			t.Errorf("whose rights: %+v", e)
		}
		list := read[api.Page[api.AuditEntry]](admin, "/api/v1/audit?kind=data&user="+h.seller.ID).Items
		if len(list) != 1 {
			t.Errorf("one seller's data: %+v", list)
		}
		file := string(admin.call("GET", "/api/v1/audit.csv", nil).want(http.StatusOK).body)
		if !strings.Contains(file, "put-settings") || strings.Contains(file, ",=seller") ||
			strings.Contains(file, "hunter22") {
			t.Errorf("the file: %s", file)
		}
		rows, err := query.All(t.Context(), db, query.Text, query.New("SELECT about || act || agent FROM audit"))
		if err != nil || strings.Contains(strings.Join(rows, " "), "hunter22") {
			t.Errorf("a password is kept: %v", err)
		}
		pages := read[api.Page[api.AuditEntry]](admin, "/api/v1/audit?limit=2")
		next := read[api.Page[api.AuditEntry]](admin, "/api/v1/audit?limit=2&after="+pages.Next)
		if len(pages.Items) != 2 || len(next.Items) != 2 || next.Items[0].ID >= pages.Items[1].ID {
			t.Errorf("pages: %+v %+v", pages, next)
		}
	})
}

// A sound that a browser reads in pieces is one act.
func TestAuditOfSounds(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	c := h.asSeller()
	for _, part := range []string{"", "bytes=0-", "bytes=100-"} {
		c.header.Set("Range", part)
		c.call("GET", "/api/v1/recordings/none/sound", nil).problem(http.StatusNotFound)
	}
	if list := read[api.Page[api.AuditEntry]](h.asAdmin(), "/api/v1/audit?kind=recording").Items; len(list) != 2 {
		t.Errorf("acts: %+v", list)
	}
}
