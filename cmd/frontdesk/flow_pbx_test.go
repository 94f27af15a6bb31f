package main

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"frontdesk/store/storetest"
)

// existing is a Kamailio that stands for the PBX which a company has already.
type existing struct {
	host string // with port
	c    *company
}

// startPBX starts it on an address of its own and connects it as a trunk: its extensions are 8 and their number, our
// account there is "desk".
func startPBX(c *company) *existing {
	c.t.Helper()
	const ip = "127.0.0.3"
	dir := c.t.TempDir()
	host := fmt.Sprintf("%s:%d", ip, storetest.FreePort(c.t, ip))
	template, err := os.ReadFile("../../sip/testdata/kamailio_pbx.cfg")
	if err != nil {
		c.t.Fatal(err)
	}
	// what begins with 1 or +4021 is reached through Frontdesk
	ours := `  if ($rU =~ "^(1|\+4021)") { $ru = "sip:" + $rU + "@` + c.SIPUDP + `"; t_relay(); exit; }`
	config := write(c.t,
		strings.NewReplacer("@IP@", ip, "@HOST@", host, "@ROUTES@", ours+"\n").Replace(string(template)),
		dir, "kamailio.cfg")
	startPeer(c.t, exec.Command(tool(c.t, "kamailio", "kamailio"), "-f", config, "-DD", "-E", "-m", "32", "-M", "4",
		"-P", dir+"/pid", "-Y", dir))
	var trunk struct{ ID string }
	code := c.api("POST", "/trunks", map[string]any{
		"name": "Old PBX", "kind": "pbx", "host": host, "prefix": "8", "register": true, "username": "desk",
		"password": "pw-desk",
		"format":   "national", "caller_id": "+40215550199",
	}, &trunk)
	if code != 201 {
		c.t.Fatalf("a trunk: %d", code)
	}
	await(c.t, "the registration at the PBX", func() bool {
		var status struct{ Registered, Reachable bool }
		return c.api("GET", "/trunks/"+trunk.ID+"/status", nil, &status) == 200 && status.Registered && status.Reachable
	})
	return &existing{host: host, c: c}
}

// phone registers a desk phone at the PBX.
func (x *existing) phone(extension string) *peer {
	x.c.t.Helper()
	p := startBaresip(x.c.t, x.host, extension, "pw-"+extension, takesCalls, phonesTone)
	await(x.c.t, "the registration of "+extension, p.printed("200 OK"))
	return p
}

// A phone of the company's old PBX calls our user by his extension; it rings at the desk phone and in the browser, and
// nobody is taken for a client.
func TestExtensionOfThePBXCallsOurs(t *testing.T) {
	t.Parallel() // much of it is waiting
	slow(t)
	c := startCompany(t, t.TempDir())
	pbx := startPBX(c)
	c.phone("maria", takesCalls)
	old := pbx.phone("301")
	stream, tab := c.events(""), c.browser("maria")
	old.say("/dial 101")
	order(t, tab, "call.leg")
	if e := next(t, stream, "call.answered"); e.data["from"] != "8301" || e.data["to"] != "101" {
		t.Errorf("answered: %v", e.data)
	}
	await(t, "the call at the old phone", old.printed("Call established"))
	old.say("/hangup")
	if e := next(t, stream, "call.ended"); e.data["outcome"] != "answered" {
		t.Errorf("ended: %v", e.data)
	}
	var leads items[struct{ ID string }]
	await(t, "the end of the call's intake", func() bool {
		var calls items[struct{ Outcome string }]
		c.api("GET", "/calls", nil, &calls)
		return len(calls.Items) == 1
	})
	c.api("GET", "/leads?limit=200", nil, &leads)
	if len(leads.Items) != 2 { // those of the demo
		t.Errorf("%d leads: a colleague was taken for a client", len(leads.Items))
	}
}

