package main

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/crmcore/people"
	"frontdesk/crmcore/secondfactor"
	"frontdesk/store"
	"frontdesk/store/blob"
	"frontdesk/web/api"
)

// ground is the database and the store of contents: enough for commands beside a running server.
type ground struct {
	config  Config
	log     *slog.Logger
	metrics *prometheus.Registry
	zone    *time.Location
	db      *store.DB
	blobs   blob.Store
}

func openGround(ctx context.Context, c Config, log *slog.Logger) (*ground, error) {
	zone, err := time.LoadLocation(c.TimeZone)
	if err != nil {
		return nil, err
	}
	db, err := store.Open(ctx, c.Database)
	if err != nil {
		return nil, err
	}
	blobs, err := blob.Open(c.Blobs)
	if err != nil {
		db.Close()
		return nil, fmt.Errorf("blobs: %w", err)
	}
	g := &ground{config: c, log: log, metrics: newMetrics(), zone: zone, db: db, blobs: blobs}
	countCommits(g.metrics, db)
	return g, nil
}

func (g *ground) close() { g.db.Close() }

// setPassword by login; it needs no log-in of its own because it needs the configuration file.
func (g *ground) setPassword(ctx context.Context, login, secret string) error {
	staff := people.New(g.db, g.config.knownPasswords, g.metrics)
	users, err := staff.Users(ctx)
	if err != nil {
		return err
	}
	for _, u := range users {
		if strings.EqualFold(u.Login, login) {
			if err := staff.SetPassword(ctx, people.System(), u.ID, secret); err != nil {
				return err
			}
			// who is locked out lost his second factor, too
			if err := g.db.Tx(ctx, func(tx *store.Tx) error { return secondfactor.Remove(ctx, tx, u.ID) }); err != nil {
				return err
			}
			return api.EndSessions(ctx, g.db, u.ID)
		}
	}
	return fmt.Errorf("there is no user %q", login)
}

// secrets are made at the first start and shared by all nodes.
type secrets struct {
	SIP  []byte `json:"sip"`  // signs nonces
	TURN string `json:"turn"` // signs relay log-ins
}

const secretsName = "secrets"

func (g *ground) secrets(ctx context.Context) (s secrets, err error) {
	made, err := json.Marshal(secrets{SIP: []byte(rand.Text()), TURN: rand.Text()})
	if err != nil {
		return s, err
	}
	if _, err := g.db.Exec(ctx, `INSERT INTO setting (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING`, secretsName,
		string(made)); err != nil {
		return s, fmt.Errorf("secrets: %w", err)
	}
	var kept string
	err = g.db.QueryRow(ctx, `SELECT value FROM setting WHERE name = $1`, secretsName).Scan(&kept)
	if errors.Is(err, sql.ErrNoRows) || err != nil {
		return s, fmt.Errorf("secrets: %w", err)
	}
	return s, json.Unmarshal([]byte(kept), &s)
}
