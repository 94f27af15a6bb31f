package web

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"frontdesk/crmcore/people"
	"frontdesk/guard"
	"frontdesk/store"
	"frontdesk/store/storetest"
	"frontdesk/web/api"
)

func TestLogin(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := newHouse(t, db)
		c := h.client()
		r := c.call("POST", "/api/v1/login", Credentials{"Seller ", sellerPassword})
		r.want(http.StatusOK)
		cookie := r.header.Get("Set-Cookie")
		for _, part := range []string{"frontdesk_session=", "HttpOnly", "SameSite=Lax", "Path=/"} {
			if !strings.Contains(cookie, part) {
				t.Errorf("cookie %q lacks %s", cookie, part)
			}
		}
		if strings.Contains(cookie, "Secure") {
			t.Errorf("cookie %q is Secure over plain HTTP", cookie)
		}
		c.cookie = strings.Split(cookie, ";")[0]
		if me := read[Me](c, "/api/v1/me"); me.User.ID != h.seller.ID || me.Version != "test" {
			t.Errorf("me is %+v", me)
		}
		c.call("POST", "/api/v1/logout", nil).want(http.StatusNoContent)
		c.call("GET", "/api/v1/me", nil).problem(http.StatusUnauthorized)
	})
}

// Nobody learns from the answer whether the login exists.
func TestLoginRefused(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	wrong := h.client().call("POST", "/api/v1/login", Credentials{"seller", "not it"}).problem(http.StatusUnauthorized)
	unknown := h.client().call("POST", "/api/v1/login",
		Credentials{"stranger", "not it"}).problem(http.StatusUnauthorized)
	if wrong["detail"] != unknown["detail"] {
		t.Errorf("%q and %q tell them apart", wrong["detail"], unknown["detail"])
	}
	h.client().call("GET", "/api/v1/contacts", nil).problem(http.StatusUnauthorized)
	c := h.client()
	c.cookie = api.SessionCookie + "=made-up"
	c.call("GET", "/api/v1/contacts", nil).problem(http.StatusUnauthorized)
}

// Wrong passwords are slowed down, right ones never: neither an office of more people than an address has tries, nor
// who is known there.
func TestGuessingIsSlowedDown(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	h.server.deps.Logins = guard.NewLogins(guard.LoginLimits{Pair: guard.Rate{Burst: 3, Every: time.Hour},
		Network: guard.Rate{Burst: 4, Every: time.Hour}}, nil)
	for range 6 {
		h.asSeller()
	}
	login := func(name, password string) *response {
		return h.client().call("POST", "/api/v1/login", Credentials{name, password})
	}
	for range 3 {
		login("stranger", "not it").problem(http.StatusUnauthorized)
	}
	limited := login("Stranger ", "not it")
	limited.problem(http.StatusTooManyRequests)
	if wait := limited.header.Get("Retry-After"); wait == "" || wait == "0" {
		t.Errorf("Retry-After is %q", wait)
	}
	login("another", "not it").problem(http.StatusUnauthorized)
	login("a third", "not it").problem(http.StatusTooManyRequests)
	login("seller", sellerPassword).want(http.StatusOK)
}

func TestSessionsExpire(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := newHouse(t, db)
		c := h.asSeller()
		now := time.Now()
		for _, step := range []struct {
			after time.Duration
			want  int
		}{{0, 200}, {api.SessionIdle - time.Hour, 200}, {2 * (api.SessionIdle - time.Hour), 200},
			{3 * api.SessionIdle, 401}} {
			h.server.gate.Sessions.Now = func() time.Time { return now.Add(step.after) }
			c.call("GET", "/api/v1/me", nil).want(step.want)
		}
		if err := h.server.pruneOnce(); err != nil {
			t.Fatal(err)
		}
		var left int
		if err := db.QueryRow(t.Context(), `SELECT count(*) FROM session`).Scan(&left); err != nil || left != 0 {
			t.Errorf("%d sessions left, %v", left, err)
		}
	})
}

