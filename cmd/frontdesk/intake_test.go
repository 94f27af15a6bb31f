package main

import (
	"log/slog"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/crmcore"
	"frontdesk/pbx"
	"frontdesk/store/storetest"
)

// Of a call that ends while it is looked up nothing is left.
func TestCallThatEndsBeforeItsLookup(t *testing.T) {
	db, log := storetest.SQLite(t), slog.New(slog.DiscardHandler)
	in := newIntake("RO", log)
	in.core = crmcore.New(db, crmcore.Config{Region: "RO"}, crmcore.Hooks{}, log, prometheus.NewRegistry())
	in.rooms = pbx.NewDirectory(pbx.Config{Node: "n1"}, db, nil)
	in.exchange = pbx.New(pbx.Config{Node: "n1"}, db, in.rooms, pbx.Hooks{}, log, prometheus.NewRegistry())
	defer in.exchange.Close()
	_, err := in.core.CreateUser(t.Context(), crmcore.System(), crmcore.NewUser{User: crmcore.User{Login: "root", Name: "Root", Role: crmcore.Admin}, Password: "correct horse"})
	if err != nil {
		t.Fatal(err)
	}
	in.call(pbx.View{Call: "1", State: "ended"})
	if _, err := in.lookup(t.Context(), pbx.Inbound{Call: "1", Private: true}); err != nil {
		t.Fatal(err)
	}
	if len(in.calls) != 0 {
		t.Errorf("left: %v", in.calls)
	}
}
