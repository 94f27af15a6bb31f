package imapd

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"log/slog"
	"math/big"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"

	"frontdesk/guard"
	"frontdesk/mail"
	"frontdesk/store"
	"frontdesk/store/storetest"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("database/sql.(*DB).connectionOpener"))
}

// world is a server with Ana's mailbox and a shared one, reached on two ports.
type world struct {
	t            testing.TB
	box          *mail.Box
	server       *Server
	ana, support mail.Mailbox
	plain, tls   string // addresses
	ca           string // file
	pool         *x509.CertPool
}

func newWorld(t testing.TB, db *store.DB, config Config) *world {
	t.Helper()
	return newWorldLogging(t, db, config, slog.New(slog.NewTextHandler(t.Output(),
		&slog.HandlerOptions{Level: slog.LevelDebug})))
}

func newWorldLogging(t testing.TB, db *store.DB, config Config, log *slog.Logger) *world {
	t.Helper()
	blobs, err := store.NewFileBlobs(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, box: mail.New(db, blobs, log, prometheus.NewRegistry())}
	if _, err := w.box.CreateDomain(t.Context(), "acme.example"); err != nil {
		t.Fatal(err)
	}
	w.ana = w.mailbox("ana@acme.example", "u-ana")
	w.support = w.mailbox("support@acme.example", "u-ion", "u-ana")
	if config.FailDelay == 0 {
		config.FailDelay = 50 * time.Millisecond
	}
	w.server = New(config, w.box, auth, w.certificate(), log, prometheus.NewRegistry())
	w.plain, w.tls = w.listen(w.server.Serve), w.listen(w.server.ServeTLS)
	t.Cleanup(func() { w.server.Close() })
	return w
}

func auth(_ context.Context, login, password string) (string, error) {
	if password != "geheim" {
		return "", fmt.Errorf("%w: the password", mail.ErrLogin)
	}
	switch login {
	case "ana", "ana@acme.example":
		return "u-ana", nil
	case "ion":
		return "u-ion", nil
	case "away":
		return "", errors.New("the database is not there")
	}
	return "", fmt.Errorf("%w: no such user", mail.ErrLogin)
}

func (w *world) mailbox(address string, users ...string) mail.Mailbox {
	w.t.Helper()
	m, err := w.box.CreateMailbox(w.t.Context(), mail.Mailbox{Address: address, Users: users})
	if err != nil {
		w.t.Fatal(err)
	}
	return m
}

func (w *world) listen(serve func(net.Listener) error) string {
	w.t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		w.t.Fatal(err)
	}
	go serve(l) // ends with Close, which waits for it
	return l.Addr().String()
}

func (w *world) certificate() *tls.Config {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		w.t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "localhost"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true,
		BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		w.t.Fatal(err)
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	w.ca = filepath.Join(w.t.TempDir(), "ca.pem")
	if err := os.WriteFile(w.ca, text, 0o600); err != nil {
		w.t.Fatal(err)
	}
	w.pool = x509.NewCertPool()
	w.pool.AppendCertsFromPEM(text)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
}

// deliver puts a mail into a mailbox's INBOX.
func (w *world) deliver(m mail.Mailbox, text string) mail.Ref {
	w.t.Helper()
	blob, size, err := w.box.PutBlob(w.t.Context(), strings.NewReader(strings.ReplaceAll(text, "\n", "\r\n")))
	if err != nil {
		w.t.Fatal(err)
	}
	refs, err := w.box.Deliver(w.t.Context(),
		mail.Delivery{To: []mail.Recipient{{Mailbox: m.ID}}, Blob: blob, Size: size, EnvelopeFrom: "c@else.example"})
	if err != nil {
		w.t.Fatal(err)
	}
	return refs[0]
}

