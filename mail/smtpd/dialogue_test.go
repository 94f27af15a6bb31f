package smtpd

import (
	"crypto/tls"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"frontdesk/guard"
)

// begin is how every conversation starts.
const begin = "S: 220\nC: EHLO client.test\nS: 250\n"

// envelope opens a mail to Anna.
const envelope = begin + "C: MAIL FROM:<a@b.test>\nS: 250 2.0.0\nC: RCPT TO:<anna@acme.test>\nS: 250 2.0.0\n"

func TestDialogues(t *testing.T) {
	o := newOffice(t, sqlite(t), Config{Limits: Limits{MessageBytes: 4000, Recipients: 2}})
	tests := []struct{ name, script string }{
		{"greeting and goodbye", begin + "C: NOOP\nS: 250\nC: QUIT\nS: 221\nEND"},
		{"HELO", "S: 220\nC: HELO client.test\nS: 250 \nC: MAIL FROM:<a@b.test>\nS: 250"},
		{"no name", "S: 220\nC: EHLO\nS: 501\nC: EHLO -;-\nS: 501\nC: EHLO [127.0.0.1]\nS: 250\nC: EHLO win_pc\nS: 250"},
		{"a mail", envelope + "C: DATA\nS: 354\nC: Subject: plain\nC: \nC: ..dot\nC: .\nS: 250 2.0.0 Accepted as\nC: QUIT\nS: 221"},
		{"lower case, spaces", begin + "C: mail from: <a@b.test> size=100 body=8bitmime\nS: 250\nC: rcpt to: <anna@acme.test>\nS: 250"},
		{"bounce", begin + "C: MAIL FROM:<>\nS: 250\nC: RCPT TO:<anna@acme.test>\nS: 250\nC: DATA\nS: 354\nC: Subject: bounce\nC: \nC: .\nS: 250"},
		{"order", "S: 220\nC: MAIL FROM:<a@b.test>\nS: 503\nC: EHLO x\nS: 250\nC: RCPT TO:<anna@acme.test>\nS: 503\nC: DATA\nS: 503\nC: MAIL FROM:<a@b.test>\nS: 250\nC: MAIL FROM:<a@b.test>\nS: 503\nC: DATA\nS: 503 5.5.1"},
		{"reset", envelope + "C: RSET\nS: 250\nC: DATA\nS: 503\nC: MAIL FROM:<a@b.test>\nS: 250\nC: EHLO again\nS: 250\nC: RCPT TO:<anna@acme.test>\nS: 503"},
		{"relay", begin + "C: MAIL FROM:<anna@acme.test>\nS: 250\nC: RCPT TO:<someone@elsewhere.test>\nS: 550 5.7.1\nC: RCPT TO:<anna%elsewhere.test@elsewhere.test>\nS: 550 5.7.1\nC: RCPT TO:<@acme.test:x@elsewhere.test>\nS: 550 5.7.1"},
		{"unknown user", begin + "C: MAIL FROM:<a@b.test>\nS: 250\nC: RCPT TO:<nobody@acme.test>\nS: 550 5.1.1\nC: DATA\nS: 503"},
		{"tag and case", begin + "C: MAIL FROM:<a@b.test>\nS: 250\nC: RCPT TO:<Anna+shop@ACME.test>\nS: 250"},
		{"quoted", begin + "C: MAIL FROM:<\"a b>\"@b.test>\nS: 250\nC: RCPT TO:<\"anna\"@acme.test>\nS: 250"},
		{"bad paths", begin + "C: MAIL FROM:a@b.test\nS: 501\nC: MAIL FROM:<a@b.test\nS: 501\nC: MAIL TO:<a@b.test>\nS: 501\nC: MAIL FROM:<a@>\nS: 501\nC: MAIL FROM:<@b.test>\nS: 501\nC: MAIL FROM:<a@-.test>\nS: 553\nC: RCPT TO:anna@acme.test\nS: 501"},
		{"parameters", begin + "C: MAIL FROM:<a@b.test> SIZE=x\nS: 501\nC: MAIL FROM:<a@b.test> FOO=1\nS: 555\nC: MAIL FROM:<a@b.test> BODY=BINARYMIME\nS: 504\nC: MAIL FROM:<a@b.test> SIZE=5000\nS: 552 5.3.4"},
		{"quota", begin + "C: MAIL FROM:<a@b.test> SIZE=3500\nS: 250\nC: RCPT TO:<ben@acme.test>\nS: 452 4.2.2\nC: RCPT TO:<anna@acme.test>\nS: 250"},
		{"quota found late", begin + "C: MAIL FROM:<a@b.test>\nS: 250\nC: RCPT TO:<ben@acme.test>\nS: 250\nC: DATA\nS: 354\nC: \nC: " + strings.Repeat("x", 3300) + "\nC: .\nS: 452 4.2.2"},
		{"too many recipients", envelope + "C: RCPT TO:<sales@acme.test>\nS: 250\nC: RCPT TO:<ben@acme.test>\nS: 452 4.5.3\nC: DATA\nS: 354\nC: \nC: .\nS: 250"},
		{"too large", envelope + "C: DATA\nS: 354\nC: " + strings.Repeat("x", 3000) + "\nC: " + strings.Repeat("x", 3000) + "\nC: .\nS: 552 5.3.4\nC: NOOP\nS: 250"},
		{"utf8 unannounced", begin + "C: MAIL FROM:<jürgen@b.test>\nS: 553 5.6.7\nC: MAIL FROM:<jürgen@b.test> SMTPUTF8\nS: 250"},
		{"vrfy, expn, help", begin + "C: VRFY anna\nS: 252\nC: EXPN list\nS: 502\nC: HELP\nS: 502\nC: ETRN x\nS: 500"},
		{"no log-in at the MX", begin + "C: AUTH PLAIN AGFubmEAc2VjcmV0LWE=\nS: 502"},
		{"pipelined", "S: 220\nC: EHLO x\nS: 250\n" + `R: MAIL FROM:<a@b.test>\r\nRCPT TO:<nobody@acme.test>\r\nRCPT TO:<anna@acme.test>\r\nDATA\r\n` + "\nS: 250\nS: 550\nS: 250\nS: 354\nC: \nC: .\nS: 250"},
		{"starttls", begin + "C: STARTTLS x\nS: 501\nC: STARTTLS\nS: 220\nTLS\nC: MAIL FROM:<a@b.test>\nS: 503\nC: EHLO x\nS: 250\nC: STARTTLS\nS: 502\nC: MAIL FROM:<a@b.test>\nS: 250"},
		{"a whole mail at once", "S: 220\n" + `R: EHLO x\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<anna@acme.test>\r\nDATA\r\nSubject: x\r\n\r\nSTARTTLS\r\nBDAT 4\r\n.\r\nNOOP\r\nQUIT\r\n` + "\nS: 250\nS: 250\nS: 250\nS: 354\nS: 250 2.0.0 Accepted\nS: 250\nS: 221\nEND"},
		{"a mail begun before TLS", envelope + "C: STARTTLS\nS: 220\nTLS\nC: DATA\nS: 503\nC: EHLO x\nS: 250\nC: RCPT TO:<anna@acme.test>\nS: 503\nC: DATA\nS: 503"},
		{"what only go-smtp takes for STARTTLS", begin + "C: STARTTLSx\nS: 502\nC: NOOP\nS: 250"},
		{"commands smuggled before TLS", begin + `R: STARTTLS\r\nMAIL FROM:<a@b.test>\r\n` + "\nS: 554\nEND"},
		{"garbage", "S: 220\n" + strings.Repeat("C: \x16\x03\x01garbage\nS: 500\n", maxErrors) + "C: x\nS: 421\nEND"},
		{"endless command", "S: 220\nC: NOOP " + strings.Repeat("x", 20_000) + "\nS: 500\nEND"},
		{"address harvest", begin + "C: MAIL FROM:<a@b.test>\nS: 250\n" + strings.Repeat("C: RCPT TO:<guess@acme.test>\nS: 550\n", maxUnknown) + "C: RCPT TO:<guess@acme.test>\nS: 421\nEND"},
		{"postmaster", begin + "C: MAIL FROM:<>\nS: 250\nC: RCPT TO:<Postmaster>\nS: 250\nC: RCPT TO:<postmaster@mx.acme.test>\nS: 250"},
		{"postmaster and abuse of a domain", begin + "C: MAIL FROM:<>\nS: 250\nC: RCPT TO:<Abuse@acme.test>\nS: 250\nC: RCPT TO:<PostMaster@acme.test>\nS: 250"},
		{"postmaster of another", begin + "C: MAIL FROM:<>\nS: 250\nC: RCPT TO:<postmaster@elsewhere.test>\nS: 550 5.7.1"},
		{"chunks are not read as commands", envelope + `R: BDAT 6 LAST\r\nQUIT\r\n` + "\nS: 502\nEND"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { dialogue(t, o.mx, test.script) })
	}
}

