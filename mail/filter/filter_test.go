package filter

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"log/slog"
	mathrand "math/rand/v2"
	"net"
	"strings"
	"testing"

	"github.com/mjl-/mox/dkim"
	"github.com/mjl-/mox/dns"
	"github.com/mjl-/mox/smtp"
	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/mail"
	"frontdesk/mail/filter/dnstest"
	"frontdesk/mail/mime"
	"frontdesk/mail/resolver"
	"frontdesk/mail/tally"
	"frontdesk/store"
	"frontdesk/store/storetest"
)

const hostname = "mx.acme.test"

func newFilter(t testing.TB, db *store.DB, server string, lists ...string) *Filter {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	f, err := New(t.Context(), Config{Hostname: hostname, Resolver: resolver.New(server, log), DNSBL: lists,
		Ours: isOurs}, db, log, prometheus.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func isOurs(_ context.Context, domain string) (bool, error) { return domain == "acme.test", nil }

func check(t testing.TB, f *Filter, e Envelope, message string) (mail.Verdict, string) {
	t.Helper()
	verdict, header, err := f.Check(t.Context(), e, strings.NewReader(message), mime.ParseBytes([]byte(message)))
	if err != nil {
		t.Fatal(err)
	}
	return verdict, string(header)
}

func letter(from, subject, body string) string {
	return strings.ReplaceAll("From: "+from+"\nTo: anna@acme.test\nSubject: "+subject+
		"\nDate: Mon, 2 Nov 2026 10:00:00 +0000\nMessage-ID: <1@x>\n\n"+body+"\n", "\n", "\r\n")
}

// sign signs a message as good.test and returns it with the record that proves it.
func sign(t *testing.T, message string) (signed, record string) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	selector := dkim.Selector{Hash: "sha256", HeaderRelaxed: true, BodyRelaxed: true,
		Headers: []string{"From", "Subject"}, PrivateKey: key, Domain: dns.Domain{ASCII: "s1"}}
	header, err := dkim.Sign(context.Background(), slog.New(slog.DiscardHandler), smtp.Localpart("bob"),
		dns.Domain{ASCII: "good.test"}, []dkim.Selector{selector}, false, strings.NewReader(message))
	if err != nil {
		t.Fatal(err)
	}
	der, _ := x509.MarshalPKIXPublicKey(key.Public())
	return header + message, "v=DKIM1; k=rsa; p=" + base64.StdEncoding.EncodeToString(der)
}

func TestAuthentication(t *testing.T) {
	signed, record := sign(t, letter("Bob <bob@good.test>", "Offer", "Hello"))
	resolver := dnstest.Start(t,
		dnstest.TXT("good.test", "v=spf1 ip4:198.51.100.7 -all"), dnstest.TXT("s1._domainkey.good.test", record),
		dnstest.TXT("_dmarc.good.test", "v=DMARC1; p=reject"),
		dnstest.TXT("soft.test", "v=spf1 ~all"), dnstest.TXT("plain.test", "v=spf1 ip4:198.51.100.7 -all"),
		dnstest.TXT("xn--cm-6kcw.test", "v=spf1 ip4:198.51.100.7 -all"),
		dnstest.TXT("_dmarc.strict.test", "v=DMARC1; p=quarantine"), dnstest.A("7.100.51.198.list.test", "127.0.0.2"),
		dnstest.A("7.100.51.198.silent.test", "127.255.255.254"),
		dnstest.A("mail.good.test", "198.51.100.7"), dnstest.PTR("198.51.100.7", "mail.good.test"))
	f := newFilter(t, storetest.SQLite(t), resolver, "list.test", "silent.test")
	tests := []struct {
		name, ip, from, message string
		want                    mail.Verdict
		header, reason          string
	}{
		{"spf and dkim", "198.51.100.7", "bob@good.test", signed, mail.Verdict{SPF: "pass", DKIM: "pass", DMARC: "pass", Verified: true}, "iprev=pass", "block list list.test"},
		{"dkim alone, forwarded", "203.0.113.9", "list@soft.test", signed, mail.Verdict{SPF: "softfail", DKIM: "pass", DMARC: "pass", Verified: true}, "dmarc=pass", "SPF softfail"},
		{"broken signature", "203.0.113.9", "bob@good.test", strings.Replace(signed, "Hello", "Hallo", 1), mail.Verdict{SPF: "fail", DKIM: "fail", DMARC: "fail", Junk: true, Score: 1, Cause: mail.Forged}, "dkim=fail", "DMARC policy reject"},
		{"forged, no signature", "203.0.113.9", "x@soft.test", letter("bob@good.test", "Pay", "now"), mail.Verdict{SPF: "softfail", DKIM: "none", DMARC: "fail", Junk: true, Score: 1, Cause: mail.Forged}, "dmarc=fail", "DMARC policy reject"},
		{"quarantine", "203.0.113.9", "", letter("ceo@strict.test", "Pay", "now"), mail.Verdict{SPF: "none", DKIM: "none", DMARC: "fail", Junk: true, Score: 1, Cause: mail.Forged}, "dmarc=fail", "policy quarantine"},
		{"no policy, aligned spf", "198.51.100.7", "eve@plain.test", letter("eve@plain.test", "Hi", "there"), mail.Verdict{SPF: "pass", DKIM: "none", DMARC: "none", Verified: true, Score: neutral}, "spf=pass", "block list"},
		{"spf of another domain", "198.51.100.7", "eve@plain.test", letter("ann@other.test", "Hi", "there"), mail.Verdict{SPF: "pass", DKIM: "none", DMARC: "none", Score: neutral}, "header.from=other.test", "block list"},
		{"two authors", "198.51.100.7", "eve@plain.test", letter("a@plain.test, b@good.test", "Hi", "there"), mail.Verdict{SPF: "pass", DKIM: "none", DMARC: "fail", Junk: true, Score: 1, Cause: mail.Forged}, "dmarc=fail header.from=good.test", "good.test asks not"},
		{"two authors, one proven", "198.51.100.7", "eve@plain.test", letter("a@plain.test, b@other.test", "Hi", "there"), mail.Verdict{SPF: "pass", DKIM: "none", DMARC: "none", Score: neutral}, "dmarc=none", "block list"},
		{"two authors, both proven", "198.51.100.7", "bob@good.test", letter("a@good.test, b@good.test", "Hi", "there"), mail.Verdict{SPF: "pass", DKIM: "none", DMARC: "pass", Verified: true, Score: neutral}, "dmarc=pass", "block list"},
		{"a group", "203.0.113.9", "eve@plain.test", letter("Group: boss@good.test;", "Hi", "there"), mail.Verdict{SPF: "fail", DKIM: "none", DMARC: "fail", Junk: true, Score: 1, Cause: mail.Forged}, "dmarc=fail", "good.test asks not"},
		{"folded before the address", "203.0.113.9", "eve@plain.test", letter("\n Boss <boss@good.test>", "Hi", "there"), mail.Verdict{SPF: "fail", DKIM: "none", DMARC: "fail", Junk: true, Score: 1, Cause: mail.Forged}, "dmarc=fail", "good.test asks not"},
		{"our own, unproven", "203.0.113.9", "eve@plain.test", letter("Boss <boss@acme.test>", "Hi", "there"), mail.Verdict{SPF: "fail", DKIM: "none", DMARC: "none", Junk: true, Score: 1, Cause: mail.Forged}, "dmarc=none", "your own domain"},
		{"our own as second author, unproven", "198.51.100.7", "eve@plain.test", letter("eve@plain.test, boss@acme.test", "Hi", "there"), mail.Verdict{SPF: "pass", DKIM: "none", DMARC: "none", Junk: true, Score: 1, Cause: mail.Forged}, "dmarc=none", "your own domain"},
		{"our own, answers outside", "203.0.113.9", "eve@plain.test", letter("Boss <boss@acme.test>\nReply-To: eve@plain.test", "Hi", "there"), mail.Verdict{SPF: "fail", DKIM: "none", DMARC: "none", Junk: true, Score: 1, Cause: mail.Forged}, "dmarc=none", "your own domain"},
		{"a subdomain of ours, unproven", "203.0.113.9", "eve@plain.test", letter("Boss <boss@hr.acme.test>", "Hi", "there"), mail.Verdict{SPF: "fail", DKIM: "none", DMARC: "none", Junk: true, Score: 1, Cause: mail.Forged}, "dmarc=none", "hr.acme.test, your own domain"},
		{"ours in Cyrillic letters, proven", "198.51.100.7", "eve@аcmе.test", letter("Boss <boss@аcmе.test>", "Hi", "there"), mail.Verdict{SPF: "pass", DKIM: "none", DMARC: "none", Verified: true, Junk: true, Score: 1, Cause: mail.Forged}, "dmarc=none", "looks like your own domain"},
		{"a subdomain of what ends like ours", "203.0.113.9", "eve@plain.test", letter("Boss <boss@notacme.test>", "Hi", "there"), mail.Verdict{SPF: "fail", DKIM: "none", DMARC: "none", Score: neutral}, "dmarc=none", "SPF fail"},
		{"our own web site", "203.0.113.9", "eve@plain.test", letter("Shop <wordpress@acme.test>\nReply-To: ann@other.test", "Hi", "there"), mail.Verdict{SPF: "fail", DKIM: "none", DMARC: "none", Score: neutral}, "dmarc=none", "SPF fail"},
		{"our own form, as the mailbox itself", "203.0.113.9", "eve@plain.test", letter("Anna <Anna@acme.test>\nReply-To: ann@other.test", "Hi", "there"), mail.Verdict{SPF: "fail", DKIM: "none", DMARC: "none", Score: neutral}, "dmarc=none", "SPF fail"},
		{"hidden by a malformed field", "203.0.113.9", "", "Content-Type: ;;\r\nFrom : bob@good.test\r\n\r\nPay\r\n", mail.Verdict{SPF: "none", DKIM: "none", DMARC: "fail", Junk: true, Score: 1, Cause: mail.Forged}, "dmarc=fail", "policy reject"},
		{"hidden behind a long header", "203.0.113.9", "", strings.Repeat("X: "+strings.Repeat("x", 900)+"\r\n", 100) + letter("bob@good.test", "Pay", "now"), mail.Verdict{SPF: "none", DKIM: "none", DMARC: "fail", Junk: true, Score: 1, Cause: mail.Forged}, "dmarc=fail", "policy reject"},
		{"no sender at all", "203.0.113.9", "", "\r\nhello\r\n", mail.Verdict{SPF: "none", DKIM: "none", DMARC: "none", Score: neutral}, "spf=none", "From field"},
		{"gtube", "203.0.113.9", "", letter("a@nobody.test", "Hi", string(gtube)), mail.Verdict{SPF: "none", DKIM: "none", DMARC: "none", Junk: true, Score: 1, Cause: mail.Spam}, "spf=none", "GTUBE"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, header := check(t, f, Envelope{IP: net.ParseIP(test.ip), Helo: "mail.good.test", From: test.from,
				To: []string{"anna@acme.test"}}, test.message)
			reasons := strings.Join(got.Reasons, "; ")
			if test.name == "spf and dkim" || test.name == "dkim alone, forwarded" {
				test.want.Score = neutral
			}
			if strings.Contains(reasons, "silent.test") {
				t.Errorf("a list that answers nobody counts: %s", reasons)
			}
			got.Reasons = nil
			if fmt.Sprint(got) != fmt.Sprint(test.want) {
				t.Errorf("verdict\n got %+v\nwant %+v", got, test.want)
			}
			if !strings.HasPrefix(header, "Authentication-Results: "+hostname+";") ||
				!strings.Contains(header, test.header) || !strings.HasSuffix(header, "\r\n") {
				t.Errorf("header %q, want %q in it", header, test.header)
			}
			if !strings.Contains(reasons, test.reason) {
				t.Errorf("reasons %q, want %q in it", reasons, test.reason)
			}
		})
	}
}

