package mail

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"frontdesk/mail/domain"
	"frontdesk/mail/mime"
	"frontdesk/store"
	"frontdesk/store/storetest"
)

const hello = "From: Client <Client@else.example>\nTo: ana@acme.example\nSubject: Hello\nMessage-ID: <1@else>\n\n" +
	"Good day.\n"

func TestResolve(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		for _, alias := range []domain.Alias{{Address: "@acme.example", Mailboxes: []string{o.support.ID}},
			{Address: "sales@acme.example", Mailboxes: []string{o.support.ID, o.ana.ID}}} {
			if _, err := o.SetAlias(t.Context(), alias); err != nil {
				t.Fatal(err)
			}
		}
		for rcpt, want := range map[string]string{
			"ana@acme.example": "ana", "ANA+tag@ACME.example": "ana", "nobody@acme.example": "support",
			"sales+x@acme.example": "ana support",
		} {
			list, err := o.Resolve(t.Context(), rcpt)
			var got []string
			for _, m := range list {
				got = append(got, strings.TrimSuffix(m.Address, "@acme.example"))
			}
			if slices.Sort(got); err != nil || strings.Join(got, " ") != want {
				t.Errorf("%s: %v %v, want %s", rcpt, got, err, want)
			}
		}
		if err := o.RemoveAlias(t.Context(), "@acme.example"); err != nil {
			t.Fatal(err)
		}
		for rcpt, want := range map[string]error{"nobody@acme.example": ErrNoMailbox, "ana@else.example": ErrRelay,
			"no address": ErrInvalid} {
			if _, err := o.Resolve(t.Context(), rcpt); !errors.Is(err, want) {
				t.Errorf("%s: %v, want %v", rcpt, err, want)
			}
		}
	})
}

func TestDomainKey(t *testing.T) {
	o := newOffice(t, storetest.SQLite(t))
	d, err := o.Domain(t.Context(), "acme.example")
	if err != nil || !strings.HasPrefix(d.Record, "v=DKIM1; k=rsa; p=MIIBIjAN") {
		t.Fatalf("%+v %v", d, err)
	}
	if _, err := o.CreateDomain(t.Context(), "acme.example"); !errors.Is(err, ErrExists) {
		t.Errorf("created twice: %v", err)
	}
	if err := o.DeleteDomain(t.Context(), "acme.example"); !errors.Is(err, ErrExists) {
		t.Errorf("deleted with mailboxes: %v", err)
	}
}

func TestDeliver(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		refs := o.receive(hello, Verdict{}, o.ana, o.support)
		if len(refs) != 2 || refs[0].UID != 1 || refs[1].UID != 1 || o.jobs() != 2 {
			t.Fatalf("refs %+v, %d jobs", refs, o.jobs())
		}
		o.receive(hello, Verdict{Junk: true}, o.ana)
		if in, junk := o.folder(o.ana, "inbox"), o.folder(o.ana, "Junk"); in.Total != 1 || in.Unseen != 1 ||
			junk.Total != 1 || o.jobs() != 2 {
			t.Fatalf("inbox %+v, junk %+v, %d jobs", in, junk, o.jobs())
		}
		ana := byMailbox(refs, o.ana)
		m, err := o.Message(t.Context(), "u-ana", ana.ID, false)
		if err != nil || m.From.Address != "client@else.example" || m.Subject != "Hello" ||
			!strings.Contains(m.HTML, "Good day.") {
			t.Fatalf("%+v %v", m, err)
		}
		if _, err := o.Message(t.Context(), "u-ion", ana.ID, false); !errors.Is(err, ErrNotFound) {
			t.Errorf("another user reads it: %v", err)
		}
		if _, err := o.Message(t.Context(), "u-ion", byMailbox(refs, o.support).ID, false); err != nil {
			t.Errorf("a shared mailbox: %v", err)
		}
	})
}

func byMailbox(refs []Ref, m Mailbox) Ref {
	return refs[slices.IndexFunc(refs, func(r Ref) bool { return r.Mailbox == m.ID })]
}

func TestQuota(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		full := o.create(Mailbox{Address: "full@acme.example", Quota: int64(len(hello)) + 20})
		o.receive(hello, Verdict{}, full)
		d := Delivery{Blob: o.put("Subject: more\r\n\r\n").Blob, Size: 100, Parsed: &mime.Message{},
			To: []Recipient{{Mailbox: full.ID}, {Mailbox: o.ana.ID}}}
		if _, err := o.Deliver(t.Context(), d); !errors.Is(err, ErrQuota) {
			t.Fatalf("a full mailbox took mail: %v", err)
		}
		if f := o.folder(o.ana, Inbox); f.Total != 0 {
			t.Error("half of a refused delivery stayed")
		}
		inbox := o.folder(full, Inbox)
		if _, err := o.ChangeFlags(t.Context(), inbox, []uint32{1}, AddFlags, Flags{Deleted: true}); err != nil {
			t.Fatal(err)
		}
		if uids, err := o.Expunge(t.Context(), inbox, nil); err != nil || len(uids) != 1 {
			t.Fatal(uids, err)
		}
		if m, err := o.Mailbox(t.Context(), full.ID); err != nil || m.Used != 0 {
			t.Fatalf("%+v %v", m, err)
		}
		o.sweep(2) // of the message, and of the one that was refused
	})
}

