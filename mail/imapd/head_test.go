package imapd

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"frontdesk/mail"
	"frontdesk/mail/imap"
	"frontdesk/mail/mime"
	"frontdesk/store/storetest"
)

// What is kept of a header answers as the message does, however odd it is: ENVELOPE, fields and searches.
func TestHeadsAnswerAsMessages(t *testing.T) {
	w := newWorld(t, storetest.SQLite(t), Config{})
	files, _ := filepath.Glob("../mime/testdata/cases/*.eml")
	more, _ := filepath.Glob("testdata/*.eml")
	texts := []string{"Subject: =?utf-8?q?a?=\n =?utf-8?q?b?=\nSubject : again\n" +
		"To: @x,@y:me@z.test, \"A, B\" <b@c.test>\nGroup\n folded\n\nx\n",
		"From: B@C.Example\nTo: a b@c.test\nSubject: Re: A (b)\n\nx\n",
		"To: \"a b\"@c.test\nSubject:\n re: folded\n\nx\n",
		"From nobody\nFrom: a@b.test (comment)\nDate: Mon, 2 Nov 2026 10:00:00 +0200\nCc: g: a@b.test;\n" +
			"Bcc: x@y.test\n\nSubject: none\n"}
	for _, file := range append(files, more...) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		texts = append(texts, strings.ReplaceAll(string(text), "\r\n", "\n"))
	}
	var uids []uint32
	for _, text := range texts {
		uids = append(uids, w.deliver(w.ana, text).UID)
	}
	inbox, err := w.box.Folder(t.Context(), w.ana.ID, mail.Inbox)
	if err != nil {
		t.Fatal(err)
	}
	stored, err := w.box.WithKept(t.Context(), inbox.ID, uids, mail.Kept{Head: true, Envelope: true, Structure: true})
	if err != nil || len(stored) != len(texts) {
		t.Fatal(len(stored), err)
	}
	o := &imap.Fetch{Envelope: true, Structure: true, Sections: []imap.Section{{What: "HEADER",
		Fields: []string{"Subject", "TO", "date", "Content-Type"}}}}
	kept := 0
	for i, m := range stored {
		raw := []byte(strings.ReplaceAll(texts[i], "\n", "\r\n"))
		if m.Head == nil {
			continue
		}
		kept++
		head, all := keptAnswer(m, o)
		if whole := newContent(raw).answer(o); !all || !reflect.DeepEqual(head, whole) {
			t.Errorf("%q: the head says %+v, the message %+v", texts[i][:20], head, whole)
		}
		parsed := mime.ParseBytes(raw)
		for _, c := range []imap.Key{{Field: "Subject", Text: "A"}, {Field: "From", Text: "a@b.test"}, {Field: "To"},
			{Field: "CC", Text: "b.test"},
			{Field: "From", Text: "B@C.example"}, {Field: "subject", Text: "re: "}, {Field: "From", Text: "<"},
			{Field: "To", Text: "a b@c.test"}, {Field: "to", Text: "ab@c.test"}} {
			if head, whole := headContains(m.Head, c.Field, c.Text),
				parsed.FieldContains(c.Field, c.Text); head != whole {
				t.Errorf("%q: %v is %v in the head, %v in the message", texts[i][:20], c, head, whole)
			}
		}
	}
	if kept < len(texts)*3/4 {
		t.Errorf("only %d heads of %d", kept, len(texts))
	}
}
