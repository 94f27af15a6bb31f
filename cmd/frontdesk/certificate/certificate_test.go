package certificate

import (
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// serial is the number of the certificate that is shown to who connects.
func serial(t *testing.T, c *tls.Config) string {
	t.Helper()
	cert, err := c.GetCertificate(&tls.ClientHelloInfo{})
	if err != nil {
		t.Fatal(err)
	}
	return cert.Leaf.SerialNumber.String()
}

// One is made for the host where there is none, readable by nobody else, and is the same after a restart.
func TestSelfSigned(t *testing.T) {
	c := Config{Data: t.TempDir(), Hostname: "desk.example"}
	made, err := Load(c, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	cert, _ := made.Named().GetCertificate(&tls.ClientHelloInfo{})
	for _, host := range []string{"desk.example", "localhost", "127.0.0.1"} {
		if err := cert.Leaf.VerifyHostname(host); err != nil {
			t.Error(err)
		}
	}
	if cert.Leaf.NotAfter.Before(time.Now().AddDate(9, 0, 0)) || cert.Leaf.NotBefore.After(time.Now()) {
		t.Errorf("from %v to %v", cert.Leaf.NotBefore, cert.Leaf.NotAfter)
	}
	if info, err := os.Stat(filepath.Join(c.Data, "self-signed.key")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key: %v %v", info.Mode(), err)
	}
	again, err := Load(c, slog.New(slog.DiscardHandler))
	if err != nil || serial(t, again.Named()) != serial(t, made.Named()) {
		t.Errorf("after a restart: %v", err)
	}
}

// What is renewed on disk is shown without a restart, and half of it is not.
func TestRenewed(t *testing.T) {
	dir := t.TempDir()
	k := &keyPair{cert: filepath.Join(dir, "crt"), key: filepath.Join(dir, "key"), log: slog.New(slog.DiscardHandler)}
	sign := func(cert, key string, age time.Duration) {
		t.Helper()
		if err := selfSign(cert, key, "desk.example"); err != nil {
			t.Fatal(err)
		}
		for _, file := range []string{cert, key} {
			if err := os.Chtimes(file, time.Time{}, time.Now().Add(-age)); err != nil {
				t.Fatal(err)
			}
		}
	}
	shown := func() string { return serial(t, &tls.Config{GetCertificate: k.now}) }
	sign(k.cert, k.key, 3*time.Hour)
	if err := k.load(); err != nil {
		t.Fatal(err)
	}
	first := shown()
	sign(k.cert, filepath.Join(dir, "not yet"), 2*time.Hour) // its key is still the old one
	if k.looked = (time.Time{}); shown() != first {
		t.Error("half of a pair is shown")
	}
	sign(k.cert, k.key, time.Hour)
	if shown() != first {
		t.Error("it looks at every connection")
	}
	if k.looked = (time.Time{}); shown() == first {
		t.Error("the old one is shown")
	}
}

// A file of authorities is believed beside the system's; one without any is no file of authorities.
func TestAuthorities(t *testing.T) {
	dir := t.TempDir()
	crt, key := filepath.Join(dir, "crt"), filepath.Join(dir, "key")
	if err := selfSign(crt, key, "desk.example"); err != nil {
		t.Fatal(err)
	}
	pair, err := tls.LoadX509KeyPair(crt, key)
	if err != nil {
		t.Fatal(err)
	}
	pool, err := Authorities(crt)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pair.Leaf.Verify(x509.VerifyOptions{Roots: pool, DNSName: "desk.example"}); err != nil {
		t.Error(err)
	}
	if _, err := Authorities(key); err == nil {
		t.Error("a key is taken for authorities")
	}
	if pool, err := Authorities(""); pool != nil || err != nil {
		t.Errorf("the system's alone: %v %v", pool, err)
	}
}
