package main

import (
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/icholy/digest"

	"frontdesk/store"
)

// lampPhone is a desk phone that is registered at a node and shows how others are.
type lampPhone struct {
	*account
	t    *testing.T
	conn *net.UDPConn

	mu      sync.Mutex
	answers map[string]string // the last one to a request, by its Call-ID
	told    map[string]string // the body of the last NOTIFY, by Call-ID
}

// lamps registers a phone of a user at a node.
func (c *company) lamps(t *testing.T, user string) *lampPhone {
	t.Helper()
	p := &lampPhone{account: c.newAccount(c.user(user)), t: t, conn: dialSIP(t, c.SIPUDP, 0),
		answers: map[string]string{}, told: map[string]string{}}
	if err := p.register(p.conn); err != nil {
		t.Fatal(err)
	}
	var reading sync.WaitGroup
	reading.Go(p.read)
	t.Cleanup(func() { p.conn.Close(); reading.Wait() })
	return p
}

func (p *lampPhone) read() {
	p.conn.SetReadDeadline(time.Time{})
	buf := make([]byte, 65536)
	for {
		n, err := p.conn.Read(buf)
		if err != nil {
			if errors.Is(err, net.ErrClosed) {
				return
			}
			continue // the node that it sends to is gone, as each refused packet tells
		}
		p.take(string(buf[:n]))
	}
}

// take keeps what it is told, and answers.
func (p *lampPhone) take(message string) {
	head, body, _ := strings.Cut(message, "\r\n\r\n")
	id := headerOf(head, "Call-ID")
	p.mu.Lock()
	defer p.mu.Unlock()
	if !strings.HasPrefix(head, "NOTIFY ") {
		p.answers[id] = head
		return
	}
	p.told[id] = body
	ok := "SIP/2.0 200 OK\r\n"
	for line := range strings.SplitSeq(head, "\r\n") {
		name, _, _ := strings.Cut(line, ":")
		switch name {
		case "Via", "From", "To", "Call-ID", "CSeq":
			ok += line + "\r\n"
		}
	}
	p.conn.Write([]byte(ok + "Content-Length: 0\r\n\r\n"))
}

func headerOf(head, name string) string {
	_, rest, _ := strings.Cut(head, "\r\n"+name+": ")
	value, _, _ := strings.Cut(rest, "\r\n")
	return value
}

// watches subscribes to an event of an extension, and returns what it is told at the moment.
func (p *lampPhone) watches(extension, event string) func() string {
	p.t.Helper()
	id, authorization := store.NewID(), ""
	uri := fmt.Sprintf("sip:%s@%s", extension, p.conn.RemoteAddr())
	for seq := 1; ; seq++ {
		here := p.conn.LocalAddr()
		fmt.Fprintf(p.conn, "SUBSCRIBE %s SIP/2.0\r\nVia: SIP/2.0/UDP %s;branch=z9hG4bK%s\r\nMax-Forwards: 70\r\n"+
			"From: <sip:%s@%s>;tag=2\r\nTo: <%s>\r\nCall-ID: %s\r\nCSeq: %d SUBSCRIBE\r\nContact: <sip:%s@%s>\r\n"+
			"Event: %s\r\nExpires: 300\r\n%sContent-Length: 0\r\n\r\n", uri, here, store.NewID(), p.Username,
			p.conn.RemoteAddr(), uri, id, seq, p.Username, here, event, authorization)
		var answer string
		await(p.t, "the answer to a SUBSCRIBE", func() bool {
			p.mu.Lock()
			defer p.mu.Unlock()
			answer = p.answers[id]
			delete(p.answers, id)
			return answer != ""
		})
		if strings.HasPrefix(answer, "SIP/2.0 200 ") {
			break
		}
		challenge, err := digest.ParseChallenge(headerOf(answer, "WWW-Authenticate"))
		if err != nil || seq > 2 {
			p.t.Fatalf("a SUBSCRIBE is answered: %s", answer)
		}
		cred, err := digest.Digest(challenge, digest.Options{Method: "SUBSCRIBE", URI: uri, Username: p.Username,
			Password: p.Password, Count: 1})
		if err != nil {
			p.t.Fatal(err)
		}
		authorization = "Authorization: " + cred.String() + "\r\n"
	}
	return func() string {
		p.mu.Lock()
		defer p.mu.Unlock()
		return p.told[id]
	}
}

// A phone at one node shows a colleague's call that is on another; when that node is killed the lamp goes out, and he
// is shown as away, without the phone's doing. What he does next at the node that is left is shown at once.
func TestLampsOfACallOnAnotherNode(t *testing.T) {
	t.Parallel() // much of it is waiting
	c := startCluster(t, "a", "b")
	a, b := c.nodes["a"], c.nodes["b"]
	desk := b.lamps(t, "andrei")
	lamp, there := desk.watches("101", "dialog"), desk.watches("101", "presence")
	shows := func(what string, told func() string, want string) {
		t.Helper()
		await(t, what, func() bool { return strings.Contains(told(), want) })
	}
	shows("the lamp to be dark", lamp, "<dialog-info")
	c.talk(t, "a", "a")
	shows("the call on the other node", lamp, "<state>confirmed</state>")
	shows("who is there", there, "<basic>open</basic>")
	died := time.Now()
	a.kill()
	await(t, "the lamp to go out", func() bool { return !strings.Contains(lamp(), "<state>confirmed</state>") })
	out := time.Since(died)
	shows("that she is away", there, "<basic>closed</basic>")
	t.Logf("the lamp is out %v after the end of the node, she is shown as away after %v",
		out.Round(100*time.Millisecond), time.Since(died).Round(100*time.Millisecond))
	_, tb, leg := c.talk(t, "b", "b")
	shows("the next call", lamp, "<state>confirmed</state>")
	shows("that she is back", there, "<basic>open</basic>")
	tb.must("call.hangup", map[string]any{"leg": leg}, nil)
	await(t, "the lamp to go out again", func() bool { return !strings.Contains(lamp(), "<state>confirmed</state>") })
}
