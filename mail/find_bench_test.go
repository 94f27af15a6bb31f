package mail

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"frontdesk/mail/mime"
	"frontdesk/store"
	"frontdesk/store/storetest"
)

// crowd fills Ana's mailbox with so many mails of a vocabulary in which, as in languages, few words are in most mails.
func (o *office) crowd(n int) {
	o.t.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	zipf := rand.NewZipf(r, 1.2, 8, 60_000)
	inbox := o.folder(o.ana, Inbox)
	began := time.Now().Add(-time.Duration(n) * time.Minute)
	for i := 0; i < n; i += 500 {
		err := o.db.Tx(o.t.Context(), func(tx *store.Tx) error {
			for j := i; j < min(i+500, n); j++ {
				at := place{Ref: Ref{ID: store.NewID(), Mailbox: o.ana.ID, Folder: inbox.ID, UID: uint32(j + 1)}}
				e := o.someMail(j, r, zipf, began)
				s, err := e.message(at, fmt.Sprintf("t%d", j/3))
				if err != nil {
					return err
				}
				if err := tx.Later(o.t.Context(), s); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			o.t.Fatal(err)
		}
	}
}

// someMail has about 180 words; every 4th a file, every 50th is from one client.
func (o *office) someMail(i int, r *rand.Rand, zipf *rand.Zipf, began time.Time) entry {
	text := make([]string, 180)
	for k := range text {
		n := zipf.Uint64()
		text[k] = fmt.Sprintf("%s%d", []string{"ver", "trag", "offer", "quant", "lor"}[n%5], n)
	}
	from := fmt.Sprintf("person%d@firm%d.example", r.IntN(5000), r.IntN(800))
	if i%50 == 0 {
		from = "radu@clients.example"
	}
	m := &mime.Message{Subject: strings.Join(text[:5], " "), Text: strings.Join(text, " "),
		Snippet: strings.Join(text[:12], " "), MessageID: fmt.Sprintf("m%d@firm.example", i),
		From: []mime.Person{{Name: fmt.Sprintf("Person %d", i%977), Address: from}},
		To:   []mime.Person{{Address: o.ana.Address}}}
	if i%4 == 0 {
		m.Parts = []mime.Part{{Name: fmt.Sprintf("plan-%d.pdf", i), Path: "2", Type: "application/pdf"}}
	}
	at := began.Add(time.Duration(i) * time.Minute)
	return entry{mailbox: o.ana.ID, folder: Inbox, blob: fmt.Sprintf("%064x", i), size: 4000, parsed: m, received: at,
		flags: Flags{Seen: i%10 != 0}}
}

// BenchmarkFind searches a mailbox of 100,000 messages as the mail page does: the first 50 conversations.
func BenchmarkFind(b *testing.B) {
	for name, open := range map[string]func(testing.TB) *store.DB{"sqlite": storetest.SQLite,
		"postgres": storetest.Postgres} {
		b.Run(name, func(b *testing.B) {
			o := newOffice(b, open(b))
			began := time.Now()
			o.crowd(100_000)
			filled := time.Now()
			if err := o.Index(b.Context()); err != nil {
				b.Fatal(err)
			}
			b.Logf("filled in %v, indexed in %v", filled.Sub(began), time.Since(filled))
			for _, q := range []string{"from:radu@clients.example", "offer57", "offer2", "quant30013",
				"file:plan-4000.pdf",
				"ver0 trag1 quant3", "has:attachment is:unread offer7", "person", "nowhere"} {
				b.Run(q, func(b *testing.B) {
					for b.Loop() {
						if _, err := o.Threads(b.Context(), "u-ana", Listing{Mailbox: o.ana.ID, Query: q}); err != nil {
							b.Fatal(err)
						}
					}
				})
			}
		})
	}
}
