package web

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"frontdesk/crmcore"
	"frontdesk/pbx"
	"frontdesk/store"
	"frontdesk/store/storetest"
)

// tab is a browser's live socket.
type tab struct {
	t    *testing.T
	conn *websocket.Conn
	id   int64
}

func (c *client) dial(query string) (*websocket.Conn, *http.Response, error) {
	header := c.header.Clone()
	if header == nil {
		header = http.Header{}
	}
	if c.cookie != "" {
		header.Set("Cookie", c.cookie)
	}
	if c.token != "" {
		header.Set("Authorization", "Bearer "+c.token)
	}
	return websocket.Dial(context.Background(), "ws"+strings.TrimPrefix(c.base, "http")+"/api/v1/live"+query, &websocket.DialOptions{HTTPHeader: header})
}

// open connects a tab and reads its hello.
func (c *client) open() (*tab, Hello) { return c.openAs("") }

func (c *client) openAs(query string) (*tab, Hello) {
	c.t.Helper()
	conn, _, err := c.dial(query)
	if err != nil {
		c.t.Fatal(err)
	}
	conn.SetReadLimit(1 << 20)
	c.t.Cleanup(func() { conn.CloseNow() })
	tb := &tab{t: c.t, conn: conn}
	var hello Hello
	tb.until("hello", &hello)
	return tb, hello
}

type incoming struct {
	Re    int64           `json:"re"`
	Ev    string          `json:"ev"`
	Data  json.RawMessage `json:"data"`
	Error *struct{ Code, Message string }
}

func (tb *tab) read() (incoming, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	var in incoming
	_, data, err := tb.conn.Read(ctx)
	if err != nil {
		return in, err
	}
	return in, json.Unmarshal(data, &in)
}

// until reads on to an event and decodes its data.
func (tb *tab) until(ev string, into any) {
	tb.t.Helper()
	for {
		in, err := tb.read()
		if err != nil {
			tb.t.Fatalf("waiting for %s: %v", ev, err)
		}
		if in.Ev == ev {
			if err := json.Unmarshal(in.Data, into); err != nil {
				tb.t.Fatal(err)
			}
			return
		}
	}
}

// do sends an operation and reads on to its answer.
func (tb *tab) do(op string, data any) incoming {
	tb.t.Helper()
	tb.id++
	text, err := json.Marshal(map[string]any{"id": tb.id, "op": op, "data": data})
	if err != nil {
		tb.t.Fatal(err)
	}
	return tb.send(string(text), tb.id)
}

// tell sends an operation; its answer is left to be read.
func (tb *tab) tell(op string, data any) error {
	tb.id++
	text, err := json.Marshal(map[string]any{"id": tb.id, "op": op, "data": data})
	if err != nil {
		return err
	}
	return tb.conn.Write(context.Background(), websocket.MessageText, text)
}

func (tb *tab) send(text string, id int64) incoming {
	tb.t.Helper()
	if err := tb.conn.Write(context.Background(), websocket.MessageText, []byte(text)); err != nil {
		tb.t.Fatal(err)
	}
	for {
		in, err := tb.read()
		if err != nil {
			tb.t.Fatalf("waiting for the answer: %v", err)
		}
		if in.Ev == "" && in.Re == id {
			return in
		}
	}
}

// closed reads until the server closes the socket, and tells with which code.
func (tb *tab) closed() websocket.StatusCode {
	for {
		if _, err := tb.read(); err != nil {
			return websocket.CloseStatus(err)
		}
	}
}

func TestHello(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := newHouse(t, db)
		_, hello := h.asSeller().open()
		if hello.Socket == "" || hello.User.ID != h.seller.ID || len(hello.Online) != 1 || hello.MyLegs == nil || hello.Calls == nil || hello.Rooms == nil {
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
	_, secret, err := h.core.CreateToken(t.Context(), h.seller, crmcore.NewToken{User: h.seller.ID, Name: "test"})
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
		if in := tb.send(text, 0); in.Error == nil || in.Error.Code != "bad_request" {
			t.Errorf("%s: %+v", text, in)
		}
	}
	if in := tb.do("no.such", nil); in.Error == nil || in.Error.Code != "bad_request" {
		t.Errorf("unknown operation: %+v", in)
	}
	if in := tb.do("call.hangup", map[string]string{"leg": "nope"}); in.Error == nil || in.Error.Code != "not_found" {
		t.Errorf("unknown leg: %+v", in)
	}
}

