package intake

import (
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/crmcore"
	"frontdesk/crmcore/address"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/crmcore/timeline"
	"frontdesk/mail"
	"frontdesk/store"
	"frontdesk/store/storetest"
)

// We write first; the client's answer joins that conversation, though it comes from another mailbox and names our mail
// second; a stranger's mail with a Message-ID in use is a mail of its own.
func TestMailInOfAConversation(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		core := crmcore.New(db, crmcore.Config{Region: "RO", KnownPasswords: true}, crmcore.Hooks{},
			slog.New(slog.DiscardHandler), prometheus.NewRegistry())
		if _, err := core.CreateUser(t.Context(), people.System(),
			people.NewUser{User: people.User{Login: "root", Name: "Root", Role: people.Admin},
				Password: "correct horse"}); err != nil {
			t.Fatal(err)
		}
		points := []record.Point{{Kind: address.Email, Raw: "ana@firm.ro"}}
		ana, err := core.CreateContact(t.Context(), people.System(), crmcore.Contact{Name: "Ana", Points: points})
		if err != nil {
			t.Fatal(err)
		}
		in, box := New(Deps{Core: core}), mail.Mailbox{Address: "sales@ours.ro"}
		arrival := func(id, from string) mail.Arrival {
			return mail.Arrival{Summary: mail.Summary{ID: id + from, MessageID: id, From: mail.Person{Address: from},
				Date: time.Now()}, Client: mail.Person{Address: from}}
		}
		receive := func(a mail.Arrival) crmcore.Card {
			t.Helper()
			card, err := core.Receive(t.Context(), in.mailTouch(a, box, a.Client, true))
			if err != nil {
				t.Fatal(err)
			}
			return card
		}
		ours := arrival("1@ours", box.Address)
		ours.To = []mail.Person{{Address: "ana@firm.ro"}}
		if err := in.sent(t.Context(), ours, box); err != nil {
			t.Fatal(err)
		}
		answer := arrival("2@firm", "ana@home.ro")
		answer.InReplyTo = []string{"lost@ours", "1@ours"}
		first := receive(answer)
		if len(first.Cards) != 1 || first.Cards[0].Ref.ID != ana.ID || first.Lead != "" {
			t.Errorf("the answer: %+v", first)
		}
		if again := receive(answer); again.Activity != first.Activity {
			t.Error("the answer, told twice, is there twice")
		}
		for _, from := range []string{"x@strange.ro", "ana@firm.ro"} {
			for _, id := range []string{"1@ours", "2@firm"} {
				taken := receive(arrival(id, from))
				if taken.Activity == first.Activity || (from == "x@strange.ro") != (taken.Cards[0].Ref.ID != ana.ID) {
					t.Errorf("%s from %s: %+v", id, from, taken)
				}
			}
		}
		list, err := core.Timeline(t.Context(), people.System(), record.Ref{Kind: record.Contact, ID: ana.ID},
			record.Page{})
		if err != nil || len(list.Items) != 4 {
			t.Errorf("Ana's timeline: %+v %v", list.Items, err)
		}
	})
}

