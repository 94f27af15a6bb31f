package live

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"frontdesk/crmcore/people"
	"frontdesk/store"
	"frontdesk/store/storetest"
	"frontdesk/web/api"
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
	reading := tb.Conn.CloseRead(t.Context())
	if err := tb.Conn.Ping(reading); err != nil {
		t.Fatalf("no pong meanwhile: %v", err)
	}
	tb.Conn.CloseNow()
	close(release)
	if first, second := <-done, <-done; first != "call.hold" || second != "call.hangup" {
		t.Errorf("done: %s, %s", first, second)
	}
}

// Who takes part in two calls is busy until both are over; only the changes are told.
func TestTakePart(t *testing.T) {
	p := newPresence()
	with := func(users ...string) map[string]bool {
		in := map[string]bool{}
		for _, user := range users {
			in[user] = true
		}
		return in
	}
	for _, step := range []struct {
		call string
		in   map[string]bool
		want []engaged
	}{
		{"1", with("ana"), []engaged{{User: "ana", Busy: true}}},
		{"1", with("ana"), nil},
		{"2", with("ana", "bob"), []engaged{{User: "bob", Busy: true}}},
		{"1", nil, nil},
		{"2", with("bob"), []engaged{{User: "ana"}}},
		{"2", nil, []engaged{{User: "bob"}}},
	} {
		if got := p.takePart(step.call, step.in); !slices.Equal(got, step.want) {
			t.Errorf("%s %v: %v, want %v", step.call, step.in, got, step.want)
		}
	}
	if len(p.calls) != 0 || len(p.held) != 0 {
		t.Errorf("left: %v, %v", p.calls, p.held)
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

// A tab that names the colleagues it shows is told of those, first how they stand, and of nobody else.
func TestPresenceOfThoseShown(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	other := h.user("other", people.Staff)
	admin, _ := h.asAdmin().open()
	tb, hello := h.asSeller().openAs("?presence=shown")
	if len(hello.Online)+len(hello.Busy) != 0 {
		t.Errorf("greeted with %v", hello.Online)
	}
	told := func(users ...string) (list []Presence) {
		t.Helper()
		var now shown
		if err := tb.Tell("presence.show", map[string]any{"users": users}); err != nil {
			t.Fatal(err)
		}
		tb.Until("presence.shown", &now)
		return now.People
	}
	if list := told(h.admin.ID, other.ID); len(list) != 2 || list[0] != (Presence{h.admin.ID, true, false}) ||
		list[1] != (Presence{User: other.ID}) {
		t.Errorf("shown %+v", list)
	}
	told(other.ID)
	admin.Conn.CloseNow()
	livetest.Await(t, "a colleague to leave", func() bool { return !h.hub.Online(h.admin.ID) })
	h.as(other).open()
	var p Presence
	if tb.Until("presence", &p); p != (Presence{other.ID, true, false}) {
		t.Errorf("told of %+v", p)
	}
	if in := tb.Do("presence.show", map[string]any{"users": []string{""}}); in.Error == nil {
		t.Error("nobody can be shown")
	}
	tb.Conn.CloseNow()
	livetest.Await(t, "nobody to be left who shows somebody", func() bool {
		h.hub.mu.Lock()
		defer h.hub.mu.Unlock()
		return len(h.hub.viewers[other.ID]) == 0 && len(h.hub.viewers[""]) == 1
	})
}

// What changes is told at once; of what changes within the second after, tabs are told together.
func TestChangesAreToldTogether(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	tb, _ := h.asSeller().open()
	began := time.Now()
	for _, id := range []string{"1", "2", "3"} {
		h.hub.Changed("contact", id)
		h.hub.onRelayed(allSubject, []byte(`{"from":"elsewhere","user":"","text":{"ev":"changed","data":{"kind":"lead","id":"7"}}}`))
	}
	var got []changed
	for range 3 {
		var c changed
		tb.Until("changed", &c)
		got = append(got, c)
	}
	slices.SortFunc(got[1:], func(a, b changed) int { return strings.Compare(a.Kind, b.Kind) })
	if want := []changed{{"contact", "1"}, {"contact", ""}, {"lead", "7"}}; !slices.Equal(got, want) {
		t.Errorf("told %v", got)
	}
	if took := time.Since(began); took < firstTogether {
		t.Errorf("told within %v", took)
	}
	livetest.Await(t, "the next to be told at once again", func() bool {
		h.hub.mu.Lock()
		defer h.hub.mu.Unlock()
		return h.hub.burst.timer == nil
	})
}

// What the bus did not tell, the heartbeat finds in SQL.
func TestPresenceHeals(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := newHouse(t, db)
		if _, err := db.Exec(t.Context(), `INSERT INTO socket (id, user_id, node, seen_at) VALUES ('alive', $1, 'elsewhere', 1)`, h.admin.ID); err != nil {
			t.Fatal(err)
		}
		if err := h.hub.Reload(t.Context()); err != nil || !h.hub.Online(h.admin.ID) {
			t.Errorf("not found in SQL: %v", err)
		}
		if _, err := db.Exec(t.Context(), `INSERT INTO socket (id, user_id, node, seen_at) VALUES ('another', $1, 'elsewhere', 1)`, h.seller.ID); err != nil {
			t.Fatal(err)
		}
		if err := h.hub.beat(t.Context()); err != nil || !h.hub.Online(h.seller.ID) {
			t.Errorf("the heartbeat does not see one more: %v", err)
		}
		if _, err := db.Exec(t.Context(), `DELETE FROM socket WHERE id = 'another'`); err != nil {
			t.Fatal(err)
		}
		if err := h.hub.beat(t.Context()); err != nil || h.hub.Online(h.seller.ID) || !h.hub.Online(h.admin.ID) {
			t.Errorf("the heartbeat does not see one less: %v", err)
		}
		if err := h.hub.Recover(t.Context(), "elsewhere", 1); err != nil {
			t.Fatal(err)
		}
		if err := h.hub.Reload(t.Context()); err != nil || h.hub.Online(h.admin.ID) {
			t.Errorf("a dead node's tab counts: %v", err)
		}
	})
}