// otherNode is a second process on the same database, whose hints reach this one.
func (w *world) otherNode(db *store.DB) *world {
	w.t.Helper()
	blobs, err := store.NewFileBlobs(w.t.TempDir())
	if err != nil {
		w.t.Fatal(err)
	}
	other := &world{t: w.t, box: mail.New(db, blobs, slog.New(slog.DiscardHandler), nil)}
	other.box.OnChange = w.box.Notify
	return other
}

func hello(n int) string {
	return fmt.Sprintf("From: Client <c@else.example>\nTo: ana@acme.example\nSubject: Hello %d\nMessage-ID: <%d@else>\n\nGood day %d.\n", n, n, n)
}

// client is an IMAP client that sees every line.
type client struct {
	t    testing.TB
	conn net.Conn
	buf  []byte
	n    int
}

// dial connects to the TLS port and reads the greeting.
func (w *world) dial() *client {
	w.t.Helper()
	c, err := tls.Dial("tcp", w.tls, &tls.Config{RootCAs: w.pool})
	if err != nil {
		w.t.Fatal(err)
	}
	return w.client(c)
}

func (w *world) client(c net.Conn) *client {
	w.t.Cleanup(func() { c.Close() })
	cl := &client{t: w.t, conn: c}
	cl.wait("* OK ")
	return cl
}

// login connects as Ana.
func (w *world) login(user string) *client {
	w.t.Helper()
	c := w.dial()
	c.do("LOGIN " + user + " geheim")
	return c
}

// line is the next one, "" when there is none any more.
func (c *client) line() string {
	line, _ := c.next()
	return line
}

// next is the next line; an error when the connection has ended, or nothing came for half a minute.
func (c *client) next() (string, error) {
	c.conn.SetReadDeadline(time.Now().Add(30 * time.Second))
	for {
		if i := strings.Index(string(c.buf), "\r\n"); i >= 0 {
			line := string(c.buf[:i])
			c.buf = c.buf[i+2:]
			return line, nil
		}
		part := make([]byte, 4096)
		n, err := c.conn.Read(part)
		if c.buf = append(c.buf, part[:n]...); err != nil && n == 0 {
			return "", err
		}
	}
}

// maxLines of an answer.
const maxLines = 20_000

// wait reads lines up to one that begins with prefix and returns them all.
func (c *client) wait(prefix string) string {
	c.t.Helper()
	var all []string
	for len(all) < maxLines {
		line, err := c.next()
		if err != nil {
			c.t.Fatalf("waiting for %q: %v, after:\n%s%s", prefix, err, strings.Join(all, "\n"), c.buf)
		}
		if all = append(all, line); strings.HasPrefix(line, prefix) {
			return strings.Join(all, "\n")
		}
	}
	c.t.Fatalf("no %q in %d lines, which begin with:\n%s", prefix, maxLines, strings.Join(all[:20], "\n"))
	return ""
}

func (c *client) send(format string, args ...any) {
	c.t.Helper()
	if _, err := fmt.Fprintf(c.conn, format, args...); err != nil {
		c.t.Fatal(err)
	}
}

// ask sends a command and returns all of the answer.
func (c *client) ask(command string) string {
	c.t.Helper()
	c.n++
	tag := fmt.Sprintf("t%d", c.n)
	c.send("%s %s\r\n", tag, command)
	return c.wait(tag + " ")
}

// do is ask for a command that must succeed.
func (c *client) do(command string) string {
	c.t.Helper()
	answer := c.ask(command)
	if !strings.Contains(answer, fmt.Sprintf("t%d OK", c.n)) {
		c.t.Fatalf("%s:\n%s", command, answer)
	}
	return answer
}

// want does a command and looks for what the answer must hold.
func (c *client) want(command string, parts ...string) {
	c.t.Helper()
	answer := c.do(command)
	for _, part := range parts {
		if !strings.Contains(answer, part) {
			c.t.Errorf("%s: no %q in\n%s", command, part, answer)
		}
	}
}

