package main

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"frontdesk/testwait"
)

// state is what tests read of a call.state.
type state struct {
	Call, Node, State, Outcome, Cause string
	Legs                              []struct{ Leg, Kind, User, State string }
}

func isState(want string) func(json.RawMessage) bool {
	return func(data json.RawMessage) bool {
		var s state
		return json.Unmarshal(data, &s) == nil && s.State == want
	}
}

func held(on bool) func(json.RawMessage) bool {
	return func(data json.RawMessage) bool {
		var s struct {
			Legs []struct {
				Kind string
				Held bool
			}
		}
		json.Unmarshal(data, &s)
		for _, l := range s.Legs {
			if l.Kind == "browser" && l.Held == on {
				return true
			}
		}
		return false
	}
}

// A call arrives at node a; its browser's socket is on b and its desk phone registered at c: both ring, one wins, and
// the card is open first.
func TestCallRingsOnAllNodes(t *testing.T) {
	t.Parallel() // much of it is waiting
	c := startCluster(t, "a", "b", "c")
	a, b := c.nodes["a"], c.nodes["b"]
	phone := c.nodes["c"].phone("maria", justRings)
	maria := b.open("maria")
	ring := startPeer(t, program(t.Context(), "ring", "--to", a.Numbers[0], "--from", "+40721550001", "--server",
		a.SIPUDP, "--duration", "120s"))
	leg := maria.rung()
	if !strings.HasPrefix(leg, "a.") {
		t.Errorf("the leg %s is not on a", leg)
	}
	if cards := maria.events("card.open"); len(cards) != 1 {
		t.Errorf("%d cards before the ring", len(cards))
	}
	await(t, "the desk phone to ring", phone.printed("Incoming call"))
	if err := maria.answer(leg); err != nil {
		t.Fatal(err)
	}
	await(t, "the desk phone to stop", phone.printed("closed"))
	maria.hears()
	maria.must("call.hold", map[string]any{"leg": leg, "on": true}, nil)
	maria.await("call.state", held(true))
	maria.must("call.hold", map[string]any{"leg": leg, "on": false}, nil)
	maria.hears()
	andrei := c.nodes["c"].open("andrei")
	transferred := make(chan error, 1)
	go func() { transferred <- maria.do("call.transfer", map[string]any{"leg": leg, "to": "102"}, nil) }()
	next := andrei.rung()
	if err := andrei.answer(next); err != nil {
		t.Fatal(err)
	}
	if err := <-transferred; err != nil {
		t.Fatal("transfer: ", err)
	}
	andrei.hears()
	andrei.must("call.hangup", map[string]any{"leg": next}, nil)
	await(t, "the end", ring.printed("over: normal"))
	andrei.await("call.state", isState("ended"))
	var states []string
	for _, data := range maria.events("call.state") {
		var s state
		json.Unmarshal(data, &s)
		if len(states) == 0 || states[len(states)-1] != s.State {
			states = append(states, s.State)
		}
	}
	if got := strings.Join(states, " "); got != "ringing answered ended" && got != "ringing answered" &&
		got != "routing ringing answered ended" {
		t.Errorf("b's tab saw the call as: %s", got)
	}
	id := b.contact("Radu Georgescu")
	await(t, "the call on the timeline", func() bool {
		for _, e := range b.timeline("contacts", id) {
			if e.Kind == "call" && e.Outcome == "answered" {
				return true
			}
		}
		return false
	})
}

// A client writes to node a: the mail is told at once to a mail program and a browser on b, where its card opens; each
// once.
func TestMailIsToldOnAllNodes(t *testing.T) {
	t.Parallel() // much of it is waiting
	c := startCluster(t, "a", "b")
	a, b := c.nodes["a"], c.nodes["b"]
	counts, maria := b.idle("maria"), b.open("maria")
	if out, err := a.run("post", "--to", "maria@"+a.Domain, "--from", "radu@clients.example", "--server", a.SMTP,
		"--subject", "Prices"); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	maria.await("card.open", func(data json.RawMessage) bool {
		return strings.Contains(string(data),
			"Radu Georgescu")
	})
	select {
	case <-counts:
	case <-time.After(testwait.Limit):
		t.Error("IDLE told nothing")
	}
	text := b.imap("maria", "INBOX;MAILINDEX=1")
	contains(t, "the mail", text, "Prices")
	if n := len(maria.events("mail.received")); n != 1 {
		t.Errorf("told %d times", n)
	}
}

