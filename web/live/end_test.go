package live

import (
	"encoding/json"
	"errors"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"frontdesk/crmcore/people"
	"frontdesk/store"
	"frontdesk/store/storetest"
	"frontdesk/web/api"
	"frontdesk/web/live/livetest"
)

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
