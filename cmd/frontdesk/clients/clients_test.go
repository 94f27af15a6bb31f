package clients

import (
	"bytes"
	"context"
	"net"
	"net/textproto"
	"strings"
	"testing"

	"frontdesk/mail/mime"
	"frontdesk/mail/smtpd"
)

func quietClients(t *testing.T) *Clients {
	c, err := New(Config{Domain: "clients.example", Company: "acme.example", Name: nameOf},
		func(context.Context, smtpd.PostOptions) error { return nil }, func(string, ...any) {})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func nameOf(string) string { return "Radu Georgescu" }

// A demo client answers people of the company, in the thread and with what they wrote below, and stops after a few
// turns.
func TestDemoClientAnswers(t *testing.T) {
	c := quietClients(t)
	raw := "From: Maria <maria@acme.example>\r\nTo: radu@clients.example\r\nSubject: Offer\r\n" +
		"Message-ID: <1@acme.example>\r\n\r\nTwo lines\r\nof it.\r\n"
	for turn := range answers + 2 {
		o, due := c.answer("radu@clients.example", "maria@acme.example", mime.ParseBytes([]byte(raw)))
		if due != (turn < answers) {
			t.Fatalf("turn %d: answered %v", turn, due)
		}
		if !due {
			return
		}
		m := mime.ParseBytes(o.Message)
		if o.To != "maria@acme.example" || m.From[0] != (mime.Person{Name: "Radu Georgescu",
			Address: "radu@clients.example"}) || m.To[0].Name != "Maria" {
			t.Errorf("from %v to %v, %s", m.From, m.To, o.To)
		}
		if m.Subject != "Re: Offer" || !strings.Contains(m.Text, "> ") || strings.Contains(m.Snippet, ">") || m.Auto {
			t.Errorf("turn %d: %q\n%s", turn, m.Subject, m.Text)
		}
		asked := mime.ParseBytes([]byte(raw))
		if m.InReplyTo[0] != asked.MessageID || m.References[len(m.References)-1] != asked.MessageID {
			t.Errorf("turn %d answers %v, %v", turn, m.InReplyTo, m.References)
		}
		raw = "From: Maria <maria@acme.example>\r\nSubject: Re: Offer\r\nMessage-ID: <" + strings.Repeat("2", turn+2) +
			"@acme.example>\r\nIn-Reply-To: <" + m.MessageID + ">\r\n\r\nYes.\r\n"
	}
}

func TestDemoClientsAnswerNobodyElse(t *testing.T) {
	c := quietClients(t)
	person := "From: maria@acme.example\r\n"
	for name, mail := range map[string][2]string{
		"a bounce":                  {"", person},
		"an answering machine":      {"maria@acme.example", person + "Auto-Submitted: auto-replied\r\n"},
		"a list":                    {"maria@acme.example", person + "List-Id: <news.acme.example>\r\n"},
		"a client's mail, sent on":  {"maria@acme.example", "From: radu@clients.example\r\n"},
		"another client":            {"radu@clients.example", "From: radu@clients.example\r\n"},
		"who only says he is of us": {"joe@elsewhere.example", person},
	} {
		if o, due := c.answer("ioana@clients.example", mail[0], mime.ParseBytes([]byte(mail[1]+"\r\nx\r\n"))); due {
			t.Errorf("%s is answered: %s", name, o.Message)
		}
	}
	given := 0
	for range 100 { // a machine that doesn't say it is one, and forgets what it answers
		if _, due := c.answer("ioana@clients.example", "olga@acme.example",
			mime.ParseBytes([]byte("From: olga@acme.example\r\n\r\nI am away.\r\n"))); due {
			given++
		}
	}
	if given > hourly+1 {
		t.Errorf("%d answers", given)
	}
}

func TestDemoClientsTakeTheirOwnMail(t *testing.T) {
	c := quietClients(t)
	conn, err := net.Dial("tcp", c.Address())
	if err != nil {
		t.Fatal(err)
	}
	text := textproto.NewConn(conn)
	defer text.Close()
	text.ReadResponse(220)
	for _, step := range []struct {
		line string
		code int
		says string
	}{
		{"EHLO mail.acme.example", 250, "8BITMIME"},
		{"MAIL FROM:<maria@acme.example>", 250, ""},
		{"RCPT TO:<joe@elsewhere.example>", 550, "5.7.1 mail of this demo goes to its own clients only"},
		{"RCPT TO:<nobody@clients.example>", 550, "5.1.1"},
		{"RCPT TO:<Ioana@Clients.Example>", 250, ""},
		{"DATA", 354, ""},
		{"From: maria@acme.example\r\n\r\nHello\r\n.", 250, ""},
	} {
		text.PrintfLine("%s", step.line)
		code, answer, _ := text.ReadResponse(step.code)
		if code != step.code || !bytes.Contains([]byte(answer), []byte(step.says)) {
			t.Errorf("%s: %d %s", step.line, code, answer)
		}
	}
}
