package main

import (
	"encoding/json"
	"io"
	"net/http"
	"os/exec"
	"strings"
	"testing"

	"frontdesk/store/storetest"
)

// get asks the API and returns the whole answer.
func (c *company) get(path string) (*http.Response, string) {
	c.t.Helper()
	request, _ := http.NewRequest("GET", c.HTTP+"/api/v1"+path, nil)
	request.Header.Set("Authorization", "Bearer "+c.Token)
	resp, err := http.DefaultClient.Do(request)
	if err != nil {
		c.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	return resp, string(body)
}

// The database goes away in the middle of a call and comes back: the call goes on and is written down in the end,
// everybody else is told to try again, nothing that was accepted is lost, and nobody has to do anything.
func TestDatabaseAway(t *testing.T) {
	t.Parallel() // much of it is waiting
	slow(t)
	database := storetest.StartPostgres(t)
	c := startCompany(t, t.TempDir(), "--database", database.URL)
	if err := c.post("Before"); err != nil {
		t.Fatal(err)
	}
	c.message("maria", "INBOX", "Before")
	counts := c.idle("andrei")
	maria := c.open("maria")
	ring := startPeer(t, program(t.Context(), "ring", "--to", c.Numbers[0], "--from", "+40721550001", "--server",
		c.SIPUDP, "--duration", "120s"))
	leg := maria.rung()
	if err := maria.answer(leg); err != nil {
		t.Fatal(err)
	}
	maria.hears()
	database.Stop()
	c.refusesForNow()
	maria.hears()
	maria.must("call.hangup", map[string]any{"leg": leg}, nil)
	await(t, "the end of the call", ring.printed("over: normal"))
	c.refusesForNow()
	database.Start()
	await(t, "the node to be ready", func() bool { code, _ := c.readyz(); return code == 200 })
	await(t, "the record of the call", func() bool {
		var calls items[callRecord]
		return c.api("GET", "/calls", nil, &calls) == 200 && len(calls.Items) == 1 &&
			calls.Items[0].Outcome == "answered" && calls.Items[0].Cause == "normal"
	})
	if err := c.post("After"); err != nil {
		t.Error(err)
	}
	c.message("maria", "INBOX", "After")
	c.message("maria", "INBOX", "Before")
	c.submit("maria", "andrei@"+c.Domain, "Lunch")
	c.message("andrei", "INBOX", "Lunch")
	await(t, "word of it to who waited all the time", func() bool { return len(counts) > 0 })
}

// refusesForNow checks what each door says while the database is away.
func (c *company) refusesForNow() {
	t := c.t
	t.Helper()
	if err := c.post("Meanwhile"); err == nil || !strings.Contains(err.Error(), "451") {
		t.Errorf("MX: %v", err)
	}
	out, err := exec.CommandContext(t.Context(), tool(t, "swaks", "swaks"), "--server", c.Submission, "--tls", "--auth",
		"PLAIN", "--auth-user", "maria",
		"--auth-password", demoPassword, "--from", "maria@"+c.Domain, "--to", "andrei@"+c.Domain).CombinedOutput()
	if err == nil || !strings.Contains(string(out), "<~* 454") { // RFC 4954 section 4.7.12
		t.Errorf("submission: %v\n%s", err, out)
	}
	if answer := c.knock(imapDoor, demoPassword); !strings.Contains(answer, "UNAVAILABLE") {
		t.Errorf("IMAP: %s", answer)
	}
	if code, state := c.readyz(); code != 503 || strings.Contains(state, `"database":"ok"`) {
		t.Errorf("ready: %d %s", code, state)
	}
	for _, path := range []string{"/contacts", "/calls", "/me"} {
		resp, body := c.get(path)
		var problem struct{ Detail string }
		if json.Unmarshal([]byte(body), &problem) != nil || resp.StatusCode != 503 ||
			resp.Header.Get("Content-Type") != "application/problem+json" ||
			resp.Header.Get("Retry-After") == "" || !strings.Contains(problem.Detail, "Try again") {
			t.Errorf("%s: %d %v %s", path, resp.StatusCode, resp.Header, body)
		}
	}
}
