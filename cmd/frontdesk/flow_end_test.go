package main

import (
	"context"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/coder/websocket/wsjson"

	"frontdesk/testwait"
)

// ringing is a `ring` of a client that runs; what it prints is collected.
func (c *company) ringing(to, from string, more ...string) (*peer, context.CancelFunc) {
	c.t.Helper()
	cmd := program(context.Background(), append([]string{"ring", "--to", to, "--from", from, "--server", c.SIPUDP},
		more...)...)
	p := startPeer(c.t, cmd)
	return p, func() { cmd.Process.Signal(syscall.SIGINT) }
}

// The program is asked to stop while a call runs: it says so at once, takes no new call, and lets the running one end.
func TestStopDuringACall(t *testing.T) {
	t.Parallel() // much of it is waiting
	slow(t)
	data := t.TempDir()
	c := startCompany(t, data, "--drain", testwait.Limit.String())
	c.phone("maria", takesCalls)
	stream := c.events("")
	talking, hangUp := c.ringing(c.Numbers[0], "+40721550001", "--duration", testwait.Limit.String())
	next(t, stream, "call.answered")
	answered := time.Now()
	c.cmd.Process.Signal(syscall.SIGTERM)
	await(t, "/readyz saying 503", func() bool {
		resp, err := http.Get("http://" + c.Admin + "/readyz")
		if err != nil {
			t.Fatal("the program ended with a call running: ", err)
		}
		resp.Body.Close()
		return resp.StatusCode == 503
	})
	if out, err := c.run("ring", "--to", c.Numbers[0], "--from", "+40722550002", "--server", c.SIPUDP); err == nil ||
		!strings.Contains(out, "503 Service Unavailable") {
		t.Errorf("a new call while stopping: %v\n%s", err, out)
	}
	await(t, "two seconds of talk", func() bool { return time.Since(answered) > 2*time.Second })
	hangUp()
	await(t, "its caller's report", talking.printed("packets heard"))
	if !heard(talking.out.String()) {
		t.Errorf("the running call was cut:\n%s", talking.out)
	}
	ended := time.Now()
	<-c.over
	if waited := time.Since(ended); waited > testwait.Limit/2 { // the event stream is open, and must not hold it up
		t.Errorf("the program stayed for %v after its last call", waited)
	}
	again := startCompany(t, data)
	if calls := again.calls(again.contact("Radu Georgescu")); len(calls) != 1 || calls[0].Outcome != "answered" ||
		calls[0].Seconds < 1 {
		t.Errorf("calls: %+v", calls)
	}
}

// A caller gives up while it rings: he is told 487, and the call counts as missed.
func TestCallerGivesUp(t *testing.T) {
	t.Parallel() // much of it is waiting
	slow(t)
	c := startCompany(t, t.TempDir())
	stream, tab := c.events(""), c.browser("maria")
	calling, giveUp := c.ringing(c.Numbers[0], "+40721550001")
	order(t, tab, "call.leg")
	giveUp()
	if e := next(t, stream, "call.ended"); e.data["outcome"] != "missed" || e.data["cause"] != "cancelled" {
		t.Errorf("ended: %v", e.data)
	}
	await(t, "487 at the caller", calling.printed("487"))
	if calls := c.calls(c.contact("Radu Georgescu")); len(calls) != 1 || calls[0].Outcome != "missed" {
		t.Errorf("calls: %+v", calls)
	}
}

// The only one who is rung declines in the browser: the caller hears so at once.
func TestBrowserDeclines(t *testing.T) {
	t.Parallel() // much of it is waiting
	slow(t)
	c := startCompany(t, t.TempDir())
	stream := c.events("")
	conn, tab := c.tab("elena")
	calling, _ := c.ringing(c.Numbers[1], "+40744000222")
	leg := ""
	for m := range tab {
		if m.Ev == "call.leg" {
			leg, _ = m.Data["leg"].(string)
			break
		}
	}
	if err := wsjson.Write(t.Context(), conn,
		map[string]any{"id": 1, "op": "call.decline", "data": map[string]string{"leg": leg}}); err != nil {
		t.Fatal(err)
	}
	if e := next(t, stream, "call.ended"); e.data["outcome"] != "declined" || e.data["cause"] != "declined" {
		t.Errorf("ended: %v", e.data)
	}
	await(t, "603 at the caller", calling.printed("603 Decline"))
}