// The tabs of a node that is gone don't count, its calls are over for the tabs of the others, and they are told so.
func TestNodeGone(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	tb, _ := h.asSeller().open()
	h.hub.onPresence("", []byte(`{"id":"x","user":"`+h.admin.ID+`","node":"dead","open":true}`))
	h.hub.onBusy("", []byte(`{"node":"dead","users":["`+h.admin.ID+`"]}`))
	if !h.hub.Online(h.admin.ID) || !h.hub.Busy(h.admin.ID) {
		t.Fatal("the other node's word does not count")
	}
	h.hub.NodeGone("dead")
	if h.hub.Online(h.admin.ID) || h.hub.Busy(h.admin.ID) {
		t.Error("tab or call of a node that is gone")
	}
	var gone nodeGone
	if tb.Until("node.gone", &gone); gone.Node != "dead" {
		t.Errorf("told that %q is gone", gone.Node)
	}
}

// A tab that was greeted while a node was silent takes everything anew when that node is heard of.
func TestSilentNode(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	tb, hello := h.asSeller().open()
	other, _ := h.asSeller().open()
	h.hub.greets(h.hub.sockets[hello.Socket], []string{"silent"})
	h.hub.onBusy("", []byte(`{"node":"silent","users":[]}`))
	if code := tb.Closed(); code != closeBehind {
		t.Errorf("closed with %d", code)
	}
	if in := other.Do("ping", nil); in.Error != nil {
		t.Errorf("a tab that missed nothing: %+v", in.Error)
	}
}