// TestConcurrentUIDs delivers, appends and moves from many goroutines: each UID is given once and in the order in which
// messages become visible, and the counters stay right.
func TestConcurrentUIDs(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		inbox := o.folder(o.ana, Inbox)
		stop := make(chan struct{})
		var watching sync.WaitGroup
		watching.Go(func() { watchUIDs(t, o, inbox, stop) })
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				for k := range 10 {
					text := fmt.Sprintf("Message-ID: <%d-%d@x>\n\n.", i, k)
					ref := byMailbox(o.receive(text, Verdict{}, o.support, o.ana), o.ana)
					if k%3 == 0 {
						if err := o.Move(t.Context(), "u-ana", []string{ref.ID},
							o.folder(o.ana, "Archive").ID); err != nil {
							t.Error(err)
						}
					}
				}
			})
		}
		wg.Wait()
		close(stop)
		watching.Wait()
		if in, archive := o.folder(o.ana, Inbox), o.folder(o.ana, "Archive"); in.Next != 81 || in.Total != 48 ||
			in.Unseen != 48 || archive.Total != 32 || archive.Next != 33 {
			t.Errorf("inbox %+v archive %+v", in, archive)
		}
	})
}

// watchUIDs reads a folder's changes as an IMAP session does: a UID never appears after a higher one.
func watchUIDs(t *testing.T, o *office, f Folder, stop chan struct{}) {
	since, highest := f.ModSeq, uint32(0)
	for {
		states, _, modseq, err := o.Changes(context.Background(), f.ID, since)
		if err != nil {
			t.Error(err)
			return
		}
		for _, s := range states {
			if s.UID <= highest {
				t.Errorf("UID %d appeared after %d", s.UID, highest)
			}
			highest = s.UID
		}
		since = modseq
		select {
		case <-stop:
			return
		default:
		}
	}
}

// What one transaction stores together is numbered and threaded as if it came one after the other.
func TestDeliveredTogether(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		before := o.folder(o.ana, Inbox)
		var batch []*delivering
		for i, headers := range []string{"Message-ID: <1@x>", "Message-ID: <2@x>\nIn-Reply-To: <1@x>",
			"Message-ID: <3@x>", "Message-ID: <4@x>\nReferences: <3@x>"} {
			blob, size, err := o.PutBlob(t.Context(),
				strings.NewReader(strings.ReplaceAll("From: c@else.example\nSubject: x\n"+headers+"\n\nHi\n", "\n",
					"\r\n")))
			if err != nil {
				t.Fatal(err)
			}
			d := Delivery{Blob: blob, Size: size, EnvelopeFrom: "c@else.example", To: []Recipient{{Mailbox: o.ana.ID}},
				Verdict: Verdict{Junk: i == 2}}
			if i == 3 {
				d.To = append(d.To, Recipient{Mailbox: o.support.ID})
			}
			if err := o.prepare(t.Context(), &d); err != nil {
				t.Fatal(err)
			}
			batch = append(batch, &delivering{delivery: d})
		}
		if err := o.commitTogether(batch); err != nil {
			t.Fatal(err)
		}
		after := o.folder(o.ana, Inbox)
		if after.Next != before.Next+3 || after.ModSeq != before.ModSeq+3 || after.Total != 3 || after.Unseen != 3 ||
			o.jobs() != 4 {
			t.Errorf("from %+v to %+v with %d jobs", before, after, o.jobs())
		}
		type row struct {
			uid    uint32
			modseq int64
			folder string
			thread string
		}
		var got []row
		for i, w := range batch {
			var r row
			ref := w.refs[slices.IndexFunc(w.refs, func(r Ref) bool { return r.Mailbox == o.ana.ID })]
			err := db.QueryRow(t.Context(), `SELECT uid, modseq, folder, thread FROM mail_message WHERE id = $1`,
				ref.ID).Scan(&r.uid, &r.modseq, &r.folder, &r.thread)
			if err != nil || r.uid != ref.UID || r.folder != ref.Folder || len(w.refs) != len(w.delivery.To) {
				t.Fatalf("message %d: %+v %v of %v", i, r, err, w.refs)
			}
			got = append(got, r)
		}
		for i, r := range []row{got[0], got[1], got[3]} {
			if r.uid != before.Next+uint32(i) || r.modseq != before.ModSeq+int64(i)+1 || r.folder != before.ID {
				t.Errorf("message %d of the inbox is %+v", i, r)
			}
		}
		if got[0].thread != got[1].thread || got[2].thread != got[3].thread || got[0].thread == got[2].thread ||
			got[2].folder == before.ID {
			t.Errorf("%+v", got)
		}
	})
}

