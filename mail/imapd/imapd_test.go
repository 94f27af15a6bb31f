package imapd

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"frontdesk/store"
	"frontdesk/store/storetest"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("database/sql.(*DB).connectionOpener"))
}

// maxLines of an answer.
const maxLines = 20_000

func TestSession(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, Config{})
		w.deliver(w.ana, hello(1))
		w.deliver(w.ana,
			"From: =?utf-8?q?=C8=98tefan?= <s@x.example>\nSubject: =?utf-8?q?Ofert=C4=83?=\n"+
				"Content-Type: multipart/mixed; boundary=b\n\n"+
				"--b\nContent-Type: text/plain; charset=utf-8\n\nOne\n--b\nContent-Type: message/rfc822\n\n"+
				"Subject: inner\n\ndeep\n--b--\n")
		w.deliver(w.support, hello(3))
		c := w.login("ana")
		c.want("CAPABILITY", "IDLE", "MOVE", "UIDPLUS", "SPECIAL-USE", "CHILDREN", "NAMESPACE", "UNSELECT", "LITERAL+",
			"APPENDLIMIT=")
		c.want("NAMESPACE", `(("" "/")) NIL (("Shared/" "/"))`)
		c.want(`LIST "" "*"`, `\Sent`, `\Junk`, `\Drafts`, `\Trash`, `\Archive`, "INBOX", "Shared/support/INBOX",
			`(\NonExistent \Noselect \HasChildren) "/" "Shared"`)
		c.want(`LIST "" %`, `(\HasNoChildren) "/" INBOX`)
		c.want(`LSUB "" "*"`, "* LSUB", "Archive")
		c.want(`LIST "" ""`, `* LIST (\Noselect) "/" ""`)
		c.want("STATUS INBOX (MESSAGES UIDNEXT UIDVALIDITY UNSEEN SIZE)", "MESSAGES 2 UIDNEXT 3", "UNSEEN 2")
		c.want("SELECT INBOX", "* 2 EXISTS", "[UIDNEXT 3]", "[UNSEEN 1]", `\*`, "READ-WRITE")
		c.want("FETCH 2 (UID FLAGS RFC822.SIZE INTERNALDATE ENVELOPE BODYSTRUCTURE)", `"=?utf-8?q?Ofert=C4=83?="`,
			`(("=?utf-8?q?=C8=98tefan?=" NIL "s" "x.example"))`,
			`(("text" "plain" ("charset" "utf-8") NIL NIL "7bit" 3 0`, `("message" "rfc822" NIL NIL NIL "7bit" 22 (`,
			`"mixed"`)
		c.want("FETCH 2 (BODY.PEEK[1] BODY.PEEK[2.HEADER] BODY.PEEK[2.1] BODY.PEEK[2.TEXT] BODY.PEEK[1.MIME] "+
			"BODY.PEEK[HEADER.FIELDS (SUBJECT)] BODY.PEEK[]<0.5>)",
			"BODY[1] {3}\nOne", "BODY[2.HEADER] {18}\nSubject: inner", "BODY[2.1] {4}\ndeep", "BODY[2.TEXT] {4}\ndeep",
			"BODY[1.MIME] {43}", "BODY[]<0> {5}\nFrom:", "Subject: =?utf-8")
		c.want("FETCH 1 (BODY[TEXT])", `FLAGS (\Seen \Recent)`, "Good day 1.")
		c.want(`UID STORE 2 +FLAGS (\Flagged $Label1)`, `* 2 FETCH (UID 2 FLAGS (\Flagged $Label1 \Recent))`)
		for criteria, found := range map[string]string{
			"ALL": " 1 2", "UNSEEN": " 2", "KEYWORD $label1": " 2", `SUBJECT "oferta"`: "", `FROM "client"`: " 1",
			`BODY "one"`: " 2", `TEXT "hello"`: " 1",
			"LARGER 200": " 2", "SINCE 1-Jan-2020": " 1 2", "BEFORE 1-Jan-2020": "", "OR SEEN FLAGGED": " 1 2",
			"NOT FLAGGED": " 1", "UID 2:*": " 2", "HEADER Message-ID 1@else": " 1",
		} {
			if got := c.do("SEARCH " + criteria); !strings.HasPrefix(got, "* SEARCH"+found+"\n") {
				t.Errorf("SEARCH %s:\n%s", criteria, got)
			}
		}
		c.want("SEARCH RETURN (MIN MAX COUNT SAVE) ALL", "MIN 1 MAX 2 COUNT 2")
		c.want("CREATE Clients/Acme", "OK")
		c.want("COPY $ Clients/Acme", "COPYUID", " 1:2 1:2]")
		c.want("UID MOVE 2 Trash", "[COPYUID", "* 2 EXPUNGE")
		c.want(`STORE 1 FLAGS.SILENT (\Deleted)`, "OK")
		c.want("UID EXPUNGE 5", "OK")
		c.want("EXPUNGE", "* 1 EXPUNGE")
		c.want("CLOSE", "OK")
		c.want("EXAMINE Clients/Acme", "* 2 EXISTS", "READ-ONLY")
		c.refuse(`STORE 1 +FLAGS (\Deleted)`, "NO ")
		c.want("FETCH 1:* (FLAGS BODY[])", "* 2 FETCH")
		c.want("UNSELECT", "OK")
		c.want(`RENAME Clients "Clien&Ahs-i"`, "OK")
		c.want(`STATUS "Clien&Ahs-i/Acme" (MESSAGES)`, "MESSAGES 2")
	})
}