// What ends a message, and what only looks like it: each of these has smuggled or lost mail somewhere.
func TestEndOfData(t *testing.T) {
	o := newOffice(t, sqlite(t), Config{})
	smuggled := `MAIL FROM:<evil@b.test>\r\nRCPT TO:<anna@acme.test>\r\nDATA\r\nSubject: smuggled\r\n\r\n.\r\n`
	tests := []struct{ name, data, want string }{
		{"LF dot CR LF", `Subject: x\r\n\r\nhi\n.\r\n` + smuggled, "S: 550 5.5.2\nEND"},
		{"LF dot LF", `Subject: x\r\n\r\nhi\n.\n` + smuggled, "S: 550 5.5.2\nEND"},
		{"CR dot CR", `Subject: x\r\n\r\nhi\r.\r` + smuggled, "S: 550 5.5.2\nEND"},
		{"CR LF dot LF", `Subject: x\r\n\r\nhi\r\n.\n` + smuggled, "S: 550 5.5.2\nEND"},
		{"CR LF dot CR X", `Subject: x\r\n\r\nhi\r\n.\rX\r\n.\r\n`, "S: 550 5.5.2\nEND"},
		{"CR CR LF dot CR LF", `Subject: x\r\n\r\nhi\r\r\n.\r\n`, "S: 550 5.5.2\nEND"},
		{"bare LF", `Subject: x\n\nhi\n\r\n.\r\n`, "S: 550 5.5.2\nEND"},
		{"NUL", `Subject: x\r\n\r\nh\x00i\r\n.\r\n`, "S: 550 5.6.0\nEND"},
		{"NUL before dot", `Subject: x\r\n\r\nhi\r\n\x00.\r\n` + smuggled, "S: 550 5.6.0\nEND"},
		{"endless line", strings.Repeat("x", maxTextLine+10), "S: 550 5.6.0\nEND"},
		{"dots", `Subject: dots\r\n\r\n..\r\n...\r\n.x\r\n.\r\n`, "S: 250\nC: QUIT\nS: 221\nEND"},
		{"nothing", `.\r\n`, "S: 250\nC: QUIT\nS: 221\nEND"},
		{"hang-up in the middle", `Subject: half\r\n\r\nhalf a mess`, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dialogue(t, o.mx, strings.TrimSpace(envelope+"C: DATA\nS: 354\nR: "+test.data+"\n"+test.want))
		})
	}
	stored := o.in(t, o.anna, "INBOX")
	if len(stored) != 2 {
		t.Errorf("%d messages stored, want 2: %+v", len(stored), stored)
	}
	for _, m := range stored {
		if raw := o.raw(t, m.ID); m.Subject == "dots" && !strings.HasSuffix(raw, "\r\n\r\n.\r\n..\r\nx\r\n") {
			t.Errorf("dots: %q", raw)
		}
	}
}