// Our desk phone dials the PBX's prefix and an extension.
func TestOurPhoneCallsAnExtensionOfThePBX(t *testing.T) {
	t.Parallel() // much of it is waiting
	slow(t)
	c := startCompany(t, t.TempDir())
	pbx := startPBX(c)
	ours, old := c.phone("maria", takesCalls), pbx.phone("302")
	stream := c.events("")
	ours.say("/dial 8302")
	if e := next(t, stream, "call.answered"); e.data["from"] != "101" || e.data["to"] != "8302" {
		t.Errorf("answered: %v", e.data)
	}
	await(t, "the call at the old phone", old.printed("Call established"))
	old.say("/hangup") // the PBX's side ends it
	if e := next(t, stream, "call.ended"); e.data["outcome"] != "answered" || e.data["cause"] != "normal" {
		t.Errorf("ended: %v", e.data)
	}
}

// A client's call comes through the PBX, to an extension and to a number of ours: his card opens.
func TestClientCallsThroughThePBX(t *testing.T) {
	t.Parallel() // much of it is waiting
	slow(t)
	c := startCompany(t, t.TempDir())
	pbx := startPBX(c)
	c.phone("maria", takesCalls)
	tab := c.browser("maria")
	radu := c.contact("Radu Georgescu")
	for i, to := range []string{"101", c.Numbers[0]} {
		report, err := c.run("ring", "--to", to, "--from", "+40721550001", "--server", pbx.host, "--user", "line",
			"--password", "pw-line", "--duration", (1500 * time.Millisecond).String())
		if err != nil || !strings.Contains(report, "answered") {
			t.Fatalf("to %s: %v\n%s", to, err, report)
		}
		if seen := order(t, tab, "call.leg", "card.open"); len(seen) != 2 {
			t.Errorf("to %s the browser saw %v", to, seen)
		}
		await(t, "the call on the client's timeline", func() bool { return len(c.calls(radu)) == i+1 })
	}
}

// Without a carrier, outside calls go through the PBX, which wants numbers the national way.
func TestOutThroughThePBX(t *testing.T) {
	t.Parallel() // much of it is waiting
	slow(t)
	c := startCompany(t, t.TempDir())
	pbx := startPBX(c)
	var trunks items[struct{ ID, Name string }]
	c.api("GET", "/trunks", nil, &trunks)
	for _, trunk := range trunks.Items {
		if trunk.Name == demoTrunk {
			c.api("PATCH", "/trunks/"+trunk.ID, map[string]any{"active": false}, nil)
		}
	}
	ours, outside := c.phone("maria", takesCalls), pbx.phone("0722550002")
	stream := c.events("")
	ours.say("/dial 0722550002")
	if e := next(t, stream, "call.answered"); e.data["to"] != "+40722550002" || e.data["line"] != "+40215550199" {
		t.Errorf("answered: %v", e.data)
	}
	await(t, "the call outside", outside.printed("Call established: sip:+40215550199@"))
	ours.say("/hangup")
	if calls := c.calls(c.contact("Ioana Marin")); len(calls) != 1 || calls[0].Incoming ||
		calls[0].Outcome != "answered" {
		t.Errorf("calls: %+v", calls)
	}
}

// Somebody at the old PBX is called into a meeting by his number there, comes in, and leaves.
func TestPhoneOfThePBXIsCalledIntoAMeeting(t *testing.T) {
	t.Parallel() // much of it is waiting
	slow(t)
	c := startCompany(t, t.TempDir())
	old := startPBX(c).phone("302")
	tab := c.open("maria")
	room := c.room("Prices")
	leg := tab.meet(room)
	tab.must("meet.call", map[string]any{"leg": leg, "to": "8302"}, nil)
	tab.awaitGuest("8302", "active")
	await(t, "the call at the old phone", old.printed("Call established"))
	old.say("/hangup")
	await(t, "the record", func() bool {
		v := c.visits()
		return len(v) == 1 && v[0].Direction == "out" && v[0].To == "8302" && v[0].Outcome == "answered" &&
			v[0].Cause == "normal"
	})
	await(t, "the meeting without him", func() bool { return len(tab.guests()) == 0 })
}
