package main

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"frontdesk/testwait"
)

// order reads the live messages of a tab until one of the last kind, and returns those of the wanted kinds.
func order(t testing.TB, tab <-chan liveMessage, last string, also ...string) (seen []string) {
	t.Helper()
	wanted := append(also, last)
	timeout := time.After(testwait.Limit)
	for {
		select {
		case m, open := <-tab:
			if !open {
				t.Fatal("the live socket ended")
			}
			if slices.Contains(wanted, m.Ev) {
				seen = append(seen, m.Ev)
			}
			if m.Ev == last {
				return seen
			}
		case <-timeout:
			t.Fatalf("no %s, only %v", last, seen)
		}
	}
}

var level = regexp.MustCompile(`([0-9]+) packets heard, level (-?[0-9]+|-Inf) dB`)

// heard tells whether the report of `ring` speaks of sound.
func heard(report string) bool {
	found := level.FindStringSubmatch(report)
	if found == nil {
		return false
	}
	packets, _ := strconv.Atoi(found[1])
	loud, err := strconv.Atoi(found[2])
	return err == nil && packets > 50 && loud > -40
}

// closes has a number lead to a user in hours that are not now, and to another outside of them.
func (c *company) closes(number, user, closed string) {
	c.t.Helper()
	type object map[string]any
	var trunks items[struct{ ID string }]
	c.api("GET", "/trunks", nil, &trunks)
	var hours struct{ ID string }
	day := strings.ToLower(time.Now().UTC().AddDate(0, 0, 3).Format("Mon"))
	if code := c.api("POST", "/schedules", object{"name": "Office", "zone": "UTC",
		"hours": []object{{"days": []string{day}, "from": "09:00", "to": "18:00"}}}, &hours); code != 201 {
		c.t.Fatalf("working hours: %d", code)
	}
	if code := c.api("PUT", "/numbers/"+number, object{"trunk": trunks.Items[0].ID, "schedule": hours.ID,
		"destination": object{"kind": "user", "user": c.user(user)},
		"closed":      object{"kind": "user", "user": c.user(closed)}}, nil); code != 200 {
		c.t.Fatalf("a number with hours: %d", code)
	}
}

// A client calls outside of working hours, when the number leads to somebody else: the card opens and her browser
// rings, her desk phone answers, both hear each other, and the timeline has the call, once.
func TestDeskPhoneTakesAClientsCall(t *testing.T) {
	t.Parallel() // much of it is waiting
	slow(t)
	c := startCompany(t, t.TempDir())
	c.phone("maria", takesCalls)
	c.closes(c.Numbers[0], "andrei", "maria")
	stream, tab := c.events(""), c.browser("maria")
	report, err := c.run("ring", "--to", c.Numbers[0], "--from", "+40721550001", "--server", c.SIPUDP, "--duration",
		"3s")
	if err != nil || !strings.Contains(report, "answered with PCMA") || !heard(report) {
		t.Errorf("%v\n%s", err, report)
	}
	if seen := order(t, tab, "call.leg", "card.open"); len(seen) != 2 || seen[0] != "card.open" {
		t.Errorf("the browser saw %v", seen)
	}
	if e := next(t, stream, "call.ended"); e.data["outcome"] != "answered" || e.data["cause"] != "normal" {
		t.Errorf("ended: %v", e.data)
	}
	radu := c.contact("Radu Georgescu")
	calls := c.calls(radu)
	if len(calls) != 1 || calls[0].Outcome != "answered" || !calls[0].Incoming || calls[0].Seconds < 2 ||
		calls[0].Seconds > 5 {
		t.Errorf("calls: %+v", calls)
	}
	if tasks := c.entries(radu, "task"); len(tasks) != 0 {
		t.Errorf("an answered call left tasks: %+v", tasks)
	}
}

// A desk phone dials a client as people write numbers: the call goes out, opens the card and lands on the client's
// timeline.
func TestDeskPhoneCallsOut(t *testing.T) {
	t.Parallel() // much of it is waiting
	slow(t)
	c := startCompany(t, t.TempDir())
	phone := c.phone("maria", takesCalls)
	stream, tab := c.events(""), c.browser("maria")
	phone.say("/dial 0722550002")
	order(t, tab, "card.open")
	answered := next(t, stream, "call.answered")
	if answered.data["to"] != "+40722550002" || answered.data["direction"] != "out" ||
		answered.data["line"] != c.Numbers[0] {
		t.Errorf("answered: %v", answered.data)
	}
	await(t, "the call at the phone", phone.printed("Call established")) // sooner, its CANCEL could cross the answer
	phone.say("/hangup")
	if e := next(t, stream, "call.ended"); e.data["outcome"] != "answered" {
		t.Errorf("ended: %v", e.data)
	}
	ioana := c.contact("Ioana Marin")
	if calls := c.calls(ioana); len(calls) != 1 || calls[0].Incoming || calls[0].Outcome != "answered" ||
		calls[0].Line != c.Numbers[0] {
		t.Errorf("calls: %+v", calls)
	}
	phone.say("/dial +12125550123")
	await(t, "the refusal", phone.printed("403 Forbidden"))
}

// Colleagues call each other by extension: both phones talk, and no client's record is touched.
func TestColleaguesCallEachOther(t *testing.T) {
	t.Parallel() // much of it is waiting
	slow(t)
	c := startCompany(t, t.TempDir())
	maria := c.phone("maria", takesCalls)
	andrei := c.phone("andrei", takesCalls)
	stream := c.events("")
	maria.say("/dial 102")
	if e := next(t, stream, "call.answered"); e.data["direction"] != "internal" || e.data["from"] != "101" ||
		e.data["to"] != "102" {
		t.Errorf("answered: %v", e.data)
	}
	await(t, "sound at the one called", andrei.printed("incoming rtp for 'audio' established"))
	await(t, "sound at the caller", maria.printed("incoming rtp for 'audio' established"))
	andrei.say("/hangup")
	if e := next(t, stream, "call.ended"); e.data["outcome"] != "answered" || e.data["cause"] != "normal" {
		t.Errorf("ended: %v", e.data)
	}
	for len(stream) > 0 {
		if e := <-stream; e.kind == "card.open" || e.kind == "lead.created" {
			t.Errorf("%s: %v", e.kind, e.data)
		}
	}
}
