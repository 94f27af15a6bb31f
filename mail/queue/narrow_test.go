package queue

import (
	"bufio"
	"fmt"
	"io"
	"log/slog"
	"net"
	netmail "net/mail"
	"strings"
	"sync"
	"testing"

	"github.com/mjl-/mox/dkim"

	"frontdesk/mail/mime"
	"frontdesk/mail/resolver"
	"frontdesk/store"
	"frontdesk/store/storetest"
)

// newOldPeer is a mail server of RFC 821: it knows no extension, and refuses nobody@ in three lines.
func newOldPeer(t *testing.T) *peer {
	t.Helper()
	p := &peer{}
	l := must(net.Listen("tcp", "127.0.0.1:0"))(t)
	p.port = l.Addr().(*net.TCPAddr).Port
	var calls sync.WaitGroup
	calls.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			calls.Go(func() { p.old(conn) })
		}
	})
	t.Cleanup(func() { l.Close(); calls.Wait() })
	return p
}

func (p *peer) old(conn net.Conn) {
	defer conn.Close()
	in := bufio.NewReader(conn)
	fmt.Fprint(conn, "220 mail.far.test\r\n")
	mail := received{}
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		verb, _, _ := strings.Cut(strings.TrimSpace(strings.ToUpper(line)), " ")
		switch {
		case verb == "DATA":
			fmt.Fprint(conn, "354 go on\r\n")
			for line, err = in.ReadString('\n'); err == nil && line != ".\r\n"; line, err = in.ReadString('\n') {
				mail.data += strings.TrimPrefix(line, ".")
			}
			p.mu.Lock()
			p.mails = append(p.mails, mail)
			p.mu.Unlock()
		case verb == "MAIL":
			mail = received{from: strings.TrimSpace(line)}
		case strings.Contains(line, "nobody@"):
			fmt.Fprint(conn,
				"550-5.1.1 There is no such person here.\r\n550-5.1.1 See the list at our door,\r\n"+
					"550 5.1.1 or ask postmaster@far.test.\r\n")
			continue
		case verb == "RCPT":
			mail.to = append(mail.to, strings.TrimSpace(line))
		case verb == "QUIT":
			fmt.Fprint(conn, "221 bye\r\n")
			return
		}
		fmt.Fprint(conn, "250 ok\r\n")
	}
}

const foreign = "From: \"Pop, Ană (Vânzări)\" <anna@acme.test>\r\nTo: =?utf-8?q?J=C3=BCrgen?= <x@far.test>, Ion " +
	"<ion@firmă.test>\r\nSubject: Prețuri noi, foarte multe prețuri noi pentru toată lumea\r\nMIME-Version: 1.0\r\n" +
	"Content-Type: multipart/mixed; boundary=b\r\nContent-Transfer-Encoding: 8bit\r\n\r\nînainte\r\n--b\r\n" +
	"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nBună ziua,\r\n.\r\nJürgen\r\n" +
	"--b\r\nContent-Type: application/octet-stream; name=\"ofertă.bin\"\r\n" +
	"Content-Disposition: attachment; filename=\"ofertă.bin\"\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" +
	"\xff\xfe\x80\r\n" +
	"--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: inner ș\r\n\r\nînăuntru\r\n--b--\r\n"

// A server without 8BITMIME and SMTPUTF8 gets the same mail in ASCII, with a signature that holds.
func TestOldServer(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		far := newOldPeer(t)
		o := newOffice(t, db, Config{}, far)
		must(o.Submit(t.Context(), Envelope{From: author, To: []string{"x@far.test"}, User: "u-anna", UTF8: true},
			strings.NewReader(foreign)))(t)
		eventually(t, "sent", func() bool { return len(far.got()) == 1 && len(o.list(t)) == 0 })
		data := far.got()[0].data
		if !ascii([]byte(data)) {
			t.Fatalf("not in ASCII:\n%s", data)
		}
		results, err := dkim.Verify(t.Context(), slog.New(slog.DiscardHandler),
			resolver.New(o.dns, slog.New(slog.DiscardHandler)), false, dkim.DefaultPolicy, strings.NewReader(data),
			false)
		if err != nil || !allAre(dkim.StatusPass, results) {
			t.Errorf("DKIM %+v, %v\n%s", results, err, data)
		}
		m := mime.ParseBytes([]byte(data))
		strict, err := netmail.ReadMessage(strings.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		for _, field := range []string{"From", "To"} {
			if _, err := strict.Header.AddressList(field); err != nil {
				t.Errorf("%s: %v\n%s", field, err, data)
			}
		}
		if m.From[0].Name != "Pop, Ană (Vânzări)" || m.To[0].Name != "Jürgen" ||
			m.To[1].Address != "ion@xn--firm-3sa.test" ||
			m.Subject != "Prețuri noi, foarte multe prețuri noi pentru toată lumea" ||
			!strings.Contains(m.Text, "Bună ziua,\n.\nJürgen") {
			t.Errorf("%+v\n%s", m, data)
		}
		if len(m.Parts) != 2 || m.Parts[0].Name != "ofertă.bin" || m.Parts[0].Size != 3 ||
			m.Parts[1].Type != "message/rfc822" {
			t.Errorf("parts %+v\n%s", m.Parts, data)
		}
	})
}

// What can't be said in ASCII comes back at once with the status that says why; all lines of a refusal are told.
func TestWhatAnOldServerCannotTake(t *testing.T) {
	far := newOldPeer(t)
	o := newOffice(t, storetest.SQLite(t), Config{}, far)
	signed := "From: anna@acme.test\r\nContent-Type: multipart/signed; boundary=b\r\n\r\n--b\r\n\r\nBună\r\n--b\r\n" +
		"Content-Type: application/pgp-signature\r\n\r\nx\r\n--b--\r\n"
	plain := "From: anna@acme.test\r\nSubject: x\r\n\r\nx\r\n"
	for _, test := range []struct {
		to, message string
		want        []string
	}{
		{"jürgen@far.test", plain, []string{"Status: 5.6.7", "SMTPUTF8"}},
		{"x@far.test", strings.Replace(plain, "Subject", "To: jürgen@far.test\r\nSubject", 1), []string{"Status: 5.6.7"}},
		{"x@far.test", signed, []string{"Status: 5.6.3", "8BITMIME"}},
		{"nobody@far.test", plain, []string{"Status: 5.1.1", "There is no such person here.", "    See the list at our door,", "    or ask postmaster@far.test."}},
	} {
		before := len(o.in(t, o.anna, "INBOX"))
		must(o.Submit(t.Context(), Envelope{From: author, To: []string{test.to}, User: "u-anna", UTF8: true},
			strings.NewReader(test.message)))(t)
		eventually(t, "notice about "+test.to, func() bool { return len(o.in(t, o.anna, "INBOX")) == before+1 })
		r := must(o.box.Raw(t.Context(), o.in(t, o.anna, "INBOX")[0].ID))(t)
		notice := string(must(io.ReadAll(r))(t))
		r.Close()
		for _, want := range test.want {
			if !strings.Contains(strings.ReplaceAll(notice, "=\r\n", ""), want) {
				t.Errorf("to %s, %q is missing:\n%s", test.to, want, notice)
			}
		}
	}
	if len(far.got()) != 0 {
		t.Errorf("sent all the same: %+v", far.got())
	}
}
