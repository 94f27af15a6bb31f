package imapd

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"frontdesk/store"
	"frontdesk/store/storetest"
)

var numbered = regexp.MustCompile(`(HIGHESTMODSEQ|MODSEQ \(|UIDVALIDITY) ?([0-9]+)`)

// numberIn is the number that an answer gives for a name.
func numberIn(t *testing.T, answer, name string) (n int64) {
	t.Helper()
	for _, match := range numbered.FindAllStringSubmatch(answer, -1) {
		if match[1] == name {
			fmt.Sscan(match[2], &n)
			return n
		}
	}
	t.Fatalf("no %s in\n%s", name, answer)
	return 0
}

// TestConditionalStore: mod-sequences are told to who asked for them, and a change can be made to depend on them (RFC
// 7162 section 3.1).
func TestConditionalStore(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, Config{})
		for n := range 3 {
			w.deliver(w.ana, hello(n+1))
		}
		a, b := w.login("ana"), w.login("ana")
		if got := a.do("SELECT INBOX"); strings.Contains(a.do("FETCH 1 FLAGS"), "MODSEQ") {
			t.Errorf("told unasked:\n%s", got)
		}
		before := numberIn(t, b.do("SELECT INBOX (CONDSTORE)"), "HIGHESTMODSEQ")
		a.do(`STORE 2 +FLAGS (\Flagged)`)
		after := numberIn(t, b.do("NOOP"), "MODSEQ (")
		if after <= before {
			t.Errorf("%d after %d", after, before)
		}
		b.want("FETCH 2 (MODSEQ)", fmt.Sprintf("* 2 FETCH (MODSEQ (%d))", after))
		if got := b.do(fmt.Sprintf("FETCH 1:* (FLAGS) (CHANGEDSINCE %d)", before)); strings.Count(got,
			"FETCH (") != 1 ||
			!strings.Contains(got, `* 2 FETCH (FLAGS (\Flagged`) {
			t.Errorf("since then:\n%s", got)
		}
		if got := b.do(fmt.Sprintf(`UID STORE 1:3 (UNCHANGEDSINCE %d) +FLAGS.SILENT (\Seen)`, before)); !strings.Contains(got,
			"[MODIFIED 2]") || strings.Count(got, "MODSEQ (") != 2 || strings.Contains(got, "FLAGS (") {
			t.Errorf("of three two are unchanged:\n%s", got)
		}
		b.want(fmt.Sprintf("SEARCH MODSEQ %d", after+1), "* SEARCH 1 3 (MODSEQ ")
		b.want(fmt.Sprintf(`SEARCH RETURN (COUNT) MODSEQ "/flags/\\seen" all %d`, after), "COUNT 3 MODSEQ ")
		if got := numberIn(t, b.do("STATUS INBOX (HIGHESTMODSEQ)"), "HIGHESTMODSEQ"); got <= after {
			t.Errorf("status says %d", got)
		}
		b.want("STORE 2 (UNCHANGEDSINCE 0) FLAGS (x)", "[MODIFIED 2]")
		b.refuse("STORE 2 (NONSENSE 0) FLAGS (x)", "BAD")
	})
}

// TestResync: a client that was away is told in one answer what changed and what left (RFC 7162 section 3.2).
func TestResync(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, Config{})
		for n := range 6 {
			w.deliver(w.ana, hello(n+1))
		}
		c, other := w.login("ana"), w.login("ana")
		c.refuse("SELECT INBOX (QRESYNC (1 1))", "BAD ENABLE QRESYNC")
		c.want("ENABLE QRESYNC", "* ENABLED QRESYNC")
		opened := c.do("SELECT INBOX")
		validity, modseq := numberIn(t, opened, "UIDVALIDITY"), numberIn(t, opened, "HIGHESTMODSEQ")
		c.do("UNSELECT")
		other.do("SELECT INBOX")
		other.do(`STORE 2,3,5 FLAGS.SILENT (\Deleted)`)
		other.want("UID EXPUNGE 2:3", "* 3 EXPUNGE\n* 2 EXPUNGE", "OK")
		other.do(`STORE 1 +FLAGS.SILENT (\Answered)`)
		again := fmt.Sprintf("SELECT INBOX (QRESYNC (%d %d", validity, modseq)
		// nobody remembers what left before that: what isn't there is told
		if got := c.do(again + "))"); !strings.Contains(got, "* VANISHED (EARLIER) 2:3") ||
			strings.Count(got, "FETCH (UID") != 2 ||
			!strings.Contains(got, `* 1 FETCH (UID 1 FLAGS (\Answered`) || !strings.Contains(got, `* 3 FETCH (UID 5 FLAGS (\Deleted`) {
			t.Errorf("all:\n%s", got)
		}
		c.want(again+" 3:4))", "[CLOSED]", "* VANISHED (EARLIER) 3\n")
		c.want(again+" 1:6 (1,6 1,6)))", "* VANISHED (EARLIER) 2:3\n")
		if got := c.do(fmt.Sprintf("SELECT INBOX (QRESYNC (%d %d))", validity+1, modseq)); strings.Contains(got,
			"VANISHED") {
			t.Errorf("of another folder:\n%s", got)
		}
		modseq = numberIn(t, c.do("STATUS INBOX (HIGHESTMODSEQ)"), "HIGHESTMODSEQ")
		other.do("EXPUNGE")
		c.want("NOOP", "* VANISHED 5\n")
		c.want(fmt.Sprintf("UID FETCH 1:* (FLAGS) (CHANGEDSINCE %d VANISHED)", modseq), "* VANISHED (EARLIER) 5\n")
		c.refuse("FETCH 1:* (FLAGS) (CHANGEDSINCE 1 VANISHED)", "BAD")
		c.want(`UID STORE 6 +FLAGS.SILENT (\Deleted)`, "* 3 FETCH (UID 6 MODSEQ (")
		c.want("EXPUNGE", "* VANISHED 6\n", "[HIGHESTMODSEQ ")
	})
}
