package remote

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"frontdesk/store/storetest"
)

// identity is a provider's OAuth server: it gives a code for one user, tokens for the code and for the refresh token,
// and tells Dovecot whose a token is.
type identity struct {
	*httptest.Server
	redirect, challenge string
	renewed             atomic.Int32
	over                atomic.Bool // it wants a new log-in
}

func newIdentity(t testing.TB) *identity {
	i := &identity{}
	mux := http.NewServeMux()
	mux.HandleFunc("/token", func(w http.ResponseWriter, r *http.Request) {
		r.ParseForm()
		w.Header().Set("Content-Type", "application/json")
		answer := map[string]any{"token_type": "Bearer", "expires_in": 30, "refresh_token": "refresh"}
		switch {
		case i.over.Load():
			w.WriteHeader(http.StatusBadRequest)
			answer = map[string]any{"error": "invalid_grant", "error_description": "The user took the permission back."}
		case r.Form.Get("grant_type") == "authorization_code" && r.Form.Get("code") == "right" && i.asked(r.Form):
			answer["access_token"] = "first"
		case r.Form.Get("grant_type") == "refresh_token" && r.Form.Get("refresh_token") == "refresh":
			i.renewed.Add(1)
			answer["access_token"] = "later"
		default:
			w.WriteHeader(http.StatusBadRequest)
			answer = map[string]any{"error": "invalid_grant"}
		}
		json.NewEncoder(w).Encode(answer)
	})
	mux.HandleFunc("/introspect", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		token := r.URL.Query().Get("token")
		active := "false"
		if token == "first" || token == "later" {
			active = "true"
		}
		json.NewEncoder(w).Encode(map[string]any{"active": active, "email": address})
	})
	i.Server = httptest.NewServer(mux)
	t.Cleanup(i.Close)
	return i
}

// asked tells whether a code is taken by who asked for it (RFC 7636, section 4.6).
func (i *identity) asked(form url.Values) bool {
	return form.Get("redirect_uri") == i.redirect &&
		oauth2.S256ChallengeFromVerifier(form.Get("code_verifier")) == i.challenge
}

// A person lets us in by the browser; the permission is renewed by itself, and when it is taken back the screen says
// so.
func TestLogInByTheBrowser(t *testing.T) {
	i := newIdentity(t)
	p := newProvider(t, i.URL+"/introspect")
	o := newOffice(t, storetest.SQLite(t), func(c *Config) {
		c.OAuth = map[string]OAuth{"stand-in": {ClientID: "us", ClientSecret: "s", AuthURL: i.URL + "/auth",
			TokenURL: i.URL + "/token", Scopes: []string{"mail"}, Domains: []string{"provider.test"},
			Servers: Servers{IMAP: p.imap, IMAPTLS: Plain, SMTP: "127.0.0.1:1", SMTPTLS: Plain}}}
	})
	known, err := o.Lookup(t.Context(), address)
	if err != nil || known.Provider != "stand-in" {
		t.Fatalf("%+v %v", known, err)
	}
	i.redirect = "https://desk.ours.test/mailboxes"
	to, err := o.Ask(t.Context(), "u-ana", Input{Address: address}, i.redirect)
	if err != nil {
		t.Fatal(err)
	}
	asked, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	q := asked.Query()
	if q.Get("response_type") != "code" || q.Get("client_id") != "us" || q.Get("code_challenge_method") != "S256" ||
		q.Get("redirect_uri") != i.redirect {
		t.Errorf("the provider is asked %v", q)
	}
	i.challenge = q.Get("code_challenge")
	state := q.Get("state")
	for _, wrong := range []struct{ user, state, code string }{{"u-ion", state, "right"},
		{"u-ana", state + "x", "right"}, {"u-ana", state, "wrong"}} {
		if _, err := o.Agreed(t.Context(), wrong.user, wrong.state, wrong.code); !errors.Is(err, ErrConsent) {
			t.Errorf("%+v: %v", wrong, err)
		}
	}
	a, err := o.Agreed(t.Context(), "u-ana", state, "right")
	if err != nil {
		t.Fatal(err)
	}
	o.run()
	now := func() string {
		a, err := o.one(t.Context(), "u-ana", a.ID)
		if err != nil {
			t.Fatal(err)
		}
		return string(a.State)
	}
	t.Cleanup(func() { x, _ := o.one(context.Background(), "u-ana", a.ID); t.Log(x.State, x.Told) })
	o.waits("connected by a token", now, string(Works))
	there := p.program()
	p.comes(there, "INBOX", time.Now(), letterOf("t", "By token"))
	o.waits("mail", func() string { return o.folder(a, "INBOX") }, "By token")
	if i.renewed.Load() == 0 {
		t.Error("the token, which ends within the minute, was not renewed")
	}
	i.over.Store(true)
	if _, err := o.db.Exec(t.Context(), `UPDATE mail_remote SET version = version + 1`); err != nil { // it connects anew
		t.Fatal(err)
	}
	o.waits("the permission is taken back", now, string(Consent))
	i.over.Store(false)
	if to, err = o.Ask(t.Context(), "u-ana", Input{Address: address}, i.redirect); err != nil {
		t.Fatal(err)
	}
	asked, _ = url.Parse(to)
	i.challenge = asked.Query().Get("code_challenge")
	again, err := o.Agreed(t.Context(), "u-ana", asked.Query().Get("state"), "right")
	if err != nil || again.ID != a.ID {
		t.Fatalf("%+v %v", again, err)
	}
	o.waits("let in again", now, string(Works))
}