// refuse does a command that must fail.
func (c *client) refuse(command, part string) {
	c.t.Helper()
	if answer := c.ask(command); !strings.Contains(answer, part) ||
		strings.Contains(answer, fmt.Sprintf("t%d OK", c.n)) {
		c.t.Errorf("%s: want %q, got\n%s", command, part, answer)
	}
}

func TestSession(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, Config{})
		w.deliver(w.ana, hello(1))
		w.deliver(w.ana, "From: =?utf-8?q?=C8=98tefan?= <s@x.example>\nSubject: =?utf-8?q?Ofert=C4=83?=\nContent-Type: multipart/mixed; boundary=b\n\n"+
			"--b\nContent-Type: text/plain; charset=utf-8\n\nOne\n--b\nContent-Type: message/rfc822\n\nSubject: inner\n\ndeep\n--b--\n")
		w.deliver(w.support, hello(3))
		c := w.login("ana")
		c.want("CAPABILITY", "IDLE", "MOVE", "UIDPLUS", "SPECIAL-USE", "CHILDREN", "NAMESPACE", "UNSELECT", "LITERAL+",
			"APPENDLIMIT=")
		c.want("NAMESPACE", `(("" "/")) NIL (("Shared/" "/"))`)
		c.want(`LIST "" "*"`, `\Sent`, `\Junk`, `\Drafts`, `\Trash`, `\Archive`, "INBOX", "Shared/support/INBOX",
			`(\NonExistent \Noselect \HasChildren) "/" "Shared"`)
		c.want(`LIST "" %`, `(\HasNoChildren) "/" INBOX`)
		c.want(`LSUB "" "*"`, "* LSUB", "Archive")
		c.want(`LIST "" ""`, `* LIST (\Noselect) "/" ""`)
		c.want("STATUS INBOX (MESSAGES UIDNEXT UIDVALIDITY UNSEEN SIZE)", "MESSAGES 2 UIDNEXT 3", "UNSEEN 2")
		c.want("SELECT INBOX", "* 2 EXISTS", "[UIDNEXT 3]", "[UNSEEN 1]", `\*`, "READ-WRITE")
		c.want("FETCH 2 (UID FLAGS RFC822.SIZE INTERNALDATE ENVELOPE BODYSTRUCTURE)", `"=?utf-8?q?Ofert=C4=83?="`,
			`(("=?utf-8?q?=C8=98tefan?=" NIL "s" "x.example"))`,
			`(("text" "plain" ("charset" "utf-8") NIL NIL "7bit" 3 0`, `("message" "rfc822" NIL NIL NIL "7bit" 22 (`,
			`"mixed"`)
		c.want("FETCH 2 (BODY.PEEK[1] BODY.PEEK[2.HEADER] BODY.PEEK[2.1] BODY.PEEK[2.TEXT] BODY.PEEK[1.MIME] BODY.PEEK[HEADER.FIELDS (SUBJECT)] BODY.PEEK[]<0.5>)",
			"BODY[1] {3}\nOne", "BODY[2.HEADER] {18}\nSubject: inner", "BODY[2.1] {4}\ndeep", "BODY[2.TEXT] {4}\ndeep",
			"BODY[1.MIME] {43}", "BODY[]<0> {5}\nFrom:", "Subject: =?utf-8")
		c.want("FETCH 1 (BODY[TEXT])", `FLAGS (\Seen \Recent)`, "Good day 1.")
		c.want(`UID STORE 2 +FLAGS (\Flagged $Label1)`, `* 2 FETCH (UID 2 FLAGS (\Flagged $Label1 \Recent))`)
		for criteria, found := range map[string]string{
			"ALL": " 1 2", "UNSEEN": " 2", "KEYWORD $label1": " 2", `SUBJECT "oferta"`: "", `FROM "client"`: " 1",
			`BODY "one"`: " 2", `TEXT "hello"`: " 1",
			"LARGER 200": " 2", "SINCE 1-Jan-2020": " 1 2", "BEFORE 1-Jan-2020": "", "OR SEEN FLAGGED": " 1 2",
			"NOT FLAGGED": " 1", "UID 2:*": " 2", "HEADER Message-ID 1@else": " 1",
		} {
			if got := c.do("SEARCH " + criteria); !strings.HasPrefix(got, "* SEARCH"+found+"\n") {
				t.Errorf("SEARCH %s:\n%s", criteria, got)
			}
		}
		c.want("SEARCH RETURN (MIN MAX COUNT SAVE) ALL", "MIN 1 MAX 2 COUNT 2")
		c.want("CREATE Clients/Acme", "OK")
		c.want("COPY $ Clients/Acme", "COPYUID", " 1:2 1:2]")
		c.want("UID MOVE 2 Trash", "[COPYUID", "* 2 EXPUNGE")
		c.want(`STORE 1 FLAGS.SILENT (\Deleted)`, "OK")
		c.want("UID EXPUNGE 5", "OK")
		c.want("EXPUNGE", "* 1 EXPUNGE")
		c.want("CLOSE", "OK")
		c.want("EXAMINE Clients/Acme", "* 2 EXISTS", "READ-ONLY")
		c.refuse(`STORE 1 +FLAGS (\Deleted)`, "NO ")
		c.want("FETCH 1:* (FLAGS BODY[])", "* 2 FETCH")
		c.want("UNSELECT", "OK")
		c.want(`RENAME Clients "Clien&Ahs-i"`, "OK")
		c.want(`STATUS "Clien&Ahs-i/Acme" (MESSAGES)`, "MESSAGES 2")
	})
}