// Who wrote makes a lead, once, and no machine does: the files are named for what they are.
func TestWhichMailsMakeLeads(t *testing.T) {
	want := map[string]int{"autogen": 0, "autono": 1, "autosub": 0, "bcc": 1, "colleague": 0, "dup": 1, "group": 1,
		"listunsub": 0, "multi": 1, "noreply": 0, "nullpath": 0,
		"ooosubj-en": 0, "ownunk": 0, "precauto": 0, "webform2": 1, "xars-human": 1, "xmailautoreply": 0}
	files, err := filepath.Glob("testdata/crm-*.eml")
	if err != nil || len(files) != len(want) {
		t.Fatal(files, err)
	}
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		c := newMailCompany(t, db)
		for _, file := range files {
			name := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(file), "crm-"), ".eml")
			raw, err := os.ReadFile(file)
			must(t, err)
			from := "p@crm-" + name + ".example"
			if name == "nullpath" {
				from = ""
			}
			before := len(c.leads())
			c.arrives(from, string(raw))
			c.arrives(from, string(raw))
			leads := c.leads()
			if len(leads)-before != want[name] || want[name] == 1 && !slices.Contains(leads, "p@crm-"+name+".example") {
				t.Errorf("%s: %d leads, want %d: %v", name, len(leads)-before, want[name], leads)
			}
		}
		before := len(c.leads())
		c.arrives("x@bank.test",
			"From: noreply@bank.test\nTo: elena@acme.example\nSubject: Your data\n\nName: Elena\n"+
				"Email: elena@acme.example\nPhone: 1")
		if len(c.leads()) != before {
			t.Error("a bank's machine is a lead")
		}
		for name, raw := range map[string]string{
			"ours":        "From: Site <web@acme.example>\nReply-To: Ana <ana@ours.test>\nSubject: x\n\nx",
			"the mailbox": "From: elena@acme.example\nReply-To: ana@themailbox.test\nSubject: x\n\nx",
			"a noreply":   "From: noreply@hoster.test\nReply-To: ana@anoreply.test\nSubject: x\n\nx",
			"a form's address": "From: contact-form@hoster.test\nReply-To: \"Ana\" <ana@aformsaddress.test>\n" +
				"Subject: x\n\nx",
			"a form service": "From: notifications@hoster.test\nReply-To: Ana <ana@aformservice.test>\n" +
				"Subject: x\n\nx",
			"a form's words": "From: wordpress@hoster.test\nSubject: x\n\nName: Ana\nEmail: ana@aformswords.test\n" +
				"Message: x",
			"our form's words": "From: elena@acme.example\nTo: elena@acme.example\nSubject: x\n\nNume: Ana\n" +
				"Email: ana@ourformswords.test\nTelefon: 1",
			"a noreply's form": "From: noreply@hoster.test\nReply-To: elena@acme.example\nSubject: x\n\nИмя: Ana\n" +
				"E-mail: ana@anoreplysform.test\n",
			"a person":      "From: ana@aperson.test\nReply-To: office@firm.test\nSubject: x\n\nx",
			"answers to us": "From: ana@answerstous.test\nReply-To: elena@acme.example\nSubject: x\n\nx",
		} {
			c.arrives("x@hoster.test", raw)
			if want := "ana@" + strings.NewReplacer(" ", "", "'", "").Replace(name) +
				".test"; !slices.Contains(c.leads(), want) {
				t.Errorf("%s: %s is no lead of %v", name, want, c.leads())
			}
		}
	})
}

// One Message-ID is not one mail: another sender's or another text is another. A copy that came another way is the
// same.
func TestOneMessageIDSeveralMails(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		c := newMailCompany(t, db)
		const one = "From: a@one.test\nMessage-ID: <1@x>\nDate: Sat, 28 Nov 2026 10:00:00 +0000\nSubject: one\n\nHello"
		c.arrives("a@one.test", one)
		c.arrives("a@one.test", "Received: by y; Sat, 28 Nov 2026 10:00:01 +0000\n"+one)
		c.arrives("b@two.test", strings.Replace(one, "a@one", "b@two", 1))
		c.arrives("a@one.test", strings.Replace(one, "Hello", "Quite something else", 1))
		mails := map[string]int{}
		leads, err := c.core.Leads(t.Context(), people.System(), record.Filter{})
		must(t, err)
		for _, lead := range leads.Items {
			list, err := c.core.Timeline(t.Context(), people.System(),
				record.Ref{Kind: record.Lead, ID: lead.ID}, record.Page{})
			must(t, err)
			mails[lead.Points[0].Value] = len(list.Items)
		}
		if mails["a@one.test"] != 2 || mails["b@two.test"] != 1 || len(mails) != 2 {
			t.Errorf("mails: %v", mails)
		}
	})
}