// A tab that asks too much of the server loses its socket.
func TestLimits(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	t.Run("message size", func(t *testing.T) {
		tb, _ := h.asSeller().open()
		if err := tb.conn.Write(t.Context(), websocket.MessageText, make([]byte, maxMessage+1)); err != nil {
			t.Fatal(err)
		}
		if code := tb.closed(); code != websocket.StatusMessageTooBig {
			t.Errorf("closed with %d", code)
		}
	})
	t.Run("rate", func(t *testing.T) {
		tb, _ := h.asSeller().open()
		for range opBurst + 20 {
			if tb.conn.Write(t.Context(), websocket.MessageText, []byte(`{"id":1,"op":"ping"}`)) != nil {
				break
			}
		}
		if code := tb.closed(); code != closeTooFast {
			t.Errorf("closed with %d", code)
		}
	})
	t.Run("sockets of a user", func(t *testing.T) {
		c := h.asSeller()
		await(t, "the sockets before to go", func() bool { return h.hub.Count() == 0 })
		for range maxUserSockets {
			c.open()
		}
		if _, r, err := c.dial(""); err == nil || r.StatusCode != http.StatusTooManyRequests {
			t.Errorf("one more: %v", err)
		}
	})
}

// An operation that takes its time keeps neither pongs nor the tab's end from being heard, and what was asked before the end is done.
func TestSlowOperationHoldsNothing(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	begun, release, done := make(chan struct{}, 1), make(chan struct{}), make(chan string, 2)
	h.server.live.do = func(ctx context.Context, _ *socket, op string, _ json.RawMessage) (any, error) {
		begun <- struct{}{}
		<-release
		done <- op
		return struct{}{}, ctx.Err()
	}
	tb, _ := h.asSeller().open()
	for _, op := range []string{"call.hold", "call.hangup"} {
		if err := tb.tell(op, struct{}{}); err != nil {
			t.Fatal(err)
		}
	}
	<-begun
	reading := tb.conn.CloseRead(t.Context())
	if err := tb.conn.Ping(reading); err != nil {
		t.Fatalf("no pong meanwhile: %v", err)
	}
	tb.conn.CloseNow()
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
	code := tb.closed()
	if code != closeBehind {
		t.Errorf("closed with %d", code)
	}
	await(t, "the socket to go", func() bool { return h.hub.Count() == 0 && !h.hub.Online(h.seller.ID) })
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
	if first.until("test", &n); n != 1 {
		t.Errorf("the first tab got %d first", n)
	}
	if second.until("test", &n); n != 2 {
		t.Errorf("the second tab got %d", n)
	}
}

func TestLogOutClosesTheTab(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	c := h.asSeller()
	mine, _ := c.open()
	other, _ := h.asSeller().open()
	c.call("POST", "/api/v1/logout", nil).want(http.StatusNoContent)
	if code := mine.closed(); code != closeLoggedOut {
		t.Errorf("closed with %d", code)
	}
	if in := other.do("ping", nil); in.Error != nil {
		t.Errorf("another session's tab: %+v", in)
	}
}

