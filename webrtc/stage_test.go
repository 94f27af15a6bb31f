package webrtc

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"

	"frontdesk/pbx"
	"frontdesk/testwait"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var await = testwait.Until

// hub is the Wire of a test: it keeps what is sent.
type hub struct {
	mu     sync.Mutex
	online map[string]bool
	sent   []pushed
}

type pushed struct {
	user, socket, ev string
	data             []byte
}

func (h *hub) Send(user, socket, ev string, data any) bool {
	raw, _ := json.Marshal(data)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.sent = append(h.sent, pushed{user, socket, ev, raw})
	return h.online[user]
}

func (h *hub) Online(user string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.online[user]
}

func (h *hub) set(user string, online bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.online[user] = online
}

// take removes the first event ev to the user and reads its data into out.
func (h *hub) take(user, ev string, out any) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	for i, p := range h.sent {
		if p.user == user && p.ev == ev {
			h.sent = append(h.sent[:i:i], h.sent[i+1:]...)
			return out == nil || json.Unmarshal(p.data, out) == nil
		}
	}
	return false
}

// desk is the Arriver of a test: it keeps the legs that arrive and what they tell.
type desk struct {
	mu   sync.Mutex
	legs []*heard
}

type heard struct {
	leg     pbx.Leg
	dialled string
	mu      sync.Mutex
	events  []pbx.Event
}

func (d *desk) Arrive(leg pbx.Leg, dialled string) string {
	h := listenTo(leg)
	h.dialled = dialled
	d.mu.Lock()
	defer d.mu.Unlock()
	d.legs = append(d.legs, h)
	return "call-" + leg.ID()
}

func (d *desk) last() *heard {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.legs) == 0 {
		return nil
	}
	return d.legs[len(d.legs)-1]
}

func listenTo(leg pbx.Leg) *heard {
	h := &heard{leg: leg}
	leg.Listen(func(e pbx.Event) {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.events = append(h.events, e)
	})
	return h
}

// find is the last event of a type.
func find[E pbx.Event](h *heard) (event E, ok bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, e := range h.events {
		if x, is := e.(E); is {
			event, ok = x, true
		}
	}
	return event, ok
}

func awaitEvent[E pbx.Event](t testing.TB, h *heard) (event E) {
	t.Helper()
	await(t, "an event", func() bool { e, ok := find[E](h); event = e; return ok })
	return event
}

// stage is an Endpoint with its surroundings.
type stage struct {
	*Tabs
	reg  *prometheus.Registry
	hub  *hub
	desk *desk
	t    testing.TB
}

// hasty ends legs without media soon.
func hasty(c *Config) { c.MediaTimeout, c.Grace = 3*time.Second, 5*time.Second }

func newStage(t testing.TB, change func(*Config)) *stage {
	t.Helper()
	config := Config{UDP: []string{"127.0.0.1:0"}, Loopback: true}
	if change != nil {
		change(&config)
	}
	s := &stage{reg: prometheus.NewRegistry(), hub: &hub{online: map[string]bool{}}, desk: &desk{}, t: t}
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	if testing.Verbose() {
		log = slog.New(slog.NewTextHandler(outputOf(t), &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	e, err := New(config, s.hub, log, s.reg)
	if err != nil {
		t.Fatal(err)
	}
	s.Tabs = NewTabs(e, s.desk)
	t.Cleanup(func() { _ = e.Close() })
	return s
}

// over has the calls of browsers go to an exchange.
func (s *stage) over(exchange Arriver) { s.Tabs = NewTabs(s.Endpoint, exchange) }

// do runs an operation and reads its answer into out; the code of the error is returned.
func (s *stage) do(user, op string, in, out any) string {
	s.t.Helper()
	return s.doFrom(user, user+"-1", op, in, out)
}

func (s *stage) doFrom(user, socket, op string, in, out any) string {
	s.t.Helper()
	raw, err := json.Marshal(in)
	if err != nil {
		s.t.Fatal(err)
	}
	answer, err := s.Do(context.Background(), user, socket, op, raw)
	if err != nil {
		return err.(*Error).Code
	}
	raw, err = json.Marshal(answer)
	if err == nil && out != nil {
		err = json.Unmarshal(raw, out)
	}
	if err != nil {
		s.t.Fatal(err)
	}
	return ""
}

func (s *stage) must(user, op string, in, out any) {
	s.t.Helper()
	if code := s.do(user, op, in, out); code != "" {
		s.t.Fatalf("%s: %s", op, code)
	}
}

type m = map[string]any
