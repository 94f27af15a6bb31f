package mail

import (
	"fmt"
	"slices"
	"testing"

	"frontdesk/store"
	"frontdesk/store/storetest"
)

// Mail is found alike before it is in the index, after, and while some is and some isn't; nobody finds what is not his.
func TestFind(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		o.receive("From: Radu Ștefan <radu@clients.example>\nTo: ana@acme.example\nSubject: Pumps\n"+
			"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nThe turbine needs grease.\n"+
			"--b\nContent-Disposition: attachment; filename=\"Grundriß.pdf\"\n\nx\n--b--\n", Verdict{}, o.ana)
		o.receive("From: c@else.example\nTo: sales@acme.example\nSubject: About Radu\n\nGrease again.\n",
			Verdict{}, o.ana)
		o.receive("From: d@else.example\nSubject: Shared\n\nGrease for all.\n", Verdict{}, o.support)
		check := func(when string) {
			t.Helper()
			for query, want := range map[string]int{"grease": 2, "GREA": 2, "gr": 0, "rease": 0, "stefan": 1,
				"from:radu": 1, "radu": 2, "to:sales": 1,
				"subject:pumps": 1, "subject:turbine": 0, "file:grundriss": 1, "grundriss pdf": 1, "has:attachment": 1,
				"has:attachment again": 0, "is:unread grease": 2, "is:flagged": 0, "before:2020-01-01": 0,
				"after:2020-01-01 turbine": 1} {
				if n := o.hits(query); n != want {
					t.Errorf("%s, %q: %d found, want %d", when, query, n, want)
				}
			}
			for user, want := range map[string]int{"u-ana": 3, "u-ion": 1, "u-eve": 0} {
				p, err := o.Threads(t.Context(), user, Listing{Query: "grease"})
				if err != nil || len(p.Items) != want {
					t.Errorf("%s, %s finds %d (%v)", when, user, len(p.Items), err)
				}
			}
		}
		check("before")
		for i := range 700 {
			o.receive(fmt.Sprintf("From: e@else.example\nMessage-ID: <b%d@x>\nSubject: Bulk\n\nNumber n%d of many.\n",
				i, i), Verdict{}, o.ana)
		}
		must(t, o.Index(t.Context()))
		check("after")
		var left int
		must(t, db.QueryRow(t.Context(), `SELECT count(*) FROM mail_message WHERE NOT indexed`).Scan(&left))
		if left >= 300 {
			t.Errorf("%d are not in the index", left)
		}
		o.receive("From: f@else.example\nIn-Reply-To: <b3@x>\nSubject: Re: Bulk\n\nOf many, the last.\n",
			Verdict{}, o.ana)
		if n := o.hits("many"); n != 701 {
			t.Errorf("%d of many", n)
		}
		// Each conversation is there once, though two of one's messages fit and are on pages far apart.
		threads, l := []string{}, Listing{Mailbox: o.ana.ID, Query: "many", Limit: 100}
		for {
			p, err := o.Threads(t.Context(), "u-ana", l)
			must(t, err)
			for _, c := range p.Items {
				threads = append(threads, c.Thread)
			}
			if l.After = p.Next; p.Next == "" {
				break
			}
		}
		slices.Sort(threads)
		if n := len(slices.Compact(threads)); n != 700 || len(threads) != n {
			t.Errorf("%d lines of %d conversations", len(threads), n)
		}
	})
}
