package mailapi

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"

	"frontdesk/crmcore/people"
	"frontdesk/web/api"
)

// Nobody keeps the server's memory busy alone.
func TestParcelsOfOneUserAreBounded(t *testing.T) {
	o := New(Deps{}, 1<<20)
	for range maxUserParcels {
		if !o.parcels.Enter("ana") {
			t.Fatal("refused too early")
		}
	}
	for user, want := range map[string]int{"ana": http.StatusTooManyRequests, "bob": http.StatusUnsupportedMediaType} {
		var answer huma.StatusError
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			ctx := api.WithCaller(r.Context(), api.Caller{User: people.User{ID: user}})
			_, err := o.sendParcel(ctx, &parcel{r: r, w: w})
			errors.As(err, &answer)
		}))
		r, err := http.Post(server.URL, "text/plain", strings.NewReader("no form"))
		if err != nil {
			t.Fatal(err)
		}
		r.Body.Close()
		server.Close()
		if answer == nil || answer.GetStatus() != want {
			t.Errorf("%s: %v, want %d", user, answer, want)
		}
	}
}
