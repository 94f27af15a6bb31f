package conversation

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"frontdesk/mail/mime"
	"frontdesk/store"
	"frontdesk/store/storetest"
)

// letter is a mail with these header fields.
func letter(fields ...string) *mime.Message {
	return mime.ParseBytes([]byte(strings.Join(fields, "\r\n") + "\r\n\r\nHello\r\n"))
}

// In-Reply-To tells most, then References from the newest to the oldest, each id once, its own at last.
func TestRelatives(t *testing.T) {
	for _, test := range []struct{ fields, want string }{
		{"Message-ID: <own@x>", "own@x"},
		{"Message-ID: <own@x>\r\nIn-Reply-To: <b@x>\r\nReferences: <a@x> <b@x> <c@x>", "b@x c@x a@x own@x"},
		{"References: <a@x> <a@x>", "a@x"},
		{"Subject: nothing", ""},
	} {
		if got := strings.Join(Relatives(letter(test.fields)), " "); got != test.want {
			t.Errorf("%q: %s, want %s", test.fields, got, test.want)
		}
	}
	long := []string{"Message-ID: <own@x>\r\nReferences:"}
	for i := range 200 {
		long = append(long, fmt.Sprintf(" <r%d@x>", i))
	}
	got := Relatives(letter(strings.Join(long, "\r\n")))
	if len(got) != maxReferences+1 || got[0] != "r199@x" || got[maxReferences] != "own@x" {
		t.Errorf("of many: %d, first %s, last %s", len(got), got[0], got[len(got)-1])
	}
}

// post is a box office of two mailboxes of the domain ours.example.
type post struct {
	t  *testing.T
	db *store.DB
}

func newPost(t *testing.T, db *store.DB) *post {
	t.Helper()
	p := &post{t, db}
	p.exec(`INSERT INTO mail_domain (name, selector, dkim_key, created_at) VALUES ('ours.example', 's', 'k', 0)`)
	for _, box := range []string{"ana", "bob"} {
		p.exec(`INSERT INTO mailbox (id, address, name, quota, used, validity, created_at)
			VALUES ($1, $2, $1, 0, 0, 0, 0)`, box, box+"@ours.example")
	}
	return p
}

func (p *post) exec(query string, args ...any) {
	p.t.Helper()
	if _, err := p.db.Exec(p.t.Context(), query, args...); err != nil {
		p.t.Fatal(err)
	}
}

// join gives the threads of mails that are stored together.
func (p *post) join(mails ...Mail) (threads []string) {
	p.t.Helper()
	if err := p.db.Tx(p.t.Context(), func(tx *store.Tx) error {
		found, todo, err := Join(p.t.Context(), tx, mails)
		if err != nil {
			return err
		}
		threads = found
		return tx.ExecAll(p.t.Context(), todo)
	}); err != nil {
		p.t.Fatal(err)
	}
	return threads
}

func (p *post) comes(box string, fields ...string) string {
	p.t.Helper()
	return p.join(Mail{Mailbox: box, Parsed: letter(fields...)})[0]
}

// Answers join what they answer, whatever order mails come in, each mailbox for itself.
func TestAnswersJoin(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		p := newPost(t, db)
		first := p.comes("ana", "Message-ID: <1@x>")
		if again := p.comes("ana", "Message-ID: <2@x>", "In-Reply-To: <1@x>"); again != first {
			t.Error("an answer begins a thread")
		}
		// The second of a talk comes before the first, which nobody has seen so far.
		late := p.comes("ana", "Message-ID: <5@x>", "References: <4@x>")
		if late == first || p.comes("ana", "Message-ID: <4@x>") != late {
			t.Error("who was referred to does not join")
		}
		// It answers one talk and refers to another: what it answers counts.
		if got := p.comes("ana", "Message-ID: <6@x>", "In-Reply-To: <1@x>", "References: <4@x>"); got != first {
			t.Error("In-Reply-To does not go before References")
		}
		if other := p.comes("bob", "Message-ID: <2@x>", "In-Reply-To: <1@x>"); other == first {
			t.Error("two mailboxes share a thread")
		}
		together := p.join(Mail{Mailbox: "bob", Parsed: letter("Message-ID: <7@x>")},
			Mail{Mailbox: "bob", Parsed: letter("Message-ID: <8@x>", "In-Reply-To: <7@x>")})
		if together[0] != together[1] {
			t.Error("mails that come together don't see each other")
		}
		if none, again := p.comes("ana"), p.comes("ana"); none == again {
			t.Error("mails without ids are one thread")
		}
	})
}

// Two clients who answer one mail of ours have a conversation each; a colleague's copy and who answers all stay in it.
func TestAnswersToMany(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		p := newPost(t, db)
		sent := p.join(Mail{Mailbox: "ana", Outgoing: true, Parsed: letter("From: ana@ours.example",
			"To: one@a.example, two@b.example", "Message-ID: <m@ours.example>")})[0]
		answer := func(from, to, id string) string {
			return p.comes("ana", "From: "+from, "To: "+to, "Message-ID: <"+id+">", "In-Reply-To: <m@ours.example>")
		}
		one := answer("one@a.example", "ana@ours.example", "1@a.example")
		two := answer("two@b.example", "ana@ours.example", "2@b.example")
		if slices.Contains([]string{two, sent}, one) || two == sent {
			t.Errorf("two clients' answers are one talk: %s, %s, %s", sent, one, two)
		}
		if again := answer("ONE@a.example", "ana@ours.example", "3@a.example"); again != one {
			t.Error("the second answer of one begins another talk")
		}
		if all := answer("two@b.example", "ana@ours.example, one@a.example", "4@b.example"); all != sent {
			t.Error("an answer to all leaves the talk of all")
		}
	})
}