func TestShared(t *testing.T) {
	w := newWorld(t, storetest.SQLite(t), Config{})
	w.deliver(w.support, hello(1))
	ana, ion := w.login("ana@acme.example"), w.login("ion")
	ana.want("SELECT Shared/support/INBOX", "* 1 EXISTS")
	ion.want("SELECT INBOX", "* 1 EXISTS")
	ana.want(`STORE 1 +FLAGS (\Answered)`, `\Answered`)
	ion.want("NOOP", `* 1 FETCH (UID 1 FLAGS (\Answered))`)
	ion.refuse("COPY 1 Nowhere", "[TRYCREATE]")
	ana.want("MOVE 1 INBOX", "COPYUID")
	ion.want("NOOP", "* 1 EXPUNGE")
	ion.refuse("SELECT Shared/ana/INBOX", "[NONEXISTENT]")
}

func TestAppend(t *testing.T) {
	w := newWorld(t, storetest.SQLite(t), Config{MaxMessage: 10_000})
	c := w.login("ana")
	c.send("a APPEND Drafts (\\Draft \\Seen) \"05-Nov-2026 10:00:00 +0200\" {24+}\r\nSubject: draft\r\n\r\nText\r\n\r\n")
	if got := c.wait("a "); !strings.Contains(got, "[APPENDUID ") {
		t.Fatal(got)
	}
	c.send("b APPEND Drafts {24}\r\n")
	c.wait("+ ")
	c.send("Subject: waits\r\n\r\nText\r\n\r\n")
	c.wait("b OK")
	c.want("SELECT Drafts", "* 2 EXISTS")
	c.want("FETCH 1 (FLAGS INTERNALDATE BODY.PEEK[])", `\Seen \Draft`, ` 5-Nov-2026 08:00:00 +0000`, "Subject: draft")
	c.send("c APPEND Nowhere {5+}\r\nHello\r\n")
	c.wait("c NO [TRYCREATE]")
	c.send("d APPEND Drafts {10001}\r\n")
	c.wait("d NO [TOOBIG]")
	c.want("NOOP", "OK")
}

