package team

import (
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/mail"
	"frontdesk/store"
	"frontdesk/store/blob"
	"frontdesk/store/storetest"
)

// office has a mailbox of Ana and Ion, and Ana's own.
type office struct {
	*Team
	t          *testing.T
	box        *mail.Box
	sales, ana mail.Mailbox
	told       []string
}

func newOffice(t *testing.T, db *store.DB) *office {
	t.Helper()
	blobs, err := blob.NewFiles(t.TempDir())
	must(t, err)
	o := &office{t: t, box: mail.New(mail.Config{}, db, blobs, slog.New(slog.DiscardHandler), prometheus.NewRegistry())}
	o.Team = New(db, func(user, event string, data any) {
		what := ""
		if c, ok := data.(Told); ok {
			what = " " + c.What
		}
		o.told = append(o.told, user+" "+event+what)
	})
	_, err = o.box.CreateDomain(t.Context(), "acme.example")
	must(t, err)
	o.sales, err = o.box.CreateMailbox(t.Context(), mail.Mailbox{Address: "sales@acme.example",
		Users: []string{"ana", "ion"}})
	must(t, err)
	o.ana, err = o.box.CreateMailbox(t.Context(), mail.Mailbox{Address: "ana@acme.example", Users: []string{"ana"}})
	must(t, err)
	return o
}

// receive delivers a mail and returns its conversation.
func (o *office) receive(to mail.Mailbox, subject string) Thread {
	o.t.Helper()
	blob, size, err := o.box.PutBlob(o.t.Context(),
		strings.NewReader("From: c@else.example\r\nMessage-ID: <"+subject+"@x>\r\nSubject: "+subject+"\r\n\r\nx\r\n"))
	must(o.t, err)
	refs, err := o.box.Deliver(o.t.Context(), mail.Delivery{Blob: blob, Size: size, EnvelopeFrom: "c@else.example",
		To: []mail.Recipient{{Mailbox: to.ID, Address: to.Address}}})
	must(o.t, err)
	m, err := o.box.Message(o.t.Context(), to.Users[0], refs[0].ID, false)
	must(o.t, err)
	return Thread{Mailbox: to.ID, Thread: m.Thread}
}

// heard is what users were told since, in order.
func (o *office) heard() []string {
	list := o.told
	o.told = nil
	slices.Sort(list)
	return list
}

func (o *office) state(at Thread) State {
	o.t.Helper()
	s, err := o.State(o.t.Context(), "ion", at)
	must(o.t, err)
	return s
}

// listed are the subjects of conversations that a user finds by whose they are.
func (o *office) listed(user, taken, q string) string {
	o.t.Helper()
	inbox, err := o.box.Folder(o.t.Context(), o.sales.ID, mail.Inbox)
	must(o.t, err)
	p, err := o.box.Threads(o.t.Context(), user, mail.Listing{Mailbox: o.sales.ID, Folder: inbox.ID, Taken: taken,
		Query: q})
	must(o.t, err)
	var list []string
	for _, c := range p.Items {
		list = append(list, c.Subject+":"+c.Assignee)
	}
	slices.Sort(list)
	return strings.Join(list, " ")
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func is[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

// A conversation is taken and given away, lists hide what a colleague has, and who gets one is told until he opens it.
func TestConversationsAreAssigned(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		one, two, three := o.receive(o.sales, "one"), o.receive(o.sales, "two"), o.receive(o.sales, "three")
		_ = three
		must(t, o.Assign(t.Context(), "ana", []Thread{one}, "ana"))
		is(t, "told of taking", strings.Join(o.heard(), ", "), "ana mail.team assigned, ion mail.team assigned")
		must(t, o.Assign(t.Context(), "ana", []Thread{two}, "ion"))
		is(t, "told of giving", strings.Join(o.heard(), ", "),
			"ana mail.team assigned, ion mail.notice, ion mail.team assigned")
		is(t, "all", o.listed("ana", "", ""), "one:ana three: two:ion")
		is(t, "Ana's", o.listed("ana", "mine", ""), "one:ana")
		is(t, "Ion's", o.listed("ion", "mine", ""), "two:ion")
		is(t, "nobody's", o.listed("ion", "none", ""), "three:")
		is(t, "for Ion", o.listed("ion", "open", ""), "three: two:ion")
		is(t, "found for Ana", o.listed("ana", "open", "from:else"), "one:ana three:")
		notices, err := o.Notices(t.Context(), "ion")
		if err != nil || len(notices) != 1 || notices[0].Subject != "two" || notices[0].By != "ana" {
			t.Errorf("Ion's notices: %+v, %v", notices, err)
		}
		must(t, o.Look(t.Context(), "ion", "tab", two, Reading))
		notices, err = o.Notices(t.Context(), "ion")
		if err != nil || len(notices) != 0 {
			t.Errorf("after he opened it: %+v, %v", notices, err)
		}
		must(t, o.Assign(t.Context(), "ion", []Thread{one}, ""))
		is(t, "given back", o.listed("ana", "none", ""), "one: three:")
		if err := o.Assign(t.Context(), "ana", []Thread{one}, "eve"); !errors.Is(err, ErrMember) {
			t.Errorf("given to a stranger: %v", err)
		}
		for what, err := range map[string]error{
			"assigned":  o.Assign(t.Context(), "eve", []Thread{one}, "eve"),
			"looked at": o.Look(t.Context(), "eve", "tab", one, Reading),
			"of Ana":    o.Assign(t.Context(), "ion", []Thread{o.receive(o.ana, "own")}, "ion"),
		} {
			if !errors.Is(err, mail.ErrNotFound) {
				t.Errorf("%s by a stranger: %v", what, err)
			}
		}
		sales := o.sales
		sales.Users = []string{"ana"}
		must(t, o.box.UpdateMailbox(t.Context(), sales))
		is(t, "what he had who reads it no more", o.listed("ana", "none", ""), "one: three: two:")
	})
}

