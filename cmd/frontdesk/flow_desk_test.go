package main

import (
	"bytes"
	"encoding/json"
	"math"
	"net/http"
	"strings"
	"testing"

	"frontdesk/media"
	"frontdesk/media/audio"
)

// prompt uploads a second of sound, and returns its id.
func (c *company) prompt(name string) string {
	c.t.Helper()
	pcm := make([]int16, media.Rate)
	for i := range pcm {
		pcm[i] = int16(8000 * math.Sin(2*math.Pi*440*float64(i)/media.Rate))
	}
	req, err := http.NewRequest("POST", c.HTTP+"/api/v1/prompts?name="+name, bytes.NewReader(audio.WAV(pcm,
		media.Rate)))
	if err != nil {
		c.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+c.Token)
	req.Header.Set("Content-Type", "application/octet-stream")
	resp, err := http.DefaultClient.Do(req)
	if err != nil || resp.StatusCode != 201 {
		c.t.Fatal("a prompt: ", err, resp)
	}
	resp.Body.Close()
	var all items[struct{ ID, Name string }]
	c.api("GET", "/prompts", nil, &all)
	for _, p := range all.Items {
		if p.Name == name {
			return p.ID
		}
	}
	c.t.Fatalf("no prompt %s", name)
	return ""
}

// A desk phone goes through a voice menu by its keys: to the colleague whom the key names, whose desk phone takes the
// call.
func TestDeskPhoneInAMenu(t *testing.T) {
	t.Parallel() // much of it is waiting
	slow(t)
	type object map[string]any
	c := startCompany(t, t.TempDir())
	maria, andrei := c.phone("maria", takesCalls), c.phone("andrei", takesCalls)
	var menu struct{ ID string }
	if code := c.api("POST", "/menus", object{"name": "Welcome", "prompt": c.prompt("Welcome"), "language": "en",
		"wait": 20,
		"keys": []object{{"key": "7", "to": object{"kind": "user", "user": c.user("andrei")}}}}, &menu); code != 201 {
		t.Fatalf("a menu: %d", code)
	}
	if code := c.api("PUT", "/extensions/300", object{"kind": "menu", "menu": menu.ID}, nil); code != 200 {
		t.Fatalf("an extension: %d", code)
	}
	stream := c.events("")
	maria.say("/dial 300")
	await(t, "the menu at the phone", maria.printed("Call established"))
	maria.say("/sndcode 7")
	await(t, "the colleague's phone", andrei.printed("Call established"))
	if e := next(t, stream, "call.answered"); e.data["direction"] != "internal" {
		t.Errorf("answered: %v", e.data)
	}
	maria.say("/hangup")
	ended := next(t, stream, "call.ended")
	var call struct {
		Steps []struct{ Kind, Outcome string }
	}
	c.api("GET", "/calls/"+ended.data["call"].(string), nil, &call)
	var steps []string
	for _, s := range call.Steps {
		steps = append(steps, s.Kind+" "+s.Outcome)
	}
	if got := strings.Join(steps, ", "); got != "menu key 7, ring answered" {
		t.Errorf("its way: %s", got)
	}
}

// An agent works by desk phone alone: the phone logs in, takes the caller of the queue, and logs out.
func TestDeskPhoneOfAnAgent(t *testing.T) {
	t.Parallel() // much of it is waiting
	slow(t)
	type object map[string]any
	c := startCompany(t, t.TempDir())
	andrei := c.phone("andrei", takesCalls)
	var queue struct{ ID string }
	if code := c.api("POST", "/queues", object{"name": "Help", "strategy": "longest_idle",
		"agents": []string{c.user("andrei")}}, &queue); code != 201 {
		t.Fatalf("a queue: %d", code)
	}
	var trunks items[struct{ ID string }]
	c.api("GET", "/trunks", nil, &trunks)
	if code := c.api("PUT", "/numbers/"+c.Numbers[1], object{"trunk": trunks.Items[0].ID,
		"destination": object{"kind": "queue", "queue": queue.ID}}, nil); code != 200 {
		t.Fatalf("a number: %d", code)
	}
	is := func(state string) func() bool {
		return func() bool {
			var live items[struct{ Agents []struct{ State string } }]
			c.api("GET", "/queues/live", nil, &live)
			return len(live.Items) == 1 && len(live.Items[0].Agents) == 1 && live.Items[0].Agents[0].State == state
		}
	}
	await(t, "an agent who is not logged in", is("offline"))
	andrei.say("/dial *45")
	await(t, "the agent to be logged in", is("free"))
	client := startPeer(t, program(t.Context(), "ring", "--to", c.Numbers[1], "--from", "+40744000111", "--server",
		c.SIPUDP, "--duration", "3s"))
	await(t, "the agent with the caller", is("talking"))
	await(t, "the end", client.printed("over: normal"))
	if !heard(client.out.String()) {
		t.Errorf("the caller's phone: %s", client.out.String())
	}
	await(t, "the agent to be free again", is("free"))
	andrei.say("/dial *46")
	await(t, "the agent to be logged out", is("offline"))
}

