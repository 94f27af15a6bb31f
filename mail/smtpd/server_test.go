package smtpd

import (
	"bufio"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"frontdesk/guard"
	"frontdesk/mail/filter/dnstest"
	"frontdesk/store"
	"frontdesk/store/storetest"
)

// connect opens a conversation and waits for the greeting.
func connect(t testing.TB, address string) net.Conn {
	t.Helper()
	conn := must(net.Dial("tcp", address))(t)
	conn.SetDeadline(time.Now().Add(10 * time.Second))
	must(bufio.NewReader(conn).ReadString('\n'))(t)
	return conn
}

// A mail from a real client over STARTTLS, from a domain with SPF and DMARC, lands in the mailbox with its trace.
func TestMailIn(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db, Config{}, dnstest.TXT("client.test", "v=spf1 ip4:127.0.0.1 -all"),
			dnstest.TXT("_dmarc.client.test", "v=DMARC1; p=reject"),
			dnstest.TXT("_dmarc.bank.test", "v=DMARC1; p=reject"))
		out, err := swaks(t, "--server", o.mx, "--tls", "--ehlo", "mail.client.test", "--from", "carla@client.test",
			"--to", "anna@acme.test,sales@acme.test",
			"--header", "Subject: Price list", "--add-header", "Authentication-Results: "+host+"; dmarc=pass", "--body",
			"Please send it.")
		if err != nil {
			t.Fatalf("swaks: %v\n%s", err, out)
		}
		inbox := o.in(t, o.anna, "INBOX")
		if len(inbox) != 1 || inbox[0].Subject != "Price list" || !inbox[0].Verdict.Verified ||
			inbox[0].Verdict.SPF != "pass" || inbox[0].Verdict.DMARC != "pass" {
			t.Fatalf("inbox %+v", inbox)
		}
		if len(o.in(t, o.shared, "INBOX")) != 1 {
			t.Error("the second recipient has no copy")
		}
		raw := o.raw(t, inbox[0].ID)
		for _, want := range []string{"Return-Path: <carla@client.test>\r\nAuthentication-Results: " + host + ";",
			"Received: from mail.client.test ([127.0.0.1])\r\n\tby " + host + " with ESMTPS id ", "TLS1.3"} {
			if !strings.Contains(raw, want) {
				t.Errorf("%q is missing in\n%s", want, raw)
			}
		}
		if strings.Count(raw, "Authentication-Results") != 1 {
			t.Errorf("the forged result stayed:\n%s", raw)
		}
		jobs := 0
		if err := db.QueryRow(t.Context(), `SELECT count(*) FROM job WHERE kind = 'intake.mail'`).Scan(&jobs); err != nil || jobs != 2 {
			t.Errorf("%d intake jobs, %v", jobs, err)
		}
		if out, err := swaks(t, "--server", o.mx, "--ehlo", "x.test", "--from", "x@x.test", "--to", "anna@acme.test",
			"--header", "From: boss@bank.test"); err != nil {
			t.Fatalf("swaks: %v\n%s", err, out)
		}
		if junk := o.in(t, o.anna, "Junk"); len(junk) != 1 || !junk[0].Verdict.Junk {
			t.Errorf("junk %+v", junk)
		}
	})
}

// What people move to Junk goes there by itself after a while, and what they wrote back to doesn't.
func TestJunkMoves(t *testing.T) {
	const minMoves = 5 // before the filter dares to judge
	o := newOffice(t, sqlite(t), Config{})
	receive := func(subject, text string) {
		t.Helper()
		dialogue(t, o.mx, envelope+"C: DATA\nS: 354\nC: From: a@b.test\nC: Subject: "+subject+"\nC: \n"+
			strings.Repeat("C: "+text+"\n", 10)+"C: .\nS: 250\nC: QUIT\nS: 221")
	}
	for i := range 20 {
		receive(fmt.Sprintf("Order %d", i), fmt.Sprintf("Please deliver %d boxes of paper on Thursday.", i))
	}
	junk := must(o.box.Folder(t.Context(), o.anna.ID, "Junk"))(t)
	for i := range minMoves {
		receive(fmt.Sprintf("Win %d now", i), fmt.Sprintf("Casino bonus %d, click here to win!!!", i))
		if o.in(t, o.anna, "INBOX")[0].Verdict.Junk {
			t.Fatal("junk before anybody said so often enough")
		}
		if err := o.box.Move(t.Context(), "u-anna", []string{o.in(t, o.anna, "INBOX")[0].ID}, junk.ID); err != nil {
			t.Fatal(err)
		}
	}
	receive("Win 99 now", "Casino bonus 99, click here to win!!!")
	receive("Order 99", "Please deliver 99 boxes of paper on Friday.")
	if list := o.in(t, o.anna, "Junk"); len(list) != minMoves+1 || list[0].Subject != "Win 99 now" ||
		!strings.Contains(strings.Join(list[0].Verdict.Reasons, ""), "moved to Junk") {
		t.Errorf("junk %+v", list)
	}
	if list := o.in(t, o.anna, "INBOX"); len(list) != 21 {
		t.Errorf("%d in the inbox", len(list))
	}
}

