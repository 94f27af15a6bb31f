package main

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/crmcore"
	"frontdesk/crmcore/address"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/intake"
	"frontdesk/mail"
	"frontdesk/pbx/directory"
	"frontdesk/store"
	"frontdesk/store/blob"
	"frontdesk/web/api"
)

// ground is the database and what needs nothing else: enough for commands beside a running server.
type ground struct {
	config    Config
	log       *slog.Logger
	metrics   *prometheus.Registry
	zone      *time.Location
	db        *store.DB
	blobs     blob.Store
	core      *crmcore.Core
	directory *directory.Directory
	box       *mail.Box
	hooks     crmHooks
	changed   func() // the dial plan changed here
}

// crmHooks are set once the rooms they reach exist.
type crmHooks struct {
	available func(ctx context.Context, users []string) []string
	changed   func(ctx context.Context, ref record.Ref)
	looks     func(users []string) bool
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
	g.directory = directory.New(directory.Config{Node: c.Node, Region: c.Region, Realm: c.SIP.Realm}, db, func() {
		if g.changed != nil {
			g.changed()
		}
	})
	g.box = mail.New(db, blobs, g.log, g.metrics)
	g.box.Admins = g.admins
	g.core = crmcore.New(db, crmcore.Config{Region: c.Region, Zone: zone, Own: g.own, Lines: lines{g.box},
		Meetings: intake.Invited{Directory: g.directory, DB: db}, KnownPasswords: c.knownPasswords}, crmcore.Hooks{
		Available: func(ctx context.Context, users []string) []string {
			if g.hooks.available == nil {
				return users
			}
			return g.hooks.available(ctx, users)
		},
		Looks: func(users []string) bool { return g.hooks.looks == nil || g.hooks.looks(users) },
		Changed: func(ctx context.Context, ref record.Ref) {
			if g.hooks.changed != nil {
				g.hooks.changed(ctx, ref)
			}
		},
	}, g.log, g.metrics)
	return g, nil
}

// own tells our own numbers and mail domains from those of clients.
func (g *ground) own(ctx context.Context, a address.Address) (bool, error) {
	if a.Kind == address.Email {
		_, domain, _ := strings.Cut(a.Value, "@")
		return g.box.Ours(ctx, domain)
	}
	plan, err := g.directory.Plan(ctx)
	if err != nil {
		return false, err
	}
	return plan.Owns(a.Value), nil
}

// admins are the ids of the active admins, the first of whom runs the house.
func (g *ground) admins(ctx context.Context) (ids []string, err error) {
	users, err := g.core.Users(ctx)
	for _, u := range users {
		if u.Active && u.Role == people.Admin {
			ids = append(ids, u.ID)
		}
	}
	slices.Sort(ids)
	return ids, err
}

func (g *ground) close() { g.db.Close() }

// setPassword by login; it needs no log-in of its own because it needs the configuration file.
func (g *ground) setPassword(ctx context.Context, login, secret string) error {
	users, err := g.core.Users(ctx)
	if err != nil {
		return err
	}
	for _, u := range users {
		if strings.EqualFold(u.Login, login) {
			if err := g.core.SetPassword(ctx, people.System(), u.ID, secret); err != nil {
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