func TestSubmissionDialogues(t *testing.T) {
	o := newOffice(t, sqlite(t), Config{Logins: guard.NewLogins(guard.LoginLimits{Pair: guard.Rate{Burst: 3,
		Every: time.Hour}}, nil)})
	secure := begin + "C: STARTTLS\nS: 220\nTLS\nC: EHLO c\nS: 250\n"
	in := secure + "C: AUTH PLAIN AGFubmEAc2VjcmV0LWE=\nS: 235\n"
	tests := []struct{ name, script string }{
		{"nothing in the clear", begin + "C: MAIL FROM:<anna@acme.test>\nS: 530 5.7.0 STARTTLS\nC: AUTH PLAIN AGFubmEAc2VjcmV0LWE=\nS: 538"},
		{"nothing without log-in", secure + "C: MAIL FROM:<anna@acme.test>\nS: 530 5.7.0 Log in"},
		{"PLAIN at once", in + "C: AUTH PLAIN =\nS: 503"},
		{"PLAIN in two steps", secure + "C: AUTH PLAIN\nS: 334\nC: AGFubmEAc2VjcmV0LWE=\nS: 235"},
		{"LOGIN", secure + "C: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\nC: YW5uYQ==\nS: 334 UGFzc3dvcmQ6\nC: c2VjcmV0LWE=\nS: 235"},
		{"commands as passwords", secure + "C: AUTH LOGIN\nS: 334\nC: STARTTLS\nS: 334\nC: *\nS: 501\nC: NOOP\nS: 250"},
		{"malformed", secure + "C: AUTH CRAM-MD5\nS: 504\nC: AUTH PLAIN ***\nS: 501\nC: AUTH PLAIN eA==\nS: 501\nC: AUTH LOGIN\nS: 334\nC: *\nS: 501"},
		{"as another user", secure + "C: AUTH PLAIN YmVuAGFubmEAc2VjcmV0LWE=\nS: 501"},
		{"another's address", in + "C: MAIL FROM:<ben@acme.test>\nS: 553 5.7.1\nC: MAIL FROM:<x@elsewhere.test>\nS: 553 5.7.1\nC: MAIL FROM:<>\nS: 553 5.7.1\nC: MAIL FROM:<sales@acme.test>\nS: 250"},
		{"another's name in From", in + "C: MAIL FROM:<anna@acme.test>\nS: 250\nC: RCPT TO:<x@elsewhere.test>\nS: 250\nC: DATA\nS: 354\nC: From: Boss <ben@acme.test>\nC: \nC: .\nS: 553 5.7.1"},
		{"no From", in + "C: MAIL FROM:<anna@acme.test>\nS: 250\nC: RCPT TO:<x@elsewhere.test>\nS: 250\nC: DATA\nS: 354\nC: Subject: x\nC: \nC: .\nS: 554"},
		{"unknown colleague", in + "C: MAIL FROM:<anna@acme.test>\nS: 250\nC: RCPT TO:<nobody@acme.test>\nS: 550 5.1.1"},
		{"guessing passwords", secure + strings.Repeat("C: AUTH PLAIN AGFubmEAd3Jvbmc=\nS: 535 5.7.8\n", 3) + "C: AUTH PLAIN AGFubmEAc2VjcmV0LWE=\nS: 454 4.7.0\nEND"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { dialogue(t, o.submit, test.script) })
	}
}

