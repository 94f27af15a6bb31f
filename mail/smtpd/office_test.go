package smtpd

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/mail"
	"frontdesk/mail/domain/keytest"
	"frontdesk/mail/filter"
	"frontdesk/mail/filter/dnstest"
	"frontdesk/mail/queue"
	"frontdesk/mail/resolver"
	"frontdesk/store"
	"frontdesk/store/blob"
	"frontdesk/store/storetest"
	"frontdesk/testwait"
)

const (
	host   = "mx.acme.test"
	domain = "acme.test"
)

// office is a whole mail server with Anna's mailbox, Ben's tiny one, and one they share.
type office struct {
	box                 *mail.Box
	db                  *store.DB
	server              *Server
	mx, submit, submits string // addresses
	anna, ben, shared   mail.Mailbox
}

func newOffice(t testing.TB, db *store.DB, config Config, records ...string) *office {
	t.Helper()
	return newOfficeLogging(t, db, slog.New(slog.DiscardHandler), config, records...)
}

func newOfficeLogging(t testing.TB, db *store.DB, log *slog.Logger, config Config, records ...string) *office {
	t.Helper()
	reg := prometheus.NewRegistry()
	blobs := must(blob.NewFiles(t.TempDir()))(t)
	o := &office{db: db, box: mail.New(mail.Config{Admins: admins, RSA: keytest.RSA()}, db, blobs, log, reg)}
	must(o.box.CreateDomain(t.Context(), domain))(t)
	o.anna = must(o.box.CreateMailbox(t.Context(),
		mail.Mailbox{Address: "anna@" + domain, Name: "Anna", Users: []string{"u-anna"}}))(t)
	o.ben = must(o.box.CreateMailbox(t.Context(),
		mail.Mailbox{Address: "ben@" + domain, Users: []string{"u-ben"}, Quota: 3000}))(t)
	o.shared = must(o.box.CreateMailbox(t.Context(),
		mail.Mailbox{Address: "sales@" + domain, Users: []string{"u-anna", "u-ben"}}))(t)
	judge := must(filter.New(t.Context(), filter.Config{Hostname: host,
		Resolver: resolver.New(dnstest.Start(t, records...), log), Ours: o.box.Ours, Colleague: isBen}, db,
		log, reg))(t)
	members := must(store.JoinMembers(t.Context(), db, store.MembersConfig{Node: "test"}, log))(t)
	out := must(queue.New(queue.Config{Hostname: host, Members: members}, o.box, db, blobs, log, reg))(t)
	jobs := store.NewJobs(db, store.JobsConfig{Holder: "test/1"}, log)
	out.Handle(jobs)
	judge.Handle(jobs, blobs)
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { jobs.Run(ctx); close(done) }()
	config.Hostname, config.TLS = host, &tls.Config{Certificates: []tls.Certificate{certificate(t)}}
	if config.Tarpit == 0 {
		config.Tarpit = time.Millisecond
	}
	o.server = New(config, o.box, blobs, judge, out, login, log, reg)
	o.mx, o.submit, o.submits = serve(t, o.server.ServeMX), serve(t, o.server.ServeSubmission),
		serve(t, o.server.ServeSubmissionTLS)
	t.Cleanup(func() {
		closing, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := o.server.Close(closing); err != nil {
			t.Error(err)
		}
		stop()
		<-done
		judge.Close()
	})
	return o
}

func admins(context.Context) ([]string, error) { return []string{"u-gone", "u-anna"}, nil }

func isBen(_ context.Context, name string) (bool, error) { return name == "Ben", nil }

func must[T any](value T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

func login(_ context.Context, login, password string) (string, error) {
	if users := map[string]string{"anna": "secret-a", "ben": "secret-b"}; users[login] == "" ||
		users[login] != password {
		return "", fmt.Errorf("log-in of %q: %w", login, mail.ErrLogin)
	}
	return "u-" + login, nil
}

func serve(t testing.TB, accept func(net.Listener) error) string {
	t.Helper()
	l := must(net.Listen("tcp", "127.0.0.1:0"))(t)
	done := make(chan error, 1)
	go func() { done <- accept(l) }()
	t.Cleanup(func() {
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return l.Addr().String()
}

func certificate(t testing.TB) tls.Certificate {
	t.Helper()
	key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))(t)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: host},
		DNSNames:  []string{host, "127.0.0.1"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der := must(x509.CreateCertificate(rand.Reader, template, template, key.Public(), key))(t)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// in lists the subjects in a folder of a mailbox.
func (o *office) in(t testing.TB, m mail.Mailbox, folder string) []mail.Summary {
	t.Helper()
	f := must(o.box.Folder(t.Context(), m.ID, folder))(t)
	page := must(o.box.Messages(t.Context(), m.Users[0], mail.Listing{Folder: f.ID}))(t)
	return page.Items
}

// raw is a stored message, whole.
func (o *office) raw(t testing.TB, id string) string {
	t.Helper()
	r := must(o.box.Raw(t.Context(), id))(t)
	defer r.Close()
	return string(must(io.ReadAll(r))(t))
}

var eventually = testwait.Until

// dialogue plays a conversation, line by line: "C: x" sends x and CR LF, "R: x" sends exactly x with Go escapes, "S: x"
// wants an answer (its last line) that begins with x, "TLS" starts TLS, "END" wants the server to hang up.
func dialogue(t *testing.T, address, script string) {
	t.Helper()
	conn := must(net.Dial("tcp", address))(t)
	defer func() { conn.Close() }()
	conn.SetDeadline(time.Now().Add(testwait.Limit))
	r := bufio.NewReader(conn)
	for i, line := range strings.Split(strings.TrimSpace(script), "\n") {
		verb, arg, _ := strings.Cut(strings.TrimLeft(line, "\t"), " ")
		var err error
		switch verb {
		case "C:":
			_, err = io.WriteString(conn, arg+"\r\n")
		case "R:":
			_, err = io.WriteString(conn, must(strconv.Unquote(`"`+arg+`"`))(t))
		case "S:":
			var got string
			if got, err = lastLine(r); err == nil && !strings.HasPrefix(got, arg) {
				t.Fatalf("line %d: got %q, want %q", i+1, got, arg)
			}
		case "TLS":
			conn = tls.Client(conn, &tls.Config{InsecureSkipVerify: true})
			r = bufio.NewReader(conn)
		case "END":
			if b, e := r.ReadByte(); e == nil {
				t.Fatalf("line %d: want the end, got %q", i+1, b)
			}
		default:
			t.Fatalf("line %d: %q", i+1, line)
		}
		if err != nil {
			t.Fatalf("line %d, %s: %v", i+1, line, err)
		}
	}
}

func lastLine(r *bufio.Reader) (string, error) {
	for {
		line, err := r.ReadString('\n')
		if err != nil || len(line) < 4 || line[3] != '-' {
			return strings.TrimRight(line, "\r\n"), err
		}
	}
}

func swaks(t testing.TB, args ...string) (string, error) {
	t.Helper()
	program, err := exec.LookPath("swaks")
	if err != nil {
		t.Fatal("swaks is missing: apt-get install swaks")
	}
	ctx, cancel := context.WithTimeout(t.Context(), testwait.Limit)
	defer cancel()
	out, err := exec.CommandContext(ctx, program, args...).CombinedOutput()
	return string(out), err
}

func sqlite(t testing.TB) *store.DB { return storetest.SQLite(t) }
