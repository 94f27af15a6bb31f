package crmapi

import (
	"errors"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/crmcore"
	"frontdesk/crmcore/address"
	"frontdesk/crmcore/people"
	"frontdesk/guard"
	"frontdesk/store/storetest"
	"frontdesk/web/api"
)

// Whether a number is somebody's is told while one types, not to who goes through a list.
func TestKnownIsNoDirectory(t *testing.T) {
	db := storetest.SQLite(t)
	core := crmcore.New(db, crmcore.Config{}, crmcore.Hooks{}, slog.New(slog.DiscardHandler),
		prometheus.NewRegistry())
	o := New(db, core, nil, nil, nil, nil, "RO")
	o.asked = guard.NewRates[string](guard.Rate{Burst: 5, Every: time.Hour}, 10)
	ask := func(user string, in knownQuery) int {
		_, err := o.known(api.WithCaller(t.Context(), api.Caller{User: people.User{ID: user}}), &in)
		var refused huma.StatusError
		if errors.As(err, &refused) {
			return refused.GetStatus()
		} else if err != nil {
			t.Fatal(err)
		}
		return http.StatusOK
	}
	if got := ask("ana", knownQuery{Kind: address.Phone,
		Text: "0722000001;0722000002;0722000003"}); got != http.StatusOK {
		t.Errorf("three numbers at once: %d", got)
	}
	refused, one := 0, knownQuery{Kind: address.Email, Text: "ana@clients.test"}
	for range 4 {
		if ask("ana", one) == http.StatusTooManyRequests {
			refused++
		}
	}
	if refused != 2 {
		t.Errorf("%d of 4 are refused after three at once, want 2", refused)
	}
	if got := ask("bob", one); got != http.StatusOK {
		t.Errorf("somebody else: %d", got)
	}
}