// TestRefusedLiteral: what a client sends as a literal is never taken for commands (go-imap alone executes it).
func TestRefusedLiteral(t *testing.T) {
	w := newWorld(t, storetest.SQLite(t), Config{MaxMessage: 20_000})
	evil := "x DELETE Evil\r\n"
	for name, command := range map[string]string{
		"too big an APPEND": fmt.Sprintf("a APPEND INBOX {%d+}\r\n%s", 20_000+len(evil), strings.Repeat(evil, 1)) +
			strings.Repeat(".", 20_000),
		"an unknown command": fmt.Sprintf("a FROBNICATE {%d+}\r\n%s", len(evil), evil),
		"a bad flag":         fmt.Sprintf("a APPEND INBOX (\\Se{en) {%d+}\r\n%s", len(evil), evil),
		"two literals":       fmt.Sprintf("a FROBNICATE {%d+}\r\n%s {%d+}\r\n%s", len(evil), evil, len(evil), evil),
	} {
		t.Run(name, func(t *testing.T) {
			c := w.login("ana")
			c.ask("CREATE Evil")
			c.send("%s\r\n", command)
			if answer := c.wait("a "); strings.Contains(answer, "a OK") {
				t.Error(answer)
			}
			c.want("NOOP", "OK")
			c.want(`LIST "" Evil`, "Evil")
		})
	}
	t.Run("huge", func(t *testing.T) {
		c := w.login("ana")
		c.send("a APPEND INBOX {999999999+}\r\n%s", strings.Repeat(evil, 100))
		c.wait("a NO [TOOBIG]")
		if line := c.line(); line != "" {
			t.Errorf("the connection goes on: %q", line)
		}
		w.login("ana").want(`LIST "" Evil`, "Evil")
	})
	t.Run("before log-in", func(t *testing.T) {
		c := w.dial()
		c.send("a LOGIN {5000+}\r\n%s\r\n", strings.Repeat("b NOOP\r\n", 625))
		if answer := c.wait("a "); strings.Contains(answer, " OK") {
			t.Error(answer)
		}
		c.do("LOGIN ana geheim")
	})
}

func TestStartTLS(t *testing.T) {
	w := newWorld(t, storetest.SQLite(t), Config{})
	connect := func() *client {
		c, err := net.Dial("tcp", w.plain)
		if err != nil {
			t.Fatal(err)
		}
		return w.client(c)
	}
	c := connect()
	c.want("CAPABILITY", "LOGINDISABLED", "STARTTLS")
	c.refuse("LOGIN ana geheim", "[PRIVACYREQUIRED]")
	c.do("STARTTLS")
	secure := tls.Client(c.conn, &tls.Config{RootCAs: w.pool, ServerName: "localhost"})
	s := &client{t: t, conn: secure}
	s.want("CAPABILITY", "AUTH=PLAIN")
	s.do("LOGIN ana geheim")
	s.want("SELECT INBOX", "EXISTS")

	injected := connect()
	injected.send("a STARTTLS\r\nb LOGIN ana geheim\r\n")
	injected.wait("a OK")
	if line := injected.line(); line != "" {
		t.Errorf("data before TLS was taken: %q", line)
	}
	http := connect()
	http.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	http.wait("* BYE")
}

func TestLoginFails(t *testing.T) {
	w := newWorld(t, storetest.SQLite(t), Config{FailDelay: 100 * time.Millisecond, MaxPerUser: 1})
	answers := map[string]bool{}
	for _, login := range []string{"LOGIN ana wrong", "LOGIN nobody geheim", "AUTHENTICATE PLAIN AGFuYQB3cm9uZw=="} {
		c := w.dial()
		began := time.Now()
		_, answer, _ := strings.Cut(c.ask(login), " ")
		if answers[answer] = true; time.Since(began) < 100*time.Millisecond {
			t.Errorf("%s was answered at once", login)
		}
	}
	if len(answers) != 1 {
		t.Errorf("different answers: %v", answers)
	}
	w.dial().do("AUTHENTICATE PLAIN AGFuYQBnZWhlaW0=")
	if answer := w.dial().ask("LOGIN away geheim"); !strings.Contains(answer, " NO [UNAVAILABLE]") {
		t.Errorf("trouble of ours: %q", answer)
	}
	eventually(t, "the one connection of a user", func() bool {
		c := w.dial()
		return strings.Contains(c.ask("LOGIN ana geheim"), "[LIMIT]")
	})
}

