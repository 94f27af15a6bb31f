package web

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"

	"github.com/mjl-/mox/dns"

	"frontdesk/bus"
	"frontdesk/crmcore"
	"frontdesk/crmcore/automation"
	"frontdesk/crmcore/calling"
	"frontdesk/crmcore/fold"
	"frontdesk/crmcore/offer"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/secondfactor"
	"frontdesk/guard"
	"frontdesk/guard/acme"
	"frontdesk/intake"
	"frontdesk/mail"
	"frontdesk/mail/bounce"
	"frontdesk/mail/carbon"
	"frontdesk/mail/compose"
	"frontdesk/mail/desk"
	"frontdesk/mail/domain"
	"frontdesk/mail/domain/keytest"
	"frontdesk/mail/exclusion"
	"frontdesk/mail/greylist"
	"frontdesk/mail/limit"
	"frontdesk/mail/passwords"
	"frontdesk/mail/quarantine"
	"frontdesk/mail/queue"
	"frontdesk/mail/relay"
	"frontdesk/mail/remote"
	"frontdesk/mail/reports"
	"frontdesk/mail/rules"
	"frontdesk/mail/tally"
	"frontdesk/mail/team"
	"frontdesk/pbx"
	"frontdesk/pbx/directory"
	"frontdesk/pbx/prompts"
	"frontdesk/pbx/recording"
	"frontdesk/pbx/supervision"
	"frontdesk/pbx/toll"
	"frontdesk/pbx/voicemail"
	"frontdesk/pbx/words"
	"frontdesk/sip"
	"frontdesk/store"
	"frontdesk/store/blob"
	"frontdesk/web/live"
	"frontdesk/webhook"
	"frontdesk/webrtc"
)

func TestMain(m *testing.M) {
	// A look-up of names that nobody waits for any more goes on until the name server has had its time.
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("net.(*Resolver).tryOneName"))
}

// house is a server over the real rooms, with two users.
type house struct {
	t      *testing.T
	db     *store.DB
	bus    *bus.Bus
	core   *crmcore.Core
	dir    *directory.Directory
	box    *mail.Box
	hub    *live.Hub
	server *Server
	http   *httptest.Server
	sip    string // address
	admin  people.User
	seller people.User
}

const (
	adminPassword  = "correct horse battery"
	sellerPassword = "staple horse battery"
)

// maxMail of a house is little: what is said to one byte too much does not depend on how many there were.
const maxMail = 4 << 20

func newHouse(t *testing.T, db *store.DB) *house {
	t.Helper()
	h := &house{t: t, db: db}
	h.rooms(nil)
	h.admin = h.user("admin", adminPassword, people.Admin)
	h.seller = h.user("seller", sellerPassword, people.Staff)
	return h
}

