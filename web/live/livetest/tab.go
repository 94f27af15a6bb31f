// Package livetest is a browser's end of a live socket, for tests.
package livetest

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"

	"frontdesk/testwait"
)

// Tab is a browser's live socket.
type Tab struct {
	Conn *websocket.Conn
	T    *testing.T
	id   int64
}

// Dial opens a socket at a server's address.
func Dial(base, query string, header http.Header) (*websocket.Conn, *http.Response, error) {
	address := "ws" + strings.TrimPrefix(base, "http") + "/api/v1/live" + query
	return websocket.Dial(context.Background(), address, &websocket.DialOptions{HTTPHeader: header})
}

// Open connects a tab and reads its hello.
func Open(t *testing.T, base, query string, header http.Header, hello any) *Tab {
	t.Helper()
	conn, _, err := Dial(base, query, header)
	return Opened(t, conn, err, hello)
}

// Opened is a tab of a socket that was dialled, once it has read its hello.
func Opened(t *testing.T, conn *websocket.Conn, err error, hello any) *Tab {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	conn.SetReadLimit(1 << 20)
	t.Cleanup(func() { conn.CloseNow() })
	tb := &Tab{T: t, Conn: conn}
	tb.Until("hello", hello)
	return tb
}

// Incoming is a message from the server: an event, or the answer to what was asked.
type Incoming struct {
	Re    int64           `json:"re"`
	Ev    string          `json:"ev"`
	Data  json.RawMessage `json:"data"`
	Error *struct{ Code, Message string }
}

// Read reads the next message.
func (tb *Tab) Read() (Incoming, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	var in Incoming
	_, data, err := tb.Conn.Read(ctx)
	if err != nil {
		return in, err
	}
	return in, json.Unmarshal(data, &in)
}

// Until reads on to an event and decodes its data.
func (tb *Tab) Until(ev string, into any) {
	tb.T.Helper()
	for {
		in, err := tb.Read()
		if err != nil {
			tb.T.Fatalf("waiting for %s: %v", ev, err)
		}
		if in.Ev == ev {
			if err := json.Unmarshal(in.Data, into); err != nil {
				tb.T.Fatal(err)
			}
			return
		}
	}
}

// Do sends an operation and reads on to its answer.
func (tb *Tab) Do(op string, data any) Incoming {
	tb.T.Helper()
	tb.id++
	text, err := json.Marshal(map[string]any{"id": tb.id, "op": op, "data": data})
	if err != nil {
		tb.T.Fatal(err)
	}
	return tb.Send(string(text), tb.id)
}

// Tell sends an operation; its answer is left to be read.
func (tb *Tab) Tell(op string, data any) error {
	tb.id++
	text, err := json.Marshal(map[string]any{"id": tb.id, "op": op, "data": data})
	if err != nil {
		return err
	}
	return tb.Conn.Write(context.Background(), websocket.MessageText, text)
}

// Send sends a text as it is, and reads on to the answer to what has that id.
func (tb *Tab) Send(text string, id int64) Incoming {
	tb.T.Helper()
	if err := tb.Conn.Write(context.Background(), websocket.MessageText, []byte(text)); err != nil {
		tb.T.Fatal(err)
	}
	for {
		in, err := tb.Read()
		if err != nil {
			tb.T.Fatalf("waiting for the answer: %v", err)
		}
		if in.Ev == "" && in.Re == id {
			return in
		}
	}
}

// Closed reads until the server closes the socket, and tells with which code.
func (tb *Tab) Closed() websocket.StatusCode {
	for {
		if _, err := tb.Read(); err != nil {
			return websocket.CloseStatus(err)
		}
	}
}

// Wants an operation to be answered with a state, or refused with a code.
func (tb *Tab) Wants(want, op string, data any) {
	tb.T.Helper()
	in := tb.Do(op, data)
	got := ""
	if in.Error != nil {
		got = in.Error.Code
	} else {
		var out struct{ State string }
		if err := json.Unmarshal(in.Data, &out); err != nil {
			tb.T.Fatal(err)
		}
		got = out.State
	}
	if got != want {
		tb.T.Errorf("%s %v: %q, want %q", op, data, got, want)
	}
}

// Await polls until the condition holds.
var Await = testwait.Until
