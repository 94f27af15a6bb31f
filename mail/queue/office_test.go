package queue

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"log/slog"
	"math/big"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/mail"
	"frontdesk/mail/domain/keytest"
	"frontdesk/mail/filter/dnstest"
	"frontdesk/mail/resolver"
	"frontdesk/store"
	"frontdesk/store/blob"
	"frontdesk/testwait"
)

const (
	host   = "mx.acme.test"
	author = "anna@acme.test"
)

// office is a mail store with Anna's and Ben's mailboxes, a queue over it, and its DNS.
type office struct {
	*Queue
	box       *mail.Box
	anna, ben mail.Mailbox
	domain    mail.Domain
	blobs     blob.Store
	folder    string // of blobs
	dns       string
	stop      func()
}

// newOffice runs a queue; the domain far.test has its server at far.
func newOffice(t testing.TB, db *store.DB, config Config, far *peer, records ...string) *office {
	t.Helper()
	log, reg := slog.New(slog.DiscardHandler), prometheus.NewRegistry()
	o := &office{folder: t.TempDir()}
	o.blobs = must(blob.NewFiles(o.folder))(t)
	admins := func(context.Context) ([]string, error) { return []string{"u-anna"}, nil }
	o.box = mail.New(mail.Config{Admins: admins, RSA: keytest.RSA()}, db, o.blobs, log, reg)
	o.domain = must(o.box.CreateDomain(t.Context(), "acme.test"))(t)
	o.anna = must(o.box.CreateMailbox(t.Context(),
		mail.Mailbox{Address: author, Name: "Anna", Users: []string{"u-anna"}}))(t)
	o.ben = must(o.box.CreateMailbox(t.Context(), mail.Mailbox{Address: "ben@acme.test", Users: []string{"u-ben"}}))(t)
	for _, k := range o.domain.Keys {
		records = append(records, dnstest.TXT(k.Selector+"._domainkey.acme.test", k.Record))
	}
	records = append(records, dnstest.MX("far.test", "mail.far.test"), dnstest.A("mail.far.test", "127.0.0.1"))
	o.dns = dnstest.Start(t, records...)
	if config.Resolver == nil {
		config.Resolver = resolver.New(o.dns, log)
	}
	if config.Deliver == "" {
		config.Deliver = MX
	}
	if far != nil {
		config.Port = far.port
	}
	o.start(t, db, config)
	return o
}

// start runs the queue's jobs until stop.
func (o *office) start(t testing.TB, db *store.DB, config Config) {
	t.Helper()
	config.Hostname, config.Members = host, join(t, db, config.Members)
	log := slog.New(slog.DiscardHandler)
	o.Queue = must(New(config, o.box, db, o.blobs, log, prometheus.NewRegistry()))(t)
	jobs := store.NewJobs(db, store.JobsConfig{Holder: config.Members.Self().Holder()}, log)
	o.Handle(jobs)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { jobs.Run(ctx); close(done) }()
	o.stop = sync.OnceFunc(func() { cancel(); <-done })
	t.Cleanup(o.stop)
}

// join makes a node that gives no further sign of life, unless there is one already.
func join(t testing.TB, db *store.DB, members *store.Members) *store.Members {
	t.Helper()
	if members != nil {
		return members
	}
	return must(store.JoinMembers(t.Context(), db, store.MembersConfig{Node: store.NewID()[24:]},
		slog.New(slog.DiscardHandler)))(t)
}

