package live

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"frontdesk/crmcore/people"
	"frontdesk/pbx"
	"frontdesk/store"
	"frontdesk/store/storetest"
	"frontdesk/web/live/livetest"
)

// Who takes part in two calls is busy until both are over, who is only rung is not; only the changes are told.
func TestTakePart(t *testing.T) {
	p := newPresence()
	part := func(call string, state pbx.EngagementState) pbx.Engagement {
		return pbx.Engagement{Call: call, State: state}
	}
	rung, one, two := part("1", pbx.EngagedRinging), part("1", pbx.EngagedTalking), part("2", pbx.EngagedCalling)
	type users map[string]pbx.Engagement
	for _, step := range []struct {
		call string
		in   users
		want []engaged
	}{
		{"1", users{"ana": rung}, []engaged{{User: "ana", In: []pbx.Engagement{rung}}}},
		{"1", users{"ana": one}, []engaged{{User: "ana", Busy: true, In: []pbx.Engagement{one}}}},
		{"1", users{"ana": one}, nil},
		{"2", users{"ana": two}, []engaged{{User: "ana", Busy: true, In: []pbx.Engagement{one, two}}}},
		{"1", nil, []engaged{{User: "ana", Busy: true, In: []pbx.Engagement{two}}}},
		{"2", users{"bob": two}, []engaged{{User: "bob", Busy: true, In: []pbx.Engagement{two}}, {User: "ana"}}},
		{"2", nil, []engaged{{User: "bob"}}},
	} {
		if got := p.takePart(step.call, step.in); !reflect.DeepEqual(got, step.want) {
			t.Errorf("%s %v: %v, want %v", step.call, step.in, got, step.want)
		}
	}
	if len(p.calls) != 0 || len(p.held) != 0 {
		t.Errorf("left: %v, %v", p.calls, p.held)
	}
}

// What a node of an earlier version says of who is busy counts, too.
func TestBusyOfEarlierVersion(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	told := make(chan string, 9)
	h.hub.AtPresence(func(user string) { told <- user })
	h.hub.onEngaged("", []byte(`{"node":"old","user":"ana","busy":true}`))
	h.hub.onBusy("", []byte(`{"node":"old","users":["ana","bob"]}`))
	if !h.hub.Busy("ana") || !h.hub.Busy("bob") || h.hub.Engaged("bob")[0].State != pbx.EngagedTalking {
		t.Error("not busy")
	}
	h.hub.onBusy("", []byte(`{"node":"old","users":[]}`))
	if h.hub.Busy("ana") || len(h.hub.Engaged("ana")) != 0 || len(told) != 4 {
		t.Errorf("still busy; told of %d changes", len(told))
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
	if list := told(h.admin.ID, other.ID); len(list) != 2 || list[0] != (Presence{User: h.admin.ID, Online: true}) ||
		list[1] != (Presence{User: other.ID}) {
		t.Errorf("shown %+v", list)
	}
	told(other.ID)
	admin.Conn.CloseNow()
	livetest.Await(t, "a colleague to leave", func() bool { return !h.hub.Online(h.admin.ID) })
	h.as(other).open()
	var p Presence
	if tb.Until("presence", &p); p != (Presence{User: other.ID, Online: true}) {
		t.Errorf("told of %+v", p)
	}
	h.hub.Disturbed([]string{other.ID})
	if tb.Until("presence", &p); p != (Presence{User: other.ID, Online: true, Quiet: true}) {
		t.Errorf("told of %+v", p)
	}
	h.hub.Disturbed(nil)
	if tb.Until("presence", &p); p.Quiet {
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

// What changes is told at once; of what changes within the second after, tabs are told together. Nobody is told which
// record it was, of his own or of another's.
func TestChangesAreToldTogether(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	tb, _ := h.asSeller().open()
	began := time.Now()
	for range 3 {
		h.hub.Changed("contact")
		h.hub.onRelayed(allSubject, []byte(`{"from":"elsewhere","user":"","text":{"ev":"changed","data":{"kind":"lead","id":"7"}}}`))
	}
	var got []changed
	for range 3 {
		var c changed
		tb.Until("changed", &c)
		got = append(got, c)
	}
	slices.SortFunc(got[1:], func(a, b changed) int { return strings.Compare(a.Kind, b.Kind) })
	if want := []changed{{"contact", ""}, {"contact", ""}, {"lead", ""}}; !slices.Equal(got, want) {
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
