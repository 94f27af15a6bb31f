// Package web is the house's door for people and programs: the HTTP API, log-ins, the live sockets of browsers, the
// events for integrations, and the workplace itself.
package web

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/crmcore/importing"
	"frontdesk/guard"
	"frontdesk/intake/person"
	"frontdesk/pbx/ledger"
	"frontdesk/pbx/report"
	"frontdesk/store"
	"frontdesk/web/api"
	"frontdesk/web/crmapi"
	"frontdesk/web/live"
	"frontdesk/web/mailapi"
	"frontdesk/web/pbxapi"
	"frontdesk/web/provision"
)

// New makes the server over its rooms. The caller closes it before the Hub.
func New(cfg Config, deps Deps) (*Server, error) {
	cfg.Region, cfg.MaxMail = cmp.Or(cfg.Region, "RO"), cmp.Or(cfg.MaxMail, 50<<20)
	if deps.Logins == nil {
		deps.Logins = guard.NewLogins(guard.LoginLimits{}, nil)
	}
	origins, err := originsOf(cfg.URL)
	if err != nil {
		return nil, err
	}
	proxies, err := parseProxies(cfg.Proxies)
	if err != nil {
		return nil, fmt.Errorf("web: proxies: want addresses or CIDRs: %w", err)
	}
	s := &Server{
		cfg: cfg, deps: deps, log: deps.Log, hub: deps.Hub, metrics: newMetrics(deps.Metrics), mux: http.NewServeMux(),
		gate:   api.NewGate(deps.DB, deps.Core),
		events: deps.Events, streams: guard.NewCounter[string](maxStreams, maxUserStream),
		bell:    store.NewBell(),
		origins: origins, proxies: proxies, started: time.Now().UTC(), closing: make(chan struct{}),
	}
	s.frame = api.New(s.mux, cfg.Version, s.gate, s.log, deps.Metrics)
	s.live = live.New(live.Deps{
		Node: cfg.Node, Origins: origins, Demo: deps.Demo != nil, Frame: s.frame, Hub: deps.Hub, Core: deps.Core,
		Directory: deps.Directory,
		Exchange:  deps.Exchange, Calls: deps.Calls, Members: deps.Members, Bus: deps.Bus, Log: deps.Log,
	})
	s.open()
	if err := s.listen(); err != nil {
		s.unlisten()
		return nil, fmt.Errorf("web: %w", err)
	}
	s.tasks.Go(s.prune)
	s.tasks.Go(s.numberEvents)
	return s, nil
}

// listen hears the other nodes.
func (s *Server) listen() error {
	stop, err := s.deps.Bus.Subscribe(eventSubject, func(string, []byte) { s.bell.Ring() })
	if err != nil {
		return err
	}
	s.stops = append(s.stops, stop, s.live.Close)
	return s.live.Listen()
}

func (s *Server) unlisten() {
	for _, stop := range s.stops {
		stop()
	}
}

// originsOf are the origins whose pages may open live sockets, besides that of the address asked: the public address's.
func originsOf(address string) ([]string, error) {
	if address == "" {
		return nil, nil
	}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("web: public_url %q: want something like https://desk.example.com", address)
	}
	return []string{u.Scheme + "://" + u.Host}, nil
}

// operations registers those of all rooms.
func (s *Server) operations() {
	s.crm = crmapi.New(s.deps.DB, s.deps.Core, s.deps.Automation, s.deps.Calling, s.persons(), s.deps.Offers,
		s.cfg.Region)
	s.mails = mailapi.New(mailapi.Deps{Box: s.deps.Mail, Queue: s.deps.Queue, Domains: s.deps.Domains,
		Passwords: s.deps.Passwords, Hosts: s.deps.Hosts, Limits: s.deps.Limits, Dead: s.deps.Dead,
		Greylist: s.deps.Greylist, Carbon: s.deps.Carbon, Exclusions: s.deps.Exclusions, Reports: s.deps.Reports,
		Telling:    s.deps.Telling,
		Quarantine: s.deps.Quarantine, Scanner: s.deps.Scanner, Desk: s.deps.Desk,
		Team: s.deps.Team, Kit: s.deps.Kit, Rules: s.deps.Rules, Elsewhere: s.deps.Elsewhere, Core: s.deps.Core,
		Offers: s.deps.Offers, Ends: s.endMail, Demo: s.deps.Demo != nil}, s.cfg.MaxMail)
	s.routes(s.frame)
	s.crm.Routes(s.frame)
	s.mails.Routes(s.frame)
	pbxapi.New(s.deps.Directory, s.deps.Exchange, s.deps.Core, s.live, s.deps.SIP, s.deps.Prompts,
		s.deps.Voicemail, s.deps.Tolls, report.New(s.deps.DB), s.deps.Recordings, s.deps.Supervision,
		s.deps.Words).Routes(s.frame)
	s.phones = provision.New(provision.Config{URL: s.cfg.URL, Plain: s.cfg.PlainSetup}, provision.Deps{
		Directory: s.deps.Directory, Core: s.deps.Core, Listeners: s.addresses, Resync: s.deps.Resync, Log: s.log})
	s.phones.Routes(s.frame)
	s.frame.Registered()
}