// What a tab makes up of nodes and users does not reach the bus.
func TestMadeUpNamesStayOffTheBus(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	tb, _ := h.asSeller().open()
	long := strings.Repeat("a", 5000)
	for op, data := range map[string]any{
		"call.hangup":  map[string]string{"leg": long + ".x"},
		"meet.decline": map[string]string{"room": "x", "from": long},
		"meet.join":    map[string]string{"room": long},
	} {
		if in := tb.Do(op, data); in.Error == nil {
			t.Errorf("%s is done", op)
		}
	}
	if !h.bus.Connected() {
		t.Error("the bus is gone")
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

func TestCloseOfTheHub(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	tb, _ := h.asSeller().open()
	var closing sync.WaitGroup
	closing.Go(h.hub.Close)
	if code := tb.Closed(); code != closeGoingAway {
		t.Errorf("closed with %d", code)
	}
	closing.Wait()
	conn, _, err := h.asSeller().dial("")
	if err == nil {
		_, _, err = conn.Read(t.Context())
		conn.CloseNow()
	}
	if err == nil {
		t.Error("a closed hub greets")
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

// operationsOf are those that docs/live-protocol.md names.
func operationsOf(t *testing.T) (all []string) {
	t.Helper()
	text, err := os.ReadFile("../../docs/live-protocol.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(text), "## Operations of the tab")
	table, _, _ = strings.Cut(table, "\n\n")
	for line := range strings.Lines(table) {
		cells := strings.Split(line, "|")
		if len(cells) < 2 {
			continue
		}
		for _, op := range regexp.MustCompile("`([a-z]+[.a-z]*)`").FindAllStringSubmatch(cells[1], -1) {
			all = append(all, op[1])
		}
	}
	return all
}

// A token that reads does nothing by the live socket, should it ever get one: no operation is left out.
func TestScopeOverEveryLiveOperation(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	ops := operationsOf(t)
	if len(ops) < 25 {
		t.Fatalf("only %d operations: %v", len(ops), ops)
	}
	for _, op := range append(ops, "made.up") {
		for scope, want := range map[people.Scope]bool{people.ScopeRead: op == "ping" ||
			op == "presence.show", people.ScopeWrite: true, "": true} {
			tab := &socket{id: "x", user: h.seller, caller: api.Caller{User: h.seller, Scope: scope}}
			_, err := h.server.liveDo(t.Context(), tab, op, json.RawMessage(`{"users":[],"leg":"none"}`))
			if may := !errors.Is(err, errScope); may != want {
				t.Errorf("%s with scope %q: %v", op, scope, err)
			}
		}
	}
}

// A log-in that is over ends its sockets and what else is open, also where nobody told: an expired one, or one whose
// end the bus lost.
func TestEndOfLogInEndsWhatIsOpen(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := newHouse(t, db)
		browser, other, program := h.asSeller(), h.asSeller(), h.client()
		made, secret, err := h.core.CreateToken(t.Context(), h.seller,
			people.NewToken{User: h.seller.ID, Name: "x", Expires: time.Now().Add(time.Hour)})
		if err != nil {
			t.Fatal(err)
		}
		program.token = secret
		page, _ := browser.open()
		stays, _ := other.open()
		socket, _ := program.open()
		if err := h.hub.expel(t.Context()); err != nil {
			t.Fatal(err)
		}
		if in := socket.Do("ping", nil); in.Error != nil {
			t.Errorf("a good token: %+v", in)
		}
		for query, id := range map[string]string{`UPDATE api_token SET expires_at = 1 WHERE id = $1`: made.ID,
			`DELETE FROM session WHERE id = $1`: browser.key()} {
			if _, err := db.Exec(t.Context(), query, id); err != nil {
				t.Fatal(err)
			}
		}
		if err := h.hub.expel(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, tab := range []*livetest.Tab{page, socket} {
			if code := tab.Closed(); code != closeLoggedOut {
				t.Errorf("closed with %d", code)
			}
		}
		if in := stays.Do("ping", nil); in.Error != nil {
			t.Errorf("another log-in: %+v", in)
		}
		ended := 0
		off := h.hub.Watch(api.Caller{User: h.seller, Session: other.key()}, func() { ended++ })
		h.hub.EndSession(browser.key())
		h.hub.EndSession(other.key())
		off()
		if h.hub.EndSession(other.key()); ended != 1 || len(h.hub.watches) != 0 {
			t.Errorf("a stream was ended %d times, %d are left", ended, len(h.hub.watches))
		}
		if code := stays.Closed(); code != closeLoggedOut {
			t.Errorf("logged out: %d", code)
		}
	})
}