func TestThreads(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		// The answer of an answer comes first: the ids it names wait as members.
		ids := []string{}
		for _, header := range []string{
			"Message-ID: <3@x>\nIn-Reply-To: <2@x>\nReferences: <1@x> <2@x>\nSubject: Re: one",
			"Message-ID: <1@x>\nSubject: one",
			"Message-ID: <2@x>\nIn-Reply-To: <1@x>\nSubject: Re: one",
			"Message-ID: <9@x>\nSubject: one",
			"Message-ID: <4@x>\nIn-Reply-To: <unknown@x>\nReferences: <1@x> <lost@x>\nSubject: Re: one",
		} {
			ids = append(ids, o.receive(header+"\n\nbody", Verdict{}, o.ana)[0].ID)
		}
		page, err := o.Threads(t.Context(), "u-ana", Listing{Folder: o.folder(o.ana, Inbox).ID})
		if err != nil || len(page.Items) != 2 || page.Items[0].ID != ids[4] || page.Items[0].Count != 4 ||
			page.Items[0].Unread != 4 {
			t.Fatalf("%+v %v", page, err)
		}
		list, err := o.Thread(t.Context(), "u-ana", o.ana.ID, page.Items[0].Thread)
		if err != nil || len(list) != 4 || list[0].ID != ids[0] {
			t.Fatalf("%+v %v", list, err)
		}
		a, err := o.arrivalOf(Intake{Message: ids[0]})
		if err != nil || !slices.Equal(a.InReplyTo, []string{"2@x", "1@x"}) {
			t.Errorf("%+v %v", a, err)
		}
	})
}

// An answer to what a form of a web site sent goes to who filled it in, not to the machine.
func TestAnswerToAForm(t *testing.T) {
	form := "\n\nName: Ana Pop\nEmail: ana@client.test\nPhone: 0722 000 111\nMessage: Hello\n"
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		for message, want := range map[string]string{
			"From: Site <wordpress@hoster.test>\nTo: ana@acme.test\nSubject: Contact" +
				form: "ana@client.test",
			"From: Site <noreply@hoster.test>\nReply-To: no-reply@hoster.test\nTo: ana@acme.test\nSubject: Contact" +
				form: "ana@client.test",
			"From: Site <wordpress@hoster.test>\nReply-To: Bob <bob@client.test>\nTo: ana@acme.test\nSubject: Contact" +
				form: "bob@client.test",
			"From: Site <noreply@hoster.test>\nTo: ana@acme.test\nSubject: Contact\n\nSomebody was here.\n": "",
			"From: Ion <ion@client.test>\nTo: ana@acme.test\nSubject: A form" +
				form: "",
			"From: Ion <ion@client.test>\nReply-To: office@client.test, ion@client.test\nTo: ana@acme.test\n" +
				"Subject: x\n\nHello, Ana.\n": "office@client.test ion@client.test",
		} {
			m, err := o.Message(t.Context(), "u-ana", o.receive(message, Verdict{}, o.ana)[0].ID, false)
			var got []string
			for _, p := range m.ReplyTo {
				got = append(got, p.Address)
			}
			if err != nil || strings.Join(got, " ") != want {
				t.Errorf("%s\nis answered to %q, %v; want %q", message, got, err, want)
			}
		}
	})
}

func TestPagesAndSearch(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		for i := range 7 {
			o.receive(fmt.Sprintf("From: Ștefan %d <s@x.example>\nSubject: 100%% Ofertă %d\n\nText number_%d", i, i, i),
				Verdict{}, o.ana)
		}
		l := Listing{Folder: o.folder(o.ana, Inbox).ID, Limit: 3}
		seen := 0
		for pages := 0; ; pages++ {
			p, err := o.Messages(t.Context(), "u-ana", l)
			if err != nil {
				t.Fatal(err)
			}
			if seen += len(p.Items); p.Next == "" {
				if seen != 7 || pages != 2 {
					t.Fatalf("%d messages on %d pages", seen, pages+1)
				}
				break
			}
			l.After = p.Next
		}
		for query, want := range map[string]int{"OFERTĂ ștefan": 7, "ofertă 3": 1, "100%": 7, "1_0": 0, "NUMBER_2": 1,
			"x.example": 7, "missing": 0} {
			p, err := o.Messages(t.Context(), "u-ana", Listing{Mailbox: o.ana.ID, Query: query})
			if err != nil || len(p.Items) != want {
				t.Errorf("%q found %d, want %d (%v)", query, len(p.Items), want, err)
			}
		}
		if _, err := o.Messages(t.Context(), "u-ion", Listing{Mailbox: o.ana.ID}); err == nil {
			t.Error("another user lists it")
		}
	})
}
