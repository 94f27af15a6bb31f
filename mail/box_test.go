package mail

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/mail/mime"
	"frontdesk/store"
	"frontdesk/store/storetest"
)

// office is a Box with a domain, Ana's mailbox and one she shares with Ion.
type office struct {
	*Box
	t            testing.TB
	db           *store.DB
	ana, support Mailbox
}

func newOffice(t testing.TB, db *store.DB) *office {
	t.Helper()
	blobs, err := store.NewFileBlobs(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	o := &office{Box: New(db, blobs, slog.New(slog.DiscardHandler), prometheus.NewRegistry()), t: t, db: db}
	if _, err := o.CreateDomain(t.Context(), "Acme.example"); err != nil {
		t.Fatal(err)
	}
	o.ana = o.create(Mailbox{Address: "Ana@acme.example", Name: "Ana Pop", Users: []string{"u-ana"}})
	o.support = o.create(Mailbox{Address: "support@acme.example", Users: []string{"u-ana", "u-ion"}})
	return o
}

func (o *office) create(m Mailbox) Mailbox {
	o.t.Helper()
	m, err := o.CreateMailbox(o.t.Context(), m)
	if err != nil {
		o.t.Fatal(err)
	}
	return m
}

// receive delivers a mail of these headers and body to mailboxes.
func (o *office) receive(text string, verdict Verdict, to ...Mailbox) []Ref {
	o.t.Helper()
	blob, size, err := o.PutBlob(o.t.Context(), strings.NewReader(strings.ReplaceAll(text, "\n", "\r\n")))
	if err != nil {
		o.t.Fatal(err)
	}
	d := Delivery{Blob: blob, Size: size, EnvelopeFrom: "client@else.example", Verdict: verdict}
	for _, m := range to {
		d.To = append(d.To, Recipient{Mailbox: m.ID, Address: m.Address})
	}
	refs, err := o.Deliver(o.t.Context(), d)
	if err != nil {
		o.t.Fatal(err)
	}
	return refs
}

func (o *office) folder(m Mailbox, name string) Folder {
	o.t.Helper()
	f, err := o.Folder(o.t.Context(), m.ID, name)
	if err != nil {
		o.t.Fatal(err)
	}
	return f
}

func (o *office) jobs() (n int) {
	o.t.Helper()
	if err := o.db.QueryRow(o.t.Context(), `SELECT count(*) FROM job WHERE kind = $1`, IntakeJob).Scan(&n); err != nil {
		o.t.Fatal(err)
	}
	return n
}

const hello = "From: Client <Client@else.example>\nTo: ana@acme.example\nSubject: Hello\nMessage-ID: <1@else>\n\nGood day.\n"

func TestResolve(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		for _, alias := range []string{"sales@acme.example", "@acme.example"} {
			if err := o.AddAlias(t.Context(), alias, o.support.ID); err != nil {
				t.Fatal(err)
			}
		}
		if err := o.AddAlias(t.Context(), "sales@acme.example", o.ana.ID); err != nil {
			t.Fatal(err)
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
		if err := o.RemoveAlias(t.Context(), "@acme.example", o.support.ID); err != nil {
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
	if err != nil || !strings.HasPrefix(d.Record, "v=DKIM1; k=rsa; p=MIIBIjAN") ||
		!strings.Contains(d.Key, "PRIVATE KEY") {
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
		a, err := o.Arrival(t.Context(), Intake{Message: ids[0]})
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
			"From: Ion <ion@client.test>\nReply-To: office@client.test, ion@client.test\nTo: ana@acme.test\nSubject: x\n\nHello, Ana.\n": "office@client.test ion@client.test",
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

func TestFlagsMoveAndTraining(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		var trained []string
		o.OnTrain = func(_ context.Context, id string, junk bool) { trained = append(trained, fmt.Sprint(junk)) }
		changed := 0
		o.OnChange = func(string) { changed++ }
		notified, stop := o.Watch(o.ana.ID)
		defer stop()
		ref := o.receive(hello, Verdict{Junk: true}, o.ana)[0]
		<-notified
		steps := []error{
			o.Move(t.Context(), "u-ana", []string{ref.ID}, o.folder(o.ana, Inbox).ID),
			o.MarkSeen(t.Context(), "u-ana", []string{ref.ID}, true),
			o.Flag(t.Context(), "u-ana", []string{ref.ID}, true),
			o.Move(t.Context(), "u-ana", []string{ref.ID}, o.folder(o.support, Inbox).ID),
		}
		if err := errors.Join(steps...); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(trained, []string{"false"}) || o.jobs() != 1 || changed < 5 {
			t.Errorf("trained %v, %d jobs, %d changes", trained, o.jobs(), changed)
		}
		if f := o.folder(o.ana, Inbox); f.Total != 0 || f.Unseen != 0 {
			t.Errorf("left behind: %+v", f)
		}
		page, err := o.Messages(t.Context(), "u-ion", Listing{Folder: o.folder(o.support, Inbox).ID})
		if err != nil || len(page.Items) != 1 || !page.Items[0].Seen || !page.Items[0].Flagged {
			t.Fatalf("%+v %v", page, err)
		}
		if err := o.Move(t.Context(), "u-ion", []string{page.Items[0].ID}, o.folder(o.ana, Inbox).ID); !errors.Is(err,
			ErrNotFound) {
			t.Errorf("moved into another's mailbox: %v", err)
		}
		for range 2 { // to Trash, then for good
			if err := o.Delete(t.Context(), "u-ion", []string{page.Items[0].ID}); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := o.Raw(t.Context(), page.Items[0].ID); !errors.Is(err, ErrNotFound) {
			t.Errorf("deleted twice, still there: %v", err)
		}
	})
}

// A mail that was moved before the CRM looked is found where it went, also when a client copied and expunged it.
func TestArrivalOfWhatMovedOn(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		told := func() (in Intake) {
			t.Helper()
			var payload []byte
			if err := db.QueryRow(t.Context(), `SELECT payload FROM job WHERE kind = $1 ORDER BY id DESC LIMIT 1`,
				IntakeJob).Scan(&payload); err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(payload, &in); err != nil {
				t.Fatal(err)
			}
			return in
		}
		expunge := func(f Folder, uid uint32) {
			t.Helper()
			if _, err := o.ChangeFlags(t.Context(), f, []uint32{uid}, AddFlags, Flags{Deleted: true}); err != nil {
				t.Fatal(err)
			}
			if gone, err := o.Expunge(t.Context(), f, nil); err != nil || len(gone) != 1 {
				t.Fatalf("expunged %v, %v", gone, err)
			}
		}
		inbox, archive := o.folder(o.ana, Inbox), o.folder(o.ana, "Archive")
		for name, to := range map[string]Folder{"in the mailbox": archive, "to another": o.folder(o.support, Inbox)} {
			ref := o.receive(hello, Verdict{}, o.ana)[0]
			in := told()
			if _, err := o.CopyUIDs(t.Context(), inbox, []uint32{ref.UID}, to); err != nil {
				t.Fatal(err)
			}
			expunge(inbox, ref.UID)
			a, err := o.Arrival(t.Context(), in)
			if err != nil || a.ID == ref.ID || a.Folder != to.ID || a.Mailbox != to.Mailbox || a.MessageID != "1@else" {
				t.Errorf("%s: %+v, %v", name, a, err)
			}
			if err := o.Delete(t.Context(), "u-ana", []string{a.ID}); err != nil {
				t.Fatal(err)
			}
			if err := o.Delete(t.Context(), "u-ana", []string{o.onlyOf(to.Mailbox, "Trash")}); err != nil {
				t.Fatal(err)
			}
			if _, err := o.Arrival(t.Context(), in); !errors.Is(err, ErrNotFound) {
				t.Errorf("%s, deleted for good: %v", name, err)
			}
		}
	})
}

// onlyOf is the id of the one message in a folder.
func (o *office) onlyOf(mailbox, folder string) (id string) {
	o.t.Helper()
	if err := o.db.QueryRow(o.t.Context(), `SELECT m.id FROM mail_message m JOIN mail_folder f ON f.id = m.folder WHERE f.mailbox = $1 AND f.name = $2`, mailbox, folder).Scan(&id); err != nil {
		o.t.Fatal(err)
	}
	return id
}

func TestFolders(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		o.receive(hello, Verdict{}, o.ana)
		do := func(want error, err error) {
			t.Helper()
			if !errors.Is(err, want) {
				t.Errorf("%v, want %v", err, want)
			}
		}
		ctx, id := t.Context(), o.ana.ID
		for _, name := range []string{"Clienți", "Clienți/Țiriac", "Clienți/Țiriac/2026"} {
			_, err := o.CreateFolder(ctx, id, name)
			do(nil, err)
		}
		for name, want := range map[string]error{"inbox": ErrExists, "a//b": ErrInvalid, "a%": ErrInvalid,
			"": ErrInvalid, "Sent": ErrExists} {
			_, err := o.CreateFolder(ctx, id, name)
			do(want, err)
		}
		do(nil, o.RenameFolder(ctx, id, "Clienți", "Klienten"))
		do(ErrSpecial, o.RenameFolder(ctx, id, "Junk", "Spam"))
		do(ErrSpecial, o.DeleteFolder(ctx, id, "INBOX"))
		do(nil, o.RenameFolder(ctx, id, "INBOX", "Old"))
		if f := o.folder(o.ana, "Klienten/Țiriac/2026"); f.ID == "" {
			t.Error("children did not move")
		}
		if in, old := o.folder(o.ana, Inbox), o.folder(o.ana, "Old"); in.Total != 0 || old.Total != 1 ||
			old.Validity <= in.Validity {
			t.Errorf("%+v %+v", in, old)
		}
		do(nil, o.DeleteFolder(ctx, id, "Old"))
		do(ErrNotFound, o.DeleteFolder(ctx, id, "Old"))
		again, err := o.CreateFolder(ctx, id, "Old")
		do(nil, err)
		if again.Validity <= o.folder(o.ana, Inbox).Validity+1 {
			t.Error("UIDVALIDITY was used again")
		}
		o.receive(hello, Verdict{}, o.ana, o.support)
		do(nil, o.DeleteMailbox(ctx, id))
		if f := o.folder(o.support, Inbox); f.Total != 1 {
			t.Error("another mailbox lost mail")
		}
	})
}

