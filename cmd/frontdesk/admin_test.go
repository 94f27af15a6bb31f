package main

import (
	"net/http/httptest"
	"testing"
)

// Profiles are for who has the token, and for nobody where there is none.
func TestProfilesNeedTheToken(t *testing.T) {
	for _, c := range []struct {
		token, given string
		want         int
	}{{"", "", 401}, {"", "Bearer ", 401}, {"secret", "", 401}, {"secret", "Bearer other", 401},
		{"secret", "Bearer secret", 200}} {
		for _, path := range []string{"/debug/pprof/", "/debug/pprof/heap", "/debug/pprof/cmdline"} {
			r, w := httptest.NewRequest("GET", path, nil), httptest.NewRecorder()
			r.Header.Set("Authorization", c.given)
			adminHandler(&health{}, newMetrics(), c.token).ServeHTTP(w, r)
			if c.want == 401 && w.Code != 401 || c.want == 200 && w.Code == 401 {
				t.Errorf("%s with %q where the token is %q: %d", path, c.given, c.token, w.Code)
			}
		}
	}
}