// rooms starts a node over the database; with a bus, beside others.
func (h *house) rooms(shared *bus.Bus) {
	t, log, reg := h.t, slog.New(slog.DiscardHandler), prometheus.NewRegistry()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	var err error
	node := store.NewID()[24:]
	members, err := store.JoinMembers(t.Context(), h.db, store.MembersConfig{Node: node, Beat: 50 * time.Millisecond},
		log)
	must(err)
	t.Cleanup(members.Close)
	if h.bus = shared; shared == nil {
		h.bus, err = bus.Open("", log)
		must(err)
		t.Cleanup(h.bus.Close)
	}
	blobs, err := blob.NewFiles(t.TempDir())
	must(err)
	var phones *sip.Server
	h.dir = directory.New(directory.Config{Node: node,
		Departments: func(ctx context.Context) (map[string][]string, error) { return h.core.DepartmentsOf(ctx) }},
		h.db, func() { phones.Reload() })
	h.core = crmcore.New(h.db, crmcore.Config{Lines: lines{h}, Meetings: intake.Invited{Directory: h.dir, DB: h.db},
		KnownPasswords: true}, crmcore.Hooks{}, log, reg)
	h.box = mail.New(mail.Config{RSA: keytest.RSA()}, h.db, blobs, log, reg)
	inside, err := guard.NewEgress([]string{"127.0.0.0/8"})
	must(err)
	out, err := queue.New(queue.Config{Hostname: "mail.acme.test", Members: members, MaxSize: maxMail,
		Hosts: relay.New(h.db, guard.NewSeal("test")), Egress: &inside, Limits: limit.New(h.db)}, h.box, h.db,
		blobs, log, reg)
	must(err)
	h.hub, err = live.NewHub(node, h.db, h.bus, log, reg)
	must(err)
	t.Cleanup(h.hub.Close)
	calls, err := webrtc.New(webrtc.Config{Node: node, Loopback: true}, h.hub, log, reg)
	must(err)
	t.Cleanup(func() { calls.Close() })
	exchange := pbx.New(pbx.Config{Node: node, Members: members}, h.db, h.dir, pbx.Dialers{},
		pbx.Hooks{Changed: h.hub.Call}, log, reg)
	t.Cleanup(exchange.Close)
	phones, err = sip.New(sip.Config{UDP: "127.0.0.1:0", Node: node, Secret: []byte("a secret of this test")}, h.dir,
		log, reg)
	must(err)
	var serving sync.WaitGroup
	serving.Go(func() { phones.Serve(context.Background(), exchange) })
	t.Cleanup(func() { phones.Close(); serving.Wait() })
	<-phones.Ready()
	udp, _ := phones.Addr()
	h.sip = udp.String()
	egress, err := guard.NewEgress(nil)
	must(err)
	events, recordings := store.NewEventLog(h.db, log), recording.New(h.db, blobs)
	h.server, err = New(Config{Node: node, Version: "test", MaxMail: maxMail}, Deps{
		DB: h.db, Members: members, Bus: h.bus, Hub: h.hub, Core: h.core, Directory: h.dir, Exchange: exchange,
		Elsewhere: remote.New(remote.Config{Seal: guard.NewSeal("test"), Egress: egress}, h.box, h.db, blobs, log),
		Mail:      h.box, Queue: out,
		Team: team.New(h.db, func(user, event string, data any) { h.hub.Send(user, "", event, data) }),
		Domains: domain.NewChecker(domain.Config{Place: domain.Place{Host: "mail.acme.test",
			Services: map[string]uint16{"imaps": 993, "submissions": 465}},
			Resolver: func() dns.Resolver { return dns.MockResolver{} }}, h.box.Book, log),
		Passwords: passwords.New(h.db), Hosts: relay.New(h.db, guard.NewSeal("test")), Limits: limit.New(h.db),
		Dead: bounce.New(h.db), Quarantine: quarantine.New(h.db, h.box),
		Greylist: greylist.New(h.db, nil), Carbon: carbon.New(carbon.Config{}, h.db, h.box),
		Exclusions: exclusion.New(h.db),
		Telling:    tally.NewReporter(tally.Config{}, h.db, log),
		Reports:    reports.New(h.db, h.box.Ours, log), Kit: compose.New(h.db), Rules: rules.New(h.db, h.box, out, log),
		Desk: desk.New(desk.Config{}, h.db, h.box, out, log), Calls: webrtc.NewTabs(calls,
			exchange), SIP: phones, Log: log, Metrics: reg,
		Events: events, Webhooks: webhook.New(webhook.Config{Egress: egress}, h.db, events, log, reg),
		Prompts: prompts.New(prompts.Config{}, h.db, blobs), Voicemail: voicemail.New(h.db, blobs),
		Calling:    calling.New(h.db, "RO"),
		Offers:     offer.New(h.db, time.UTC, h.core.Tell),
		Automation: automation.New(h.db, h.core, automation.Ports{}, log, reg),
		Factors:    secondfactor.New(h.db, guard.NewSeal("test")),
		Tolls:      toll.New(toll.Config{Region: "RO", Zone: time.UTC, Log: log}, h.db),
		Recordings: recordings, Words: words.New(words.Config{Egress: egress, Seal: guard.NewSeal("test"),
			Split: fold.Words}, h.db, recordings, log),
		Supervision:  supervision.New(h.db),
		Certificates: orders(h.db, log),
	})
	must(err)
	t.Cleanup(h.server.Close)
	must(members.Start(t.Context(), store.MembersHooks{}))
	h.http = httptest.NewServer(h.server.Handler())
	t.Cleanup(func() { h.server.Close(); h.hub.Close(); h.http.Close() })
}