func TestCompose(t *testing.T) {
	o := newOffice(t, storetest.SQLite(t))
	ref := o.receive("Message-ID: <2@x>\nReferences: <1@x>\nSubject: Întrebare\n\n?", Verdict{}, o.ana)[0]
	c, err := o.Compose(t.Context(), "u-ana",
		Draft{From: "ana@acme.example", To: []string{"Ștefan <s@x.example>"}, Bcc: []string{"b@x.example"},
			Reply:   ref.ID,
			Subject: "Re: Întrebare\r\nBcc: evil@x.example",
			Text:    "Bună ziua,\n.\nlinie " + strings.Repeat("lungă ", 300),
			HTML:    `<p onclick="x()">Bună</p><script>1</script>`})
	if err != nil {
		t.Fatal(err)
	}
	raw := string(c.Raw)
	for _, bad := range []string{"b@x.example", "\nBcc:", "script", "onclick"} {
		if strings.Contains(raw, bad) {
			t.Errorf("%q in\n%s", bad, raw)
		}
	}
	for _, line := range strings.Split(strings.TrimSuffix(raw, "\r\n"), "\r\n") {
		if len(line) > 998 || strings.ContainsAny(line, "\r\n") {
			t.Errorf("line of %d bytes", len(line))
		}
	}
	m := mime.ParseBytes(c.Raw)
	if m.MessageID != c.MessageID || !slices.Equal(m.References, []string{"1@x", "2@x"}) ||
		!slices.Equal(m.InReplyTo, []string{"2@x"}) || m.To[0].Name != "Ștefan" ||
		!strings.HasPrefix(m.Text, "Bună ziua,\n.\nlinie lungă") || !strings.Contains(m.HTML, "<p>Bună</p>") ||
		m.Date.IsZero() || m.From[0].Name != "Ana Pop" {
		t.Errorf("%+v", m)
	}
	if !slices.Equal(c.To, []string{"b@x.example", "s@x.example"}) || !strings.HasSuffix(c.MessageID, "@acme.example") {
		t.Errorf("%+v", c)
	}
	for name, d := range map[string]Draft{"not hers": {From: "boss@acme.example", To: []string{"a@b.c"}},
		"nobody": {From: "ana@acme.example"}, "bad": {From: "ana@acme.example", To: []string{"a@b.c, d@e.f"}}} {
		if _, err := o.Compose(t.Context(), "u-ana", d); err == nil {
			t.Errorf("%s: composed", name)
		}
	}
}

