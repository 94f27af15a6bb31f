package web

import (
	"bufio"
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"frontdesk/store"
	"frontdesk/store/storetest"
)

// sse reads a stream of events line by line.
type sse struct {
	t      *testing.T
	lines  chan string
	cancel context.CancelFunc
}

func (c *client) stream(query, last string) *sse {
	c.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	request := c.request("GET", "/api/v1/events"+query, nil).WithContext(ctx)
	if last != "" {
		request.Header.Set("Last-Event-ID", last)
	}
	r, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		c.t.Fatal(err)
	}
	if r.StatusCode != http.StatusOK || r.Header.Get("Content-Type") != "text/event-stream" {
		c.t.Fatalf("stream: %d %s", r.StatusCode, r.Header.Get("Content-Type"))
	}
	s := &sse{t: c.t, lines: make(chan string), cancel: cancel}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer r.Body.Close()
		for in := bufio.NewScanner(r.Body); in.Scan(); {
			select {
			case s.lines <- in.Text():
			case <-ctx.Done():
				return
			}
		}
	}()
	c.t.Cleanup(func() { cancel(); <-done })
	if first := s.line(); first != ": hello" {
		c.t.Fatalf("stream begins with %q", first)
	}
	return s
}

func (s *sse) line() string {
	s.t.Helper()
	select {
	case line := <-s.lines:
		return line
	case <-time.After(10 * time.Second):
		s.t.Fatal("no line from the stream")
		return ""
	}
}

// next is the next event: its id, type and data.
func (s *sse) next() (id, kind, data string) {
	s.t.Helper()
	for {
		line := s.line()
		name, value, _ := strings.Cut(line, ": ")
		switch name {
		case "id":
			id = value
		case "event":
			kind = value
		case "data":
			return id, kind, value
		}
	}
}

func (h *house) publish(kind, key string, users ...string) {
	h.t.Helper()
	if err := h.server.Publish(context.Background(), store.Event{Type: kind, Key: key, Data: map[string]string{"call": key}, For: users}); err != nil {
		h.t.Fatal(err)
	}
}

func TestEventsReplay(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := newHouse(t, db)
		h.publish(CallRinging, "before", h.seller.ID)
		admin := h.asAdmin()
		live := admin.stream("", "")
		h.publish(CallRinging, "one", h.seller.ID)
		h.publish(CallAnswered, "one", h.seller.ID)
		h.publish(CallRinging, "two", h.admin.ID)
		id, kind, data := live.next()
		if kind != CallRinging || data != `{"call":"one"}` {
			t.Fatalf("first event %s %s", kind, data)
		}
		if _, kind, _ := live.next(); kind != CallAnswered {
			t.Fatalf("second event %s", kind)
		}
		replay := admin.stream("", id)
		if _, kind, data := replay.next(); kind != CallAnswered || data != `{"call":"one"}` {
			t.Errorf("replayed %s %s", kind, data)
		}
		if _, kind, data := replay.next(); kind != CallRinging || data != `{"call":"two"}` {
			t.Errorf("replayed %s %s", kind, data)
		}
		only := admin.stream("?types=call.answered", "0")
		if _, kind, _ := only.next(); kind != CallAnswered {
			t.Errorf("filtered %s", kind)
		}
	})
}

// Events that are kept together follow each other as they were given, between those before and after.
func TestEventsKeptTogether(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := newHouse(t, db)
		h.publish(CallRinging, "first", h.seller.ID)
		three := []store.Event{
			{Type: CallAnswered, Key: "a", Data: "a", For: []string{h.seller.ID}},
			{Type: CallEnded, Key: "b", Data: "b"},
			{Type: MailReceived, Key: "c", Data: "c", For: []string{h.admin.ID, h.seller.ID}},
		}
		if err := h.server.Publish(t.Context(), three...); err != nil {
			t.Fatal(err)
		}
		h.publish(CallRinging, "last", h.seller.ID)
		s, want := h.asAdmin().stream("", "0"), []string{"1 call.ringing", "2 call.answered", "3 call.ended", "4 mail.received", "5 call.ringing"}
		for _, want := range want {
			if id, kind, _ := s.next(); id+" "+kind != want {
				t.Errorf("event %s %s, want %s", id, kind, want)
			}
		}
		seller := h.asSeller().stream("?types=call.answered,call.ended,mail.received", "0")
		if _, first, _ := seller.next(); first != CallAnswered {
			t.Errorf("the seller is told %s", first)
		}
		if _, second, data := seller.next(); second != MailReceived || data != `"c"` {
			t.Errorf("the seller is told %s %s", second, data)
		}
	})
}

// A user is told only of what is for him.
func TestEventsAreForSome(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	h.publish(CallRinging, "not yours", h.admin.ID)
	h.publish(CallRinging, "yours", h.seller.ID)
	s := h.asSeller().stream("", "0")
	if _, _, data := s.next(); data != `{"call":"yours"}` {
		t.Errorf("told of %s", data)
	}
}

// Two nodes on one database: what one publishes, the readers of the other get.
func TestEventsAcrossNodes(t *testing.T) {
	db := storetest.SQLite(t)
	h := newHouse(t, db)
	other := &house{t: t, db: db, admin: h.admin, seller: h.seller}
	other.rooms(h.bus)
	s := other.asAdmin().stream("", "")
	h.publish(MeetingJoined, "room")
	if _, kind, _ := s.next(); kind != MeetingJoined {
		t.Errorf("got %s", kind)
	}
}

func TestEventsArePruned(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	h.server.events.now = func() time.Time { return time.Now().AddDate(0, 0, -8) }
	h.publish(CallRinging, "old")
	h.server.events.now = time.Now
	h.publish(CallRinging, "new")
	if err := h.server.pruneOnce(); err != nil {
		t.Fatal(err)
	}
	left, err := h.server.events.after(t.Context(), 0)
	if err != nil || len(left) != 1 || string(left[0].data) != `{"call":"new"}` {
		t.Errorf("left %+v, %v", left, err)
	}
}
