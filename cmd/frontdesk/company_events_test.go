package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"

	"frontdesk/testwait"
)

// event of the stream.
type event struct {
	id   string
	kind string
	data map[string]any
}

// events follows the event stream until the test ends.
func (c *company) events(after string) <-chan event {
	c.t.Helper()
	req, _ := http.NewRequestWithContext(c.t.Context(), "GET", c.HTTP+"/api/v1/events", nil)
	req.Header.Set("Authorization", "Bearer "+c.Token)
	if after != "" {
		req.Header.Set("Last-Event-ID", after)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil || resp.StatusCode != 200 {
		c.t.Fatal("event stream", err, resp)
	}
	c.t.Cleanup(func() { resp.Body.Close() })
	stream := make(chan event, 1000)
	go func() {
		defer close(stream)
		var e event
		for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
			field, value, _ := strings.Cut(lines.Text(), ": ")
			switch field {
			case "id":
				e.id = value
			case "event":
				e.kind = value
			case "data":
				json.Unmarshal([]byte(value), &e.data)
			case "":
				if e.kind != "" {
					stream <- e
				}
				e = event{}
			}
		}
	}()
	return stream
}

// next waits for an event of a kind; others are passed over.
func next(t testing.TB, stream <-chan event, kind string) event {
	t.Helper()
	timeout := time.After(testwait.Limit)
	for {
		select {
		case e, open := <-stream:
			if !open {
				t.Fatalf("the stream ended before %s", kind)
			}
			if e.kind == kind {
				return e
			}
		case <-timeout:
			t.Fatalf("no %s", kind)
		}
	}
}

// liveMessage is what the server sends a tab.
type liveMessage struct {
	Ev   string         `json:"ev"`
	Data map[string]any `json:"data"`
}

// browser is what a tab of a user is told, until the test ends.
func (c *company) browser(login string) <-chan liveMessage {
	c.t.Helper()
	_, messages := c.tab(login)
	return messages
}

// tab logs a user in and opens the live socket, until the test ends.
func (c *company) tab(login string) (*websocket.Conn, <-chan liveMessage) {
	c.t.Helper()
	jar, _ := cookiejar.New(nil)
	client := &http.Client{Jar: jar}
	body := fmt.Sprintf(`{"login":%q,"password":%q}`, login, demoPassword)
	resp, err := client.Post(c.HTTP+"/api/v1/login", "application/json", strings.NewReader(body))
	if err != nil || resp.StatusCode >= 300 {
		c.t.Fatal("log-in", err, resp)
	}
	resp.Body.Close()
	conn, _, err := websocket.Dial(c.t.Context(), c.HTTP+"/api/v1/live", &websocket.DialOptions{HTTPClient: client})
	if err != nil {
		c.t.Fatal(err)
	}
	conn.SetReadLimit(1 << 20)
	c.t.Cleanup(func() { conn.CloseNow() })
	messages := make(chan liveMessage, 1000)
	go func() {
		defer close(messages)
		for {
			var m liveMessage
			if err := wsjson.Read(c.t.Context(), conn, &m); err != nil {
				return
			}
			messages <- m
		}
	}()
	for m := range messages {
		if m.Ev == "hello" {
			break
		}
	}
	return conn, messages
}
