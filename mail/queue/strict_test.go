package queue

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mjl-/mox/dns"
	"github.com/mjl-/mox/mtasts"

	"frontdesk/mail/filter/dnstest"
	"frontdesk/mail/resolver"
	"frontdesk/store/storetest"
)

// policyServer serves the MTA-STS policy of far.test over HTTPS, or 500 while it is empty.
type policyServer struct{ text atomic.Value }

func newPolicyServer(t *testing.T, text string) *policyServer {
	t.Helper()
	p := &policyServer{}
	p.text.Store(text)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if text := p.text.Load().(string); r.URL.Path == "/.well-known/mta-sts.txt" && text != "" {
			io.WriteString(w, text)
			return
		}
		w.WriteHeader(http.StatusInternalServerError)
	}))
	config, roots := certificate(t, "mta-sts.far.test")
	server.TLS = config
	server.StartTLS()
	t.Cleanup(server.Close)
	before := mtasts.HTTPClient.Transport
	t.Cleanup(func() { mtasts.HTTPClient.Transport = before })
	mtasts.HTTPClient.Transport = &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots},
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, server.Listener.Addr().String())
		}}
	return p
}

func policy(mode, mx string) string {
	return "version: STSv1\r\nmode: " + mode + "\r\nmx: " + mx + "\r\nmax_age: 86400\r\n"
}

var record = dnstest.TXT("_mta-sts.far.test", "v=STSv1; id=1;")

// What MTA-STS asks of a server is asked: mail for one that does not satisfy it waits, and its author is told; in mode
// testing it goes.
func TestMTASTS(t *testing.T) {
	good, roots := certificate(t, "mail.far.test")
	other, _ := certificate(t, "other.far.test")
	unknown, _ := certificate(t, "mail.far.test")
	for name, x := range map[string]struct {
		peer      *tls.Config
		policy    string
		delivered bool
		why       string // the author is told
	}{
		"valid":              {good, policy("enforce", "mail.far.test"), true, ""},
		"wildcard":           {good, policy("enforce", "*.far.test"), true, ""},
		"another name":       {other, policy("enforce", "mail.far.test"), false, "certificate"},
		"unknown authority":  {unknown, policy("enforce", "mail.far.test"), false, "certificate"},
		"no TLS":             {nil, policy("enforce", "mail.far.test"), false, "TLS as it is required there"},
		"another server":     {good, policy("enforce", "mx.far.test"), false, "MTA-STS"},
		"testing":            {unknown, policy("testing", "mail.far.test"), true, ""},
		"none":               {unknown, policy("none", "mail.far.test"), true, ""},
		"a broken policy":    {unknown, "version: STSv1\r\n", true, ""},
		"no policy to fetch": {unknown, "", true, ""},
	} {
		t.Run(name, func(t *testing.T) {
			newPolicyServer(t, x.policy)
			far := newPeer(t, x.peer)
			o := newOffice(t, storetest.SQLite(t), Config{Roots: roots, Warn: time.Millisecond}, far, record)
			o.send(t, "carl@far.test")
			o.outcome(t, far, x.delivered, x.why)
		})
	}
}

// outcome waits until the peer has the mail, or the author knows why it has not.
func (o *office) outcome(t *testing.T, far *peer, delivered bool, why string) {
	t.Helper()
	if delivered {
		eventually(t, "sent", func() bool { return len(far.got()) == 1 && len(o.list(t)) == 0 })
		if !far.got()[0].tls {
			t.Error("sent in the clear")
		}
		return
	}
	eventually(t, "the notice", func() bool { return len(o.in(t, o.anna, "INBOX")) == 1 })
	if notice := o.raw(t, o.in(t, o.anna, "INBOX")[0].ID); !strings.Contains(notice, "Action: delayed") ||
		!strings.Contains(notice, why) || !strings.Contains(notice, "Status: 4.7.") {
		t.Errorf("told\n%s", notice)
	}
	if len(far.got()) != 0 || len(o.list(t)) != 1 {
		t.Errorf("received %+v, waiting %+v", far.got(), o.list(t))
	}
}

// A policy holds while neither its record nor itself can be had, which is how somebody on the way would end it; a new
// one holds as soon as the record tells of it.
func TestMTASTSPolicyChanges(t *testing.T) {
	server := newPolicyServer(t, policy("enforce", "old.far.test"))
	o := newOffice(t, storetest.SQLite(t), Config{}, nil, record)
	log := slog.New(slog.DiscardHandler)
	ask := func() string {
		t.Helper()
		p := o.strict.lookup(t.Context(), o.log, o.config.Resolver, dns.Domain{ASCII: "far.test"})
		if p == nil {
			return ""
		}
		return p.MX[0].Domain.ASCII
	}
	want := func(what, mx string) {
		t.Helper()
		if got := ask(); got != mx {
			t.Errorf("%s: %q, want %q", what, got, mx)
		}
	}
	want("at first", "old.far.test")
	server.text.Store("")
	want("remembered", "old.far.test")
	o.config.Resolver = resolver.New(dnstest.Start(t), log)
	want("without its record", "old.far.test")
	o.config.Resolver = resolver.New(dnstest.Start(t, dnstest.TXT("_mta-sts.far.test", "v=STSv1; id=2;")), log)
	want("when the new one can't be fetched", "old.far.test")
	server.text.Store(policy("enforce", "new.far.test"))
	o.config.Resolver = resolver.New(dnstest.Start(t, dnstest.TXT("_mta-sts.far.test", "v=STSv1; id=3;")), log)
	want("with another id", "new.far.test")
	server.text.Store(policy("none", "new.far.test"))
	o.config.Resolver = resolver.New(dnstest.Start(t, dnstest.TXT("_mta-sts.far.test", "v=STSv1; id=4;")), log)
	want("when it is given up", "")
}

// Where DNSSEC vouches for a TLSA record, only a server with that key gets mail, whatever other authorities say (RFC
// 7672); where it doesn't, it is no record.
func TestDANE(t *testing.T) {
	config, _ := certificate(t, "mail.far.test")
	another, _ := certificate(t, "mail.far.test")
	for name, x := range map[string]struct {
		peer      *tls.Config
		authentic bool
		delivered bool
		why       string
	}{
		"the right key":              {config, true, true, ""},
		"another key":                {another, true, false, "dane"},
		"no TLS":                     {nil, true, false, "TLS as it is required there"},
		"another key without DNSSEC": {another, false, true, ""},
	} {
		t.Run(name, func(t *testing.T) {
			far := newPeer(t, x.peer)
			address := dnstest.Start(t, tlsa(t, config), dnstest.MX("far.test", "mail.far.test"),
				dnstest.A("mail.far.test", "127.0.0.1"))
			if x.authentic {
				address = dnstest.Authentic(t, address)
			}
			resolver := resolver.New(address, slog.New(slog.DiscardHandler))
			o := newOffice(t, storetest.SQLite(t), Config{Warn: time.Millisecond, Resolver: resolver}, far)
			o.send(t, "carl@far.test")
			o.outcome(t, far, x.delivered, x.why)
		})
	}
}

// tlsa is the record of the server's key: DANE-EE, SPKI, SHA-256.
func tlsa(t *testing.T, config *tls.Config) string {
	t.Helper()
	leaf := must(x509.ParseCertificate(config.Certificates[0].Certificate[0]))(t)
	sum := sha256.Sum256(leaf.RawSubjectPublicKeyInfo)
	return dnstest.TLSA("_25._tcp.mail.far.test", "030101"+hex.EncodeToString(sum[:]))
}
