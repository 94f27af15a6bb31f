package imapd

import (
	"fmt"
	"strings"
	"testing"

	"frontdesk/mail"
	"frontdesk/store"
	"frontdesk/store/storetest"
)

// What is kept in memory is bounded, what was asked for last stays, and what was read of a message adds up.
func TestMemoryIsBounded(t *testing.T) {
	const most = 100_000
	m := newMemory(most)
	head := mail.Kept{Head: true}
	for uid := uint32(1); uid <= 1000; uid++ {
		m.learn("f", &mail.Stored{UID: uid, Head: make([]byte, 600)})
		m.find("f", []uint32{1}, head)
	}
	if n := 1000 * (len(m.late) + len(m.old)); n > most+2000 {
		t.Errorf("%d messages are kept", n/1000)
	}
	found := m.find("f", []uint32{1, 2, 1000}, head)
	if found[0] == nil || found[1] != nil || found[2] == nil {
		t.Errorf("the first, which was always asked for, the second and the last: %v", found)
	}
	if m.find("g", []uint32{1000}, head)[0] != nil {
		t.Error("another folder's message")
	}
	both := mail.Kept{Head: true, Envelope: true}
	m.learn("f", &mail.Stored{UID: 1000, Envelope: []byte("e")})
	if m.find("f", []uint32{1000}, both)[0] == nil || m.find("f", []uint32{1}, both)[0] != nil {
		t.Error("the envelope is known of the wrong one")
	}
	m.learn("f", &mail.Stored{UID: 2000})
	if m.find("f", []uint32{2000}, mail.Kept{})[0] != nil {
		t.Error("nothing is kept of it, and that is remembered")
	}
}

// Lists are answered from memory, from the second time on, for all who read the mailbox: what others put there or took
// away meanwhile is seen at once.
func TestListsComeFromMemory(t *testing.T) {
	storetest.Each(t, testListsComeFromMemory)
}

func testListsComeFromMemory(t *testing.T, db *store.DB) {
	w := newWorld(t, db, Config{})
	for i := range 3 {
		w.deliver(w.ana, fmt.Sprintf("From: a%d@b.test\nSubject: offer %d\n\nx\n", i, i))
	}
	const list = "FETCH 1:* (ENVELOPE BODYSTRUCTURE BODY.PEEK[HEADER.FIELDS (SUBJECT)])"
	c := w.login("ana")
	c.do("SELECT INBOX")
	ask := func() string {
		answer := c.do(list)
		return answer[:strings.LastIndex(answer, ")")]
	}
	first := ask()
	inbox, err := w.box.Folder(t.Context(), w.ana.ID, mail.Inbox)
	if err != nil {
		t.Fatal(err)
	}
	all := mail.Kept{Head: true, Envelope: true, Structure: true}
	for _, known := range w.server.memory.find(inbox.ID, []uint32{1, 2, 3}, all) {
		if known == nil {
			t.Error("a message is not remembered")
		}
	}
	if _, err := db.Exec(t.Context(), "DELETE FROM mail_head"); err != nil {
		t.Fatal(err)
	}
	if again := ask(); again != first || strings.Count(first, " FETCH (") != 3 {
		t.Errorf("first %s, then %s", first, again)
	}
	for _, item := range []string{"ENVELOPE", "BODYSTRUCTURE", "BODY[HEADER.FIELDS (SUBJECT)]"} {
		answer := c.do("FETCH 1 (" + strings.Replace(item, "BODY[", "BODY.PEEK[", 1) + ")")
		if want := "* 1 FETCH (" + item + " "; !strings.HasPrefix(answer, want) ||
			strings.Count(answer, "ENVELOPE")+strings.Count(answer, "BODY") != 1 {
			t.Errorf("more than was asked for, which is known, too: %s", answer)
		}
	}
	other := w.login("ana")
	other.do("SELECT INBOX")
	other.do(`STORE 2 +FLAGS (\Deleted)`)
	other.do("EXPUNGE")
	w.deliver(w.ana, "From: c@d.test\nSubject: offer 9\n\nx\n")
	c.do("NOOP")
	c.want(`UID SEARCH SUBJECT "offer"`, "* SEARCH 1 3 4")
	c.want(`UID SEARCH SUBJECT "offer 1"`, "* SEARCH\n")
}