// A tab that names the colleagues it shows is told of those, first how they stand, and of nobody else.
func TestPresenceOfThoseShown(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	other := h.user("other", sellerPassword, crmcore.Staff)
	admin, _ := h.asAdmin().open()
	tb, hello := h.asSeller().openAs("?presence=shown")
	if len(hello.Online)+len(hello.Busy) != 0 {
		t.Errorf("greeted with %v", hello.Online)
	}
	told := func(users ...string) (list []Presence) {
		t.Helper()
		var now shown
		if err := tb.tell("presence.show", map[string]any{"users": users}); err != nil {
			t.Fatal(err)
		}
		tb.until("presence.shown", &now)
		return now.People
	}
	if list := told(h.admin.ID, other.ID); len(list) != 2 || list[0] != (Presence{h.admin.ID, true, false}) || list[1] != (Presence{User: other.ID}) {
		t.Errorf("shown %+v", list)
	}
	told(other.ID)
	admin.conn.CloseNow()
	await(t, "a colleague to leave", func() bool { return !h.hub.Online(h.admin.ID) })
	h.as("other", sellerPassword).open()
	var p Presence
	if tb.until("presence", &p); p != (Presence{other.ID, true, false}) {
		t.Errorf("told of %+v", p)
	}
	if in := tb.do("presence.show", map[string]any{"users": []string{""}}); in.Error == nil {
		t.Error("nobody can be shown")
	}
	tb.conn.CloseNow()
	await(t, "nobody to be left who shows somebody", func() bool {
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
		tb.until("changed", &c)
		got = append(got, c)
	}
	slices.SortFunc(got[1:], func(a, b changed) int { return strings.Compare(a.Kind, b.Kind) })
	if want := []changed{{"contact", "1"}, {"contact", ""}, {"lead", "7"}}; !slices.Equal(got, want) {
		t.Errorf("told %v", got)
	}
	if took := time.Since(began); took < firstTogether {
		t.Errorf("told within %v", took)
	}
	await(t, "the next to be told at once again", func() bool {
		h.hub.mu.Lock()
		defer h.hub.mu.Unlock()
		return h.hub.burst.timer == nil
	})
}

// Two nodes on one database and bus: presence, messages and log-outs cross.
func TestHubAcrossNodes(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		one := newHouse(t, db)
		two := &house{t: t, db: db, admin: one.admin, seller: one.seller}
		two.rooms(one.bus)
		c := two.asSeller()
		tb, _ := c.open()
		await(t, "presence to cross", func() bool { return one.hub.Online(one.seller.ID) })
		if !one.hub.Send(one.seller.ID, "", "test", 7) {
			t.Error("not delivered")
		}
		var n int
		if tb.until("test", &n); n != 7 {
			t.Errorf("got %d", n)
		}
		one.hub.Call(pbx.View{Call: "c", State: "answered", Legs: []pbx.LegView{{Leg: "l", User: one.seller.ID, State: "active"}}})
		await(t, "busy to cross", func() bool { return two.hub.Busy(one.seller.ID) })
		var p Presence
		for !p.Busy {
			tb.until("presence", &p)
		}
		one.hub.Call(pbx.View{Call: "c", State: "ended", Legs: []pbx.LegView{{Leg: "l", User: one.seller.ID, State: "gone"}}})
		await(t, "the end to cross", func() bool { return !two.hub.Busy(one.seller.ID) })
		one.as("seller", sellerPassword).call("POST", "/api/v1/me/password", PasswordChange{sellerPassword, "another password"}).want(http.StatusNoContent)
		if code := tb.closed(); code != closeLoggedOut {
			t.Errorf("closed with %d", code)
		}
		await(t, "absence to cross", func() bool { return !one.hub.Online(one.seller.ID) })
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
	if tb.until("node.gone", &gone); gone.Node != "dead" {
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
	if code := tb.closed(); code != closeBehind {
		t.Errorf("closed with %d", code)
	}
	if in := other.do("ping", nil); in.Error != nil {
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
		if in := tb.do(op, data); in.Error == nil {
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

// A call of another node is hung up there. While that node does not answer, the API says so; of a node that is gone, there is no call.
func TestHangupOnASilentNode(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := newHouse(t, db)
		running := func(node string) string {
			id := store.NewID()
			if _, err := db.Exec(t.Context(), `INSERT INTO call_record (id, node, epoch, direction, from_number, from_name, to_number, meeting, line, trunk,
				started_at, answered_at, ended_at, seen_at, outcome, cause) VALUES ($1, $2, 1, 'in', '', '', '', '', '', '', 1, 1, 0, 1, '', '')`, id, node); err != nil {
				t.Fatal(err)
			}
			return id
		}
		if _, err := store.JoinMembers(t.Context(), db, store.MembersConfig{Node: "silent"}, slog.New(slog.DiscardHandler)); err != nil {
			t.Fatal(err)
		}
		await(t, "the silent node to be seen", func() bool { return h.server.live.isThere("silent") })
		c := h.asAdmin()
		c.call("POST", "/api/v1/calls/"+running("silent")+"/hangup", nil).problem(http.StatusServiceUnavailable)
		c.call("POST", "/api/v1/calls/"+running("nowhere")+"/hangup", nil).problem(http.StatusNotFound)
	})
}

// Tabs that came before the bus was back take everything anew; one that comes after has missed nothing. The spread ends with the hub.
func TestResync(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	first, _ := h.asSeller().open()
	second, _ := h.asAdmin().open()
	h.hub.Resync()
	after, _ := h.asSeller().open()
	for _, tb := range []*tab{first, second} {
		if code := tb.closed(); code != closeBehind {
			t.Errorf("closed with %d", code)
		}
	}
	if in := after.do("ping", nil); in.Error != nil {
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
	if code := tb.closed(); code != closeGoingAway {
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
	for _, text := range []string{`{"id":1,"op":"call.place","data":{"to":"201"}}`, `{"id":1,"op":"ping"}`, `{"id":1,"op":"x","data":null}`, `[]`, `{"id":1e9,"op":"x","data":[]}`, ``} {
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
	text, err := os.ReadFile("../docs/live-protocol.md")
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
		for scope, want := range map[crmcore.Scope]bool{crmcore.ScopeRead: op == "ping" || op == "presence.show", crmcore.ScopeWrite: true, "": true} {
			tab := &socket{id: "x", user: h.seller, caller: caller{User: h.seller, scope: scope}}
			_, err := h.server.live.liveDo(t.Context(), tab, op, json.RawMessage(`{"users":[],"leg":"none"}`))
			if may := !errors.Is(err, errScope); may != want {
				t.Errorf("%s with scope %q: %v", op, scope, err)
			}
		}
	}
}

// A log-in that is over ends its sockets and streams, also where nobody told: an expired one, or one whose end the bus lost.
func TestEndOfLogInEndsWhatIsOpen(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := newHouse(t, db)
		browser, other := h.asSeller(), h.asSeller()
		var made NewToken
		browser.call("POST", "/api/v1/tokens", TokenInput{Name: "x", Expires: time.Now().Add(time.Hour)}).want(http.StatusCreated).into(&made)
		program := h.client()
		program.token = made.Secret
		page, _ := browser.open()
		stays, _ := other.open()
		socket, _ := program.open()
		if err := h.hub.expel(t.Context()); err != nil {
			t.Fatal(err)
		}
		if in := socket.do("ping", nil); in.Error != nil {
			t.Errorf("a good token: %+v", in)
		}
		id := digest(strings.TrimPrefix(browser.cookie, sessionCookie+"="))
		for _, query := range []string{`UPDATE api_token SET expires_at = 1 WHERE name = 'x' OR id = $1`, `DELETE FROM session WHERE id = $1`} {
			if _, err := db.Exec(t.Context(), query, id); err != nil {
				t.Fatal(err)
			}
		}
		if err := h.hub.expel(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, tab := range []*tab{page, socket} {
			if code := tab.closed(); code != closeLoggedOut {
				t.Errorf("closed with %d", code)
			}
		}
		if in := stays.do("ping", nil); in.Error != nil {
			t.Errorf("another log-in: %+v", in)
		}
		streams := func() int { h.hub.mu.Lock(); defer h.hub.mu.Unlock(); return len(h.hub.watches) }
		other.stream("", "")
		await(t, "the stream", func() bool { return streams() == 1 })
		other.call("POST", "/api/v1/logout", nil).want(http.StatusNoContent)
		await(t, "the end of the stream", func() bool { return streams() == 0 })
		if code := stays.closed(); code != closeLoggedOut {
			t.Errorf("logged out: %d", code)
		}
	})
}

// A browser says of the request that opens its live socket, too, that it takes compressed answers.
func TestLiveSocketOfWhoTakesCompressedAnswers(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	c := h.asSeller()
	c.header.Set("Accept-Encoding", "gzip, deflate, br, zstd")
	if _, hello := c.open(); hello.User.ID != h.seller.ID {
		t.Errorf("%+v", hello)
	}
}
