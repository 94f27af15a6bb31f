package main

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"frontdesk/mail/smtpd"
)

// noTexts are what strangers put where a text belongs, as it is and encoded.
func noTexts() (all []string) {
	for _, s := range []string{"J\xfcrgen", "\xff\xfe\x00a", "a\x00b", "\x00", "\xed\xa0\x80", "\xf4\x90\x80\x80",
		"\xc3", "\u202eevil", "\x1b[2J", strings.Repeat("\xf0\x9f\x98", 400), "\u0000", "\ufffe", "\x7f\x01"} {
		raw := strings.NewReplacer("\x00", "").Replace(s) // the server takes no NUL as it is
		all = append(all, raw, "=?utf-8?b?"+base64.StdEncoding.EncodeToString([]byte(s))+"?=", "=?x-none?q?=00=FF=C3?=",
			`"`+raw+`"`)
	}
	return all
}

// strangeMail has one of the texts in each place that is stored or shown.
func strangeMail(r *rand.Rand, n int) string {
	texts := noTexts()
	some := func() string { return texts[r.IntN(len(texts))] }
	return fmt.Sprintf("From: %s <c%d@clients.example>\r\nTo: %s <maria@acme.example>, %s\r\n"+
		"Cc: %s: %s@x.example;\r\nSubject: strange %d %s\r\nMessage-ID: <%d%s@x>\r\nReferences: <%s@x> %s\r\n"+
		"Reply-To: %s\r\nDate: %s\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"+
		"Content-Type: text/html; charset=%s\r\n\r\n<p>%s</p>\r\n"+
		"--b\r\nContent-Type: application/x; name=%s\r\nContent-Disposition: attachment; filename=%s; "+
		"filename*=utf-8''%%00%%FF%%C3\r\nContent-ID: <%s>\r\n\r\n\xff\x01\r\n--b--\r\n",
		some(), n, some(), some(), some(), some(), n, some(), n, some(), some(), some(), some(), some(), some(), some(),
		some(), some(), some())
}

// shows reads a path of the API and wants a text in answer.
func (c *company) shows(path string) string {
	c.t.Helper()
	req, _ := http.NewRequestWithContext(c.t.Context(), "GET", c.HTTP+"/api/v1"+path, nil)
	req.Header.Set("Authorization", "Bearer "+c.Token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != 200 || !utf8.Valid(body) || bytes.Contains(body, []byte(`\u0000`)) {
		c.t.Errorf("GET %s: %d, %v, %.500q", path, resp.StatusCode, err, body)
	}
	return string(body)
}

// Mail with bytes that are no text in every place arrives over SMTP, becomes leads and is shown by the API and over
// IMAP, on both databases, and nothing of it is an error of the server's.
func TestStrangeTextByMail(t *testing.T) {
	t.Parallel() // much of it is waiting
	eachDatabase(t, func(t *testing.T, c *company) {
		const mails = 24
		for n := range mails {
			o := smtpd.PostOptions{Server: c.SMTP, From: fmt.Sprintf("c%d@clients.example", n), To: "maria@" + c.Domain,
				Message: []byte(strangeMail(rand.New(rand.NewPCG(uint64(n), 7)), n))}
			if err := smtpd.Post(t.Context(), o, func(string) {}); err != nil &&
				!strings.Contains(err.Error(), "refused: 5") {
				t.Fatalf("mail %d: %v\n%q", n, err, o.Message)
			}
		}
		last := smtpd.PostOptions{Server: c.SMTP, From: "radu@clients.example", To: "maria@" + c.Domain,
			Subject: "After all that", Text: "x"}
		if err := smtpd.Post(t.Context(), last, func(string) {}); err != nil {
			t.Fatal(err)
		}
		maria := c.as("maria")
		mailbox := maria.received("After all that").Mailbox
		var all items[summary]
		maria.api("GET", "/mail/messages?limit=100&mailbox="+mailbox, nil, &all)
		if len(all.Items) < mails/3 {
			t.Errorf("only %d mails came in", len(all.Items))
		}
		for _, m := range all.Items {
			maria.shows("/mail/messages/" + m.ID)
			maria.shows("/mail/threads/" + m.Thread + "?mailbox=" + mailbox)
		}
		for _, q := range []string{"strange", "J\u00fcrgen", "\ufffd", "%", "_"} {
			maria.shows("/mail/messages?mailbox=" + mailbox + "&q=" + url.QueryEscape(q))
		}
		await(t, "the client's mail on the timeline",
			func() bool { return len(c.entries(c.contact("Radu Georgescu"), "mail")) == 1 })
		var leads items[struct{ ID string }]
		c.api("GET", "/leads?limit=200", nil, &leads)
		for _, l := range leads.Items {
			c.shows("/leads/" + l.ID)
			c.shows("/leads/" + l.ID + "/timeline")
		}
		log, _ := os.ReadFile(filepath.Join(c.data, "frontdesk.log"))
		for line := range bytes.Lines(log) {
			if bytes.Contains(line, []byte(`"level":"ERROR"`)) || bytes.Contains(line, []byte("job failed")) {
				t.Errorf("logged: %s", line)
			}
		}
	})
}