func TestShared(t *testing.T) {
	w := newWorld(t, storetest.SQLite(t), Config{})
	w.deliver(w.support, hello(1))
	ana, ion := w.login("ana@acme.example"), w.login("ion")
	ana.want("SELECT Shared/support/INBOX", "* 1 EXISTS")
	ion.want("SELECT INBOX", "* 1 EXISTS")
	ana.want(`STORE 1 +FLAGS (\Answered)`, `\Answered`)
	ion.want("NOOP", `* 1 FETCH (UID 1 FLAGS (\Answered))`)
	ion.refuse("COPY 1 Nowhere", "[TRYCREATE]")
	ana.want("MOVE 1 INBOX", "COPYUID")
	ion.want("NOOP", "* 1 EXPUNGE")
	ion.refuse("SELECT Shared/ana/INBOX", "[NONEXISTENT]")
}

func TestAppend(t *testing.T) {
	w := newWorld(t, storetest.SQLite(t), Config{MaxMessage: 10_000})
	c := w.login("ana")
	c.send("a APPEND Drafts (\\Draft \\Seen) \"05-Nov-2026 10:00:00 +0200\" {24+}\r\nSubject: draft\r\n\r\n" +
		"Text\r\n\r\n")
	if got := c.wait("a "); !strings.Contains(got, "[APPENDUID ") {
		t.Fatal(got)
	}
	c.send("b APPEND Drafts {24}\r\n")
	c.wait("+ ")
	c.send("Subject: waits\r\n\r\nText\r\n\r\n")
	c.wait("b OK")
	c.want("SELECT Drafts", "* 2 EXISTS")
	c.want("FETCH 1 (FLAGS INTERNALDATE BODY.PEEK[])", `\Seen \Draft`, ` 5-Nov-2026 08:00:00 +0000`, "Subject: draft")
	c.send("c APPEND Nowhere {5+}\r\nHello\r\n")
	c.wait("c NO [TRYCREATE]")
	c.send("d APPEND Drafts {10001}\r\n")
	c.wait("d NO [TOOBIG]")
	c.want("NOOP", "OK")
}

// TestRefusedLiteral: what a client sends as a literal is never taken for commands (go-imap alone executes it).
func TestRefusedLiteral(t *testing.T) {
	w := newWorld(t, storetest.SQLite(t), Config{MaxMessage: 20_000})
	evil := "x DELETE Evil\r\n"
	for name, command := range map[string]string{
		"too big an APPEND": fmt.Sprintf("a APPEND INBOX {%d+}\r\n%s", 20_000+len(evil), strings.Repeat(evil, 1)) +
			strings.Repeat(".", 20_000),
		"an unknown command": fmt.Sprintf("a FROBNICATE {%d+}\r\n%s", len(evil), evil),
		"a bad flag":         fmt.Sprintf("a APPEND INBOX (\\Se{en) {%d+}\r\n%s", len(evil), evil),
		"two literals":       fmt.Sprintf("a FROBNICATE {%d+}\r\n%s {%d+}\r\n%s", len(evil), evil, len(evil), evil),
	} {
		t.Run(name, func(t *testing.T) {
			c := w.login("ana")
			c.ask("CREATE Evil")
			c.send("%s\r\n", command)
			if answer := c.wait("a "); strings.Contains(answer, "a OK") {
				t.Error(answer)
			}
			c.want("NOOP", "OK")
			c.want(`LIST "" Evil`, "Evil")
		})
	}
	t.Run("huge", func(t *testing.T) {
		c := w.login("ana")
		c.send("a APPEND INBOX {999999999+}\r\n%s", strings.Repeat(evil, 100))
		c.wait("a NO [TOOBIG]")
		if line := c.line(); line != "" {
			t.Errorf("the connection goes on: %q", line)
		}
		w.login("ana").want(`LIST "" Evil`, "Evil")
	})
	t.Run("before log-in", func(t *testing.T) {
		c := w.dial()
		c.send("a LOGIN {5000+}\r\n%s\r\n", strings.Repeat("b NOOP\r\n", 625))
		if answer := c.wait("a "); strings.Contains(answer, " OK") {
			t.Error(answer)
		}
		c.do("LOGIN ana geheim")
	})
}

