package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/nats-io/nats-server/v2/server"

	"frontdesk/store/storetest"
)

// again starts a node of the cluster anew with the data it had.
func (c *cluster) again(t testing.TB, name string) *company {
	t.Helper()
	old := c.nodes[name]
	c.nodes[name] = startCompany(t, old.data, old.cmd.Args[len(old.cmd.Args)-8:]...)
	return c.nodes[name]
}

// talk has a client call at one node and a user answer in a browser at another, and waits until that is written down:
// it is after they hear each other.
func (c *cluster) talk(t testing.TB, at, browser string) (ring *peer, tb *tab, leg string) {
	t.Helper()
	tb = c.nodes[browser].open("maria")
	a := c.nodes[at]
	before := a.answered()
	ring = startPeer(t, program(t.Context(), "ring", "--to", a.Numbers[0], "--from", "+40721550001", "--server",
		a.SIPUDP, "--duration", "120s"))
	leg = tb.rung()
	if err := tb.answer(leg); err != nil {
		t.Fatal(err)
	}
	tb.hears()
	await(t, "the record of the answer", func() bool { return a.answered() > before })
	return ring, tb, leg
}

// callRecord is what tests read of a call's record.
type callRecord struct{ ID, Outcome, Cause string }

func (c *company) lastCall() callRecord {
	c.t.Helper()
	var calls items[callRecord]
	c.api("GET", "/calls", nil, &calls)
	if len(calls.Items) == 0 {
		c.t.Fatal("no call")
	}
	return calls.Items[0]
}

// A node dies in a call: the others write it down as cut off by us, tell the tabs, and take new calls at once; it comes
// back as one of them.
func TestNodeDies(t *testing.T) {
	t.Parallel() // much of it is waiting
	c := startCluster(t, "a", "b")
	b := c.nodes["b"]
	_, maria, _ := c.talk(t, "a", "b")
	died := time.Now()
	c.nodes["a"].kill()
	maria.await("node.gone", func(data json.RawMessage) bool { return strings.Contains(string(data), `"a"`) })
	await(t, "the record's end",
		func() bool { return b.lastCall() == callRecord{b.lastCall().ID, "answered", "cut_off"} })
	t.Logf("written down and told %v after the end of the node", time.Since(died).Round(100*time.Millisecond))
	await(t, "the call on the timeline", func() bool {
		entries := b.timeline("contacts", b.contact("Radu Georgescu"))
		return len(entries) > 0 && entries[0].Kind == "call" && entries[0].Outcome == "answered"
	})
	_, tb, leg := c.talk(t, "b", "b")
	if !strings.HasPrefix(leg, "b.") {
		t.Errorf("leg %s", leg)
	}
	tb.must("call.hangup", map[string]any{"leg": leg}, nil)
	c.again(t, "a")
	await(t, "both nodes", func() bool { return len(b.members()) == 2 })
	c.talk(t, "a", "b")
}

// A node is stopped for a while and comes back: what it held has gone to the others and stays theirs. Its call is over
// for it too.
func TestNodePausedAndBack(t *testing.T) {
	t.Parallel() // much of it is waiting
	c := startCluster(t, "a", "b")
	a, b := c.nodes["a"], c.nodes["b"]
	ring, maria, _ := c.talk(t, "a", "b")
	room := b.room("Prices")
	onA, onB := a.open("andrei"), b.open("ion")
	first := onA.meet(room)
	if !strings.HasPrefix(first, "a.") {
		t.Fatalf("the meeting began at %s", first)
	}
	if leg := onB.meet(room); !strings.HasPrefix(leg, "a.") {
		t.Fatalf("the meeting is on two nodes: %s", leg)
	}
	calls := func() (list []callRecord) {
		var found items[callRecord]
		b.api("GET", "/calls", nil, &found)
		return found.Items
	}
	await(t, "both records", func() bool { return len(calls()) == 2 })
	a.signal(syscall.SIGSTOP)
	maria.await("node.gone", func(json.RawMessage) bool { return true })
	await(t, "the records' end", func() bool {
		list := calls()
		return list[0].Cause == "cut_off" && list[1].Cause == "cut_off"
	})
	if leg := onB.meet(room); !strings.HasPrefix(leg, "b.") {
		t.Errorf("the meeting goes on at %s", leg)
	}
	a.signal(syscall.SIGCONT)
	await(t, "the end of the call at the node that came back", ring.printed("over:"))
	await(t, "the node's new life", func() bool {
		var now ready
		return json.Unmarshal([]byte(read(t, a.data, "ready.json")), &now) == nil && now.HTTP != a.HTTP &&
			json.Unmarshal([]byte(read(t, a.data, "ready.json")), &a.ready) == nil
	})
	if list := calls(); list[1].Cause != "cut_off" || list[2].Cause != "cut_off" { // the call and the meeting of before
		t.Errorf("the records are %+v", list)
	}
	again := a.open("andrei")
	if leg := again.meet(room); !strings.HasPrefix(leg, "b.") {
		t.Errorf("the node that came back runs the meeting too: %s", leg)
	}
}

