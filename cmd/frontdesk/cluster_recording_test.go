package main

import (
	"io"
	"net/http"
	"testing"
)

// A call that node a recorded is heard through node b, by who took part, whole and in parts; a colleague whose call it
// was not hears nothing, and both nodes tell who listened.
func TestRecordingIsPlayedThroughAnotherNode(t *testing.T) {
	t.Parallel() // much of it is waiting
	slow(t)
	c := startCluster(t, "a", "b")
	a, b := c.nodes["a"], c.nodes["b"]
	a.records()
	a.phone("maria", takesCalls)
	const caller = "+40721550001" // of the demo: Radu Georgescu, whom maria looks after
	call := startPeer(t, program(t.Context(), "ring", "--to", a.Numbers[0], "--from", caller, "--server", a.SIPUDP,
		"--duration", "3s"))
	await(t, "the end of the call", call.printed("over: "))
	sound := b.recording(caller)
	if ours, theirs := tones(t, sound, 2, phonesTone), tones(t, sound, 2, callersTone); ours[0] < 0.9 ||
		theirs[1] < 0.9 {
		t.Errorf("shares of the tones: the phone's %.2f, the caller's %.2f", ours, theirs)
	}
	var calls items[struct{ ID string }]
	b.api("GET", "/calls?recorded=true&number="+caller, nil, &calls)
	if len(calls.Items) != 1 {
		t.Fatalf("%d calls with a recording", len(calls.Items))
	}
	var made items[struct{ ID string }]
	maria, ion := b.as("maria"), b.as("ion") // who hears his own calls alone
	maria.api("GET", "/recordings?calls="+calls.Items[0].ID, nil, &made)
	if len(made.Items) != 1 {
		t.Fatalf("maria sees %d recordings", len(made.Items))
	}
	path := "/recordings/" + made.Items[0].ID + "/sound"
	if status, part := maria.part(path, "bytes=58-157"); status != http.StatusPartialContent ||
		string(part) != string(sound[58:158]) {
		t.Errorf("a part: %d, %d bytes", status, len(part))
	}
	if ion.bytes(path) != nil {
		t.Error("ion hears a call that was not his")
	}
	var heard items[struct{ User string }]
	a.api("GET", "/recordings/"+made.Items[0].ID+"/listeners", nil, &heard)
	found := false
	for _, l := range heard.Items {
		found = found || l.User == a.user("maria")
	}
	if !found {
		t.Errorf("a does not tell that maria listened through b: %v", heard.Items)
	}
}

// part of what an operation answers, as players ask for it.
func (c *company) part(path, part string) (status int, data []byte) {
	c.t.Helper()
	req, err := http.NewRequest("GET", c.HTTP+"/api/v1"+path, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+c.Token)
	req.Header.Set("Range", part)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err = io.ReadAll(resp.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return resp.StatusCode, data
}