// Whoever answers a mail of ours to a client is somebody new in that conversation, unless it is the client; who is
// known takes it to his own timeline too; and his mail does not count as the client's answer.
func TestStrangerInAConversation(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		c := newMailCompany(t, db)
		ana, ion := c.contact("Ana", "ana@firm.test"), c.contact("Ion", "ion@firm.test")
		c.arrives("ana@firm.test", "From: ana@firm.test\nMessage-ID: <0@firm>\nSubject: Prices?\n\nWhat is it?")
		for i, from := range []string{"x@strange.test", "ion@firm.test", "ana@firm.test"} {
			c.arrives(from, "From: "+from+"\nMessage-ID: <"+strings.Repeat("1", i+1)+
				"@x>\nIn-Reply-To: <0@firm>\nSubject: Re: Prices\n\nPay here.")
			if i == 0 {
				waiting := 0
				must(t, db.QueryRow(t.Context(),
					"SELECT count(*) FROM activity WHERE waiting AND address = 'ana@firm.test'").Scan(&waiting))
				if waiting != 1 {
					t.Error("a stranger settled the client's question")
				}
			}
		}
		if got := c.incoming(ana); !slices.Equal(got,
			[]string{"ana@firm.test", "ana@firm.test", "ion@firm.test*", "x@strange.test*"}) {
			t.Errorf("Ana's timeline: %v", got)
		}
		if got := c.incoming(ion); !slices.Equal(got, []string{"ion@firm.test*"}) {
			t.Errorf("Ion's timeline: %v", got)
		}
		strange, err := c.core.Receive(t.Context(),
			crmcore.Touch{Channel: timeline.Mail, Key: "k", Incoming: true, Reply: []string{"0@firm"}, Verified: true,
				Client: address.Address{Kind: address.Email, Value: "y@strange.test"}, Name: "Ana"})
		if err != nil || strange.Match != crmcore.Maybe || strange.Name != "Ana" || strange.Lead != "" ||
			len(c.leads()) != 0 {
			t.Errorf("the stranger's card: %+v %v", strange, err)
		}
	})
}

// A mail to many is many conversations: each answer is its client's, and a stranger's nobody's.
func TestAnswersToAMailToMany(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		c := newMailCompany(t, db)
		ana, ion := c.contact("Ana", "ana@one.test"), c.contact("Ion", "ion@two.test")
		c.writes("mass@acme", "ana@one.test", "ion@two.test")
		for i, from := range []string{"ana@one.test", "ion@two.test", "x@strange.test"} {
			c.arrives(from, "From: "+from+"\nTo: elena@acme.example\nMessage-ID: <"+strings.Repeat("1", i+1)+
				"@x>\nIn-Reply-To: <mass@acme>\nSubject: Re: Prices\n\nThanks.")
		}
		if got := append(c.incoming(ana), c.incoming(ion)...); !slices.Equal(got,
			[]string{"ana@one.test", "ion@two.test"}) {
			t.Errorf("timelines: %v", got)
		}
		if got := c.leads(); !slices.Equal(got, []string{"x@strange.test"}) {
			t.Errorf("leads: %v", got)
		}
	})
}

// What can't be told is not so: the mail waits, nothing of it is kept, and when telling works again all is told, once.
func TestMailThatCannotBeTold(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		c := newMailCompany(t, db)
		ana := c.contact("Ana", "ana@firm.test")
		rename := func(from, to string) {
			_, err := db.Exec(t.Context(), "ALTER TABLE "+from+" RENAME TO "+to)
			must(t, err)
		}
		rename("outbox", "no_outbox")
		deliver := func(from string) string {
			blob, size, err := c.blobs.Put(t.Context(), strings.NewReader("From: "+from+"\r\nSubject: x\r\n\r\nx"))
			must(t, err)
			refs, err := c.box.Deliver(t.Context(),
				mail.Delivery{To: []mail.Recipient{{Mailbox: c.elena.ID, Address: c.elena.Address}},
					Blob: blob, Size: size, EnvelopeFrom: from})
			must(t, err)
			return refs[0].ID
		}
		waiting := map[string]bool{deliver("ana@firm.test"): true, deliver("x@strange.test"): true}
		for failed := 0; failed < len(waiting); failed++ {
			if s := <-c.stored; s.err == nil || !waiting[s.message] {
				t.Fatalf("a mail that can't be told: %+v", s)
			}
		}
		if len(c.leads()) != 0 {
			t.Error("a lead that nobody is told of")
		}
		rename("no_outbox", "outbox")
		for len(waiting) > 0 {
			if s := <-c.stored; s.err == nil {
				delete(waiting, s.message)
			}
		}
		if got := c.leads(); !slices.Equal(got, []string{"x@strange.test"}) || len(c.incoming(ana)) != 1 {
			t.Errorf("leads %v, from Ana %v", got, c.incoming(ana))
		}
		told := map[string]int{}
		log := store.NewEventLog(db, slog.New(slog.DiscardHandler))
		_, err := log.Number(t.Context())
		must(t, err)
		events, _, err := log.After(t.Context(), 0)
		must(t, err)
		for _, e := range events {
			told[e.Type]++
		}
		want := map[string]int{"contact.changed": 1, "mail.received": 2, "card.open": 2, "lead.created": 1}
		if !maps.Equal(told, want) {
			t.Errorf("told %v, want %v", told, want)
		}
	})
}