// Files arrive byte for byte, whatever they hold, claim to be or are called.
func TestComposeWithFiles(t *testing.T) {
	o := newOffice(t, storetest.SQLite(t))
	every := make([]byte, 3000)
	for i := range every {
		every[i] = byte(i)
	}
	files := []File{
		{"două oferte.pdf", "application/pdf", every},
		{`C:\temp\..\a "b".txt`, "text/plain; charset=latin1", []byte("a\n.\r\nFrom b\n")},
		{"evil\r\nBcc: x@y.example", "no type\r\nX: y", []byte{}},
		{"mail.eml", "message/rfc822", []byte("Subject: x\n\ny\n")},
	}
	// as readers show names
	want := []struct{ name, kind string }{{"două oferte.pdf", "application/pdf"}, {"a b.txt", "text/plain"},
		{"evil Bcc x@y.example", "application/octet-stream"}, {"mail.eml", "application/octet-stream"}}
	for _, html := range []string{"", "<p>Bună</p>"} {
		c, err := o.Compose(t.Context(), "u-ana",
			Draft{From: "ana@acme.example", To: []string{"s@x.example"}, Subject: "Files", Text: "Bună", HTML: html,
				Files: files})
		if err != nil {
			t.Fatal(err)
		}
		if raw := string(c.Raw); strings.Contains(raw, "\r\nBcc:") || strings.Contains(raw, "\r\nX:") {
			t.Errorf("a name became a field:\n%s", raw)
		}
		blob, size, err := o.PutBlob(t.Context(), bytes.NewReader(c.Raw))
		if err != nil {
			t.Fatal(err)
		}
		ref, err := o.Append(t.Context(), Addition{Mailbox: o.ana.ID, Folder: Inbox, Blob: blob, Size: size})
		if err != nil {
			t.Fatal(err)
		}
		m, err := o.Message(t.Context(), "u-ana", ref.ID, false)
		if err != nil || len(m.Files) != len(files) || strings.TrimSpace(m.Text) != "Bună" ||
			strings.Contains(m.HTML, "<p>Bună</p>") != (html != "") && html != "" {
			t.Fatalf("%+v %v", m, err)
		}
		for i, f := range m.Files {
			_, data, err := o.Attachment(t.Context(), "u-ana", ref.ID, f.Part)
			if err != nil || !bytes.Equal(data, files[i].Data) || f.Name != want[i].name || f.Type != want[i].kind {
				t.Errorf("file %d is %q of %q with %d bytes, %v", i, f.Name, f.Type, len(data), err)
			}
		}
	}
}