func TestPasswordChangeEndsOtherSessions(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	here, there := h.asSeller(), h.asSeller()
	here.call("POST", "/api/v1/me/password", PasswordChange{"wrong one",
		"a new password"}).problem(http.StatusForbidden)
	here.call("POST", "/api/v1/me/password", PasswordChange{sellerPassword,
		"a new password"}).want(http.StatusNoContent)
	here.call("GET", "/api/v1/me", nil).want(http.StatusOK)
	there.call("GET", "/api/v1/me", nil).problem(http.StatusUnauthorized)
	h.as("seller", "a new password")
}

func TestTokens(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	browser := h.asSeller()
	var made NewToken
	browser.call("POST", "/api/v1/tokens", TokenInput{Name: "site"}).want(http.StatusCreated).into(&made)
	program := h.client()
	program.token = made.Secret
	if me := read[Me](program, "/api/v1/me"); me.User.ID != h.seller.ID {
		t.Errorf("the token is of %+v", me.User)
	}
	if all := read[api.Page[people.Token]](browser, "/api/v1/tokens"); len(all.Items) != 1 ||
		all.Items[0].Name != "site" {
		t.Errorf("tokens %+v", all)
	}
	h.asAdmin().call("GET", "/api/v1/users", nil).want(http.StatusOK)
	page, _ := browser.open()
	socket, _ := program.open()
	stream := stream{server: h.server, caller: api.Caller{User: h.seller, Token: made.Secret}}
	if !stream.welcome(t.Context()) {
		t.Error("the event stream of a good token ends")
	}
	browser.call("DELETE", "/api/v1/tokens/"+made.ID, nil).want(http.StatusNoContent)
	program.call("GET", "/api/v1/me", nil).problem(http.StatusUnauthorized)
	if code := socket.Closed(); code != loggedOut {
		t.Errorf("the socket of a revoked token: %d", code)
	}
	if stream.welcome(t.Context()) {
		t.Error("the event stream of a revoked token goes on")
	}
	if in := page.Do("ping", nil); in.Error != nil {
		t.Errorf("the tab of the session: %+v", in)
	}
}

// A token does what its scope says until it expires, never what makes another key, and ends with a reset or log-out
// everywhere.
func TestTokenScopes(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := newHouse(t, db)
		browser := h.asAdmin()
		make := func(in TokenInput) *client {
			var made NewToken
			browser.call("POST", "/api/v1/tokens", in).want(http.StatusCreated).into(&made)
			c := h.client()
			c.token = made.Secret
			return c
		}
		reads, writes, all := make(TokenInput{Name: "r", Scope: people.ScopeRead}), make(TokenInput{Name: "w"}),
			make(TokenInput{Name: "a", Scope: people.ScopeAdmin})
		contact, number := object{"name": "Alice"}, object{"name": "Sales"}
		for _, c := range []struct {
			method, path string
			body         any
			want         [3]int // read, write, admin
		}{
			{"GET", "/contacts", nil, [3]int{200, 200, 200}},
			{"POST", "/contacts", contact, [3]int{403, 201, 201}},
			{"GET", "/trunks", nil, [3]int{403, 403, 200}},
			{"POST", "/departments", number, [3]int{403, 403, 201}},
			{"POST", "/tokens", TokenInput{Name: "x"}, [3]int{403, 403, 403}},
			{"POST", "/me/password", PasswordChange{adminPassword, "another password"}, [3]int{403, 403, 403}},
			{"POST", "/users/" + h.seller.ID + "/password", PasswordInput{"another password"}, [3]int{403, 403, 403}},
			{"POST", "/users", object{"login": "mallory", "name": "M", "role": "admin", "password": "a password"}, [3]int{403, 403, 403}},
			{"POST", "/users", object{"login": "staff", "name": "S", "password": "a password"}, [3]int{403, 403, 403}},
			{"POST", "/devices", object{"user": h.seller.ID}, [3]int{403, 403, 403}},
			{"POST", "/trunks", object{"name": "PBX", "host": "192.0.2.1", "in_username": "pbx", "in_password": "a password"}, [3]int{403, 403, 403}},
			{"POST", "/trunks", object{"name": "Carrier", "host": "192.0.2.1"}, [3]int{403, 403, 201}},
			{"POST", "/logout/everywhere", nil, [3]int{403, 403, 403}},
		} {
			for i, who := range []*client{reads, writes, all} {
				if r := who.call(c.method, "/api/v1"+c.path, c.body); r.status != c.want[i] {
					t.Errorf("%s %s with scope %d: %d, want %d: %s", c.method, c.path, i, r.status, c.want[i], r.body)
				}
			}
		}
		if _, r, err := reads.dial(""); err == nil || r.StatusCode != http.StatusForbidden {
			t.Errorf("a live socket for a token that reads: %v", err)
		}
		browser.call("POST", "/api/v1/tokens",
			TokenInput{Name: "x", Expires: time.Now().Add(-time.Hour)}).problem(http.StatusUnprocessableEntity)
		late := make(TokenInput{Name: "late", Expires: time.Now().Add(time.Hour)})
		late.call("GET", "/api/v1/me", nil).want(http.StatusOK)
		if _, err := db.Exec(t.Context(), `UPDATE api_token SET expires_at = 1 WHERE name = 'late'`); err != nil {
			t.Fatal(err)
		}
		late.call("GET", "/api/v1/me", nil).problem(http.StatusUnauthorized)
		browser.call("POST", "/api/v1/users/"+h.admin.ID+"/password",
			PasswordInput{"reset by an admin"}).want(http.StatusNoContent)
		all.call("GET", "/api/v1/me", nil).problem(http.StatusUnauthorized)
		browser = h.as("admin", "reset by an admin")
		again := make(TokenInput{Name: "again"})
		browser.call("POST", "/api/v1/logout/everywhere", nil).want(http.StatusNoContent)
		again.call("GET", "/api/v1/me", nil).problem(http.StatusUnauthorized)
		browser.call("GET", "/api/v1/me", nil).problem(http.StatusUnauthorized)
	})
}

