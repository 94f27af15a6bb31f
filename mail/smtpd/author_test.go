package smtpd

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"frontdesk/mail"
	domains "frontdesk/mail/domain"
	"frontdesk/mail/filter/dnstest"
	"frontdesk/store"
	"frontdesk/store/storetest"
)

// Whoever good.test asks to reject never stands in the Inbox, however From is written; what can be read in two ways
// does not come in at all, and says why.
func TestWhoItIsFrom(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db, Config{Limits: Limits{MailPerMinute: 1000}},
			dnstest.TXT("_dmarc.good.test", "v=DMARC1; p=reject"))
		want := map[string]string{"e1": "550", "e5": "550", "e7": "550", "e11": "550", "e2": "Junk", "e4": "Junk",
			"e10": "Junk", "e8": "INBOX"}
		files, err := filepath.Glob("testdata/authors/*.eml")
		if err != nil || len(files) != len(want) {
			t.Fatal(files, err)
		}
		for _, file := range files {
			name := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(file), "dmarc-"), ".eml")
			raw := must(os.ReadFile(file))(t)
			answer := "250"
			if want[name] == "550" {
				answer = "550 5.7.1 Who is it from? RFC 5322 section 3.6: there must be one From field"
			}
			o.send(t, string(raw), answer)
			if answer == "250" {
				if list := o.in(t, o.anna, want[name]); len(list) == 0 || list[0].Subject != name {
					t.Errorf("%s is not in %s: %+v", name, want[name], list)
				}
			}
		}
		if in := o.in(t, o.anna, "INBOX"); len(in) != 1 || in[0].From != (mail.Person{Address: "a@other.test"}) ||
			in[0].Verdict.Verified {
			t.Errorf("inbox: %+v", in)
		}
	})
}

// From outside nobody is a colleague without proof, by address or by name; a web site's form is none.
func TestColleagueFromOutside(t *testing.T) {
	storetest.Each(t, colleagueFromOutside)
}

func colleagueFromOutside(t *testing.T, db *store.DB) {
	o := newOffice(t, db, Config{Limits: Limits{MailPerMinute: 1000}},
		dnstest.TXT("acme.test", "v=spf1 ip4:127.0.0.1 -all"))
	o.send(t, "From: Ben <ben@acme.test>\r\nSubject: forged\r\n\r\nPay.", "250")
	o.send(t, "From: Ben <ben@acme.test>\r\nReply-To: c@client.test\r\nSubject: answered elsewhere\r\n\r\nPay.", "250")
	o.send(t, "From: Ben <web@acme.test>\r\nReply-To: c@client.test\r\nSubject: by name\r\n\r\nPay.", "250")
	o.send(t, "From: Ben <anna@acme.test>\r\nReply-To: c@client.test\r\nSubject: to herself\r\n\r\nPay.", "250")
	o.send(t, "From: wordpress@acme.test\r\nReply-To: c@client.test\r\nSubject: form\r\n\r\nAn offer, please.", "250")
	dialogue(t, o.mx, strings.ReplaceAll(envelope, "a@b.test", "ben@acme.test")+
		"C: DATA\nS: 354\nC: From: ben@acme.test\nC: Subject: proven\nC: \nC: .\nS: 250")
	junk, in := o.in(t, o.anna, "Junk"), o.in(t, o.anna, "INBOX")
	if len(junk) != 4 || junk[3].Subject != "forged" {
		t.Errorf("junk: %+v", junk)
	}
	for _, m := range junk {
		if m.Verdict.Verified || !strings.Contains(strings.Join(m.Verdict.Reasons, ""), "your own domain") {
			t.Errorf("%s: %+v", m.Subject, m.Verdict)
		}
	}
	if len(in) != 2 || in[0].Subject != "proven" || !in[0].Verdict.Verified || in[1].Subject != "form" ||
		in[1].Verdict.Verified {
		t.Errorf("inbox: %+v", in)
	}
}

// Sender names who is logged in where he writes as another, and is nobody's to choose.
func TestSenderOfSubmissions(t *testing.T) {
	o := newOffice(t, sqlite(t), Config{})
	for i, test := range []struct{ from, sender, want string }{
		{"Anna <anna@acme.test>", "", ""},
		{"Anna <anna@acme.test>", "Sender: boss@acme.test\r\n", ""},
		{"Sales <sales@acme.test>", "Sender: boss@acme.test\r\n", "Sender: \"Anna\" <anna@acme.test>\r\n"},
		{"sales@acme.test, anna@acme.test", "", "Sender: \"Anna\" <anna@acme.test>\r\n"},
	} {
		id := "s" + string(rune('0'+i))
		text := "From: " + test.from + "\r\n" + test.sender + "To: ben@acme.test\r\nMessage-ID: <" + id +
			"@x>\r\nSubject: " + id + "\r\n\r\nx"
		in := begin + "C: STARTTLS\nS: 220\nTLS\nC: EHLO c\nS: 250\nC: AUTH PLAIN AGFubmEAc2VjcmV0LWE=\nS: 235\n"
		dialogue(t, o.submit,
			in+"C: MAIL FROM:<anna@acme.test>\nS: 250\nC: RCPT TO:<sales@acme.test>\nS: 250\nC: DATA\nS: 354\n"+
				lines(text)+"C: .\nS: 250")
		sent := ""
		eventually(t, id, func() bool {
			for _, m := range o.in(t, o.shared, "INBOX") {
				if m.Subject == id {
					sent = o.raw(t, m.ID)
				}
			}
			return sent != ""
		})
		if got := strings.Count(sent, "\nSender:"); got != strings.Count(test.want, "Sender:") ||
			!strings.Contains(sent, test.want) {
			t.Errorf("from %s with %q:\n%s", test.from, test.sender, sent)
		}
	}
}

// send delivers a mail to Anna at the MX, which answers so.
func (o *office) send(t *testing.T, raw, answer string) {
	t.Helper()
	dialogue(t, o.mx, envelope+"C: DATA\nS: 354\n"+lines(raw)+"C: .\nS: "+answer)
}

// lines are the lines of a message as a client says them.
func lines(raw string) string {
	var script strings.Builder
	for line := range strings.Lines(strings.ReplaceAll(raw, "\r\n", "\n")) {
		script.WriteString("C: " + strings.TrimRight(line, "\n") + "\n")
	}
	return script.String()
}

// Mail for postmaster, of a domain or of none, is an admin's whom nobody had to name.
func TestPostmaster(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db, Config{})
		for _, to := range []string{"Postmaster", "Abuse", "abuse@acme.test"} {
			dialogue(t, o.mx, begin+"C: MAIL FROM:<>\nS: 250\nC: RCPT TO:<"+to+
				">\nS: 250\nC: DATA\nS: 354\nC: From: x@y.test\nC: Subject: "+to+"\nC: \nC: .\nS: 250")
			if list := o.in(t, o.anna, "INBOX"); list[0].Subject != to {
				t.Errorf("for %s: %+v", to, list)
			}
		}
		if _, err := o.box.SetAlias(t.Context(), domains.Alias{Address: "abuse@acme.test",
			Mailboxes: []string{o.ben.ID}}); err != nil {
			t.Fatal(err)
		}
		roles, err := o.box.Roles(t.Context(), "acme.test")
		if err != nil || len(roles) != 2 || roles[0].Mailboxes[0] != "anna@acme.test" ||
			roles[1].Mailboxes[0] != "ben@acme.test" {
			t.Errorf("roles: %+v %v", roles, err)
		}
	})
}
