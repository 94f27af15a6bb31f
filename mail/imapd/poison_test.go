package imapd

import (
	"log/slog"
	"os"
	"strings"
	"testing"

	"frontdesk/mail/imap"
	"frontdesk/store/storetest"
)

// TestPoison: a mailbox with the worst of messages is listed whole, through the server itself.
func TestPoison(t *testing.T) {
	w := newWorld(t, storetest.SQLite(t), Config{})
	for _, name := range []string{"empty", "deep50", "deep100", "ok"} {
		raw, err := os.ReadFile("testdata/bodystructure-" + name + ".eml")
		if err != nil {
			t.Fatal(err)
		}
		w.deliver(w.ana, strings.ReplaceAll(string(raw), "\r\n", "\n"))
	}
	c := w.login("ana")
	c.do("SELECT INBOX")
	c.want("FETCH 1:* (UID FLAGS BODYSTRUCTURE ENVELOPE BODY)", "* 1 FETCH", "* 2 FETCH", "* 3 FETCH", "* 4 FETCH")
	c.want("NOOP")
}

// TestPanic: a panic is an error of its command, not the end of the connection.
func TestPanic(t *testing.T) {
	s := &session{log: slog.New(slog.DiscardHandler), out: imap.NewWriter(nil)}
	bug := func(s *session, _ *imap.Command) (string, error) {
		s.out.Text("* half a line")
		panic("a bug")
	}
	if _, err := s.try(bug, &imap.Command{Name: "X"}); status(err).Code != "SERVERBUG" {
		t.Error(err)
	}
	if !s.out.Drop() {
		t.Error("what was begun can't be taken back")
	}
}
