package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net/http"
	"net/smtp"
	"os"
	"path/filepath"
	"testing"

	"frontdesk/guard/acme/pebbletest"
	"frontdesk/mail/filter/dnstest"
	"frontdesk/store/storetest"
)

// Every door that speaks TLS shows the certificate that was ordered, as soon as it came; https refuses other names.
func TestCertificatesAreOrdered(t *testing.T) {
	t.Parallel() // much of it is waiting
	slow(t)
	dir := t.TempDir()
	first := storetest.FreePort(t, "127.0.0.1")
	plain, secure := first, first+1
	authority := pebbletest.Start(t, plain, secure)
	names := dnstest.Start(t, dnstest.A("desk.example.test", "127.0.0.1"),
		dnstest.A("mail.example.test", "127.0.0.1"))
	config := filepath.Join(dir, "frontdesk.yaml")
	text := fmt.Sprintf(`
data: %s/data
tls: {acme: {directory: %q, authorities: %q, contact: admin@example.test}}
http: {listen: "127.0.0.1:%d", plain: "127.0.0.1:%d", tls: true, url: "https://desk.example.test"}
admin: {listen: "127.0.0.1:0"}
sip: {udp: "127.0.0.1:0", tls: "127.0.0.1:0", wss: "127.0.0.1:0"}
webrtc: {udp: ["127.0.0.1:0"], loopback: true}
mail: {hostname: mail.example.test, deliver: none, smtp: "127.0.0.1:0", submissions: "127.0.0.1:0",
  imaps: "127.0.0.1:0", resolver: %q}
`, dir, authority.Directory, authority.CA, secure, plain, names)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s := startServe(t, config)
	defer s.stop(t)
	shown := func(door, name string) (*x509.Certificate, error) {
		conn, err := tls.Dial("tcp", s.addr[door], &tls.Config{ServerName: name, RootCAs: authority.Roots})
		if err != nil {
			return nil, err
		}
		defer conn.Close()
		return conn.ConnectionState().PeerCertificates[0], nil
	}
	for _, name := range []string{"desk.example.test", "mail.example.test"} {
		await(t, "a certificate of "+name, func() bool { _, err := shown("http", name); return err == nil })
	}
	for _, door := range []string{"imaps", "submissions", "sip_tls", "sip_wss"} {
		if _, err := shown(door, "mail.example.test"); err != nil {
			t.Errorf("%s: %v", door, err)
		}
	}
	if _, err := shown("http", "evil.example.test"); err == nil || err.Error() != "remote error: tls: internal error" {
		t.Errorf("https for a name of others: %v", err)
	}
	conn, err := tls.Dial("tcp", s.addr["imaps"], &tls.Config{ServerName: "mx.others.test", InsecureSkipVerify: true})
	if err != nil {
		t.Fatalf("a mail program that asks for another name: %v", err)
	}
	conn.Close()
	if err := conn.ConnectionState().PeerCertificates[0].VerifyHostname("mail.example.test"); err != nil {
		t.Error(err)
	}
	mx, err := smtp.Dial(s.addr["smtp"])
	if err != nil {
		t.Fatal(err)
	}
	defer mx.Close()
	if err := mx.StartTLS(&tls.Config{ServerName: "mail.example.test", RootCAs: authority.Roots}); err != nil {
		t.Errorf("STARTTLS: %v", err)
	}
	sentOn(t, s.addr["http_plain"])
}

// sentOn checks that plain http leads to https and tells nothing else.
func sentOn(t *testing.T, addr string) {
	t.Helper()
	request, err := http.NewRequest("GET", "http://"+addr+"/deals?x=1", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Host = "desk.example.test"
	answer, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	to := answer.Header.Get("Location")
	if answer.StatusCode != http.StatusMovedPermanently || to != "https://desk.example.test/deals?x=1" {
		t.Errorf("plain http: %d to %q", answer.StatusCode, to)
	}
}
