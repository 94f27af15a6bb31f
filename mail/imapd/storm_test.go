package imapd

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"frontdesk/guard"
	"frontdesk/mail/wiretest"
	"frontdesk/store"
	"frontdesk/store/storetest"
)

// commandsOf a session, from its greeting to its end.
func commandsOf() []string {
	list := []string{
		"CAPABILITY", "NOOP", `ID ("name" "x" "version" NIL)`, "ENABLE IMAP4rev2 UTF8=ACCEPT", "NAMESPACE", "STARTTLS",
		"LOGIN ana wrong", "AUTHENTICATE PLAIN AGFuYQB3cm9uZw==",
		`LIST "" "*"`, `LIST (SUBSCRIBED RECURSIVEMATCH) "" ("%" "a*") RETURN (CHILDREN STATUS (MESSAGES UIDNEXT))`,
		`LSUB "" *`, "STATUS INBOX (MESSAGES UNSEEN SIZE)",
		"SELECT INBOX", "EXAMINE INBOX (CONDSTORE)", "CREATE a/b", `CREATE "&Zeg-"`, "RENAME a/b c", "DELETE c",
		"SUBSCRIBE INBOX", "UNSUBSCRIBE INBOX", "CLOSE", "UNSELECT", "CHECK", "EXPUNGE",
		"FETCH 1:* (FLAGS UID ENVELOPE BODYSTRUCTURE RFC822.SIZE INTERNALDATE)", "FETCH 1 BODY[]",
		"FETCH 1 (BODY.PEEK[1.MIME] BODY[HEADER.FIELDS (Subject From)]<0.10>)",
		"FETCH 1 (BINARY.PEEK[1]<0.5> BINARY.SIZE[1])",
		"FETCH * RFC822.HEADER", "UID FETCH 1:* (FLAGS)", `STORE 1 +FLAGS.SILENT (\Seen $Label key)`,
		`UID STORE 1:* -FLAGS (\Deleted)`, "COPY 1 Sent", "UID MOVE 1 Archive", "UID EXPUNGE 1:*",
		`SEARCH RETURN (MIN MAX ALL COUNT SAVE) CHARSET UTF-8 SUBJECT "x" NOT (OR SEEN SINCE 1-Jan-2020)`,
		`UID SEARCH TEXT "Good" LARGER 10 UID 1:* KEYWORD x`, "SEARCH $", "IDLE", "DONE", "LOGOUT",
		"APPEND INBOX (\\Seen) \"17-Jul-1996 02:44:25 -0700\" {35+}\r\nSubject: x\r\nFrom: a@b.example\r\n\r\nx\n\r",
		"APPEND Drafts ~{4+}\r\n\x00abc", "LOGIN {3+}\r\nana {5+}\r\nwrong",
	}
	for i := range list {
		list[i] = fmt.Sprintf("a%d %s", i, list[i])
	}
	return list
}

// Whatever comes over a socket before and after the log-in, the answer has words or the connection ends, and the next
// client is served: no panic, no answer that blames the server.
func TestStorm(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		never := guard.Rate{Burst: -1}
		logins := guard.NewLogins(guard.LoginLimits{Pair: never, Account: never, Network: never}, nil)
		w := newWorldLogging(t, db, Config{FailDelay: time.Millisecond, MaxPerIP: 500, MaxPerUser: 500, Logins: logins},
			wiretest.Log(t))
		for _, text := range []string{hello(1),
			"Subject: =?utf-8?q?=00=FF?=\xff\nFrom: J\xfcrgen <\xff@x>\n" +
				"Content-Type: multipart/mixed; boundary=\"\xc3\"\n\n--\xc3\n\n\xff\n--\xc3\n" +
				"Content-Type: message/rfc822\n\n--\xc3--\n"} {
			w.deliver(w.ana, text)
		}
		check := func(said string) error {
			if strings.Contains(said, "SERVERBUG") || strings.Contains(said, "Internal ") {
				return errors.New("the server blames itself")
			}
			return nil
		}
		plain := func() wiretest.Conn {
			c, err := net.Dial("tcp", w.plain)
			if err != nil {
				t.Fatal(err)
			}
			return c.(*net.TCPConn)
		}
		secure := func() wiretest.Conn {
			c, err := tls.Dial("tcp", w.tls, &tls.Config{RootCAs: w.pool})
			if err != nil {
				t.Fatal(err)
			}
			return c
		}
		wiretest.Storm(t, 10, plain, "", commandsOf(), check)
		wiretest.Storm(t, 15, secure, "", commandsOf(), check)
		wiretest.Storm(t, 60, secure, "l LOGIN ana geheim\r\ns SELECT INBOX\r\n", commandsOf(), check)
		c := w.login("ana")
		w.deliver(w.ana, hello(9))
		c.want("SELECT INBOX", "EXISTS")
		c.want("FETCH 1:* (FLAGS ENVELOPE BODYSTRUCTURE BODY.PEEK[])", "Hello 9")
	})
}
