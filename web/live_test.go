package web

import (
	"log/slog"
	"net/http"
	"testing"

	"github.com/coder/websocket"

	"frontdesk/pbx"
	"frontdesk/store"
	"frontdesk/store/storetest"
	"frontdesk/web/live"
	"frontdesk/web/live/livetest"
)

const loggedOut = websocket.StatusCode(4003)

func (c *client) dial(query string) (*websocket.Conn, *http.Response, error) {
	return livetest.Dial(c.base, query, c.socketHeader())
}

// socketHeader is what a browser's request for a live socket carries.
func (c *client) socketHeader() http.Header {
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
	return header
}

// open connects a tab and reads its hello.
func (c *client) open() (*livetest.Tab, live.Hello) {
	c.t.Helper()
	var hello live.Hello
	tab := livetest.Open(c.t, c.base, "", c.socketHeader(), &hello)
	return tab, hello
}

func TestLogOutClosesTheTab(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	c := h.asSeller()
	mine, _ := c.open()
	other, _ := h.asSeller().open()
	c.call("POST", "/api/v1/logout", nil).want(http.StatusNoContent)
	if code := mine.Closed(); code != loggedOut {
		t.Errorf("closed with %d", code)
	}
	if in := other.Do("ping", nil); in.Error != nil {
		t.Errorf("another session's tab: %+v", in)
	}
}

// Two nodes on one database and bus: presence, messages and log-outs cross.
func TestHubAcrossNodes(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		one := newHouse(t, db)
		two := &house{t: t, db: db, admin: one.admin, seller: one.seller}
		two.rooms(one.bus)
		c := two.asSeller()
		tb, _ := c.open()
		livetest.Await(t, "presence to cross", func() bool { return one.hub.Online(one.seller.ID) })
		if !one.hub.Send(one.seller.ID, "", "test", 7) {
			t.Error("not delivered")
		}
		var n int
		if tb.Until("test", &n); n != 7 {
			t.Errorf("got %d", n)
		}
		one.hub.Call(pbx.View{Call: "c", State: "answered",
			Legs: []pbx.LegView{{Leg: "l", User: one.seller.ID, State: "active"}}})
		livetest.Await(t, "busy to cross", func() bool { return two.hub.Busy(one.seller.ID) })
		var p live.Presence
		for !p.Busy {
			tb.Until("presence", &p)
		}
		one.hub.Call(pbx.View{Call: "c", State: "ended",
			Legs: []pbx.LegView{{Leg: "l", User: one.seller.ID, State: "gone"}}})
		livetest.Await(t, "the end to cross", func() bool { return !two.hub.Busy(one.seller.ID) })
		one.as("seller", sellerPassword).call("POST", "/api/v1/me/password",
			PasswordChange{sellerPassword, "another password"}).want(http.StatusNoContent)
		if code := tb.Closed(); code != loggedOut {
			t.Errorf("closed with %d", code)
		}
		livetest.Await(t, "absence to cross", func() bool { return !one.hub.Online(one.seller.ID) })
	})
}

// A call of another node is hung up there. While that node does not answer, the API says so; of a node that is gone,
// there is no call.
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
		if _, err := store.JoinMembers(t.Context(), db, store.MembersConfig{Node: "silent"},
			slog.New(slog.DiscardHandler)); err != nil {
			t.Fatal(err)
		}
		livetest.Await(t, "the silent node to be seen",
			func() bool { _, there := h.server.deps.Members.Find("silent"); return there })
		c := h.asAdmin()
		c.call("POST", "/api/v1/calls/"+running("silent")+"/hangup", nil).problem(http.StatusServiceUnavailable)
		c.call("POST", "/api/v1/calls/"+running("nowhere")+"/hangup", nil).problem(http.StatusNotFound)
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