func eventually(t testing.TB, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); {
		if is() {
			return
		}
	}
	t.Fatal("never: " + what)
}

func TestIdle(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, Config{})
		w.deliver(w.ana, hello(1))
		c, other := w.login("ana"), w.login("ana")
		c.do("SELECT INBOX")
		other.do("SELECT INBOX")
		c.send("i IDLE\r\n")
		c.wait("+ ")
		told := func(what string, act func()) {
			t.Helper()
			began := time.Now()
			act()
			c.wait(what)
			if d := time.Since(began); d > 3*time.Second { // some milliseconds on a machine with time to spare
				t.Errorf("%s after %v", what, d)
			}
		}
		told("* 2 EXISTS", func() { w.deliver(w.ana, hello(2)) })
		told("* 3 EXISTS", func() { w.otherNode(db).deliver(w.ana, hello(3)) })
		told(`* 1 FETCH (UID 1 FLAGS (\Flagged \Recent))`, func() { other.do(`STORE 1 +FLAGS.SILENT (\Flagged)`) })
		told("* 1 EXPUNGE", func() { other.do("MOVE 1 Archive") })
		c.send("DONE\r\n")
		c.wait("i OK")
		c.want("FETCH 1:* UID", "* 1 FETCH (UID 2)", "* 2 FETCH (UID 3)")
	})
}

// TestUnknown: what go-imap doesn't know is refused, and the session goes on (go-imap has no CONDSTORE and no ID).
func TestUnknown(t *testing.T) {
	w := newWorld(t, storetest.SQLite(t), Config{})
	c := w.login("ana")
	for _, command := range []string{"ID", "ID x", "SELECT INBOX (CONDSTORE)", "SORT (DATE) UTF-8 ALL", "XYZZY",
		"FETCH", "FETCH 1 (NONSENSE)", "STORE 1 FLAGS"} {
		c.refuse(command, "BAD")
	}
	c.want("NOOP", "OK")
}

func TestMatch(t *testing.T) {
	for _, c := range []struct {
		name, pattern string
		want          bool
	}{
		{"INBOX", "*", true}, {"a/b", "%", false}, {"a/b", "%/%", true}, {"a/b/c", "a/*", true}, {"a/b/c", "a/%", false}, {"a", "a", true}, {"ab", "a", false}, {"", "%", true},
		{"Clienți", "*ț*", true}, {"a/b", "a%b", false}, {"abc", "%c%", true}, {strings.Repeat("a", 250), strings.Repeat("*a", 200) + "b", false},
	} {
		if got := match(c.name, c.pattern); got != c.want {
			t.Errorf("%q fits %q: %v", c.name, c.pattern, got)
		}
	}
}

// TestSequenceNumbers: while others expunge, numbers mean what the client thinks until it is told.
func TestSequenceNumbers(t *testing.T) {
	w := newWorld(t, storetest.SQLite(t), Config{})
	for n := range 4 {
		w.deliver(w.ana, hello(n+1))
	}
	c, other := w.login("ana"), w.login("ana")
	c.do("SELECT INBOX")
	other.do("SELECT INBOX")
	other.do(`STORE 2 +FLAGS (\Deleted)`)
	other.want("EXPUNGE", "* 2 EXPUNGE")
	w.deliver(w.ana, hello(5))
	if got := c.do("FETCH 1:4 (UID)"); strings.Contains(got, "EXPUNGE") ||
		!strings.Contains(got, "* 3 FETCH (UID 3)") || strings.Contains(got, "* 2 FETCH") {
		t.Errorf("after another's expunge:\n%s", got)
	}
	c.want(`STORE 4 +FLAGS (\Seen)`, "* 4 FETCH (UID 4")
	c.want("NOOP", "* 2 EXPUNGE")
	c.want("FETCH 4 (UID)", "* 4 FETCH (UID 5)")
	c.want("UID FETCH 9:* (UID)", "* 4 FETCH (UID 5)")
	if err := w.box.DeleteFolder(t.Context(), w.ana.ID, "Nothing"); err == nil {
		t.Error("deleted nothing")
	}
}

