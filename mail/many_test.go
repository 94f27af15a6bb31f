package mail

import (
	"fmt"
	"strings"
	"testing"

	"frontdesk/store"
	"frontdesk/store/storetest"
)

// A mail to several clients is a conversation with each: with all his mails and our answers to him, and nobody else's.
// Who answers all, or has colleagues of ours beside him, is in one talk as ever.
func TestMailToMany(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		n := 0
		sent := func(to, more string, recipients ...string) string {
			n++
			raw := fmt.Sprintf("From: ana@acme.example\nTo: %s\nMessage-ID: <o%d@acme>\n%sSubject: Prices\n\nx\n", to,
				n, more)
			blob, size, err := o.PutBlob(t.Context(), strings.NewReader(strings.ReplaceAll(raw, "\n", "\r\n")))
			must(t, err)
			ref, err := o.Append(t.Context(),
				Addition{Mailbox: o.ana.ID, Folder: "Sent", Blob: blob, Size: size, Outgoing: true,
					Recipients: recipients})
			must(t, err)
			return ref.ID
		}
		came := func(from, to, more string) string {
			n++
			return o.receive(fmt.Sprintf("From: %s\nTo: %s\nMessage-ID: <c%d@x>\n%sSubject: Re: Prices\n\nx\n", from,
				to, n, more), Verdict{}, o.ana)[0].ID
		}
		same := func(what string, want bool, a, b string) {
			t.Helper()
			var ta, tb string
			must(t, db.QueryRow(t.Context(), `SELECT thread FROM mail_message WHERE id = $1`, a).Scan(&ta))
			must(t, db.QueryRow(t.Context(), `SELECT thread FROM mail_message WHERE id = $1`, b).Scan(&tb))
			if (ta == tb) != want {
				t.Errorf("%s: one conversation is %v", what, ta == tb)
			}
		}
		many := sent("a@one.test, b@two.test", "")                               // o1
		a1 := came("a@one.test", "ana@acme.example", "In-Reply-To: <o1@acme>\n") // c2
		b1 := came("b@two.test", "ana@acme.example, ben@acme.example", "References: <o1@acme>\n")
		all := came("b@two.test", "ana@acme.example, a@one.test", "In-Reply-To: <o1@acme>\n")
		same("two clients", false, a1, b1)
		same("an answer to us", false, many, a1)
		same("an answer to all", true, many, all)
		reply := sent("a@one.test", "In-Reply-To: <c2@x>\nReferences: <o1@acme> <c2@x>\n")
		same("our answer to one", true, a1, reply)
		same("his next, to the first", true, a1, came("A@one.test", "ana@acme.example", "In-Reply-To: <o1@acme>\n"))
		same("his next, to our answer", true, a1,
			came("a@one.test", "ana@acme.example", "In-Reply-To: <o5@acme>\nReferences: <o1@acme> <o5@acme>\n"))
		hidden := sent("ana@acme.example", "", "a@one.test", "b@two.test") // o8
		same("Bcc", false, hidden, came("a@one.test", "ana@acme.example", "In-Reply-To: <o8@acme>\n"))
		one := sent("a@one.test, ben@acme.example", "") // o10
		same("one client and a colleague", true, one,
			came("a@one.test", "ana@acme.example", "In-Reply-To: <o10@acme>\n"))
	})
}

// A conversation is found by any of its mails, by the names of files and by what stands in the text.
func TestSearchOfConversations(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		o.receive("From: c@else.example\nMessage-ID: <1@x>\nSubject: Pumps\n"+
			"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nGood day,\n\n"+
			"a long letter of many words that no snippet has room for, and which goes on and on about this and that "+
			"and the weather in autumn, before it names the\n\nCavitation\n"+
			"--b\nContent-Type: application/pdf\nContent-Disposition: attachment; filename=Drawing-77.pdf\n\n"+
			"x\n--b--\n", Verdict{}, o.ana)
		o.receive("From: c@else.example\nMessage-ID: <2@x>\nIn-Reply-To: <1@x>\nSubject: Something else\n\nAny news?\n",
			Verdict{}, o.ana)
		inbox := o.folder(o.ana, Inbox)
		for query, want := range map[string]int{"pumps": 1, "drawing-77": 1, "CAVITATION": 1, "pumps cavitation": 1,
			"news": 1, "pumps news": 0, "turbines": 0} {
			for _, l := range []Listing{{Folder: inbox.ID, Query: query}, {Mailbox: o.ana.ID, Query: query}} {
				page, err := o.Threads(t.Context(), "u-ana", l)
				must(t, err)
				if len(page.Items) != want || want > 0 && page.Items[0].Subject != "Something else" {
					t.Errorf("%q in %+v: %+v", query, l, page.Items)
				}
			}
			page, err := o.Messages(t.Context(), "u-ana", Listing{Folder: inbox.ID, Query: query})
			must(t, err)
			if len(page.Items) != want {
				t.Errorf("%q among messages: %+v", query, page.Items)
			}
		}
	})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