// orders would have certificates for two names, of which one leads elsewhere; nobody orders any.
func orders(db *store.DB, log *slog.Logger) *acme.Keeper {
	return acme.New(acme.Config{Names: func(context.Context) ([]acme.Wanted, error) {
		return []acme.Wanted{{Name: "desk.acme.test", Sure: true}, {Name: "mta-sts.acme.test"}}, nil
	}}, db, guard.NewSeal("test"), log)
}

func (h *house) user(login, password string, role people.Role) people.User {
	h.t.Helper()
	u, err := h.core.CreateUser(context.Background(), people.System(), people.NewUser{
		User: people.User{Login: login, Name: strings.ToUpper(login), Email: login + "@example.com", Role: role,
			Locale: "en", Active: true, Access: people.AccessOwn},
		Password: password,
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return u
}

// client is a browser, or a program with a token.
type client struct {
	t      *testing.T
	base   string
	cookie string
	token  string
	header http.Header
}

func (h *house) client() *client {
	return &client{t: h.t, base: h.http.URL, header: http.Header{}}
}

// as logs in.
func (h *house) as(login, password string) *client {
	h.t.Helper()
	c := h.client()
	r := c.call("POST", "/api/v1/login", Credentials{login, password})
	r.want(http.StatusOK)
	c.cookie = strings.Split(r.header.Get("Set-Cookie"), ";")[0]
	return c
}

func (h *house) asAdmin() *client  { h.t.Helper(); return h.as("admin", adminPassword) }
func (h *house) asSeller() *client { h.t.Helper(); return h.as("seller", sellerPassword) }

type response struct {
	t      *testing.T
	what   string
	status int
	header http.Header
	body   []byte
}

// rawBody is a body that is sent as it is.
type rawBody string

func (c *client) request(method, path string, body any) *http.Request {
	c.t.Helper()
	var r io.Reader
	if raw, ok := body.(rawBody); ok {
		r = strings.NewReader(string(raw))
	} else if body != nil {
		data, err := json.Marshal(body)
		if err != nil {
			c.t.Fatal(err)
		}
		r = bytes.NewReader(data)
	}
	request, err := http.NewRequest(method, c.base+path, r)
	if err != nil {
		c.t.Fatal(err)
	}
	request.Header = c.header.Clone()
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if c.cookie != "" {
		request.Header.Set("Cookie", c.cookie)
	}
	if c.token != "" {
		request.Header.Set("Authorization", "Bearer "+c.token)
	}
	return request
}

func (c *client) call(method, path string, body any) *response {
	c.t.Helper()
	r, err := http.DefaultTransport.RoundTrip(c.request(method, path, body))
	if err != nil {
		c.t.Fatal(err)
	}
	defer r.Body.Close()
	data, err := io.ReadAll(r.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return &response{t: c.t, what: method + " " + path, status: r.StatusCode, header: r.Header, body: data}
}

func (r *response) want(status int) *response {
	r.t.Helper()
	if r.status != status {
		r.t.Fatalf("%s: status %d, want %d: %s", r.what, r.status, status, r.body)
	}
	return r
}

// problem checks that the answer is an error of RFC 9457.
func (r *response) problem(status int) map[string]any {
	r.t.Helper()
	r.want(status)
	if got := r.header.Get("Content-Type"); got != "application/problem+json" {
		r.t.Errorf("%s: content type %q of an error", r.what, got)
	}
	var p map[string]any
	r.into(&p)
	if p["status"] != float64(status) || p["title"] == "" || p["detail"] == "" {
		r.t.Errorf("%s: incomplete problem %s", r.what, r.body)
	}
	return p
}

func (r *response) into(v any) {
	r.t.Helper()
	if err := json.Unmarshal(r.body, v); err != nil {
		r.t.Fatalf("%s: %v in %s", r.what, err, r.body)
	}
}

// read is a GET into a value of the wanted type.
func read[T any](c *client, path string) T {
	c.t.Helper()
	var v T
	c.call("GET", path, nil).want(http.StatusOK).into(&v)
	return v
}