// meet comes into a meeting, without sound, and returns the leg.
func (tb *tab) meet(room string) (leg string) {
	tb.t.Helper()
	var out struct{ Leg string }
	tb.must("meet.join", map[string]any{"room": room, "sdp": silentOffer(tb.t)}, &out)
	return out.Leg
}

// A node drains: its browsers go to another node and their calls go on, on the node that ends only after them.
func TestNodeDrains(t *testing.T) {
	t.Parallel() // much of it is waiting
	c := startCluster(t, "a", "b")
	a, b := c.nodes["a"], c.nodes["b"]
	ring, maria, leg := c.talk(t, "a", "a")
	a.signal(syscall.SIGTERM)
	await(t, "the tab to be sent away", func() bool { return maria.code() == websocket.StatusGoingAway })
	await(t, "mail to be sent away", func() bool {
		err := a.post("Not here")
		return err != nil &&
			strings.Contains(err.Error(), "421")
	})
	if err := b.post("But here"); err != nil {
		t.Error(err)
	}
	moved := b.open("maria")
	if err := moved.attach(leg); err != nil {
		t.Fatal(err)
	}
	moved.hears()
	out, err := b.run("ring", "--to", a.Numbers[0], "--from", "+40721550002", "--server", a.SIPUDP)
	if err == nil || !strings.Contains(out, "503") {
		t.Errorf("a call to the draining node: %v\n%s", err, out)
	}
	moved.must("call.hangup", map[string]any{"leg": leg}, nil)
	await(t, "the end of the call", ring.printed("over: normal"))
	<-a.over
	if r := b.lastCall(); r.Cause != "normal" {
		t.Errorf("the call ended as %+v", r)
	}
}

// A node is counted as lost while it drains: its call is the others' to write down by then, so it does not wait for its
// end.
func TestNodeCountedAsLostWhileItDrains(t *testing.T) {
	t.Parallel() // much of it is waiting
	c := startCluster(t, "b")
	b := c.nodes["b"]
	a := startCompany(t, t.TempDir(), append(slices.Clone(b.cmd.Args[len(b.cmd.Args)-8:]), "--node", "a", "--drain",
		"1h")...)
	c.nodes["a"] = a
	await(t, "both nodes", func() bool { return len(b.members()) == 2 })
	ring, _, _ := c.talk(t, "a", "b")
	a.signal(syscall.SIGTERM)
	await(t, "the drain", func() bool { return !slices.Contains(b.members(), "a") })
	if _, err := c.sql(t).Exec(`UPDATE node SET state = 'lost' WHERE id = 'a'`); err != nil {
		t.Fatal(err)
	}
	await(t, "the end of the call", ring.printed("over:"))
	await(t, "the end of the node", a.ended)
	if r := b.lastCall(); r.Cause != "cut_off" {
		t.Errorf("the call ended as %+v", r)
	}
}

// The server of the bus takes the nodes for broken and closes their connections for good: they say so and end when
// their calls have, for systemd to start them anew.
func TestBusClosedForGood(t *testing.T) {
	t.Parallel() // much of it is waiting
	c := startCluster(t, "a")
	a := c.nodes["a"]
	ring, maria, leg := c.talk(t, "a", "a")
	if err := c.nats.ReloadOptions(&server.Options{Host: "127.0.0.1", Port: c.nats.port, NoSigs: true, NoLog: true,
		MaxPayload: 8}); err != nil {
		t.Fatal(err)
	}
	maria.must("call.hold", map[string]any{"leg": leg, "on": true}, nil) // told on the bus
	await(t, "word of it", func() bool {
		return strings.Contains(read(t, a.data, "frontdesk.log"), "closed the connection for good")
	})
	await(t, "the end of the call", ring.printed("over:"))
	await(t, "the end of the node", a.ended)
	if code := a.cmd.ProcessState.ExitCode(); code != 1 {
		t.Errorf("ended with %d", code)
	}
}