// A desk phone plays a message and deletes it (*97).
func TestDeskPhoneHearsMessages(t *testing.T) {
	t.Parallel() // much of it is waiting
	slow(t)
	type object map[string]any
	c := startCompany(t, t.TempDir())
	phone := c.phone("maria", takesCalls)
	var box struct{ ID string }
	c.api("POST", "/voicemail-boxes", object{"name": "Maria", "users": []string{c.user("maria")},
		"greeting": c.prompt("Short"), "language": "en"}, &box)
	var trunks items[struct{ ID string }]
	c.api("GET", "/trunks", nil, &trunks)
	if code := c.api("PUT", "/numbers/"+c.Numbers[1], object{"trunk": trunks.Items[0].ID,
		"destination": object{"kind": "voicemail", "voicemail": box.ID}}, nil); code != 200 {
		t.Fatalf("a number: %d", code)
	}
	if out, err := c.run("ring", "--to", c.Numbers[1], "--from", "+40744000111", "--server", c.SIPUDP, "--duration",
		"5s"); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	maria := c.as("maria")
	messages := func() (all []struct{ Heard bool }) {
		var list items[struct{ Heard bool }]
		maria.api("GET", "/voicemail", nil, &list)
		return list.Items
	}
	await(t, "a new message", func() bool { all := messages(); return len(all) == 1 && !all[0].Heard })
	phone.say("/dial *97")
	await(t, "the messages at the phone", phone.printed("Call established"))
	await(t, "the message to be heard", func() bool { all := messages(); return len(all) == 1 && all[0].Heard })
	await(t, "the message to be deleted", func() bool {
		phone.say("/sndcode 3")
		return len(messages()) == 0
	})
}

// A desk phone dials a number that answers with a menu, and its key leads into a meeting, where another phone that
// dialled the meeting is: each hears the other one, and not itself.
func TestDeskPhonesMeetByAMenu(t *testing.T) {
	t.Parallel() // much of it is waiting
	slow(t)
	const other = 880 // hertz
	type object map[string]any
	c := startCompany(t, t.TempDir())
	maria, andrei := c.phone("maria", takesCalls), c.phoneSaying("andrei", takesCalls, other)
	room := object{"kind": "meeting", "meeting": c.room("Prices")}
	var menu struct{ ID string }
	if code := c.api("POST", "/menus", object{"name": "Welcome", "prompt": c.prompt("Welcome"), "language": "en",
		"wait": 20, "keys": []object{{"key": "5", "to": room}}}, &menu); code != 201 {
		t.Fatalf("a menu: %d", code)
	}
	for number, to := range map[string]object{"300": {"kind": "menu", "menu": menu.ID}, "301": room} {
		if code := c.api("PUT", "/extensions/"+number, to, nil); code != 200 {
			t.Fatalf("the extension %s: %d", number, code)
		}
	}
	andrei.say("/dial 301")
	await(t, "one in the meeting", andrei.printed("Call established"))
	stream := c.events("")
	maria.say("/dial 300")
	await(t, "the menu at the phone", maria.printed("Call established"))
	maria.say("/sndcode 5")
	await(t, "each to hear the other",
		func() bool { return maria.hears(other) > 0.9 && andrei.hears(phonesTone) > 0.9 })
	maria.say("/hangup")
	ended := next(t, stream, "call.ended")
	var call struct {
		Steps []struct{ Kind, Outcome string }
	}
	c.api("GET", "/calls/"+ended.data["call"].(string), nil, &call)
	if len(call.Steps) != 2 || call.Steps[0].Outcome != "key 5" || call.Steps[1].Kind != "meeting" {
		t.Errorf("its way: %+v", call.Steps)
	}
}

// A call that a browser took goes on at the desk phone: it rings while the two talk on, who picks it up speaks with the
// client, and the browser is out of it.
func TestCallGoesOnAtTheDeskPhone(t *testing.T) {
	t.Parallel() // much of it is waiting
	slow(t)
	c := startCompany(t, t.TempDir())
	phone, tab := c.phone("maria", justRings), c.open("maria")
	client := startPeer(t, program(t.Context(), "ring", "--to", c.Numbers[0], "--from", "+40721550001", "--server",
		c.SIPUDP, "--duration", "60s"))
	leg := tab.rung()
	if err := tab.answer(leg); err != nil {
		t.Fatal(err)
	}
	tab.hears()
	await(t, "the phone to ring no more", phone.printed("session closed"))
	rings := func() int { return strings.Count(phone.out.String(), "Incoming call") }
	before := rings()
	tab.must("call.transfer", map[string]any{"leg": leg, "to": "desk:"}, nil)
	await(t, "the phone to ring", func() bool { return rings() > before })
	tab.hears() // both talk on
	phone.say("/accept")
	await(t, "the call at the phone", phone.printed("Call established"))
	await(t, "the phone to hear the client", func() bool { return phone.hears(callersTone) > 0.9 })
	tab.await("call.gone", func(data json.RawMessage) bool { return has(data, "leg", leg) })
	phone.say("/hangup")
	await(t, "the end", client.printed("over: normal"))
	if !heard(client.out.String()) {
		t.Errorf("the client's phone: %s", client.out.String())
	}
}