// A client dials the number of a meeting and reaches a node on which it does not run: he comes in all the same, as
// himself.
func TestPhoneComesIntoAMeetingOfAnotherNode(t *testing.T) {
	t.Parallel() // much of it is waiting
	c := startCluster(t, "a", "b")
	a, b := c.nodes["a"], c.nodes["b"]
	room := a.room("Prices")
	var numbers items[struct{ Trunk string }]
	a.api("GET", "/numbers", nil, &numbers)
	leads := map[string]any{"trunk": numbers.Items[0].Trunk,
		"destination": map[string]any{"kind": "meeting", "meeting": room}}
	if code := a.api("PUT", "/numbers/"+a.Numbers[1], leads, nil); code >= 300 {
		t.Fatalf("the number's destination: %d", code)
	}
	stream := a.events("")
	if leg := a.open("maria").meet(room); !strings.HasPrefix(leg, "a.") {
		t.Fatalf("the meeting runs at %s", leg)
	}
	next(t, stream, "meeting.joined")
	ring := startPeer(t, program(t.Context(), "ring", "--to", b.Numbers[1], "--from", "+40721550001", "--server",
		b.SIPUDP, "--duration", "2s"))
	joined := next(t, stream, "meeting.joined")
	if joined.data["number"] != "+40721550001" {
		t.Errorf("in came %v", joined.data)
	}
	await(t, "the end", ring.printed("over: normal"))
	if !strings.Contains(ring.out.String(), "answered with") ||
		strings.Contains(ring.out.String(), " 0 packets heard") {
		t.Errorf("the client's phone: %s", ring.out.String())
	}
	next(t, stream, "meeting.left")
}

// A tab whose socket is on one node has a client called into a meeting that runs on another: that one calls him. It
// dies, and the others end the record.
func TestClientIsCalledIntoAMeetingOfAnotherNode(t *testing.T) {
	t.Parallel() // much of it is waiting
	c := startCluster(t, "a", "b")
	a, b := c.nodes["a"], c.nodes["b"]
	room := a.room("Prices")
	a.open("andrei").meet(room)
	tab := b.open("maria")
	leg := tab.meet(room)
	if !strings.HasPrefix(leg, "a.") {
		t.Fatalf("the meeting runs at %s", leg)
	}
	for _, number := range []string{"0722 550 002", "0733 000 486"} {
		tab.must("meet.call", map[string]any{"leg": leg, "to": number}, nil)
	}
	in := tab.awaitGuest("+40722550002", "active")
	if busy := tab.awaitGuest("+40733000486", "failed"); busy.Cause != "busy" {
		t.Errorf("%+v", busy)
	}
	await(t, "the card", func() bool { return tab.cardsOf("Ioana Marin", in.Call) == 1 })
	if node := value[string](t, c, `SELECT node FROM call_record WHERE id = '`+in.Call+`'`); node != "a" {
		t.Errorf("called from %s", node)
	}
	await(t, "the record of the answer", func() bool { return b.answered() == 1 })
	a.kill()
	await(t, "the record's end", func() bool {
		list := b.visits() // both began in one moment: either may be the first
		return len(list) == 2 && slices.ContainsFunc(list, func(r visitRecord) bool {
			return r.To == "+40722550002" && r.Outcome == "answered" && r.Cause == "cut_off"
		})
	})
	ioana := b.contact("Ioana Marin")
	await(t, "the call on the timeline", func() bool { return b.callsOn("contacts", ioana, "Prices", "answered") == 1 })
}
