package main

import (
	"log/slog"
	"path/filepath"
	"testing"

	"frontdesk/crmcore"
)

// Without an answer of the database nobody may take our own number for a client's.
func TestOwnWithoutDatabase(t *testing.T) {
	c := defaults()
	c.Database, c.Blobs = "sqlite://"+filepath.Join(t.TempDir(), "frontdesk.db"), t.TempDir()
	g, err := openGround(t.Context(), c, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer g.close()
	asked := []crmcore.Address{{Kind: crmcore.Phone, Value: "+40311000001"}, {Kind: crmcore.Email, Value: "sales@ours.example"}}
	g.db.Close()
	for _, a := range asked {
		if own, err := g.own(t.Context(), a); err == nil {
			t.Errorf("%s without a database: %v and no error", a.Kind, own)
		}
	}
}
