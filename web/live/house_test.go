package live

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"

	"frontdesk/bus"
	"frontdesk/crmcore"
	"frontdesk/crmcore/people"
	"frontdesk/intake"
	"frontdesk/pbx"
	"frontdesk/pbx/directory"
	"frontdesk/store"
	"frontdesk/web/api"
	"frontdesk/web/live/livetest"
	"frontdesk/webrtc"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

// house serves live sockets over the real rooms, to two users.
type house struct {
	t      *testing.T
	db     *store.DB
	bus    *bus.Bus
	core   *crmcore.Core
	dir    *directory.Directory
	gate   *api.Gate
	hub    *Hub
	server *Server
	http   *httptest.Server
	admin  people.User
	seller people.User
}

func newHouse(t *testing.T, db *store.DB) *house {
	t.Helper()
	h := &house{t: t, db: db}
	h.rooms()
	h.admin = h.user("admin", people.Admin)
	h.seller = h.user("seller", people.Staff)
	return h
}

func (h *house) rooms() {
	t, log, reg := h.t, slog.New(slog.DiscardHandler), prometheus.NewRegistry()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	node := store.NewID()[24:]
	members, err := store.JoinMembers(t.Context(), h.db, store.MembersConfig{Node: node, Beat: 50 * time.Millisecond},
		log)
	must(err)
	t.Cleanup(members.Close)
	h.bus, err = bus.Open("", log)
	must(err)
	t.Cleanup(h.bus.Close)
	h.dir = directory.New(directory.Config{Node: node}, h.db, func() {})
	h.core = crmcore.New(h.db, crmcore.Config{Meetings: intake.Invited{Directory: h.dir, DB: h.db}}, crmcore.Hooks{},
		log, reg)
	h.hub, err = NewHub(node, h.db, h.bus, log, reg)
	must(err)
	t.Cleanup(h.hub.Close)
	calls, err := webrtc.New(webrtc.Config{Node: node, Loopback: true}, h.hub, log, reg)
	must(err)
	t.Cleanup(func() { calls.Close() })
	exchange := pbx.New(pbx.Config{Node: node, Members: members}, h.db, h.dir, pbx.Dialers{},
		pbx.Hooks{Changed: h.hub.Call}, log, reg)
	t.Cleanup(exchange.Close)
	mux := http.NewServeMux()
	h.gate = api.NewGate(h.db, h.core)
	h.server = New(Deps{
		Node: node, Frame: api.New(mux, "test", h.gate, log, reg), Hub: h.hub, Core: h.core, Directory: h.dir,
		Exchange: exchange, Calls: webrtc.NewTabs(calls, exchange),
		Members: members, Bus: h.bus, Log: log,
	})
	must(h.server.Listen())
	must(members.Start(t.Context(), store.MembersHooks{}))
	mux.HandleFunc("GET /api/v1/live", h.server.ServeLive)
	h.http = httptest.NewServer(mux)
	t.Cleanup(func() { h.server.Close(); h.hub.Close(); h.http.Close() })
}

func (h *house) user(login string, role people.Role) people.User {
	h.t.Helper()
	u, err := h.core.CreateUser(context.Background(), people.System(), people.NewUser{
		User: people.User{Login: login, Name: strings.ToUpper(login), Email: login + "@example.com", Role: role,
			Locale: "en", Active: true, Access: people.AccessOwn},
		Password: login + " has a password",
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
	secret string // of its session
	token  string
	header http.Header
}

func (h *house) client() *client { return &client{t: h.t, base: h.http.URL, header: http.Header{}} }

// as has a session of a user.
func (h *house) as(u people.User) *client {
	h.t.Helper()
	c := h.client()
	var err error
	if c.secret, err = h.gate.Sessions.Start(context.Background(), u.ID, &api.Visit{IP: "127.0.0.1"}); err != nil {
		h.t.Fatal(err)
	}
	return c
}

func (h *house) asAdmin() *client  { h.t.Helper(); return h.as(h.admin) }
func (h *house) asSeller() *client { h.t.Helper(); return h.as(h.seller) }

// key is what its session is stored by.
func (c *client) key() string { return api.Digest(c.secret) }

func (c *client) dial(query string) (*websocket.Conn, *http.Response, error) {
	header := c.header.Clone()
	if c.secret != "" {
		header.Set("Cookie", api.SessionCookie+"="+c.secret)
	}
	if c.token != "" {
		header.Set("Authorization", "Bearer "+c.token)
	}
	return livetest.Dial(c.base, query, header)
}

// open connects a tab and reads its hello.
func (c *client) open() (*livetest.Tab, Hello) { c.t.Helper(); return c.openAs("") }

func (c *client) openAs(query string) (*livetest.Tab, Hello) {
	c.t.Helper()
	conn, _, err := c.dial(query)
	var hello Hello
	tab := livetest.Opened(c.t, conn, err, &hello)
	return tab, hello
}