func (c *company) ended() bool {
	select {
	case <-c.over:
		return true
	default:
		return false
	}
}

func (tb *tab) code() websocket.StatusCode {
	tb.mu.Lock()
	defer tb.mu.Unlock()
	return tb.closed
}

// The bus goes away in a call whose browser is on another node: the sound goes on, what can't be done is said, and all
// heals.
func TestBusAway(t *testing.T) {
	t.Parallel() // much of it is waiting
	c := startCluster(t, "a", "b")
	_, maria, leg := c.talk(t, "a", "b")
	c.nats.stop()
	maria.hears()
	var refused error
	await(t, "word that the call is out of reach", func() bool {
		refused = maria.do("call.hold", map[string]any{"leg": leg, "on": true}, nil)
		return refused != nil
	})
	if !strings.Contains(refused.Error(), "unreached") {
		t.Errorf("out of reach: %v", refused)
	}
	andrei, ion := c.nodes["b"].open("andrei"), c.nodes["b"].open("ion") // calls within a node don't need the bus
	if _, err := andrei.place("103"); err != nil {
		t.Fatal(err)
	}
	if err := ion.answer(ion.rung()); err != nil {
		t.Fatal(err)
	}
	andrei.hears()
	room := c.nodes["a"].room("Prices")
	c.nodes["a"].open("elena").meet(room)
	if strings.Contains(string(andrei.events("hello")[0]), room) {
		t.Fatal("the bus is not away")
	}
	c.nats.start()
	await(t, "the tab to take everything anew", func() bool { return maria.code() == 4001 })
	await(t, "the tab that came meanwhile to do so", func() bool { return andrei.code() == 4001 })
	if hello := c.nodes["b"].open("elena").events("hello")[0]; !strings.Contains(string(hello), room) {
		t.Errorf("it missed the meeting: %s", hello)
	}
	back := c.nodes["b"].open("maria")
	await(t, "the call within reach", func() bool { return back.attach(leg) == nil })
	back.hears()
	back.must("call.hangup", map[string]any{"leg": leg}, nil)
}

// Events are told once and in one order, whichever node they come from and are read at.
func TestEventsAreOneStream(t *testing.T) {
	t.Parallel() // much of it is waiting
	c := startCluster(t, "a", "b")
	a, b := c.nodes["a"], c.nodes["b"]
	atA, atB := a.events(""), b.events("")
	for _, n := range []*company{a, b, a, b} {
		if out, err := n.run("ring", "--to", n.Numbers[0], "--from", "+40721550001", "--server", n.SIPUDP); err == nil {
			t.Fatalf("answered:\n%s", out)
		}
	}
	ended := map[string]int{}
	for range 4 {
		for {
			x, y := <-atA, <-atB
			if x.id != y.id || x.kind != y.kind {
				t.Fatalf("a told %s %s, b told %s %s", x.id, x.kind, y.id, y.kind)
			}
			if x.kind == "call.ended" {
				ended[x.data["call"].(string)]++
				break
			}
		}
	}
	if len(ended) != 4 {
		t.Errorf("ended: %v", ended)
	}
}

// Two processes can't be one node: the first to run says so and ends, in a way that a service manager does not start it
// again.
func TestTwoProcessesOfOneName(t *testing.T) {
	t.Parallel() // much of it is waiting
	c := startCluster(t, "a", "b")
	second := startCompany(t, t.TempDir(), c.nodes["a"].cmd.Args[len(c.nodes["a"].cmd.Args)-8:]...)
	<-c.nodes["a"].over
	if state := c.nodes["a"].cmd.ProcessState; state.ExitCode() != replaced {
		t.Errorf("the first ended with %v", state)
	}
	await(t, "both nodes", func() bool { return len(second.members()) == 2 })
}

// Nodes that share a database and no bus would not hear of each other's calls: the second says what to do and does not
// start.
func TestSecondNodeNeedsABus(t *testing.T) {
	database := storetest.PostgresURL(t)
	startCompany(t, t.TempDir(), "--database", database, "--node", "a")
	out, err := program(t.Context(), "demo", "--ports", "auto", "--data", t.TempDir(), "--database", database, "--node",
		"b").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "set the key bus") {
		t.Errorf("%v\n%s", err, out)
	}
}

// read is a file of the test's.
func read(t testing.TB, path ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