// What SPF, DKIM and DMARC said of a mail is passed on, for reports to the author's domain.
func TestCounted(t *testing.T) {
	signed, record := sign(t, letter("Bob <bob@good.test>", "Offer", "Hello"))
	f := newFilter(t, storetest.SQLite(t), dnstest.Start(t, dnstest.TXT("s1._domainkey.good.test", record),
		dnstest.TXT("_dmarc.good.test", "v=DMARC1; p=reject; rua=mailto:d@good.test"),
		dnstest.TXT("good.test", "v=spf1 ip4:198.51.100.7 -all")))
	var counted []tally.Mail
	f.config.Counted = func(_ *mime.Message, m tally.Mail) { counted = append(counted, m) }
	for _, x := range []struct {
		ip, message string
		applied     bool
		spf, dkim   string
	}{
		{"198.51.100.7", signed, false, "pass", "pass"},
		{"203.0.113.9", strings.Replace(signed, "Hello", "Hallo", 1), true, "fail", "fail"},
	} {
		counted = nil
		check(t, f, Envelope{IP: net.ParseIP(x.ip), Helo: "mail.good.test", From: "bob@good.test",
			To: []string{"anna@acme.test"}}, x.message)
		if len(counted) != 1 {
			t.Fatalf("%d are counted", len(counted))
		}
		m := counted[0]
		if m.Applied != x.applied || m.HeaderFrom != "good.test" || m.EnvelopeFrom != "good.test" ||
			m.Result.Domain.ASCII != "good.test" || len(m.Result.Record.AggregateReportAddresses) != 1 ||
			m.Result.AlignedDKIMPass == x.applied || m.IP.String() != x.ip {
			t.Errorf("%+v", m)
		}
		if string(m.Auth.SPF[0].Result) != x.spf || string(m.Auth.DKIM[0].Result) != x.dkim ||
			m.Auth.DKIM[0].Selector != "s1" {
			t.Errorf("%+v", m.Auth)
		}
	}
}

