package imapd

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"frontdesk/store"
	"frontdesk/store/storetest"
)

// TestBadSyntax: what can't be read is answered with BAD and words, and the connection goes on.
func TestBadSyntax(t *testing.T) {
	w := newWorld(t, storetest.SQLite(t), Config{})
	c := w.login("ana")
	for line, want := range map[string]string{"": "* BAD ", "x": "x BAD ", "x ": "x BAD ", "x  NOOP": "x BAD ",
		"(x) NOOP": "* BAD ", "x UID": "x BAD ", "\xff\xfe": "* BAD "} {
		c.send("%s\r\n", line)
		c.wait(want)
	}
	c.do("SELECT INBOX")
	for _, command := range []string{
		"NOOP x", "FETCH", "FETCH 1", "FETCH x FLAGS", "FETCH 0 FLAGS", "FETCH 1:99999999999 FLAGS", "FETCH 1 (BODY[",
		"FETCH 1 BODY[X]", "FETCH 1 BODY[]<x>", "STORE 1 FLAGS", "STORE 1 FLAGS (", "STORE 1 NONSENSE x",
		"SEARCH", "SEARCH NONSENSE", "SEARCH 1:x", "SEARCH SINCE yesterday", "SEARCH (", "SEARCH RETURN (X) ALL",
		"UID SEARCH UID x", "UID NONSENSE", "COPY", "COPY 1", "COPY x INBOX", "MOVE 1", "LIST", `LIST "" (`,
		`LIST (X) "" *`, `LIST "" * RETURN (X)`,
		`LIST (RECURSIVEMATCH) "" *`, "STATUS INBOX", "STATUS INBOX (X)", "STATUS INBOX ()x", "APPEND INBOX",
		"APPEND INBOX x", `APPEND INBOX "yesterday" {1}`, `SELECT "`, "SELECT", "RENAME x", "ENABLE (", "ID", "ID (x",
		"LOGIN a b", "EXPUNGE x", "UID EXPUNGE x",
	} {
		if answer := c.ask(command); !strings.Contains(answer, " BAD ") || strings.Contains(answer, "SERVERBUG") ||
			strings.HasSuffix(answer, "BAD ") {
			t.Errorf("%s: %s", command, answer)
		}
	}
	c.refuse("SELECT R&D", "[NONEXISTENT]")
	c.want(`LIST "" x&y*`, "OK")
	c.want("NOOP", "OK")
	c.send("%s", strings.Repeat("\r\n", maxBad+1))
	if rest, err := io.ReadAll(c.conn); err != nil || bytes.Count(rest, []byte("BAD")) > maxBad {
		t.Errorf("the connection should end: %q %v", rest, err)
	}
}

// TestOpenQuote: a quoted string that doesn't end in its line, before a literal or behind one, ends its command and no
// other.
func TestOpenQuote(t *testing.T) {
	w := newWorld(t, storetest.SQLite(t), Config{})
	c := w.login("ana")
	c.send("x SELECT \"a {4+}\r\nNOOP\r\nx LOGIN {1+}\r\nx \"open {4+}\r\nNOOP \r\nx NOOP\r\n")
	for _, want := range []string{"x BAD ", "x BAD ", "x OK NOOP"} {
		if line := c.line(); !strings.HasPrefix(line, want) {
			t.Errorf("%q is not %q", line, want)
		}
	}
}

// TestAppendMore: what follows the message of an APPEND is answered, whatever it is, and not taken for commands;
// nothing is stored then.
func TestAppendMore(t *testing.T) {
	w := newWorld(t, storetest.SQLite(t), Config{})
	c := w.login("ana")
	for _, more := range []string{"junk", " (\\Seen) {4+}\r\nNOOP", ` "open`} {
		c.send("x APPEND INBOX {1+}\r\nx%s\r\ny APPEND {5+}\r\nINBOX {1+}\r\ny\r\nz NOOP\r\n", more)
		for _, want := range []string{"x BAD ", "y OK [APPENDUID", "z OK NOOP"} {
			if line := c.line(); !strings.HasPrefix(line, want) {
				t.Fatalf("%q: %q is not %q", more, line, want)
			}
		}
	}
	for _, more := range []string{" ", ")"} {
		c.send("x APPEND INBOX %s{1+}\r\nx%s\r\n", map[string]string{")": "UTF8 (~"}[more], more)
		c.wait("x OK [APPENDUID")
	}
	for _, command := range []string{"APPEND INBOX {1+}\r\nx)", "APPEND INBOX UTF8 (~{1+}\r\nx",
		"APPEND INBOX UTF8 (~{1+}\r\nx)x", "APPEND {5+}\r\nINBOX UTF8 (~{1+}\r\nx"} {
		c.send("x %s\r\n", command)
		c.wait("x BAD ")
	}
	c.want("STATUS INBOX (MESSAGES)", "MESSAGES 5")
}

