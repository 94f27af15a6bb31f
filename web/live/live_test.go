package live

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"frontdesk/crmcore/people"
	"frontdesk/store"
	"frontdesk/store/storetest"
	"frontdesk/web/live/livetest"
)

func TestHello(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := newHouse(t, db)
		_, hello := h.asSeller().open()
		if hello.Socket == "" || hello.User.ID != h.seller.ID || len(hello.Online) != 1 || hello.MyLegs == nil ||
			hello.Calls == nil || hello.Rooms == nil {
			t.Errorf("hello %+v", hello)
		}
		if !h.hub.Online(h.seller.ID) || h.hub.Online(h.admin.ID) {
			t.Error("presence is wrong")
		}
	})
}

func TestLiveSocketNeedsLogIn(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	if _, r, err := h.client().dial(""); err == nil || r.StatusCode != http.StatusUnauthorized {
		t.Errorf("nobody got in: %v", err)
	}
	c := h.asSeller()
	c.header.Set("Origin", "https://evil.example")
	if _, r, err := c.dial(""); err == nil || r.StatusCode != http.StatusForbidden {
		t.Errorf("another site got in: %v", err)
	}
	c.header.Set("Origin", h.http.URL)
	conn, _, err := c.dial("")
	if err != nil {
		t.Fatal(err)
	}
	conn.CloseNow()
	_, secret, err := h.core.CreateToken(t.Context(), h.seller, people.NewToken{User: h.seller.ID, Name: "test"})
	if err != nil {
		t.Fatal(err)
	}
	if conn, _, err = h.client().dial("?token=" + secret); err != nil {
		t.Fatal(err)
	}
	conn.CloseNow()
}

func TestBadMessages(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	tb, _ := h.asSeller().open()
	for _, text := range []string{`{`, `[]`, `{"id":0,"op":"call.place"}`, `{"op":"x"}`, `"text"`} {
		if in := tb.Send(text, 0); in.Error == nil || in.Error.Code != "bad_request" {
			t.Errorf("%s: %+v", text, in)
		}
	}
	if in := tb.Do("no.such", nil); in.Error == nil || in.Error.Code != "bad_request" {
		t.Errorf("unknown operation: %+v", in)
	}
	if in := tb.Do("call.hangup", map[string]string{"leg": "nope"}); in.Error == nil || in.Error.Code != "not_found" {
		t.Errorf("unknown leg: %+v", in)
	}
}

// A tab that asks too much of the server loses its socket.
func TestLimits(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	t.Run("message size", func(t *testing.T) {
		tb, _ := h.asSeller().open()
		if err := tb.Conn.Write(t.Context(), websocket.MessageText, make([]byte, maxMessage+1)); err != nil {
			t.Fatal(err)
		}
		if code := tb.Closed(); code != websocket.StatusMessageTooBig {
			t.Errorf("closed with %d", code)
		}
	})
	t.Run("rate", func(t *testing.T) {
		tb, _ := h.asSeller().open()
		for range opBurst + 20 {
			if tb.Conn.Write(t.Context(), websocket.MessageText, []byte(`{"id":1,"op":"ping"}`)) != nil {
				break
			}
		}
		if code := tb.Closed(); code != closeTooFast {
			t.Errorf("closed with %d", code)
		}
	})
	t.Run("sockets of a user", func(t *testing.T) {
		c := h.asSeller()
		livetest.Await(t, "the sockets before to go", func() bool { return h.hub.Count() == 0 })
		for range maxUserSockets {
			c.open()
		}
		if _, r, err := c.dial(""); err == nil || r.StatusCode != http.StatusTooManyRequests {
			t.Errorf("one more: %v", err)
		}
	})
}