// A request that another site's page makes with the user's cookie does nothing.
func TestCrossSiteRequestsAreRefused(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	c := h.asSeller()
	for _, header := range []http.Header{{"Sec-Fetch-Site": {"cross-site"}}, {"Origin": {"https://evil.example"}}} {
		c.header = header
		c.call("POST", "/api/v1/contacts", map[string]any{"name": "Mallory"}).problem(http.StatusForbidden)
	}
	c.header = http.Header{"Sec-Fetch-Site": {"same-origin"}}
	c.call("POST", "/api/v1/contacts", map[string]any{"name": "Alice"}).want(http.StatusCreated)
}

func TestClientAddress(t *testing.T) {
	p, err := parseProxies([]string{"10.0.0.0/8", "127.0.0.1"})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, remote, forwarded, proto, ip string
		https                              bool
	}{
		{"direct", "198.51.100.7:1234", "", "", "198.51.100.7", false},
		{"a stranger's claim", "198.51.100.7:1234", "203.0.113.1", "https", "198.51.100.7", false},
		{"our proxy's word", "127.0.0.1:1234", "203.0.113.1", "https", "203.0.113.1", true},
		{"two proxies of ours", "127.0.0.1:1234", "203.0.113.1, 10.1.1.1", "https", "203.0.113.1", true},
		{"a claim before our proxy", "127.0.0.1:1234", "1.1.1.1, 203.0.113.1", "", "203.0.113.1", false},
		{"a claim on a line of its own before our proxy's", "127.0.0.1:1234", "1.1.1.1\n203.0.113.1", "", "203.0.113.1", false},
	} {
		r := &http.Request{RemoteAddr: c.remote,
			Header: http.Header{"X-Forwarded-For": strings.Split(c.forwarded, "\n"), "X-Forwarded-Proto": {c.proto}}}
		if ip, https := p.client(r); ip != c.ip || https != c.https {
			t.Errorf("%s: %s %v", c.name, ip, https)
		}
	}
	if _, err := parseProxies([]string{"proxy.example"}); err == nil {
		t.Error("a name was taken for an address")
	}
}
