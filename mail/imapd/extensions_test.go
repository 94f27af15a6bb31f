package imapd

import (
	"strings"
	"testing"

	"frontdesk/mail"
	"frontdesk/store"
	"frontdesk/store/storetest"
)

func TestSortAndThread(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, Config{})
		for _, text := range []string{
			"From: zoe@x.example\nSubject: Re: offer\nDate: Tue, 3 Nov 2026 10:00:00 +0000\nMessage-ID: <b@x>\n" +
				"In-Reply-To: <a@x>\n\nlonger than the others",
			"From: ana@x.example\nSubject: Offer\nDate: Mon, 2 Nov 2026 10:00:00 +0000\nMessage-ID: <a@x>\n\nx",
			"From: Mia <mia@x.example>\nSubject: Bill\nDate: Wed, 4 Nov 2026 10:00:00 +0000\nMessage-ID: <c@x>\n\nx",
		} {
			w.deliver(w.ana, text)
		}
		c := w.login("ana")
		c.do("SELECT INBOX")
		for command, want := range map[string]string{
			"SORT (SUBJECT DATE) UTF-8 ALL":                 "* SORT 3 2 1\n",
			"SORT (REVERSE DATE) UTF-8 ALL":                 "* SORT 3 1 2\n",
			"UID SORT (FROM) US-ASCII NOT SUBJECT bill":     "* SORT 2 1\n",
			"SORT (REVERSE SIZE) UTF-8 ALL":                 "* SORT 1 3 2\n",
			"SORT (ARRIVAL) UTF-8 DELETED":                  "* SORT\n",
			"THREAD REFERENCES UTF-8 ALL":                   "* THREAD (2 1)(3)\n",
			"UID THREAD ORDEREDSUBJECT UTF-8 SUBJECT offer": "* THREAD (2 1)\n",
			"THREAD REFERENCES UTF-8 DELETED":               "* THREAD\n",
		} {
			if got := c.do(command); !strings.HasPrefix(got, want) {
				t.Errorf("%s:\n%s", command, got)
			}
		}
		for _, command := range []string{"SORT", "SORT () UTF-8 ALL", "SORT (REVERSE) UTF-8 ALL", "SORT (X) UTF-8 ALL",
			"SORT (DATE) ALL", "THREAD X UTF-8 ALL", "THREAD REFERENCES UTF-8"} {
			if got := c.ask(command); !strings.Contains(got, " BAD ") && !strings.Contains(got, " NO [BADCHARSET") {
				t.Errorf("%s:\n%s", command, got)
			}
		}
	})
}

// TestQuota: one's own mailboxes say how much they hold and may hold; others' are not there.
func TestQuota(t *testing.T) {
	w := newWorld(t, storetest.SQLite(t), Config{})
	small, err := w.box.CreateMailbox(t.Context(),
		mail.Mailbox{Address: "small@acme.example", Users: []string{"u-ana"}, Quota: 10 << 20})
	must(t, err)
	w.mailbox("other@acme.example", "u-ion")
	w.deliver(small, hello(1))
	c := w.login("ana")
	c.want("CAPABILITY", " QUOTA ", "QUOTA=RES-STORAGE")
	c.want("GETQUOTAROOT Sent", `* QUOTAROOT "Sent" "ana@acme.example"`, `* QUOTA "ana@acme.example" ()`)
	c.want("GETQUOTAROOT Shared/small/INBOX", `* QUOTA "small@acme.example" (STORAGE 1 10240)`)
	c.want(`GETQUOTA "small@acme.example"`, "STORAGE 1 10240")
	c.refuse("GETQUOTA other@acme.example", "[NONEXISTENT]")
	c.refuse("GETQUOTAROOT Nowhere", "[NONEXISTENT]")
	c.refuse("SETQUOTA x (STORAGE 1)", "BAD")
}
