// Package pebbletest runs an authority for tests: pebble, Let's Encrypt's own stand-in.
package pebbletest

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/miekg/dns"

	"frontdesk/store/storetest"
	"frontdesk/testwait"
)

// Env names the variable with the path of pebble. Without it the place where `make tools` installs it is looked at.
const Env = "FRONTDESK_TEST_PEBBLE"

// Authority is a running pebble.
type Authority struct {
	Directory string         // URL
	CA        string         // file (PEM) with who signed its own https
	HTTP      *http.Client   // that believes it
	Roots     *x509.CertPool // of the certificates that it gives
}

// Start runs one that finds every name at 127.0.0.1, and asks there for http-01 and tls-alpn-01 at the ports given. It
// ends with the test.
func Start(t testing.TB, httpPort, tlsPort int) *Authority {
	t.Helper()
	dir := t.TempDir()
	first := storetest.FreePort(t, "127.0.0.1")
	here, manage := fmt.Sprintf("127.0.0.1:%d", first), fmt.Sprintf("127.0.0.1:%d", first+1)
	a := &Authority{Directory: "https://" + here + "/dir", CA: filepath.Join(dir, "ca.pem")}
	ca := selfSign(t, a.CA, filepath.Join(dir, "key.pem"))
	config, err := json.Marshal(map[string]any{"pebble": map[string]any{
		"listenAddress": here, "managementListenAddress": manage, "certificate": a.CA,
		"privateKey": filepath.Join(dir, "key.pem"), "httpPort": httpPort, "tlsPort": tlsPort,
		"retryAfter": map[string]int{"authz": 1, "order": 1}, "keyAlgorithm": "ecdsa",
		"profiles": map[string]any{"default": map[string]any{"description": "d", "validityPeriod": 90 * 24 * 3600}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "pebble.json"), config, 0o600); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	cmd := exec.Command(pebble(t), "-config", filepath.Join(dir, "pebble.json"), "-dnsserver", names(t))
	cmd.Env = append(os.Environ(), "PEBBLE_VA_NOSLEEP=1", "PEBBLE_AUTHZREUSE=0")
	cmd.Stdout, cmd.Stderr = &log, &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
		if t.Failed() {
			t.Logf("pebble: %s", log.String())
		}
	})
	a.HTTP = &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: ca}}}
	a.Roots = a.roots(t, "https://"+manage+"/roots/0")
	return a
}

// roots waits for the authority and asks for what it signs with.
func (a *Authority) roots(t testing.TB, url string) *x509.CertPool {
	t.Helper()
	pool := x509.NewCertPool()
	testwait.Until(t, "pebble answers", func() bool {
		answer, err := a.HTTP.Get(url)
		if err != nil {
			return false
		}
		defer answer.Body.Close()
		text, err := io.ReadAll(answer.Body)
		return err == nil && pool.AppendCertsFromPEM(text)
	})
	return pool
}

// names is a DNS server by which everything is here. It is asked over TCP.
func names(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &dns.Server{Listener: l, Handler: dns.HandlerFunc(func(w dns.ResponseWriter, q *dns.Msg) {
		answer := new(dns.Msg).SetReply(q)
		for _, asked := range q.Question {
			if asked.Qtype == dns.TypeA {
				answer.Answer = append(answer.Answer, &dns.A{A: net.IPv4(127, 0, 0, 1),
					Hdr: dns.RR_Header{Name: asked.Name, Rrtype: dns.TypeA, Class: dns.ClassINET, Ttl: 60}})
			}
		}
		w.WriteMsg(answer)
	})}
	go server.ActivateAndServe()
	t.Cleanup(func() { server.Shutdown() })
	return l.Addr().String()
}

func pebble(t testing.TB) string {
	t.Helper()
	path := os.Getenv(Env)
	if cache, err := os.UserCacheDir(); path == "" && err == nil {
		path = filepath.Join(cache, "frontdesk", "pebble-v2.10.3", "pebble")
	}
	if _, err := os.Stat(path); err != nil {
		t.Skip("no authority to test with: run make tools, or set " + Env)
	}
	return path
}

// selfSign makes the certificate of the authority's own https.
func selfSign(t testing.TB, certFile, keyFile string) *x509.CertPool {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	for name, content := range map[string][]byte{certFile: text,
		keyFile: pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})} {
		if err := os.WriteFile(name, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(text)
	return pool
}