// An operation that takes its time keeps neither pongs nor the tab's end from being heard, and what was asked before
// the end is done.
func TestSlowOperationHoldsNothing(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	begun, release, done := make(chan struct{}, 1), make(chan struct{}), make(chan string, 2)
	h.server.do = func(ctx context.Context, _ *socket, op string, _ json.RawMessage) (any, error) {
		begun <- struct{}{}
		<-release
		done <- op
		return struct{}{}, ctx.Err()
	}
	tb, _ := h.asSeller().open()
	for _, op := range []string{"call.hold", "call.hangup"} {
		if err := tb.Tell(op, struct{}{}); err != nil {
			t.Fatal(err)
		}
	}
	<-begun
	read := make(chan struct{})
	go func() {
		defer close(read)
		for err := error(nil); err == nil; {
			_, _, err = tb.Conn.Read(t.Context())
		}
	}()
	if err := tb.Conn.Ping(t.Context()); err != nil {
		t.Fatalf("no pong meanwhile: %v", err)
	}
	tb.Conn.CloseNow()
	<-read
	close(release)
	if first, second := <-done, <-done; first != "call.hold" || second != "call.hangup" {
		t.Errorf("done: %s, %s", first, second)
	}
}

// A tab that takes nothing is let go and told to load everything anew; the sender never waits.
func TestOverflow(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	tb, _ := h.asSeller().open()
	big := strings.Repeat("x", 60<<10)
	for h.hub.Send(h.seller.ID, "", "test", big) {
	}
	code := tb.Closed()
	if code != closeBehind {
		t.Errorf("closed with %d", code)
	}
	livetest.Await(t, "the socket to go", func() bool { return h.hub.Count() == 0 && !h.hub.Online(h.seller.ID) })
}

func TestSendReachesOneTabOrAll(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	c := h.asSeller()
	first, hello := c.open()
	second, _ := c.open()
	if !h.hub.Send(h.seller.ID, hello.Socket, "test", 1) || !h.hub.Send(h.seller.ID, "", "test", 2) {
		t.Error("not delivered")
	}
	if h.hub.Send(h.admin.ID, "", "test", 3) || h.hub.Send(h.admin.ID, hello.Socket, "test", 4) {
		t.Error("delivered to nobody")
	}
	var n int
	if first.Until("test", &n); n != 1 {
		t.Errorf("the first tab got %d first", n)
	}
	if second.Until("test", &n); n != 2 {
		t.Errorf("the second tab got %d", n)
	}
}

// The greeting comes first and what came before it after it: it tells of a moment that may be past.
func TestGreetingComesFirst(t *testing.T) {
	s := &socket{queue: make(chan []byte, maxQueue), ended: make(chan struct{})}
	s.push([]byte("1"))
	s.push([]byte("2"))
	s.greet(message{"hello", 0})
	s.push([]byte("3"))
	var got []string
	for range 4 {
		got = append(got, string(<-s.queue))
	}
	if want := `{"ev":"hello","data":0} 1 2 3`; strings.Join(got, " ") != want {
		t.Errorf("sent %q", got)
	}
}

// Tabs that came before the bus was back take everything anew; one that comes after has missed nothing. The spread ends
// with the hub.
func TestResync(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	first, _ := h.asSeller().open()
	second, _ := h.asAdmin().open()
	h.hub.Resync()
	after, _ := h.asSeller().open()
	for _, tb := range []*livetest.Tab{first, second} {
		if code := tb.Closed(); code != closeBehind {
			t.Errorf("closed with %d", code)
		}
	}
	if in := after.Do("ping", nil); in.Error != nil {
		t.Errorf("a tab that missed nothing: %+v", in.Error)
	}
	h.hub.stop()
	rest := &socket{ended: make(chan struct{})}
	h.hub.resync([]*socket{rest})
	select {
	case <-rest.ended:
		t.Error("the spread goes on after the end of the hub")
	default:
	}
}

func FuzzDecodeAsk(f *testing.F) {
	for _, text := range []string{`{"id":1,"op":"call.place","data":{"to":"201"}}`, `{"id":1,"op":"ping"}`,
		`{"id":1,"op":"x","data":null}`, `[]`, `{"id":1e9,"op":"x","data":[]}`, ``} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		a, err := decodeAsk(text)
		if err != nil {
			if !errors.Is(err, errBadAsk) {
				t.Fatal(err)
			}
			return
		}
		var data map[string]json.RawMessage
		if a.ID <= 0 || a.Op == "" || len(a.Op) > maxOp || json.Unmarshal(a.Data, &data) != nil {
			t.Fatalf("accepted %q as %+v", text, a)
		}
	})
}