func TestAttachment(t *testing.T) {
	o := newOffice(t, storetest.SQLite(t))
	ref := o.receive("Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/html\n\n<img src=\"cid:i@x\"><img src=\"https://t.example/p.gif\">\n"+
		"--b\nContent-Type: image/png\nContent-ID: <i@x>\nContent-Transfer-Encoding: base64\n\niVBORw0KGgo=\n"+
		"--b\nContent-Type: application/pdf; name=\"../../o.pdf\"\nContent-Transfer-Encoding: base64\n\nJVBERi0=\n--b--\n", Verdict{}, o.ana)[0]
	m, err := o.Message(t.Context(), "u-ana", ref.ID, false)
	if err != nil || len(m.Files) != 1 || m.Files[0].Name != "o.pdf" || m.Attachments != 1 || !m.Remote ||
		strings.Contains(m.HTML, "t.example") ||
		!strings.Contains(m.HTML, "data:image/png;base64,iVBORw0KGgo=") {
		t.Fatalf("%+v %v", m, err)
	}
	if a, data, err := o.Attachment(t.Context(), "u-ana", ref.ID, m.Files[0].Part); err != nil ||
		string(data) != "%PDF-" || a.Type != "application/pdf" {
		t.Errorf("%+v %q %v", a, data, err)
	}
	if r, err := o.RawOf(t.Context(), "u-ana", ref.ID); err != nil {
		t.Error(err)
	} else if raw, _ := io.ReadAll(r); !strings.HasPrefix(string(raw), "Content-Type") {
		t.Errorf("%q", raw)
	}
	if _, _, err := o.Attachment(t.Context(), "u-ion", ref.ID, "2"); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
}