// A tag is given back as it came.
func TestTagWithAmpersand(t *testing.T) {
	c := newWorld(t, storetest.SQLite(t), Config{}).login("ana")
	c.send("a&b SELECT R&D\r\n")
	c.wait("a&b NO [NONEXISTENT]")
	c.send("a&-&b COPY &-&1 Sent\r\n")
	c.wait("a&-&b BAD ")
}

// TestID: programs tell each other their names, before and after log-in (RFC 2971).
func TestID(t *testing.T) {
	w := newWorld(t, storetest.SQLite(t), Config{})
	c := w.dial()
	c.want("CAPABILITY", " ID ")
	c.want("ID NIL", `* ID ("name" "Frontdesk")`)
	c.want(`ID ("name" "a\"b" "version" NIL)`, "* ID (")
	c.want("LOGIN ana geheim", " ID ")
	c.want(`ID ("name" "x")`, "* ID (")
	c.want("IDLE\r\nDONE", "OK")
	c.want("ID nil", "* ID (")
}

// TestKeywords: a client is told of a keyword before the first message that has it.
func TestKeywords(t *testing.T) {
	w := newWorld(t, storetest.SQLite(t), Config{})
	w.deliver(w.ana, hello(1))
	w.deliver(w.ana, hello(2))
	a, b := w.login("ana"), w.login("ana")
	a.do("SELECT INBOX")
	b.do("SELECT INBOX")
	if got := a.do("STORE 1 +FLAGS ($Work)"); !strings.Contains(got, "* FLAGS (") ||
		strings.Index(got, "* FLAGS (") > strings.Index(got, "FETCH") ||
		!strings.Contains(got, `* 1 FETCH (UID 1 FLAGS ($Work \Recent))`) {
		t.Error(got)
	}
	a.want("STORE 2 +FLAGS ($work)", `* 2 FETCH (UID 2 FLAGS ($work \Recent))`)
	a.want("STORE 2 FLAGS.SILENT ($Home)", "* FLAGS (", "$Home")
	if got := b.do("NOOP"); !strings.Contains(got, "* FLAGS (") ||
		strings.Index(got, "* FLAGS (") > strings.Index(got, "FETCH") {
		t.Error(got)
	}
	if got := b.do("NOOP"); strings.Contains(got, "FLAGS") {
		t.Errorf("told twice: %s", got)
	}
}