// Comments stand beside a conversation for its readers, who is named is told, and only its writer takes one away.
func TestComments(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		at := o.receive(o.sales, "one")
		c, err := o.Comment(t.Context(), "ana", at, " Ask @Ion ", []string{"ion", "ana"})
		must(t, err)
		is(t, "told", strings.Join(o.heard(), ", "), "ana mail.team comment, ion mail.notice, ion mail.team comment")
		s := o.state(at)
		if len(s.Comments) != 1 || s.Comments[0].Text != "Ask @Ion" || s.Comments[0].User != "ana" {
			t.Errorf("comments %+v", s.Comments)
		}
		notices, err := o.Notices(t.Context(), "ion")
		if err != nil || len(notices) != 1 || notices[0].Text != "Ask @Ion" || notices[0].Kind != "mentioned" {
			t.Errorf("notices %+v, %v", notices, err)
		}
		if _, err := o.Comment(t.Context(), "eve", at, "x", nil); !errors.Is(err, mail.ErrNotFound) {
			t.Errorf("a stranger's comment: %v", err)
		}
		if _, err := o.Comment(t.Context(), "ana", at, "x", []string{"eve"}); !errors.Is(err, ErrMember) {
			t.Errorf("a stranger mentioned: %v", err)
		}
		if _, err := o.Comment(t.Context(), "ana", Thread{Mailbox: at.Mailbox, Thread: "no"}, "x", nil); !errors.Is(err,
			mail.ErrNotFound) {
			t.Errorf("beside nothing: %v", err)
		}
		if err := o.Uncomment(t.Context(), "ion", c.ID); !errors.Is(err, mail.ErrNotFound) {
			t.Errorf("another's comment removed: %v", err)
		}
		must(t, o.Uncomment(t.Context(), "ana", c.ID))
		is(t, "comments left", len(o.state(at).Comments), 0)
	})
}

// Who reads and who answers is seen, told when it changes and not when it is said again; the second of two who answer
// is warned, the first is not.
func TestTwoAnswer(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		at := o.receive(o.sales, "one")
		m, err := o.box.Thread(t.Context(), "ana", at.Mailbox, at.Thread)
		must(t, err)
		draft := func(user string) string {
			d, err := o.box.SaveDraft(t.Context(), user, mail.DraftSave{Draft: mail.Draft{From: o.sales.Address,
				To: []string{"c@else.example"}, Text: user, Reply: m[0].ID}}, 1<<20)
			must(t, err)
			return d.ID
		}
		must(t, o.Look(t.Context(), "ana", "a", at, Reading))
		must(t, o.Look(t.Context(), "ana", "a", at, Answering))
		o.heard()
		must(t, o.Look(t.Context(), "ana", "a", at, Answering))
		is(t, "said again", len(o.heard()), 0)
		must(t, o.Look(t.Context(), "ion", "b", at, Reading))
		looks := o.state(at).Looks
		if len(looks) != 2 || looks[0].User != "ana" || looks[0].Doing != Answering || looks[1].Doing != Reading {
			t.Errorf("looks %+v", looks)
		}
		must(t, o.Look(t.Context(), "ion", "b", at, Answering))
		first, second := draft("ana"), draft("ion")
		must(t, o.Check(t.Context(), "ana", first))
		if err := o.Check(t.Context(), "ion", second); !errors.Is(err, ErrOthers) {
			t.Errorf("the second while the first writes: %v", err)
		}
		must(t, db.Tx(t.Context(), func(tx *store.Tx) error { return Answered(t.Context(), tx, "ana", first) }))
		must(t, o.Gone(t.Context(), "ana", "a"))
		is(t, "who is there", len(o.state(at).Looks), 1)
		if err := o.Check(t.Context(), "ion", second); !errors.Is(err, ErrOthers) {
			t.Errorf("the second after the first sent: %v", err)
		}
		is(t, "answers", o.state(at).Answers[0].User, "ana")
		must(t, db.Tx(t.Context(), func(tx *store.Tx) error { return TakenBack(t.Context(), tx, first) }))
		must(t, o.Check(t.Context(), "ion", second))
		_, err = db.Exec(t.Context(), `UPDATE mail_look SET until = 1`)
		must(t, err)
		is(t, "looks that lapsed", len(o.state(at).Looks), 0)
	})
}
