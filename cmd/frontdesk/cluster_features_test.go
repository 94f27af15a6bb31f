package main

import (
	"strings"
	"testing"
)

// A client's call is parked by a desk phone of one node and taken by one of another, by the slot's number; the next one
// rings, and is picked up by a colleague's phone on the other node. Client and phone hear each other.
func TestPhonesOfAnotherNodeTakeCalls(t *testing.T) {
	t.Parallel() // much of it is waiting
	slow(t)
	c := startCluster(t, "a", "b")
	a, b := c.nodes["a"], c.nodes["b"]
	var numbers items[struct{ Trunk string }]
	a.api("GET", "/numbers", nil, &numbers)
	leads := func(users ...string) {
		t.Helper()
		to := map[string]any{"trunk": numbers.Items[0].Trunk,
			"destination": map[string]any{"kind": "group", "users": users}}
		if code := a.api("PUT", "/numbers/"+a.Numbers[1], to, nil); code >= 300 {
			t.Fatalf("the number's destination: %d", code)
		}
	}
	calls := func(from string) *peer {
		return startPeer(t, program(t.Context(), "ring", "--to", a.Numbers[1], "--from", from, "--server", a.SIPUDP,
			"--duration", "8s"))
	}
	maria, andrei := a.phone("maria", takesCalls), b.phone("andrei", justRings)
	stream := a.events("")

	leads(a.user("maria"))
	client := calls("+40721550001")
	next(t, stream, "call.answered")
	await(t, "the call at the phone", maria.printed("Call established"))
	maria.say("/transfer *68")
	await(t, "the call to be parked", func() bool {
		var waiting struct{ Parked []struct{ Slot int } }
		b.api("GET", "/calls/waiting", nil, &waiting)
		return len(waiting.Parked) == 1 && waiting.Parked[0].Slot == 1
	})
	await(t, "the phone that parked it to be told the slot", maria.printed("*681"))
	andrei.say("/dial *681")
	await(t, "the parked call at the other phone", andrei.printed("Call established"))
	await(t, "the end", client.printed("over: normal"))
	if !heard(client.out.String()) {
		t.Errorf("the client's phone: %s", client.out.String())
	}
	if e := next(t, stream, "call.ended"); len(e.data["legs"].([]any)) < 3 {
		t.Errorf("ended: %v", e.data)
	}

	leads(a.user("andrei"), a.user("maria"))
	if code := a.api("PUT", "/users/"+a.user("maria")+"/call-handling", map[string]any{"dnd": true}, nil); code != 200 {
		t.Fatalf("do not disturb: %d", code)
	}
	client = calls("+40721550002")
	next(t, stream, "call.ringing")
	await(t, "the call to ring at a phone",
		func() bool { return strings.Contains(andrei.out.String(), "Incoming call") })
	maria.say("/dial **102")
	await(t, "the call that rang to be answered",
		func() bool { return strings.Count(maria.out.String(), "Call established") == 2 })
	await(t, "the end", client.printed("over: normal"))
	if !heard(client.out.String()) {
		t.Errorf("the client's phone: %s", client.out.String())
	}
}
