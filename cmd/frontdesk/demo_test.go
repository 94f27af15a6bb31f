package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"frontdesk/testwait"
)

// TestMain lets the test binary be the program itself, so that tests can start, stop and kill a real process.
func TestMain(m *testing.M) {
	if os.Getenv("FRONTDESK_BE_THE_PROGRAM") != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

func TestDemoOperations(t *testing.T) {
	t.Parallel() // much of it is waiting
	eachDatabase(t, func(t *testing.T, c *company) {
		for path, want := range map[string]string{"/livez": "ok", "/readyz": `"database":"ok"`,
			"/metrics": "frontdesk_"} {
			resp, err := http.Get("http://" + c.Admin + path)
			if err != nil {
				t.Fatal(err)
			}
			body, _ := io.ReadAll(resp.Body)
			resp.Body.Close()
			if resp.StatusCode != 200 || !strings.Contains(string(body), want) {
				t.Errorf("%s: %d %.300s", path, resp.StatusCode, body)
			}
		}
		if len(c.Numbers) != 2 || c.Domain == "" || len(c.Users) < 4 || c.SIPUDP == "" || c.SIPTCP == "" ||
			c.IMAP == "" || c.Submission == "" {
			t.Errorf("ready file: %+v", c.ready)
		}
		resp, err := http.Get(c.HTTP + "/api/v1/openapi.json")
		if err != nil {
			t.Fatal(err)
		}
		var document struct{ OpenAPI string }
		if err := json.NewDecoder(resp.Body).Decode(&document); err != nil ||
			!strings.HasPrefix(document.OpenAPI, "3.1") {
			t.Errorf("OpenAPI %q, %v", document.OpenAPI, err)
		}
		resp.Body.Close()
		var made struct{ ID string }
		if code := c.api("POST", "/contacts",
			map[string]any{"name": "Ștefan Țurcanu", "phones": []string{"0721 999 001"},
				"emails": []string{"S@example.org"}}, &made); code != 201 {
			t.Errorf("a contact: %d", code)
		}
	})
}

func TestCallOfAKnownClient(t *testing.T) {
	t.Parallel() // much of it is waiting
	eachDatabase(t, func(t *testing.T, c *company) {
		stream := c.events("")
		out, err := c.run("ring", "--to", c.Numbers[0], "--from", "+40721550001", "--server", c.SIPUDP)
		if err == nil {
			t.Errorf("nobody is online, but the call was answered:\n%s", out)
		}
		card := next(t, stream, "card.open")
		if card.data["match"] != "exact" || card.data["reason"] != "call" || card.data["activity"] == "" {
			t.Errorf("card: %v", card.data)
		}
		cards, _ := card.data["cards"].([]any)
		if len(cards) == 0 || cards[0].(map[string]any)["name"] != "Radu Georgescu" {
			t.Errorf("cards: %v", cards)
		}
		ended := next(t, stream, "call.ended")
		if ended.data["outcome"] != "missed" {
			t.Errorf("ended: %v", ended.data)
		}
		id := c.contact("Radu Georgescu")
		await(t, "the missed call and its follow-up", func() bool {
			calls, tasks := 0, 0
			for _, a := range c.timeline("contacts", id) {
				if a.Kind == "call" && a.Outcome == "missed" {
					calls++
				}
				if a.Kind == "task" {
					tasks++
				}
			}
			return calls == 1 && tasks == 1
		})
		again := c.events("0")
		if e := next(t, again, "card.open"); e.id != card.id {
			t.Errorf("replayed %s, saw %s", e.id, card.id)
		}
	})
}

func TestUnknownCallerBecomesOneLead(t *testing.T) {
	t.Parallel() // much of it is waiting
	eachDatabase(t, func(t *testing.T, c *company) {
		stream := c.events("")
		for range 2 {
			c.run("ring", "--to", c.Numbers[1], "--from", "+40744123456", "--server", c.SIPTCP, "--transport", "tcp")
			next(t, stream, "call.ended")
		}
		c.run("ring", "--to", c.Numbers[1], "--server", c.SIPUDP) // anonymous
		next(t, stream, "call.ended")
		var leads items[struct{ ID, Responsible string }]
		c.api("GET", "/leads?q=%2B40744123456", nil, &leads)
		if len(leads.Items) != 1 || leads.Items[0].Responsible == "" {
			t.Fatalf("leads: %+v", leads.Items)
		}
		await(t, "both calls on the lead's timeline", func() bool {
			calls := 0
			for _, a := range c.timeline("leads", leads.Items[0].ID) {
				if a.Kind == "call" && a.Outcome == "missed" {
					calls++
				}
			}
			return calls == 2
		})
		var all items[struct{ ID string }]
		c.api("GET", "/leads?limit=200", nil, &all)
		if len(all.Items) != 3 { // two of the demo, one of ours
			t.Errorf("%d leads", len(all.Items))
		}
	})
}

func TestMailIn(t *testing.T) {
	t.Parallel() // much of it is waiting
	eachDatabase(t, func(t *testing.T, c *company) {
		stream := c.events("")
		post := func(from, to, text string) (string, error) {
			return c.run("post", "--to", to, "--from", from, "--server", c.SMTP, "--text", text, "--subject",
				"An order")
		}
		if out, err := post("radu@clients.example", "maria@"+c.Domain, "When does it come?"); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		card := next(t, stream, "card.open")
		if card.data["match"] != "exact" || card.data["reason"] != "mail" {
			t.Errorf("card: %v", card.data)
		}
		id := c.contact("Radu Georgescu")
		found := false
		for _, a := range c.timeline("contacts", id) {
			found = found || a.Kind == "mail" && a.Incoming
		}
		if !found {
			t.Error("the mail is not on the timeline")
		}
		if out, err := post("stranger@clients.example", "office@"+c.Domain, "An offer, please"); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		next(t, stream, "lead.created")
		if out, err := post("joe@clients.example", "nobody@"+c.Domain, "x"); err == nil ||
			!strings.Contains(out, "550") {
			t.Errorf("an unknown recipient: %v\n%s", err, out)
		}
		if out, err := post("joe@clients.example", "joe@elsewhere.example", "x"); err == nil ||
			!strings.Contains(out, "550") {
			t.Errorf("relaying: %v\n%s", err, out)
		}
		junk := "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"
		if out, err := post("spam@clients.example", "maria@"+c.Domain, junk); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		if out, err := post("ioana@clients.example", "maria@"+c.Domain, "after the junk"); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		if e := next(t, stream, "mail.received"); strings.Contains(fmt.Sprint(e.data), "spam@") {
			t.Error("junk was announced")
		}
	})
}

// Whatever was acknowledged before a kill -9 is there afterwards, and a call that ran is written down as cut off.
func TestKillLosesNothing(t *testing.T) {
	t.Parallel() // much of it is waiting
	data := t.TempDir()
	c := startCompany(t, data)
	c.browser("maria") // somebody to ring
	calling, hangUp := context.WithCancel(t.Context())
	talking := program(calling, "ring", "--to", c.Numbers[0], "--from", "+40744000111", "--server", c.SIPUDP)
	acked := make(chan string, 10_000)
	for w := range 4 {
		go func() {
			for i := 0; ; i++ {
				subject := fmt.Sprintf("mail %d-%d", w, i)
				if _, err := c.run("post", "--to", "maria@"+c.Domain, "--from", "radu@clients.example", "--server",
					c.SMTP, "--subject", subject); err != nil {
					return
				}
				acked <- subject
			}
		}()
	}
	if err := talking.Start(); err != nil {
		t.Fatal(err)
	}
	await(t, "some mail", func() bool { return len(acked) >= 8 })
	await(t, "the ringing call", func() bool {
		var running items[struct{ State string }]
		c.api("GET", "/calls/active", nil, &running)
		return len(running.Items) == 1 && running.Items[0].State == "ringing"
	})
	c.cmd.Process.Kill()
	hangUp()
	talking.Wait()
	subjects := map[string]bool{}
	for len(acked) > 0 {
		subjects[<-acked] = true
	}
	back := startCompany(t, data)
	maria, id := back.as("maria"), back.contact("Radu Georgescu")
	await(t, "every acknowledged mail on the timeline", func() bool {
		var found items[timelineItem]
		maria.api("GET", "/contacts/"+id+"/timeline?limit=200", nil, &found)
		seen := map[string]int{}
		for _, a := range found.Items {
			seen[a.Title]++
		}
		for s := range subjects {
			if seen[s] != 1 {
				return false
			}
		}
		return true
	})
	var calls items[struct{ Outcome, Cause string }]
	back.api("GET", "/calls", nil, &calls)
	if len(calls.Items) != 1 || calls.Items[0].Cause != "cut_off" || calls.Items[0].Outcome != "missed" {
		t.Errorf("calls: %+v", calls.Items)
	}
}

// The card of the caller is in the browser of the responsible user before it rings; an unknown caller's is there as
// well, with his lead.
func TestCardIsOpenBeforeItRings(t *testing.T) {
	t.Parallel() // much of it is waiting
	eachDatabase(t, func(t *testing.T, c *company) {
		maria := c.browser("maria")
		for _, from := range []string{"+40721550001", "+40744555666"} {
			ctx, cancel := context.WithCancel(t.Context())
			call := program(ctx, "ring", "--to", c.Numbers[0], "--from", from, "--server", c.SIPUDP)
			if err := call.Start(); err != nil {
				t.Fatal(err)
			}
			var order []string
			for ringing := false; !ringing; {
				select {
				case m := <-maria:
					if m.Ev == "card.open" || m.Ev == "call.leg" {
						order = append(order, m.Ev)
					}
					if m.Ev == "card.open" && m.Data["address"] != from {
						t.Errorf("the card of %v for a call of %s", m.Data["address"], from)
					}
					ringing = m.Ev == "call.leg"
				case <-time.After(testwait.Limit):
					t.Fatalf("%s does not ring: %v", from, order)
				}
			}
			if fmt.Sprint(order) != "[card.open call.leg]" {
				t.Errorf("a call of %s: %v", from, order)
			}
			cancel()
			call.Wait()
		}
	})
}
