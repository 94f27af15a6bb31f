// Package web is the house's door for people and programs: the HTTP API, log-ins, the live sockets of browsers, the events for
// integrations, and the workplace itself.
package web

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"frontdesk/bus"
	"frontdesk/crmcore"
	"frontdesk/guard"
	"frontdesk/mail"
	"frontdesk/mail/queue"
	"frontdesk/pbx"
	"frontdesk/pbx/directory"
	"frontdesk/sip"
	"frontdesk/store"
	"frontdesk/webrtc"
)

// Config of the web room.
type Config struct {
	Node     string   `yaml:"-"`          // id of this node
	Version  string   `yaml:"-"`          // of the program
	Region   string   `yaml:"-"`          // ISO 3166 country of national numbers; default "RO"
	URL      string   `yaml:"public_url"` // how browsers reach us, when it is not the address we listen on
	MaxMail  int64    `yaml:"-"`          // bytes of a mail; default 50 MiB
	MailHost string   `yaml:"-"`          // name our MX records point to; default "mail." and the domain
	Proxies  []string `yaml:"proxies"`    // addresses or CIDRs of proxies whose X-Forwarded-For and -Proto are believed
}

// Deps are the rooms behind the door. Demo, Listeners, SIP and Logins may be missing.
type Deps struct {
	DB        *store.DB
	Members   *store.Members
	Bus       *bus.Bus
	Hub       *Hub
	Core      *crmcore.Core
	Directory *directory.Directory
	Exchange  *pbx.Exchange
	Mail      *mail.Box
	Queue     *queue.Queue
	Calls     *webrtc.Endpoint
	SIP       *sip.Server
	Demo      *Demo
	Logins    *guard.Logins // shared with the other doors that take the same passwords
	Listeners func() []Listener
	Log       *slog.Logger
}

// Server answers HTTP requests. Make it with New.
type Server struct {
	cfg      Config
	deps     Deps
	log      *slog.Logger
	metrics  *metrics
	hub      *Hub
	mux      *http.ServeMux
	api      huma.API
	handler  http.Handler
	sessions sessions
	doors    doors
	asked    *guard.Rates[string] // who has a number or mailbox, by user
	events   eventLog
	streams  *guard.Counter[string]
	parcels  *guard.Counter[string] // mails with files on their way in
	knocks   *guard.Rates[string]   // at meetings, by user
	bell     *bell
	proxies  proxies
	origins  []string
	started  time.Time

	closing chan struct{}
	once    sync.Once
	tasks   sync.WaitGroup
	stops   []func()
}

// New makes the server over its rooms. The caller closes it before the Hub.
func New(cfg Config, deps Deps) (*Server, error) {
	if cfg.Region == "" {
		cfg.Region = "RO"
	}
	cfg.MaxMail = cmp.Or(cfg.MaxMail, 50<<20)
	if deps.Logins == nil {
		deps.Logins = guard.NewLogins(guard.LoginLimits{}, nil)
	}
	s := &Server{
		cfg: cfg, deps: deps, log: deps.Log, hub: deps.Hub, metrics: deps.Hub.metrics, mux: http.NewServeMux(),
		sessions: sessions{db: deps.DB, now: time.Now}, doors: newDoors(), asked: newAsked(), events: eventLog{db: deps.DB, now: time.Now},
		streams: guard.NewCounter[string](maxStreams, maxUserStream), parcels: guard.NewCounter[string](maxParcels, maxUserParcels), bell: newBell(),
		knocks: guard.NewRates[string](knockRate(), maxKnockers), started: time.Now().UTC(), closing: make(chan struct{}),
	}
	var err error
	if s.proxies, err = parseProxies(cfg.Proxies); err != nil {
		return nil, fmt.Errorf("web: proxies: want addresses or CIDRs: %w", err)
	}
	if err := s.setOrigin(); err != nil {
		return nil, err
	}
	if err := s.open(); err != nil {
		return nil, err
	}
	if err := s.listen(); err != nil {
		s.unlisten()
		return nil, fmt.Errorf("web: %w", err)
	}
	s.tasks.Go(s.prune)
	return s, nil
}

// listen hears the other nodes.
func (s *Server) listen() error {
	stop, err := s.deps.Bus.Subscribe(eventSubject, func(string, []byte) { s.bell.ring() })
	if err != nil {
		return err
	}
	s.stops = append(s.stops, stop)
	if stop, err = s.deps.Bus.Subscribe(putOutSubject, s.onPutOut); err != nil {
		return err
	}
	s.stops = append(s.stops, stop)
	return s.answerNodes()
}

func (s *Server) unlisten() {
	for _, stop := range s.stops {
		stop()
	}
}

// setOrigin lets the pages of the public address, besides those of the address asked, open live sockets.
func (s *Server) setOrigin() error {
	if s.cfg.URL == "" {
		return nil
	}
	u, err := url.Parse(s.cfg.URL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return fmt.Errorf("web: public_url %q: want something like https://desk.example.com", s.cfg.URL)
	}
	s.origins = []string{u.Scheme + "://" + u.Host}
	return nil
}

// open puts everything behind the handler.
func (s *Server) open() error {
	s.hub.serves(live{hello: s.hello, do: s.liveDo, gone: s.deps.Calls.SocketGone, name: s.opName})
	s.api = newAPI(s.mux, s.cfg.Version)
	s.api.UseMiddleware(s.authenticate, s.texts)
	s.routes()
	document, err := s.document()
	if err != nil {
		return fmt.Errorf("web: OpenAPI document: %w", err)
	}
	docs, err := renderDocs(s.api.OpenAPI())
	if err != nil {
		return fmt.Errorf("web: API page: %w", err)
	}
	s.mux.HandleFunc("GET "+prefix+"/openapi.json", serveBytes("application/json", document))
	s.mux.HandleFunc("GET /api/docs", serveBytes("text/html; charset=utf-8", docs))
	s.mux.HandleFunc("GET "+prefix+"/live", s.serveLive)
	s.mux.HandleFunc("/api/", func(w http.ResponseWriter, _ *http.Request) {
		plainProblem(w, http.StatusNotFound, "There is no such operation. See /api/docs.")
	})
	s.mux.Handle("/", newWorkplace())
	s.handler = s.outer(s.mux)
	return nil
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
	if err := s.sessions.prune(ctx); err != nil {
		return err
	}
	settings, err := s.settings(ctx)
	if err != nil {
		return err
	}
	return s.events.prune(ctx, settings.EventDays)
}