// A form may write to a mailbox in that mailbox's own name; to anybody else it would be a colleague who is not proven.
func TestColleagueAmongTheRecipients(t *testing.T) {
	f := newFilter(t, storetest.SQLite(t), dnstest.Start(t, dnstest.TXT("plain.test", "v=spf1 ip4:198.51.100.7 -all")))
	forged := letter("Boss <boss@acme.test>\nReply-To: eve@plain.test", "Pay", "now")
	for want, to := range map[bool][]string{false: {"Boss@acme.test"}, true: {"boss@acme.test", "anna@acme.test"}} {
		got, _ := check(t, f, Envelope{IP: net.ParseIP("203.0.113.9"), Helo: "x.test", From: "eve@plain.test", To: to},
			forged)
		if got.Junk != want {
			t.Errorf("to %s: %+v", to, got)
		}
	}
}

// A name server that never answers must not hold a message for longer than the limit.
func TestDeadResolver(t *testing.T) {
	silent, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	log := slog.New(slog.DiscardHandler)
	f, err := New(t.Context(), Config{Hostname: hostname, Resolver: resolver.New(silent.LocalAddr().String(), log),
		Timeout: 1e8}, storetest.SQLite(t), log, prometheus.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	verdict, _ := check(t, f, Envelope{IP: net.ParseIP("198.51.100.7"), Helo: "x.test", From: "a@good.test"},
		letter("a@good.test", "Hi", "there"))
	if verdict.Junk || verdict.SPF != "temperror" || verdict.DMARC != "temperror" {
		t.Errorf("verdict %+v", verdict)
	}
}

// stored is a message as it lies in a mailbox, our trace fields on top.
func stored(results, message string) string {
	return "Return-Path: <x@h.example>\r\n" + results + "Received: from h.example by " + hostname +
		" with ESMTP id 1;\r\n\tMon, 2 Nov 2026 10:00:00 +0000\r\n" + message
}

func junkLetter(r *mathrand.Rand) string {
	pills := []string{"cheap pills", "lose weight fast", "casino bonus", "crypto doubling", "hot singles",
		"winner lottery"}
	body := ""
	for range 20 {
		body += "Click now for " + pills[r.IntN(len(pills))] +
			fmt.Sprintf(" save %d%% today!!! http://x%d.example/buy\r\n", r.IntN(100), r.IntN(1e6))
	}
	return letter(fmt.Sprintf("deal%d@offers%d.example", r.IntN(1e6), r.IntN(1e6)),
		"BEST OFFER "+fmt.Sprint(r.IntN(1e6)), body)
}

func cleanLetter(r *mathrand.Rand) string {
	words := strings.Fields("invoice meeting delivery contract Thursday attached regards question window order price " +
		"reply office project thanks colleague")
	body := "Dear Anna,\r\n"
	for range 120 {
		body += words[r.IntN(len(words))] + " "
	}
	return letter(fmt.Sprintf("client%d@firm%d.example", r.IntN(1e6), r.IntN(1e6)),
		"Re: order "+fmt.Sprint(r.IntN(1e6)), body)
}

func TestLearning(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		resolver := dnstest.Start(t)
		f := newFilter(t, db, resolver)
		r := mathrand.New(mathrand.NewPCG(1, 2))
		e := Envelope{IP: net.ParseIP("203.0.113.9"), Helo: "h.example", From: "x@h.example"}
		for range 40 {
			for _, message := range []string{cleanLetter(r), junkLetter(r)} {
				if verdict, _ := check(t, f, e, message); verdict.Junk || verdict.Score != neutral {
					t.Fatalf("untaught, it says %+v", verdict)
				}
			}
		}
		for range minJunk + 3 {
			message := junkLetter(r)
			_, header := check(t, f, e, message)
			if err := f.Train(t.Context(), strings.NewReader(stored(header, message)), true); err != nil {
				t.Fatal(err)
			}
		}
		wrong := score(t, f, r, 25)
		if wrong[true] > 5 || wrong[false] > 0 {
			t.Errorf("of 25 each, missed %d junk and condemned %d clean", wrong[true], wrong[false])
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		if again := score(t, newFilter(t, db, resolver), r, 15); again[true] > 3 || again[false] > 0 {
			t.Errorf("reloaded: missed %d junk and condemned %d clean", again[true], again[false])
		}
	})
}