func TestLimits(t *testing.T) {
	o := newOffice(t, sqlite(t), Config{Limits: Limits{PerIP: 2, MailPerMinute: 2}})
	t.Run("mails", func(t *testing.T) {
		dialogue(t, o.mx, begin+strings.Repeat("C: MAIL FROM:<a@b.test>\nS: 250\nC: RSET\nS: 250\n", 2)+
			"C: MAIL FROM:<a@b.test>\nS: 450 4.7.1")
	})
	t.Run("connections", func(t *testing.T) {
		for range 2 {
			conn := connect(t, o.mx)
			defer conn.Close()
		}
		dialogue(t, o.mx, "S: 421 4.7.0\nEND")
	})
}

// What EHLO offers, by door, in the clear and inside TLS.
func TestCapabilities(t *testing.T) {
	o := newOffice(t, sqlite(t), Config{Limits: Limits{MessageBytes: 5000, Recipients: 7}})
	always := []string{"PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES", "SMTPUTF8", "SIZE 5000", "LIMITS RCPTMAX=7"}
	for _, test := range []struct {
		name, address string
		secure        bool
		want          string
	}{
		{"MX", o.mx, false, "STARTTLS"},
		{"MX in TLS", o.mx, true, ""},
		{"submission", o.submit, false, "STARTTLS"},
		{"submission in TLS", o.submit, true, "AUTH PLAIN LOGIN"},
	} {
		t.Run(test.name, func(t *testing.T) {
			conn := must(net.Dial("tcp", test.address))(t)
			defer conn.Close()
			client := smtp.NewClient(conn)
			if test.secure {
				client = must(smtp.NewClientStartTLS(conn, &tls.Config{InsecureSkipVerify: true}))(t)
			}
			for _, extension := range append(slices.Clone(always), test.want) {
				name, value, _ := strings.Cut(extension, " ")
				if ok, got := client.Extension(name); extension != "" && (!ok || got != value) {
					t.Errorf("%s: %v %q", name, ok, got)
				}
			}
			for _, name := range []string{"STARTTLS", "AUTH", "CHUNKING"} {
				if ok, _ := client.Extension(name); ok && !strings.HasPrefix(test.want, name) {
					t.Errorf("%s is offered", name)
				}
			}
		})
	}
}