// A wrong log-in is told to the other nodes, and theirs count here.
func TestWrongLoginsCount(t *testing.T) {
	told := make(chan guard.Outcome, 10)
	logins := guard.NewLogins(guard.LoginLimits{Pair: guard.Rate{Burst: 3, Every: time.Hour}},
		func(o guard.Outcome) { told <- o })
	o := newOffice(t, storetest.SQLite(t), Config{Logins: logins})
	in := "S: 220\nC: EHLO a\nS: 250\nC: STARTTLS\nS: 220\nTLS\nC: EHLO a\nS: 250\n"
	dialogue(t, o.submit, in+"C: AUTH PLAIN AGFubmEAd3Jvbmc=\nS: 535 5.7.8")
	from := netip.MustParseAddr("127.0.0.1")
	if o := <-told; o != (guard.Outcome{From: from, Account: "anna"}) || len(told) != 0 {
		t.Errorf("told of %+v and %d more", o, len(told))
	}
	for range 2 {
		logins.Elsewhere(guard.Outcome{From: from, Account: "anna"})
	}
	dialogue(t, o.submit, in+"C: AUTH PLAIN AGFubmEAc2VjcmV0LWE=\nS: 454 4.7.0\nEND")
}

func TestLimitsCountNetworks(t *testing.T) {
	l := newLimits(Config{Limits: Limits{PerIP: 1, MailPerMinute: 1, UserPerMinute: 1}}.withDefaults().Limits)
	one, neighbour, other := guard.NetworkOf("2001:db8::1"), guard.NetworkOf("2001:db8::2"),
		guard.NetworkOf("2001:db8:0:1::1")
	if !l.connections.Enter(one) || l.connections.Enter(neighbour) || !l.connections.Enter(other) {
		t.Error("a /64 is one client, another /64 another")
	}
	if !l.mails.Allow(one) || l.mails.Allow(neighbour) || !l.mails.Allow(other) {
		t.Error("a /64 sends as one client")
	}
	if !l.recipients.Allow("u") || l.recipients.Allow("u") || !l.recipients.Allow("v") {
		t.Error("users have limits of their own")
	}
}

func TestMissingIDAndLoop(t *testing.T) {
	o := newOffice(t, sqlite(t), Config{})
	dialogue(t, o.mx, envelope+"C: DATA\nS: 354\nC: Subject: no id\nC: \nC: hi\nC: .\nS: 250\nC: QUIT\nS: 221")
	if raw := o.raw(t, o.in(t, o.anna, "INBOX")[0].ID); !strings.Contains(raw, "\r\nMessage-ID: <") {
		t.Errorf("no Message-ID in\n%s", raw)
	}
	dialogue(t, o.mx, envelope+"C: DATA\nS: 354\n"+strings.Repeat("C: Received: from a by b; date\n", maxHops)+
		"C: \nC: .\nS: 554 5.4.6")
	dialogue(t, o.mx, envelope+"C: DATA\nS: 354\n"+strings.Repeat("C: X: "+strings.Repeat("x", 9000)+"\n", 30)+
		"C: \nC: .\nS: 552 5.3.4")
}

// A large mail goes through the disk unchanged.
func TestLarge(t *testing.T) {
	o := newOffice(t, sqlite(t), Config{})
	text := "Subject: large\r\n\r\n" + strings.Repeat(strings.Repeat("0123456789", 9)+"\r\n", 10_000)
	file := filepath.Join(t.TempDir(), "large.eml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := swaks(t, "--server", o.mx, "--suppress-data", "--from", "a@b.test", "--to", "anna@acme.test",
		"--data", "@"+file); err != nil {
		t.Fatalf("swaks: %v\n%s", err, out)
	}
	for _, m := range o.in(t, o.anna, "INBOX") {
		if raw := o.raw(t, m.ID); !strings.HasSuffix(strings.TrimRight(raw, "\r\n"), strings.TrimRight(text, "\r\n")) {
			t.Errorf("%d bytes arrived changed", len(raw))
		}
	}
}

// Whatever is wrong with our own database: 451, so that the sender keeps the mail.
func TestDatabaseGone(t *testing.T) {
	o := newOffice(t, sqlite(t), Config{})
	mx := speaks(t, connect(t, o.mx))
	mx("EHLO x", "250")
	mx("MAIL FROM:<a@b.test>", "250")
	mx("RCPT TO:<anna@acme.test>", "250")
	submission := speaks(t, must(tls.Dial("tcp", o.submits, &tls.Config{InsecureSkipVerify: true}))(t))
	submission("", "220")
	submission("EHLO x", "250")
	submission("AUTH PLAIN AGFubmEAc2VjcmV0LWE=", "235")
	submission("MAIL FROM:<anna@acme.test>", "250")
	submission("RCPT TO:<out@elsewhere.test>", "250")
	o.db.Close()
	mx("RCPT TO:<sales@acme.test>", "451")
	for _, say := range []func(string, string){mx, submission} {
		say("DATA", "354")
		say("From: anna@acme.test\r\nSubject: x\r\n\r\n.", "451")
	}
}