func score(t *testing.T, f *Filter, r *mathrand.Rand, n int) map[bool]int {
	t.Helper()
	wrong := map[bool]int{}
	e := Envelope{IP: net.ParseIP("203.0.113.9"), Helo: "h.example", From: "x@h.example"}
	for range n {
		if verdict, _ := check(t, f, e, junkLetter(r)); !verdict.Junk {
			wrong[true]++
		}
		if verdict, _ := check(t, f, e, cleanLetter(r)); verdict.Junk {
			wrong[false]++
		}
	}
	return wrong
}

// What a person moves out of Junk is not called junk again.
func TestRelearn(t *testing.T) {
	m, s, r := newModel(modelBits), newScratch(modelBits), mathrand.New(mathrand.NewPCG(3, 4))
	for range 30 {
		m.assume(s.read(nil, []byte(cleanLetter(r))))
		m.train(s.read(nil, []byte(junkLetter(r))), true)
	}
	wanted := []byte(junkLetter(r))
	if p := m.score(s.read(nil, wanted)); p < JunkAbove {
		t.Fatalf("score %.3f before", p)
	}
	m.train(s.read(nil, wanted), false)
	if p := m.score(s.read(nil, wanted)); p >= JunkAbove {
		t.Errorf("score %.3f after it was moved out of Junk", p)
	}
}