// TestListExtended: LIST and LSUB tell what is subscribed as RFC 5258 and RFC 3501 want it.
func TestListExtended(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, Config{})
		c := w.login("ana")
		for _, name := range []string{"a/b", "c", "d/e"} {
			c.do("CREATE " + name)
		}
		c.do("SUBSCRIBE a/b")
		c.do("SUBSCRIBE c")
		for command, want := range map[string]string{
			`LSUB "" %`:                                 `* LSUB () "/" INBOX|* LSUB () "/" "c"|* LSUB (\Noselect) "/" "a"`,
			`LSUB "" a*`:                                `* LSUB () "/" "a/b"`,
			`LSUB "" d*`:                                "",
			`LIST "" ?/%`:                               "",
			`LIST (SUBSCRIBED) "" c`:                    `* LIST (\HasNoChildren \Subscribed) "/" "c"`,
			`LIST "" c`:                                 `* LIST (\HasNoChildren) "/" "c"`,
			`LIST "" c RETURN (SUBSCRIBED)`:             `* LIST (\HasNoChildren \Subscribed) "/" "c"`,
			`LIST (SUBSCRIBED RECURSIVEMATCH) "" a`:     `* LIST (\HasChildren) "/" "a" (CHILDINFO ("SUBSCRIBED"))`,
			`LIST (SUBSCRIBED RECURSIVEMATCH) "" a*`:    `* LIST (\HasNoChildren \Subscribed) "/" "a/b"`,
			`LIST (SUBSCRIBED RECURSIVEMATCH) "" d*`:    "",
			`LIST (SUBSCRIBED) "" (a c)`:                `* LIST (\HasNoChildren \Subscribed) "/" "c"`,
			`LIST (SUBSCRIBED RECURSIVEMATCH) "" (d c)`: `* LIST (\HasNoChildren \Subscribed) "/" "c"`,
		} {
			answer := c.do(command)
			for _, line := range strings.Split(want, "|") {
				if !strings.Contains(answer, line) {
					t.Errorf("%s: no %s in\n%s", command, line, answer)
				}
			}
			if want == "" && strings.Contains(answer, "* L") ||
				want != "" && !strings.Contains(want, "|") && strings.Count(answer, "* L") != 1 {
				t.Errorf("%s: too much:\n%s", command, answer)
			}
		}
	})
}

// TestMoveToItself: messages moved into the folder they are in get new UIDs (RFC 6851 section 3.3).
func TestMoveToItself(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, Config{})
		w.deliver(w.ana, hello(1))
		w.deliver(w.ana, hello(2))
		c := w.login("ana")
		c.do("SELECT INBOX")
		c.want("MOVE 1 INBOX", "COPYUID", " 1 3]", "* 1 EXPUNGE", "* 2 EXISTS")
		c.want("UID FETCH 1:* (FLAGS)", "UID 2 ", "UID 3 ")
		c.want("STATUS INBOX (MESSAGES)", "MESSAGES 2")
	})
}

// TestBinaryPartial: a part of a decoded body says where it begins (RFC 3516), whatever the mail holds.
func TestBinaryPartial(t *testing.T) {
	w := newWorld(t, storetest.SQLite(t), Config{})
	w.deliver(w.ana, "Content-Transfer-Encoding: base64\n\nYWJjXSB+ezN9ZGVm\n") // abc] ~{3}def
	c := w.login("ana")
	c.do("SELECT INBOX")
	c.want("FETCH 1 (BINARY.PEEK[1]<3.6> BINARY.PEEK[1]<0.2> BINARY.PEEK[1])", "BINARY[1]<3> ~{6}\n] ~{3} ",
		"BINARY[1]<0> ~{2}\nab ", "BINARY[1] ~{12}\nabc] ~{3}def)")
	c.want("FETCH 1 (BINARY.PEEK[1])", "BINARY[1] ~{12}")
}

func TestGroupAddresses(t *testing.T) {
	w := newWorld(t, storetest.SQLite(t), Config{})
	w.deliver(w.ana,
		"From: <@route:a@b.example>\nTo: Team: x@y.example, \"Q: z\" <q@y.example>;, last@y.example\nCc: Nobody:;\n\nx")
	c := w.login("ana")
	c.do("SELECT INBOX")
	c.want("FETCH 1 ENVELOPE", `((NIL "@route" "a" "b.example"))`,
		`((NIL NIL "Team" NIL)(NIL NIL "x" "y.example")("Q: z" NIL "q" "y.example")(NIL NIL NIL NIL)(NIL NIL "last" "y.example"))`, `((NIL NIL "Nobody" NIL)(NIL NIL NIL NIL))`)
}