// speaks has a client say lines, "" for none, and checks how the answers begin.
func speaks(t *testing.T, conn net.Conn) func(line, want string) {
	t.Cleanup(func() { conn.Close() })
	r := bufio.NewReader(conn)
	return func(line, want string) {
		t.Helper()
		if line != "" {
			fmt.Fprintf(conn, "%s\r\n", line)
		}
		if got, err := lastLine(r); err != nil || !strings.HasPrefix(got, want) {
			t.Fatalf("%s: %q, %v", line, got, err)
		}
	}
}

// Submission by a real client: the copy in Sent, the delivery to a colleague, and the notice that the outside is
// closed.
func TestSubmission(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db, Config{})
		for _, way := range [][]string{{"--server", o.submit, "--tls"}, {"--server", o.submits, "--tlsc"}} {
			args := append(way, "--auth", "PLAIN", "--auth-user", "anna", "--auth-password", "secret-a", "--ehlo",
				"laptop", "--from", "anna@acme.test",
				"--to", "sales@acme.test,out@elsewhere.test", "--header", "Subject: Hello", "--add-header",
				"Bcc: out@elsewhere.test")
			if out, err := swaks(t, args...); err != nil {
				t.Fatalf("swaks: %v\n%s", err, out)
			}
		}
		sent := o.in(t, o.anna, "Sent")
		if len(sent) != 2 || !sent[0].Outgoing || !sent[0].Seen {
			t.Fatalf("sent %+v", sent)
		}
		eventually(t, "delivered to the colleague", func() bool { return len(o.in(t, o.shared, "INBOX")) == 2 })
		got := o.in(t, o.shared, "INBOX")[0]
		if raw := o.raw(t, got.ID); !got.Verdict.Verified || strings.Contains(raw, "Bcc:") ||
			!strings.Contains(raw, "\r\nDKIM-Signature: ") ||
			!strings.Contains(raw, "Return-Path: <anna@acme.test>\r\n") {
			t.Errorf("verdict %+v of\n%s", got.Verdict, raw)
		}
		eventually(t, "notices came back", func() bool { return len(o.in(t, o.anna, "INBOX")) == 2 })
		notice := o.raw(t, o.in(t, o.anna, "INBOX")[0].ID)
		for _, want := range []string{"multipart/report", "Final-Recipient: rfc822;out@elsewhere.test",
			"Action: failed", "Auto-Submitted: auto-replied", "sends no mail to other domains"} {
			if !strings.Contains(strings.ReplaceAll(notice, "; ", ";"), strings.ReplaceAll(want, "; ", ";")) {
				t.Errorf("%q is missing in\n%s", want, notice)
			}
		}
	})
}

// Who may log in no more sends nothing more over a connection that is open.
func TestEndOfAUser(t *testing.T) {
	o := newOffice(t, sqlite(t), Config{})
	logIn := func(name, password string) (net.Conn, func(line, want string)) {
		conn := must(tls.Dial("tcp", o.submits, &tls.Config{InsecureSkipVerify: true}))(t)
		say := speaks(t, conn)
		say("", "220")
		say("EHLO laptop", "250")
		say("AUTH PLAIN "+base64.StdEncoding.EncodeToString([]byte("\x00"+name+"\x00"+password)), "235")
		return conn, say
	}
	gone, _ := logIn("anna", "secret-a")
	_, stays := logIn("ben", "secret-b")
	o.server.End("u-anna")
	if _, err := gone.Read(make([]byte, 1)); err == nil {
		t.Error("the connection goes on")
	}
	stays("NOOP", "250")
}

func TestPost(t *testing.T) {
	o := newOffice(t, sqlite(t), Config{})
	var steps []string
	options := PostOptions{Server: o.mx, From: "carla@client.test", To: "anna@acme.test", Subject: "Întrebare",
		Text: "Bună ziua\n.\nfine", Helo: "client.test", TLS: true}
	if err := Post(t.Context(), options, func(step string) { steps = append(steps, step) }); err != nil {
		t.Fatalf("%v\n%s", err, strings.Join(steps, "\n"))
	}
	if told := strings.Join(steps, "\n"); !strings.Contains(told, "> RCPT TO:<anna@acme.test>\n< 250 2.0.0") ||
		!strings.Contains(told, "encrypted: TLS 1.3") || !strings.Contains(told, "Accepted as") {
		t.Errorf("told\n%s", told)
	}
	if inbox := o.in(t, o.anna, "INBOX"); len(inbox) != 1 || inbox[0].Subject != "Întrebare" {
		t.Errorf("inbox %+v", inbox)
	}
	options.To = "nobody@acme.test"
	if err := Post(t.Context(), options, func(string) {}); err == nil || !strings.Contains(err.Error(), "550") {
		t.Errorf("to nobody: %v", err)
	}
}