func TestSplitTrace(t *testing.T) {
	ours := "Authentication-Results: " + hostname + ";\r\n\tspf=pass smtp.mailfrom=good.test; dkim=none\r\n"
	received := "Received: from a by " + hostname + " with ESMTP;\r\n\tdate\r\n"
	tests := []struct{ name, in, rest, signals string }{
		{"ours", "Return-Path: <a@b>\r\n" + ours + received + "Subject: x\r\n\r\nbody", "Subject: x\r\n\r\nbody", "[spf=pass dkim=none]"},
		{"none", "Subject: x\r\n\r\nbody", "Subject: x\r\n\r\nbody", "[]"},
		{"another host's", "Received: from a by mx.other.test\r\n" + received + "\r\n", "Received: from a by mx.other.test\r\n" + received + "\r\n", "[]"},
		{"empty", "", "", "[]"},
	}
	for _, test := range tests {
		signals, rest := splitTrace([]byte(test.in), hostname)
		if string(rest) != test.rest || fmt.Sprint(signals) != test.signals {
			t.Errorf("%s: %v %q", test.name, signals, rest)
		}
	}
}

func FuzzFeatures(f *testing.F) {
	f.Add([]byte(letter("a@b", "S", "body")))
	f.Add([]byte("Authentication-Results: " + hostname + "; spf=pass\r\nReceived: by " + hostname + "\r\n\r\n"))
	f.Add([]byte("a:\n \n\t\n"))
	s := newScratch(modelBits)
	f.Fuzz(func(t *testing.T, message []byte) {
		signals, rest := splitTrace(message, hostname)
		if !bytes.HasSuffix(message, rest) {
			t.Fatal("the rest is not the end of the message")
		}
		f := s.read(signals, rest)
		for _, feature := range f.grams {
			if feature >= 1<<modelBits {
				t.Fatalf("4-gram %d", feature)
			}
		}
		for _, feature := range f.words {
			if feature < 1<<modelBits || feature >= 2<<modelBits {
				t.Fatalf("word %d", feature)
			}
		}
		if len(s.text) > textBytes {
			t.Fatalf("%d bytes of text", len(s.text))
		}
	})
}

func BenchmarkClassify(b *testing.B) {
	m, s, r := newModel(modelBits), newScratch(modelBits), mathrand.New(mathrand.NewPCG(5, 6))
	m.junk, m.clean = minJunk, minClean
	message := []byte(cleanLetter(r) + strings.Repeat("more words of a longer letter ", 300))
	for b.Loop() {
		features := s.read(nil, message)
		m.score(features)
		m.assume(features)
	}
}
