package main

import (
	"crypto/tls"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/emersion/go-imap/v2/imapclient"

	"frontdesk/bus"
)

// Doors that people's passwords are tried at.
const (
	httpDoor = "http"
	smtpDoor = "smtp"
	imapDoor = "imap"
)

// knock tries the password at a door of the node and returns its answer.
func (c *company) knock(door, password string) string {
	c.t.Helper()
	switch door {
	case httpDoor:
		resp, err := http.Post(c.HTTP+"/api/v1/login", "application/json",
			strings.NewReader(fmt.Sprintf(`{"login":"maria","password":%q}`, password)))
		if err != nil {
			c.t.Fatal(err)
		}
		resp.Body.Close()
		return resp.Status
	case smtpDoor:
		out, _ := exec.CommandContext(c.t.Context(), tool(c.t, "swaks", "swaks"), "--server", c.Submission, "--tls",
			"--auth", "PLAIN",
			"--auth-user", "maria", "--auth-password", password, "--quit-after", "AUTH").CombinedOutput()
		return string(out)
	}
	client, err := imapclient.DialTLS(c.IMAPS, &imapclient.Options{TLSConfig: &tls.Config{InsecureSkipVerify: true}})
	if err != nil {
		c.t.Fatal(err)
	}
	defer client.Close()
	return fmt.Sprint(client.Login("maria", password).Wait())
}

// A wrong password at any door of a node is told to the other nodes, and what they tell counts there: the right one
// comes too late.
func TestWrongLoginsCountOnAllNodes(t *testing.T) {
	t.Parallel() // much of it is waiting
	c := startCluster(t, "a")
	a := c.nodes["a"]
	other, err := bus.Open(c.nats.url(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	told := make(chan failedLogin, 10)
	stop, err := other.Subscribe(failedSubject, func(_ string, data []byte) {
		var f failedLogin
		if err := json.Unmarshal(data, &f); err != nil || f.Node != "b" {
			told <- f
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	limited := map[string]string{httpDoor: "429", smtpDoor: " 454 ", imapDoor: "Too many"}
	for door, answer := range limited {
		if got := a.knock(door, demoPassword); strings.Contains(got, answer) {
			t.Errorf("%s does not take the right password: %s", door, got)
		}
		a.knock(door, "a guess")
		if f := <-told; f.Node != "a" || f.Door != userDoor || f.From != netip.MustParseAddr("127.0.0.1") ||
			f.Login != "maria" {
			t.Errorf("%s told %+v", door, f)
		}
	}
	for _, agent := range []string{"IMAP", "SMTP"} {
		var acts struct {
			Items []struct{ About, Agent, IP string }
		}
		a.api("GET", "/audit?kind=login", nil, &acts)
		of := func(x struct{ About, Agent, IP string }) bool { return x.Agent == agent }
		refused := slices.IndexFunc(acts.Items, of)
		if refused < 0 || acts.Items[refused].About != "maria" || acts.Items[refused].IP != "127.0.0.1" {
			t.Errorf("%s is not among who did what: %+v", agent, acts.Items)
		}
	}
	for range 20 {
		if err := other.Publish(failedSubject,
			failedLogin{Node: "b", Door: userDoor, From: netip.MustParseAddr("127.0.0.1"),
				Login: "maria"}); err != nil {
			t.Fatal(err)
		}
	}
	// A right password under way forgives what is told meanwhile: guess until what was told counts, which is sooner
	// than by guesses alone.
	guesses := 0
	await(t, "the limit", func() bool {
		guesses++
		return strings.Contains(a.knock(httpDoor, "a guess"),
			limited[httpDoor])
	})
	if guesses > 7 {
		t.Errorf("%d guesses were looked at, as if the other node had told nothing", guesses)
	}
	for door, answer := range limited {
		if got := a.knock(door, demoPassword); !strings.Contains(got, answer) {
			t.Errorf("%s looked at the right password: %s", door, got)
		}
	}
}
