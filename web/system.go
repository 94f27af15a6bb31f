package web

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"runtime"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"frontdesk/store"
	"frontdesk/web/api"
)

// Settings of the installation that are changed while it runs; the rest is in its configuration file.
type Settings struct {
	Company   string `json:"company" minLength:"1" maxLength:"200" doc:"The company's name, as the workplace shows it"`
	Locale    string `json:"locale" enum:"en,ro,ru" doc:"Language of the log-in page"`
	EventDays int    `json:"event_days" minimum:"1" maximum:"365" doc:"How long events can be replayed"`
}

const settingsName = "web"

// settings as they were last changed.
func (s *Server) settings(ctx context.Context) (Settings, error) {
	all := Settings{Company: "Frontdesk", Locale: "en", EventDays: 7}
	var value string
	err := s.deps.DB.QueryRow(ctx, `SELECT value FROM setting WHERE name = $1`, settingsName).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return all, nil
	}
	if err != nil {
		return all, err
	}
	return all, json.Unmarshal([]byte(value), &all)
}

// SetSettings replaces the settings.
func (s *Server) SetSettings(ctx context.Context, all Settings) error {
	value, err := json.Marshal(all)
	if err != nil {
		return err
	}
	_, err = s.deps.DB.Exec(ctx, `INSERT INTO setting (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value`, settingsName, string(value))
	return err
}

type settingsPut struct{ Body Settings }

func (s *Server) getSettings(ctx context.Context, _ *api.None) (Settings, error) {
	return s.settings(ctx)
}

func (s *Server) putSettings(ctx context.Context, in *settingsPut) (Settings, error) {
	return in.Body, s.SetSettings(ctx, in.Body)
}

// System is how the installation does.
type System struct {
	Version   string     `json:"version"`
	Go        string     `json:"go"`
	Node      string     `json:"node" doc:"The one that answers"`
	Started   time.Time  `json:"started"`
	Database  Part       `json:"database"`
	Bus       Part       `json:"bus"`
	Listeners []Listener `json:"listeners"`
	Nodes     []Node     `json:"nodes"`
	Online    []string   `json:"online" doc:"Ids of users with an open workplace"`
	Sockets   int        `json:"sockets" doc:"Open workplaces on this node"`
	Jobs      []JobCount `json:"jobs"`
}

// Part of the system, and whether it works.
type Part struct {
	Kind    string `json:"kind"`
	OK      bool   `json:"ok"`
	Message string `json:"message,omitempty"`
}

// Node is one of the equal nodes of the installation.
type Node struct {
	ID      string    `json:"id"`
	Address string    `json:"address"`
	State   string    `json:"state"`
	Seen    time.Time `json:"seen"`
}

// JobCount counts the work that waits.
type JobCount struct {
	Kind  string `json:"kind"`
	State string `json:"state" doc:"ready, leased or dead"`
	Count int64  `json:"count"`
}

func (s *Server) system(ctx context.Context, _ *api.None) (System, error) {
	sys := System{
		Version: s.cfg.Version, Go: runtime.Version(), Node: s.cfg.Node, Started: s.started,
		Database: Part{Kind: s.deps.DB.Dialect().String(), OK: true},
		Bus:      Part{Kind: "nats", OK: s.deps.Bus.Connected()},
		Online:   s.hub.OnlineUsers(), Sockets: s.hub.Count(),
	}
	if s.deps.Listeners != nil {
		sys.Listeners = s.deps.Listeners()
	}
	if err := s.deps.DB.Ping(ctx); err != nil {
		sys.Database.OK, sys.Database.Message = false, err.Error()
		return sys, nil
	}
	var err error
	if sys.Nodes, err = s.nodes(ctx); err != nil {
		return sys, err
	}
	sys.Jobs, err = s.jobs(ctx)
	return sys, err
}

func (s *Server) nodes(ctx context.Context) ([]Node, error) {
	return api.QueryAll(ctx, s.deps.DB, func(rows store.Row) (n Node, err error) {
		var seen int64
		err = rows.Scan(&n.ID, &n.Address, &n.State, &seen)
		n.Seen = store.Time(seen)
		return n, err
	}, `SELECT id, address, state, seen_at FROM node ORDER BY id`)
}

func (s *Server) jobs(ctx context.Context) ([]JobCount, error) {
	return api.QueryAll(ctx, s.deps.DB, func(rows store.Row) (j JobCount, err error) {
		return j, rows.Scan(&j.Kind, &j.State, &j.Count)
	}, `SELECT kind, state, count(*) FROM job GROUP BY kind, state ORDER BY kind, state`)
}

type (
	demoCall struct{ Body DemoCallInput }
	demoMail struct{ Body DemoMailInput }
)

var errNoDemo = huma.Error404NotFound("This is no demo company.")

func (s *Server) demo(context.Context, *api.None) (DemoInfo, error) {
	if s.deps.Demo == nil {
		return DemoInfo{}, errNoDemo
	}
	return s.deps.Demo.Info, nil
}

func (s *Server) demoCall(ctx context.Context, in *demoCall) error {
	if s.deps.Demo == nil {
		return errNoDemo
	}
	return s.deps.Demo.Call(ctx, in.Body.Number, in.Body.From)
}

func (s *Server) demoMail(ctx context.Context, in *demoMail) error {
	if s.deps.Demo == nil {
		return errNoDemo
	}
	return s.deps.Demo.Mail(ctx, in.Body.To, in.Body.From)
}
