package web

import (
	"testing"

	"frontdesk/store"
	"frontdesk/store/storetest"
	"frontdesk/web/api"
)

// A user sees where he is logged in, and ends one log-in or all others; nobody else's.
func TestOwnSessions(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := newHouse(t, db)
		here, there, third, admin := h.asSeller(), h.asSeller(), h.asSeller(), h.asAdmin()
		var own, foreign api.Page[api.OwnSession]
		here.call("GET", "/api/v1/me/sessions", nil).into(&own)
		admin.call("GET", "/api/v1/me/sessions", nil).into(&foreign)
		if len(own.Items) != 3 || len(foreign.Items) != 1 || own.Items[0].IP == "" {
			t.Fatalf("%+v, %+v", own, foreign)
		}
		var current []string
		for _, s := range own.Items {
			if s.Current {
				current = append(current, s.ID)
			}
		}
		if len(current) != 1 || len(current[0]) != 32 {
			t.Fatalf("current: %q", current)
		}
		here.call("DELETE", "/api/v1/me/sessions/"+foreign.Items[0].ID, nil).want(404)
		there.call("DELETE", "/api/v1/me/sessions/"+current[0], nil).want(204)
		here.call("GET", "/api/v1/me", nil).want(401)
		there.call("DELETE", "/api/v1/me/sessions", nil).want(204)
		third.call("GET", "/api/v1/me", nil).want(401)
		there.call("GET", "/api/v1/me", nil).want(200)
		admin.call("GET", "/api/v1/me", nil).want(200)
	})
}