func TestIdle(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, Config{})
		w.deliver(w.ana, hello(1))
		c, other := w.login("ana"), w.login("ana")
		c.do("SELECT INBOX")
		other.do("SELECT INBOX")
		c.send("i IDLE\r\n")
		c.wait("+ ")
		told := func(what string, act func()) {
			t.Helper()
			began := time.Now()
			act()
			c.wait(what)
			if d := time.Since(began); d > 3*time.Second { // some milliseconds on a machine with time to spare
				t.Errorf("%s after %v", what, d)
			}
		}
		told("* 2 EXISTS", func() { w.deliver(w.ana, hello(2)) })
		told("* 3 EXISTS", func() { w.otherNode(db).deliver(w.ana, hello(3)) })
		told(`* 1 FETCH (UID 1 FLAGS (\Flagged \Recent))`, func() { other.do(`STORE 1 +FLAGS.SILENT (\Flagged)`) })
		told("* 1 EXPUNGE", func() { other.do("MOVE 1 Archive") })
		c.send("DONE\r\n")
		c.wait("i OK")
		c.want("FETCH 1:* UID", "* 1 FETCH (UID 2)", "* 2 FETCH (UID 3)")
	})
}

// Who logs out is told BYE and nothing of the mailbox any more: what others did in the meantime would be of a mailbox
// that is closed.
func TestLogoutTellsNoChange(t *testing.T) {
	w := newWorld(t, storetest.SQLite(t), Config{})
	w.deliver(w.ana, hello(1))
	c, other := w.login("ana"), w.login("ana")
	c.do("SELECT INBOX")
	other.do("SELECT INBOX")
	other.do("MOVE 1 Archive")
	if answer := c.do("LOGOUT"); !strings.Contains(answer, "* BYE") || strings.Contains(answer, "EXPUNGE") {
		t.Error(answer)
	}
}

// TestUnknown: what nobody knows is refused, and the session goes on.
func TestUnknown(t *testing.T) {
	w := newWorld(t, storetest.SQLite(t), Config{})
	c := w.login("ana")
	for _, command := range []string{"ID", "ID x", "SELECT INBOX (NONSENSE)", "XYZZY",
		"FETCH", "FETCH 1 (NONSENSE)", "STORE 1 FLAGS"} {
		c.refuse(command, "BAD")
	}
	c.want("NOOP", "OK")
}

func TestMatch(t *testing.T) {
	for _, c := range []struct {
		name, pattern string
		want          bool
	}{
		{"INBOX", "*", true}, {"a/b", "%", false}, {"a/b", "%/%", true}, {"a/b/c", "a/*", true},
		{"a/b/c", "a/%", false}, {"a", "a", true}, {"ab", "a", false}, {"", "%", true},
		{"Clienți", "*ț*", true}, {"a/b", "a%b", false}, {"abc", "%c%", true},
		{strings.Repeat("a", 250), strings.Repeat("*a", 200) + "b", false},
	} {
		if got := match(c.name, c.pattern); got != c.want {
			t.Errorf("%q fits %q: %v", c.name, c.pattern, got)
		}
	}
}

// TestSequenceNumbers: while others expunge, numbers mean what the client thinks until it is told.
func TestSequenceNumbers(t *testing.T) {
	w := newWorld(t, storetest.SQLite(t), Config{})
	for n := range 4 {
		w.deliver(w.ana, hello(n+1))
	}
	c, other := w.login("ana"), w.login("ana")
	c.do("SELECT INBOX")
	other.do("SELECT INBOX")
	other.do(`STORE 2 +FLAGS (\Deleted)`)
	other.want("EXPUNGE", "* 2 EXPUNGE")
	w.deliver(w.ana, hello(5))
	if got := c.do("FETCH 1:4 (UID)"); strings.Contains(got, "EXPUNGE") ||
		!strings.Contains(got, "* 3 FETCH (UID 3)") || strings.Contains(got, "* 2 FETCH") {
		t.Errorf("after another's expunge:\n%s", got)
	}
	c.want(`STORE 4 +FLAGS (\Seen)`, "* 4 FETCH (UID 4")
	c.want("NOOP", "* 2 EXPUNGE")
	c.want("FETCH 4 (UID)", "* 4 FETCH (UID 5)")
	c.want("UID FETCH 9:* (UID)", "* 4 FETCH (UID 5)")
	if err := w.box.DeleteFolder(t.Context(), w.ana.ID, "Nothing"); err == nil {
		t.Error("deleted nothing")
	}
}
