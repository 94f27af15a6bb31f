package imapd

import (
	"crypto/tls"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"frontdesk/guard"
	"frontdesk/store/storetest"
)

func TestStartTLS(t *testing.T) {
	w := newWorld(t, storetest.SQLite(t), Config{})
	connect := func() *client {
		c, err := net.Dial("tcp", w.plain)
		if err != nil {
			t.Fatal(err)
		}
		return w.client(c)
	}
	c := connect()
	c.want("CAPABILITY", "LOGINDISABLED", "STARTTLS")
	c.refuse("LOGIN ana geheim", "[PRIVACYREQUIRED]")
	c.do("STARTTLS")
	secure := tls.Client(c.conn, &tls.Config{RootCAs: w.pool, ServerName: "localhost"})
	s := &client{t: t, conn: secure}
	s.want("CAPABILITY", "AUTH=PLAIN")
	s.do("LOGIN ana geheim")
	s.want("SELECT INBOX", "EXISTS")

	injected := connect()
	injected.send("a STARTTLS\r\nb LOGIN ana geheim\r\n")
	injected.wait("a OK")
	if line := injected.line(); line != "" {
		t.Errorf("data before TLS was taken: %q", line)
	}
	http := connect()
	http.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	http.wait("* BYE")
}

func TestLoginFails(t *testing.T) {
	w := newWorld(t, storetest.SQLite(t), Config{FailDelay: 100 * time.Millisecond, MaxPerUser: 1})
	answers := map[string]bool{}
	for _, login := range []string{"LOGIN ana wrong", "LOGIN nobody geheim", "AUTHENTICATE PLAIN AGFuYQB3cm9uZw=="} {
		c := w.dial()
		began := time.Now()
		_, answer, _ := strings.Cut(c.ask(login), " ")
		if answers[answer] = true; time.Since(began) < 100*time.Millisecond {
			t.Errorf("%s was answered at once", login)
		}
	}
	if len(answers) != 1 {
		t.Errorf("different answers: %v", answers)
	}
	w.dial().do("AUTHENTICATE PLAIN AGFuYQBnZWhlaW0=")
	if answer := w.dial().ask("LOGIN away geheim"); !strings.Contains(answer, " NO [UNAVAILABLE]") {
		t.Errorf("trouble of ours: %q", answer)
	}
	eventually(t, "the one connection of a user", func() bool {
		c := w.dial()
		return strings.Contains(c.ask("LOGIN ana geheim"), "[LIMIT]")
	})
}

// TestLimitsAndClose: an address has so many connections, and Close ends and waits for those there are (TestMain looks
// for what is left).
func TestLimitsAndClose(t *testing.T) {
	w := newWorld(t, storetest.SQLite(t), Config{MaxPerIP: 2})
	idle, waits := w.login("ana"), w.dial()
	idle.do("SELECT INBOX")
	idle.send("i IDLE\r\n")
	idle.wait("+ ")
	if c, err := tls.Dial("tcp", w.tls, &tls.Config{RootCAs: w.pool}); err == nil {
		c.Close()
		t.Error("a third connection was served")
	}
	waits.do("LOGOUT")
	eventually(t, "room again", func() bool {
		c, err := tls.Dial("tcp", w.tls, &tls.Config{RootCAs: w.pool})
		if err == nil {
			c.Close()
		}
		return err == nil
	})
	eventually(t, "the server knows who is in IDLE", func() bool { // it says "+" first
		w.server.mu.Lock()
		defer w.server.mu.Unlock()
		return len(w.server.idlers) == 1
	})
	w.server.Close()
	idle.wait("* BYE")
}

// Drain sends away who waits in IDLE, then or later, and takes nobody new; who works may go on.
func TestDrain(t *testing.T) {
	w := newWorld(t, storetest.SQLite(t), Config{})
	idle, works := w.login("ana"), w.login("ana")
	for _, c := range []*client{idle, works} {
		c.do("SELECT INBOX")
	}
	idle.send("i IDLE\r\n")
	idle.wait("+ ")
	w.server.Drain()
	idle.wait("* BYE")
	works.do("NOOP")
	works.send("i IDLE\r\n")
	works.wait("* BYE")
	if c, err := tls.Dial("tcp", w.tls, &tls.Config{RootCAs: w.pool}); err == nil {
		c.Close()
		t.Error("a new connection was served")
	}
}

// Wrong log-ins are told to the other nodes, and theirs count here; who is locked out hears so. Trouble of ours is no
// wrong log-in.
func TestWrongLoginsCount(t *testing.T) {
	told := make(chan guard.Outcome, 100)
	logins := guard.NewLogins(guard.LoginLimits{}, func(o guard.Outcome) { told <- o })
	w := newWorld(t, storetest.SQLite(t), Config{FailDelay: time.Millisecond, Logins: logins})
	w.dial().ask("LOGIN away geheim")
	w.dial().ask("LOGIN ana wrong")
	if o := <-told; len(told) != 0 || o.From != netip.MustParseAddr("127.0.0.1") || o.Account != "ana" || o.Right {
		t.Errorf("told of %+v and %d more", o, len(told))
	}
	for range 20 {
		logins.Elsewhere(guard.Outcome{From: netip.MustParseAddr("127.0.0.1"), Account: "ana"})
	}
	if answer := w.dial().ask("LOGIN ana geheim"); !strings.Contains(answer, " NO ") ||
		!strings.Contains(answer, "Too many") {
		t.Errorf("after too many elsewhere: %q", answer)
	}
}

// Who may log in no more is out at once, in IDLE or not; others stay.
func TestEndOfAUser(t *testing.T) {
	w := newWorld(t, storetest.SQLite(t), Config{})
	idle, busy, other := w.login("ana"), w.login("ana"), w.login("ion")
	idle.do("SELECT INBOX")
	idle.send("i IDLE\r\n")
	idle.wait("+ ")
	w.server.End("u-ana")
	for _, c := range []*client{idle, busy} {
		for c.line() != "" {
		}
		if _, err := c.conn.Read(make([]byte, 1)); err == nil {
			t.Error("the connection is still there")
		}
	}
	other.do("NOOP")
}
