package main

import (
	"log/slog"
	"path/filepath"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/crmcore/address"
	"frontdesk/crmcore/people"
	"frontdesk/mail"
	"frontdesk/mail/domain/keytest"
	"frontdesk/pbx/directory"
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
	asked := []address.Address{{Kind: address.Phone, Value: "+40311000001"},
		{Kind: address.Email, Value: "sales@ours.example"}}
	ours := ours{&node{ground: g, box: mail.New(mail.Config{RSA: keytest.RSA()}, g.db, g.blobs, g.log, g.metrics),
		directory: directory.New(directory.Config{}, g.db, nil)}}
	g.db.Close()
	for _, a := range asked {
		if own, err := ours.own(t.Context(), a); err == nil {
			t.Errorf("%s without a database: %v and no error", a.Kind, own)
		}
	}
}

// Who resets a password at the console has somebody else's log-ins in mind: they end with it.
func TestPasswordAtTheConsoleEndsLogIns(t *testing.T) {
	c := defaults()
	c.Database, c.Blobs = "sqlite://"+filepath.Join(t.TempDir(), "frontdesk.db"), t.TempDir()
	g, err := openGround(t.Context(), c, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer g.close()
	staff := people.New(g.db, true, prometheus.NewRegistry())
	u, err := staff.CreateUser(t.Context(), people.System(),
		people.NewUser{User: people.User{Login: "root", Name: "Root", Role: people.Admin},
			Password: "correct horse"})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := staff.CreateToken(t.Context(), u, people.NewToken{User: u.ID, Name: "thief's"}); err != nil {
		t.Fatal(err)
	}
	if _, err := g.db.Exec(t.Context(), `INSERT INTO session (id, user_id, created_at, seen_at, expires_at, ip, agent) VALUES ('thief', $1, 1, 1, 1, '', '')`, u.ID); err != nil {
		t.Fatal(err)
	}
	if err := g.setPassword(t.Context(), "Root", "battery staple"); err != nil {
		t.Fatal(err)
	}
	var left int
	if err := g.db.QueryRow(t.Context(), `SELECT (SELECT COUNT(*) FROM session) + (SELECT COUNT(*) FROM api_token)`).Scan(&left); err != nil || left != 0 {
		t.Errorf("%d log-ins are left, %v", left, err)
	}
}
