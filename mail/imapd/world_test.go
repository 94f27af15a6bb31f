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
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/mail"
	"frontdesk/mail/domain/keytest"
	"frontdesk/store"
	"frontdesk/store/blob"
	"frontdesk/testwait"
)

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
	blobs, err := blob.NewFiles(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, box: mail.New(mail.Config{RSA: keytest.RSA()}, db, blobs, log, prometheus.NewRegistry())}
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
	blobs, err := blob.NewFiles(w.t.TempDir())
	if err != nil {
		w.t.Fatal(err)
	}
	other := &world{t: w.t,
		box: mail.New(mail.Config{Changed: w.box.Notify}, db, blobs, slog.New(slog.DiscardHandler), nil)}
	return other
}

func hello(n int) string {
	return fmt.Sprintf("From: Client <c@else.example>\nTo: ana@acme.example\nSubject: Hello %d\n"+
		"Message-ID: <%d@else>\n\nGood day %d.\n", n, n, n)
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
	c.conn.SetReadDeadline(time.Now().Add(testwait.Limit))
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

var eventually = testwait.Until