func must[T any](value T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

// send submits a mail of Anna's.
func (o *office) send(t testing.TB, to ...string) Receipt {
	t.Helper()
	message := "From: Anna <" + author + ">\r\nTo: " + strings.Join(to, ", ") +
		"\r\nBcc: hidden@far.test\r\nSubject: Prețuri\r\n\r\nHello.\r\n"
	return must(o.Submit(t.Context(), Envelope{From: author, To: to, User: "u-anna", UTF8: true},
		strings.NewReader(message)))(t)
}

// in lists a folder of Anna's.
func (o *office) in(t testing.TB, m mail.Mailbox, folder string) []mail.Summary {
	t.Helper()
	f := must(o.box.Folder(t.Context(), m.ID, folder))(t)
	return must(o.box.Messages(t.Context(), m.Users[0], mail.Listing{Folder: f.ID}))(t).Items
}

func (o *office) raw(t testing.TB, id string) string {
	t.Helper()
	r := must(o.box.Raw(t.Context(), id))(t)
	defer r.Close()
	return string(must(io.ReadAll(r))(t))
}

func (o *office) list(t testing.TB) []Item {
	t.Helper()
	return must(o.List(t.Context(), "", "", 100))(t)
}

var eventually = testwait.Until

// peer is another company's mail server, a go-smtp one.
type peer struct {
	port     int
	mu       sync.Mutex
	mails    []received
	attempts int
	refuse   func(rcpt string, attempt int) error // nil: take it
	taken    func()                               // before the final 250
	logins   []string
}

type received struct {
	from string
	to   []string
	tls  bool
	data string
}

func newPeer(t testing.TB, config *tls.Config) *peer {
	t.Helper()
	p := &peer{refuse: func(string, int) error { return nil }, taken: func() {}}
	server := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		return &call{peer: p, conn: c},
			nil
	}))
	server.Domain, server.TLSConfig, server.EnableSMTPUTF8 = "mail.far.test", config, true
	server.ErrorLog = quiet{}
	l := must(net.Listen("tcp", "127.0.0.1:0"))(t)
	p.port = l.Addr().(*net.TCPAddr).Port
	done := make(chan struct{})
	go func() { server.Serve(l); close(done) }()
	t.Cleanup(func() { server.Close(); <-done })
	return p
}

type quiet struct{}

func (quiet) Printf(string, ...any) {}
func (quiet) Println(...any)        {}

func (p *peer) address() string { return "127.0.0.1:" + strconv.Itoa(p.port) }

// got are the mails it took so far.
func (p *peer) got() []received {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]received(nil), p.mails...)
}

func (p *peer) tries() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.attempts
}

type call struct {
	*peer
	conn    *smtp.Conn
	mail    received
	attempt int
}

func (c *call) Reset()        { c.mail = received{} }
func (c *call) Logout() error { return nil }

func (c *call) Mail(from string, _ *smtp.MailOptions) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.attempts++
	c.attempt = c.attempts
	_, secure := c.conn.TLSConnectionState()
	c.mail = received{from: from, tls: secure}
	return nil
}

func (c *call) Rcpt(to string, _ *smtp.RcptOptions) error {
	if err := c.refuse(to, c.attempt); err != nil {
		return err
	}
	c.mail.to = append(c.mail.to, to)
	return nil
}

func (c *call) Data(r io.Reader) error {
	data, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	c.mail.data = string(data)
	c.mu.Lock()
	c.mails = append(c.mails, c.mail)
	c.mu.Unlock()
	c.taken()
	return nil
}

func (c *call) AuthMechanisms() []string { return []string{sasl.Plain} }

func (c *call) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.logins = append(c.logins, user+":"+password)
		return nil
	}), nil
}

// certificate for a name, and the pool that trusts it.
func certificate(t testing.TB, name string) (*tls.Config, *x509.CertPool) {
	t.Helper()
	key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))(t)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name},
		DNSNames: []string{name}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true,
		BasicConstraintsValid: true}
	der := must(x509.CreateCertificate(rand.Reader, template, template, key.Public(), key))(t)
	pool := x509.NewCertPool()
	pool.AddCert(must(x509.ParseCertificate(der))(t))
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}, pool
}

func newRegistry() *prometheus.Registry { return prometheus.NewRegistry() }

// recovers frees what nodes held that are lost.
func (o *office) recovers() store.MembersHooks {
	return store.MembersHooks{Recover: func(ctx context.Context, dead store.Member) error {
		return o.Recover(ctx, dead.ID, dead.Epoch)
	}}
}
