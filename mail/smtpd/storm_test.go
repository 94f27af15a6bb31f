package smtpd

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"regexp"
	"slices"
	"strings"
	"testing"

	"frontdesk/guard"
	"frontdesk/mail"
	"frontdesk/mail/wiretest"
	"frontdesk/store"
	"frontdesk/store/storetest"
)

// commandsOf a session at either door, with a whole mail among them.
func commandsOf() []string {
	return []string{
		"EHLO client.test", "HELO [127.0.0.1]", "NOOP x", "RSET", "VRFY anna", "EXPN x", "HELP", "STARTTLS",
		"AUTH PLAIN AGFubmEAd3Jvbmc=", "AUTH LOGIN\r\nYW5uYQ==\r\nd3Jvbmc=", "AUTH PLAIN =", "QUIT",
		"MAIL FROM:<a@b.test>", "MAIL FROM:<anna@acme.test> SIZE=100 BODY=8BITMIME SMTPUTF8", "MAIL FROM:<>",
		"MAIL FROM:<j\u00fcrgen@b.test> SMTPUTF8 RET=HDRS ENVID=x", "RCPT TO:<anna@acme.test>",
		"RCPT TO:<anna+x@acme.test> NOTIFY=NEVER ORCPT=rfc822;x", "RCPT TO:<\"a b\"@acme.test>", "RCPT TO:<postmaster>",
		"RCPT TO:<@x:anna@[127.0.0.1]>", "DATA", "BDAT 10 LAST\r\n0123456789",
		"MAIL FROM:<a@b.test>\r\nRCPT TO:<anna@acme.test>\r\nDATA\r\nFrom: =?latin1?q?J=FCrgen=00?= <a@b.test>\r\n" +
			"Subject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n..\r\n--b--\r\n.",
		"MAIL FROM:<anna@acme.test>\r\nRCPT TO:<x@b.test>\r\nDATA\r\nFrom: anna@acme.test\r\n" +
			"Subject: =?utf-8?b?/w==?=\r\n\r\nx\r\n.",
	}
}

// codes are all answers that an honest server has for this: 451 is trouble of its own, unless a message did not come
// whole, and 554 its word for a mail that it refuses.
var answers = regexp.MustCompile(`^(2\d\d|334|354|421|450|452|454|5[0-5]\d)[ -].*\S`)

// Whatever comes over a socket, at the MX and at submission, before and after a log-in, each answer is one of SMTP's
// with words or the connection ends, and the next client is served: no panic, no trouble of ours.
func TestStorm(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		never := guard.Rate{Burst: -1}
		config := Config{Limits: Limits{MailPerMinute: -1, UserPerMinute: -1, MessageBytes: 100_000},
			Logins: guard.NewLogins(guard.LoginLimits{Pair: never, Account: never, Network: never}, nil)}
		o := newOfficeLogging(t, db, wiretest.Log(t), config)
		check := func(said string) error {
			if strings.Contains(said, "anic") || strings.Contains(said, "nternal") {
				return errors.New("the server blames itself")
			}
			for line := range strings.Lines(said) {
				if !answers.MatchString(line) &&
					!strings.HasPrefix(line, "451 4.3.0 The message could not be received") {
					return fmt.Errorf("no answer of SMTP: %q", line)
				}
			}
			return nil
		}
		dial := func(address string) func() wiretest.Conn {
			return func() wiretest.Conn { return must(net.Dial("tcp", address))(t).(*net.TCPConn) }
		}
		secure := func() wiretest.Conn {
			return must(tls.Dial("tcp", o.submits, &tls.Config{InsecureSkipVerify: true}))(t)
		}
		hello := "EHLO client.test\r\n"
		wiretest.Storm(t, 30, dial(o.mx), hello, commandsOf(), check)
		wiretest.Storm(t, 10, dial(o.submit), "", commandsOf(), check)
		wiretest.Storm(t, 30, secure, hello+"AUTH PLAIN AGFubmEAc2VjcmV0LWE=\r\n", commandsOf(), check)
		dialogue(t, o.mx,
			envelope+"C: DATA\nS: 354\nC: Subject: after the storm\nC: \nC: x\nC: .\nS: 250\nC: QUIT\nS: 221\nEND")
		all := o.in(t, o.anna, "INBOX") // one of the storm's may come in after it
		if !slices.ContainsFunc(all, func(m mail.Summary) bool { return m.Subject == "after the storm" }) {
			t.Errorf("%d mails, the last is not there", len(all))
		}
	})
}