// persons find and erase what all rooms have of somebody.
func (s *Server) persons() *person.Persons {
	return &person.Persons{Core: s.deps.Core, Imports: importing.New(s.deps.DB, s.deps.Core), Box: s.deps.Mail,
		Recordings: s.deps.Recordings, Voicemail: s.deps.Voicemail, DB: s.deps.DB, Offers: s.deps.Offers,
		Sent: s.forgetSent, Records: s.recordsOf}
}

func (s *Server) forgetSent(ctx context.Context, texts []string) error {
	return s.deps.Webhooks.Forget(ctx, texts)
}

func (s *Server) recordsOf(ctx context.Context, calls []string) ([]ledger.Record, error) {
	return s.deps.Exchange.RecordsOf(ctx, calls)
}

// endMail ends the sessions of a user's mail programs.
func (s *Server) endMail(user string) { s.hub.EndMail(user) }

// addresses are those that this node listens on, by name.
func (s *Server) addresses() map[string]string {
	all := map[string]string{}
	if s.deps.Listeners != nil {
		for _, l := range s.deps.Listeners() {
			all[l.Name] = l.Address
		}
	}
	return all
}

// OpenAPI is the description of the API (OpenAPI 3.1, JSON, indented) without a server behind it.
func OpenAPI() ([]byte, error) {
	s := &Server{}
	s.frame = api.New(http.NewServeMux(), "1", nil, nil, prometheus.NewRegistry())
	s.operations()
	return s.frame.Document()
}

// open puts everything behind the handler.
func (s *Server) open() {
	s.operations()
	s.mux.HandleFunc("GET "+api.Prefix+"/openapi.json", serveMade("application/json", s.frame.Document))
	s.mux.HandleFunc("GET /api/docs", serveMade("text/html; charset=utf-8",
		func() ([]byte, error) { return renderDocs(s.frame.OpenAPI()), nil }))
	s.mails.Setup(s.mux)
	s.mux.HandleFunc("GET "+api.Prefix+"/live", s.live.ServeLive)
	s.mux.Handle("GET "+provision.Path+"{token}/{file}", s.phones)
	s.mux.HandleFunc("/api/", func(w http.ResponseWriter, _ *http.Request) {
		api.WriteProblem(w, http.StatusNotFound, "There is no such operation. See /api/docs.")
	})
	s.mux.Handle("/", newWorkplace())
	s.handler = s.outer(s.mux)
}

// Handler answers everything: the API, the live socket and the workplace.
func (s *Server) Handler() http.Handler { return s.handler }

// Close ends the event streams and what runs in the background. Live sockets are the Hub's.
func (s *Server) Close() {
	s.once.Do(func() { close(s.closing); s.unlisten() })
	s.tasks.Wait()
}

const pruneEvery = time.Hour

// prune removes, now and then, what is too old.
func (s *Server) prune() {
	tick := time.NewTicker(pruneEvery)
	defer tick.Stop()
	for {
		if err := s.pruneOnce(); err != nil {
			s.log.Error("prune sessions and events", "err", err)
		}
		select {
		case <-s.closing:
			return
		case <-tick.C:
		}
	}
}

func (s *Server) pruneOnce() error {
	ctx, cancel := context.WithTimeout(store.As(context.Background(), store.Reports, ""), time.Minute)
	defer cancel()
	if err := s.gate.Sessions.Prune(ctx); err != nil {
		return err
	}
	settings, err := s.settings(ctx)
	if err != nil {
		return err
	}
	policy, err := s.deps.Factors.Policy(ctx)
	if err != nil {
		return err
	}
	if err := s.gate.Audit.Prune(ctx, policy.AuditDays); err != nil {
		return err
	}
	if err := s.deps.Automation.Prune(ctx); err != nil {
		return err
	}
	if err := s.deps.Webhooks.Prune(ctx, settings.EventDays); err != nil {
		return err
	}
	return s.events.Prune(ctx, settings.EventDays)
}