// TestRoutes: the route of an old address has a place of its own (RFC 9051 section 7.5.2), whatever stands around it.
func TestRoutes(t *testing.T) {
	w := newWorld(t, storetest.SQLite(t), Config{})
	w.deliver(w.ana,
		"Subject: NIL \"@a,@b:u\" \nFrom: u@c\nTo: Uma <@a, @b:u@c>, u@c, <@[IPv6:::1]:v@c>\n\nNIL \"@a,@b:u\" ")
	w.deliver(w.ana, "From: <@é:a@b>\nSubject: "+strings.Repeat("é", 900)+"\nTo: <@r:u@c>\n\nx")
	c := w.login("ana")
	c.do("SELECT INBOX")
	c.want("FETCH 1 (ENVELOPE BODY.PEEK[TEXT])",
		`"NIL \"@a,@b:u\"" ((NIL NIL "u" "c")) ((NIL NIL "u" "c")) ((NIL NIL "u" "c"))`,
		`(("Uma" "@a,@b" "u" "c")(NIL NIL "u" "c")(NIL "@[IPv6:::1]" "v" "c"))`, "{14}\nNIL \"@a,@b:u\" )")
	c.want("FETCH 2 ENVELOPE", "((NIL {3}\n@é \"a\" \"b\"))", `((NIL "@r" "u" "c"))`)
}

// TestRecent: a message is \\Recent for the first session that is told of it, and no other (RFC 3501 section 2.3.2).
func TestRecent(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, Config{})
		w.deliver(w.ana, hello(1))
		a, b := w.login("ana"), w.login("ana")
		a.want("STATUS INBOX (RECENT)", "RECENT 1")
		b.want("EXAMINE INBOX", "* 1 RECENT")
		a.want("SELECT INBOX", "* 1 RECENT")
		a.want("FETCH 1 FLAGS", `FLAGS (\Recent)`)
		b.want("SELECT INBOX", "* 0 RECENT")
		w.deliver(w.ana, hello(2))
		a.want("NOOP", "* 2 EXISTS", "* 2 RECENT")
		b.want("NOOP", "* 2 EXISTS", "* 0 RECENT")
		a.want(`STORE 2 FLAGS (\Seen)`, `FLAGS (\Seen \Recent)`)
		a.want("SEARCH NEW", "* SEARCH 1\n")
		a.want("SEARCH RECENT", "* SEARCH 1 2\n")
		b.want("SEARCH OLD", "* SEARCH 1 2\n")
		a.want("STATUS INBOX (RECENT)", "RECENT 0")
	})
}

// TestLostSubscription: a name stays subscribed when its folder is deleted, until it is unsubscribed.
func TestLostSubscription(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, Config{})
		c := w.login("ana")
		c.do("CREATE Old")
		c.do("SUBSCRIBE Old")
		c.do("DELETE Old")
		c.want(`LIST (SUBSCRIBED) "" Old`, `(\NonExistent \HasNoChildren \Subscribed) "/" "Old"`)
		c.want(`LSUB "" Old`, `* LSUB () "/" "Old"`)
		if got := c.do(`LIST "" Old`); strings.Contains(got, "* LIST") {
			t.Error(got)
		}
		c.do("CREATE Old")
		c.want(`LIST (SUBSCRIBED) "" Old`, `(\HasNoChildren \Subscribed) "/" "Old"`)
		c.do("DELETE Old")
		c.do("UNSUBSCRIBE Old")
		if got := c.do(`LSUB "" Old`); strings.Contains(got, "* LSUB") {
			t.Error(got)
		}
		c.refuse("SUBSCRIBE Never", "[NONEXISTENT]")
	})
}

// TestAppendBinary: what comes with NUL is kept, and served as text that IMAP can carry (RFC 3516).
func TestAppendBinary(t *testing.T) {
	w := newWorld(t, storetest.SQLite(t), Config{})
	c := w.login("ana")
	mail := "Subject: x\x00\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" +
		"Content-Transfer-Encoding: binary\r\nContent-Type: application/x\r\n\r\n\x00-\x00\n\r\n--b\r\n\r\nok\r\n" +
		"--b--\r\n"
	c.send("a APPEND INBOX ~{%d+}\r\n%s\r\n", len(mail), mail)
	c.wait("a OK")
	c.do("SELECT INBOX")
	c.want("FETCH 1 (BODY.PEEK[1] BODYSTRUCTURE BINARY.PEEK[1] BODY.PEEK[2] BODY.PEEK[])", "BODY[1] {10}\nAC0ACg==",
		`"base64"`, "BINARY[1] ~{4}\n\x00-\x00\n", "BODY[2] {2}\nok", "Subject: x\n")
}
