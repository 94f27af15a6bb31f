package sip

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"frontdesk/media"
	"frontdesk/pbx"
	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/directory"
)

// authority signs certificates.
type authority struct {
	t    testing.TB
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	file string
}

func newAuthority(t testing.TB) *authority {
	t.Helper()
	a := &authority{t: t, file: filepath.Join(t.TempDir(), "ca.pem")}
	der := a.sign(&x509.Certificate{SerialNumber: big.NewInt(1), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign}, nil)
	a.cert, _ = x509.ParseCertificate(der.Certificate[0])
	a.key = der.PrivateKey.(*ecdsa.PrivateKey)
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.cert.Raw})
	if err := os.WriteFile(a.file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return a
}

func (a *authority) sign(c *x509.Certificate, by *ecdsa.PrivateKey) tls.Certificate {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatal(err)
	}
	c.NotBefore, c.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	parent := a.cert
	if by == nil {
		parent, by = c, key
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, &key.PublicKey, by)
	if err != nil {
		a.t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// server has a TLS configuration with a certificate of names; an address is one, too. baresip wants an address as a
// name.
func (a *authority) server(names ...string) *tls.Config {
	c := &x509.Certificate{SerialNumber: big.NewInt(2), DNSNames: names}
	for _, n := range names {
		if ip := net.ParseIP(n); ip != nil {
			c.IPAddresses = append(c.IPAddresses, ip)
		}
	}
	return &tls.Config{Certificates: []tls.Certificate{a.sign(c, a.key)}}
}

func (a *authority) pool() *x509.CertPool {
	p := x509.NewCertPool()
	p.AddCert(a.cert)
	return p
}

// over has a server listen for TLS with a certificate of names.
func (a *authority) over(names ...string) func(*Config) {
	return func(c *Config) {
		c.TLS, c.Certificate, c.Authorities = "127.0.0.1:0", a.server(names...), a.pool()
	}
}

// secureBaresip takes only encrypted calls, over TLS, and checks our certificate.
func secureBaresip(t *testing.T, b *bed, a *authority, user, password string, hertz float64) *baresip {
	return runBaresip(t, b.addr("tls"), "tls", user, password, hertz, "audio_codecs=PCMA/8000/1;mediaenc=srtp-mand",
		"module srtp.so\nsip_cafile "+a.file+"\n")
}

// Two baresips that demand encryption register over TLS and call each other: all is encrypted on both sides, and each
// hears the other.
func TestBaresipEncrypted(t *testing.T) {
	if testing.Short() {
		t.Skip("real phones take some seconds")
	}
	ca := newAuthority(t)
	b := newOffice(t, ca.over("127.0.0.1"))
	one, two := b.extension("201", "secret-one"), b.extension("202", "secret-two")
	for _, d := range []*directory.Device{&one, &two} {
		d.SRTP = directory.SRTPRequired
		if err := b.dir.SaveDevice(context.Background(), d, ""); err != nil {
			t.Fatal(err)
		}
	}
	p, q := secureBaresip(t, b, ca, "201", "secret-one", 440), secureBaresip(t, b, ca, "202", "secret-two", 880)
	eventually(t, "both registered", func() bool { return registered(b, one)() && registered(b, two)() })
	p.say("/dial 202")
	eventually(t, "both have heard two seconds",
		func() bool { return min(len(p.heard()), len(q.heard())) >= 2*media.Rate })
	p.say("/hangup")
	eventually(t, "no leg left", func() bool { return b.server.Legs() == 0 })
	p.stop()
	q.stop()
	for _, x := range []struct {
		*baresip
		hertz float64
	}{{p, 880}, {q, 440}} {
		if s := toneShare(x.heard(), x.hertz); s < 0.9 {
			t.Errorf("%s heard the other's tone with a share of %.2f", x.user, s)
		}
		if out := x.out.String(); !strings.Contains(out, "SRTP is Enabled") && !strings.Contains(out, "srtp: ") {
			t.Errorf("%s does not tell of encryption:\n%s", x.user, out)
		}
	}
	if log := b.log.String(); strings.Contains(log, "inline:") {
		t.Error("keys are in the log")
	}
}

// What comes of each setting of a trunk, over TLS and in the clear, when the caller offers, demands or has no
// encryption.
func TestEncryptionOfATrunk(t *testing.T) {
	ca := newAuthority(t)
	for _, test := range []struct {
		transport     string
		trunk, caller directory.SRTP
		answered      bool
	}{
		{"tls", directory.SRTPOff, directory.SRTPOffered, true},
		{"tls", directory.SRTPOff, directory.SRTPRequired, false},
		{"tls", directory.SRTPOffered, directory.SRTPRequired, true},
		{"tls", directory.SRTPRequired, directory.SRTPRequired, true},
		{"tls", directory.SRTPRequired, directory.SRTPOffered, true},
		{"tls", directory.SRTPRequired, directory.SRTPOff, false},
		{"udp", directory.SRTPOffered, directory.SRTPOff, true},
		{"udp", directory.SRTPRequired, directory.SRTPOff, false},
	} {
		t.Run(strings.Join([]string{test.transport, string(test.trunk), string(test.caller)}, " "), func(t *testing.T) {
			t.Parallel()
			trunk := loopback()
			trunk.SRTP = test.trunk
			b := newBed(t, ca.over("127.0.0.1"), echo, trunk)
			res, err := PlaceCall(context.Background(), CallOptions{Server: b.addr(test.transport), From: "1", To: "2",
				Transport: test.transport, Trusted: ca.pool(), Encrypt: test.caller, Duration: 600 * time.Millisecond,
				Log: testLog(t)}, func(s string) { t.Log(s) })
			if err != nil {
				t.Fatal(err)
			}
			if res.Answered != test.answered || res.Answered && (res.Level < -17 || res.Level > -13) {
				t.Errorf("result %+v", res)
			}
			if !test.answered && (len(res.Codes) == 0 || res.Codes[len(res.Codes)-1] != 488) {
				t.Errorf("refused with %v", res.Codes)
			}
		})
	}
}

// A trunk is called over TLS where its certificate is that of its host, and says what is wrong where it isn't.
func TestTrunkOverTLS(t *testing.T) {
	ca, other := newAuthority(t), newAuthority(t)
	for _, test := range []struct {
		name   string
		peer   func(*Config)
		host   string
		wrong  string // what the test of the trunk says
		called bool
	}{
		{"by address", ca.over("127.0.0.1"), "127.0.0.1", "", true},
		{"by name", ca.over("localhost"), "localhost", "", true},
		{"another's", ca.over("carrier.example"), "localhost", "not that of localhost", false},
		{"of a stranger", other.over("localhost"), "localhost", "sip.authorities", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			peer := newBed(t, test.peer, echo, loopback())
			_, port, _ := net.SplitHostPort(peer.addr("tls"))
			trunk := directory.Trunk{Name: "carrier", Kind: dialplan.Carrier, Host: test.host + ":" + port,
				Transport: "tls", SRTP: directory.SRTPRequired}
			b := newBed(t, ca.over("127.0.0.1"), nil, trunk)
			rows, err := b.dir.Trunks(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			steps, err := b.server.TestTrunk(context.Background(), rows[0].ID)
			if err != nil {
				t.Fatal(err)
			}
			if last := steps[len(steps)-1]; last.OK != test.called || !strings.Contains(last.Told, test.wrong) {
				t.Errorf("the test said %+v", steps)
			}
			leg, err := b.server.Dial(context.Background(), pbx.Target{Trunk: rows[0].ID, Number: "+40722000111"},
				pbx.Request{Number: "+40215550100", Codecs: []media.Codec{media.PCMA()}})
			if err != nil {
				t.Fatal(err)
			}
			g := watch(leg)
			if !test.called {
				if gone := expect[pbx.Gone](t, g); gone.Cause != pbx.CauseUnavailable {
					t.Errorf("ended with %s", gone.Cause)
				}
				return
			}
			expect[pbx.Answered](t, g)
			if party := peer.arrival().Party(); party.Number != "+40215550100" {
				t.Errorf("arrived from %+v", party)
			}
			leg.Hangup(pbx.CauseNormal)
			expect[pbx.Gone](t, g)
		})
	}
}

// Connections that never finish their handshake keep nobody out, and are closed.
func TestUnfinishedHandshakes(t *testing.T) {
	ca := newAuthority(t)
	b := newBed(t, ca.over("127.0.0.1"), echo, loopback())
	for range 20 {
		conn, err := net.Dial("tcp", b.addr("tls"))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
	}
	res, err := PlaceCall(context.Background(), CallOptions{Server: b.addr("tls"), From: "1", To: "2", Transport: "tls",
		Trusted: ca.pool(), Duration: 100 * time.Millisecond, Log: testLog(t)}, nil)
	if err != nil || !res.Answered {
		t.Errorf("%+v, %v", res, err)
	}
}
