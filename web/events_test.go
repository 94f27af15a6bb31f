package web

import (
	"bufio"
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"frontdesk/crmcore"
	"frontdesk/crmcore/record"
	"frontdesk/store"
	"frontdesk/store/storetest"
	"frontdesk/testwait"
)

// Some types of events.
const (
	CallRinging   = "call.ringing"
	CallAnswered  = "call.answered"
	CallEnded     = "call.ended"
	CardOpen      = "card.open"
	LeadCreated   = "lead.created"
	MailReceived  = "mail.received"
	MeetingJoined = "meeting.joined"
	MeetingLeft   = "meeting.left"
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
		defer close(s.lines)
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
	case line, open := <-s.lines:
		if !open {
			s.t.Fatal("the stream has ended")
		}
		return line
	case <-time.After(testwait.Limit):
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
	h.tell(store.Event{Type: kind, Key: key, Data: map[string]string{"call": key}, For: users})
}

// tell writes events and waits until they have their numbers.
func (h *house) tell(events ...store.Event) {
	h.t.Helper()
	if err := h.db.Tell(h.t.Context(), events...); err != nil {
		h.t.Fatal(err)
	}
	types, err := h.server.events.Number(h.t.Context())
	if err != nil {
		h.t.Fatal(err)
	}
	h.server.numbered(types)
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
		h.tell(three...)
		h.publish(CallRinging, "last", h.seller.ID)
		s, want := h.asAdmin().stream("", "0"),
			[]string{"1 call.ringing", "2 call.answered", "3 call.ended", "4 mail.received", "5 call.ringing"}
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
	h.publish(CallRinging, "old")
	week := store.Micros(time.Now().AddDate(0, 0, -8))
	if _, err := h.db.Exec(t.Context(), `UPDATE event SET at = $1`, week); err != nil {
		t.Fatal(err)
	}
	h.publish(CallRinging, "new")
	if err := h.server.pruneOnce(); err != nil {
		t.Fatal(err)
	}
	left, _, err := h.server.events.After(t.Context(), 0)
	if err != nil || len(left) != 1 || string(left[0].Data) != `{"call":"new"}` {
		t.Errorf("left %+v, %v", left, err)
	}
}

// Who comes back to a server that was started anew meanwhile gets what happened in between, also what was told as it
// stopped.
func TestLastEventIDOverARestart(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := newHouse(t, db)
		h.publish(CallRinging, "one", h.admin.ID)
		id, _, _ := h.asAdmin().stream("", "0").next()
		h.server.Close()
		if err := db.Tell(t.Context(), store.Event{Type: LeadCreated, Data: "two"}); err != nil {
			t.Fatal(err)
		}
		again := &house{t: t, db: db, admin: h.admin, seller: h.seller}
		again.rooms(h.bus)
		if _, kind, data := again.asAdmin().stream("", id).next(); kind != LeadCreated || data != `"two"` {
			t.Errorf("told %s %s", kind, data)
		}
	})
}

// Who was away for longer than events are kept is told that some are missing, and gets those that are left.
func TestEventsMissing(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	for _, key := range []string{"a", "b", "c"} {
		h.publish(CallRinging, key, h.admin.ID)
	}
	if _, err := h.db.Exec(t.Context(), `DELETE FROM event WHERE seq <= 2`); err != nil {
		t.Fatal(err)
	}
	s := h.asAdmin().stream("", "1")
	if id, kind, _ := s.next(); id != "2" || kind != eventsReset {
		t.Errorf("first %s %s", id, kind)
	}
	if id, kind, data := s.next(); id != "3" || kind != CallRinging || data != `{"call":"c"}` {
		t.Errorf("then %s %s %s", id, kind, data)
	}
}

// What happens to a record is told to whoever may read it at the time of reading.
func TestEventsOfRecords(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := newHouse(t, db)
		contact := func(name, of string) record.Ref {
			made, err := h.core.CreateContact(t.Context(), h.admin, crmcore.Contact{Name: name, Responsible: of})
			if err != nil {
				t.Fatal(err)
			}
			return record.Ref{Kind: record.Contact, ID: made.ID}
		}
		contact("theirs", h.admin.ID)
		given, kept := contact("given away", h.seller.ID), contact("kept", h.seller.ID)
		if err := h.core.Assign(t.Context(), h.admin, given, h.admin.ID); err != nil {
			t.Fatal(err)
		}
		gone := contact("gone", h.seller.ID)
		if err := h.core.Delete(t.Context(), h.seller, gone); err != nil {
			t.Fatal(err)
		}
		h.tell()
		s := h.asSeller().stream("?types=contact.changed", "0")
		for _, want := range []string{
			`{"kind":"contact","id":"` + kept.ID + `","change":"created"}`,
			`{"kind":"contact","id":"` + gone.ID + `","change":"deleted"}`,
		} {
			if _, _, data := s.next(); data != want {
				t.Errorf("told %s, want %s", data, want)
			}
		}
	})
}

// Whoever logs out no longer hears what happens, though the stream was open before; another log-in of the same person
// does.
func TestLogoutEndsTheStream(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := newHouse(t, db)
		leaves, stays := h.asSeller(), h.asSeller()
		ended, goes := leaves.stream("", ""), stays.stream("", "")
		leaves.call("POST", "/api/v1/logout", nil).want(http.StatusNoContent)
		for open := true; open; {
			select {
			case _, open = <-ended.lines:
			case <-time.After(testwait.Limit):
				t.Fatal("the stream goes on")
			}
		}
		h.publish(CallRinging, "one", h.seller.ID)
		if _, kind, _ := goes.next(); kind != CallRinging {
			t.Errorf("the other log-in hears %q", kind)
		}
	})
}