// TestLimitsAndClose: an address has so many connections, and Close ends and waits for those there are (TestMain looks
// for what is left).
func TestLimitsAndClose(t *testing.T) {
	w := newWorld(t, storetest.SQLite(t), Config{MaxPerIP: 2})
	idle, waits := w.login("ana"), w.dial()
	idle.do("SELECT INBOX")
	idle.send("i IDLE\r\n")
	idle.wait("+ ")
	if c, err := tls.Dial("tcp", w.tls, &tls.Config{RootCAs: w.pool}); err == nil {
		c.Close()
		t.Error("a third connection was served")
	}
	waits.do("LOGOUT")
	eventually(t, "room again", func() bool {
		c, err := tls.Dial("tcp", w.tls, &tls.Config{RootCAs: w.pool})
		if err == nil {
			c.Close()
		}
		return err == nil
	})
	eventually(t, "the server knows who is in IDLE", func() bool { // it says "+" first
		w.server.mu.Lock()
		defer w.server.mu.Unlock()
		return len(w.server.idlers) == 1
	})
	w.server.Close()
	idle.wait("* BYE")
}

// Drain sends away who waits in IDLE, then or later, and takes nobody new; who works may go on.
func TestDrain(t *testing.T) {
	w := newWorld(t, storetest.SQLite(t), Config{})
	idle, works := w.login("ana"), w.login("ana")
	for _, c := range []*client{idle, works} {
		c.do("SELECT INBOX")
	}
	idle.send("i IDLE\r\n")
	idle.wait("+ ")
	w.server.Drain()
	idle.wait("* BYE")
	works.do("NOOP")
	works.send("i IDLE\r\n")
	works.wait("* BYE")
	if c, err := tls.Dial("tcp", w.tls, &tls.Config{RootCAs: w.pool}); err == nil {
		c.Close()
		t.Error("a new connection was served")
	}
}

// Wrong log-ins are told to the other nodes, and theirs count here; who is locked out hears so. Trouble of ours is no
// wrong log-in.
func TestWrongLoginsCount(t *testing.T) {
	told := make(chan guard.Outcome, 100)
	logins := guard.NewLogins(guard.LoginLimits{}, func(o guard.Outcome) { told <- o })
	w := newWorld(t, storetest.SQLite(t), Config{FailDelay: time.Millisecond, Logins: logins})
	w.dial().ask("LOGIN away geheim")
	w.dial().ask("LOGIN ana wrong")
	if o := <-told; len(told) != 0 || o.From != netip.MustParseAddr("127.0.0.1") || o.Account != "ana" || o.Right {
		t.Errorf("told of %+v and %d more", o, len(told))
	}
	for range 20 {
		logins.Elsewhere(guard.Outcome{From: netip.MustParseAddr("127.0.0.1"), Account: "ana"})
	}
	if answer := w.dial().ask("LOGIN ana geheim"); !strings.Contains(answer, " NO ") ||
		!strings.Contains(answer, "Too many") {
		t.Errorf("after too many elsewhere: %q", answer)
	}
}

// Who may log in no more is out at once, in IDLE or not; others stay.
func TestEndOfAUser(t *testing.T) {
	w := newWorld(t, storetest.SQLite(t), Config{})
	idle, busy, other := w.login("ana"), w.login("ana"), w.login("ion")
	idle.do("SELECT INBOX")
	idle.send("i IDLE\r\n")
	idle.wait("+ ")
	w.server.End("u-ana")
	for _, c := range []*client{idle, busy} {
		for c.line() != "" {
		}
		if _, err := c.conn.Read(make([]byte, 1)); err == nil {
			t.Error("the connection is still there")
		}
	}
	other.do("NOOP")
}
