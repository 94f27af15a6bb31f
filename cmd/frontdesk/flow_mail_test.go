package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/cookiejar"
	netmail "net/mail"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2/imapclient"

	"frontdesk/testwait"
)

// as is the company as another user sees it over the API, with a token he makes.
func (c *company) as(login string) *company {
	c.t.Helper()
	jar, _ := cookiejar.New(nil)
	client := &http.Client{Jar: jar}
	var made struct{ Secret string }
	for _, step := range [][2]string{{"/login", fmt.Sprintf(`{"login":%q,"password":%q}`, login, demoPassword)},
		{"/tokens", `{"name":"test"}`}} {
		resp, err := client.Post(c.HTTP+"/api/v1"+step[0], "application/json", strings.NewReader(step[1]))
		if err != nil || resp.StatusCode >= 300 {
			c.t.Fatal(step[0], err, resp)
		}
		json.NewDecoder(resp.Body).Decode(&made)
		resp.Body.Close()
	}
	other := *c
	other.Token = made.Secret
	return &other
}

// certificate is the file of the demo's own certificate.
func (c *company) certificate() string { return filepath.Join(c.data, "self-signed.crt") }

// mustRun runs a tool that must succeed and returns what it printed.
func mustRun(t testing.TB, path string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), testwait.Limit)
	defer cancel()
	out, err := exec.CommandContext(ctx, path, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", filepath.Base(path), args, err, out)
	}
	return string(out)
}

// submit sends a mail with swaks as a user, over STARTTLS.
func (c *company) submit(login, to, subject string, more ...string) {
	c.t.Helper()
	args := []string{"--server", c.Submission, "--tls", "--auth", "PLAIN", "--auth-user", login, "--auth-password",
		demoPassword,
		"--from", login + "@" + c.Domain, "--to", to, "--header", "Subject: " + subject, "--body",
		"Hello from " + login}
	mustRun(c.t, tool(c.t, "swaks", "swaks"), append(args, more...)...)
}

// imap fetches with curl from a user's mailboxes, over IMAPS.
func (c *company) imap(login, path string) string {
	c.t.Helper()
	curl := tool(c.t, "curl", "curl")
	return mustRun(c.t, curl, "-sS", "--cacert", c.certificate(), "-u", login+":"+demoPassword,
		"imaps://"+c.IMAPS+"/"+path)
}

var found = regexp.MustCompile(`(?m)^\* SEARCH ([0-9]+)`)

// message waits for a mail with a subject in a folder and returns it as it is stored.
func (c *company) message(login, folder, subject string) string {
	c.t.Helper()
	number := ""
	await(c.t, fmt.Sprintf("the mail %q in %s of %s", subject, folder, login), func() bool {
		if hit := found.FindStringSubmatch(c.imap(login,
			folder+"?SUBJECT%20%22"+url.PathEscape(subject)+"%22")); hit != nil {
			number = hit[1]
		}
		return number != ""
	})
	return c.imap(login, folder+";MAILINDEX="+number)
}

func contains(t testing.TB, what, text string, all ...string) {
	t.Helper()
	for _, part := range all {
		if !strings.Contains(text, part) {
			t.Errorf("%s lacks %q:\n%s", what, part, text)
		}
	}
}

// A mail program submits with a log-in: a colleague gets the mail, signed; what can't be sent comes back and says so in
// plain words.
func TestSubmission(t *testing.T) {
	t.Parallel() // much of it is waiting
	slow(t)
	c := startCompany(t, t.TempDir())
	c.submit("maria", "andrei@"+c.Domain, "Lunch")
	contains(t, "the colleague's mail", c.message("andrei", "INBOX", "Lunch"), "Hello from maria",
		"DKIM-Signature: v=1; d="+c.Domain, "Return-Path: <maria@"+c.Domain+">")
	contains(t, "the copy in Sent", c.message("maria", "Sent", "Lunch"), "Hello from maria")
	c.submit("maria", "joe@elsewhere.example", "Far away")
	bounce := c.message("maria", "INBOX", "could not be delivered")
	contains(t, "the bounce", bounce, "Your mail could not be delivered to:", "joe@elsewhere.example",
		"to its own clients only",
		"multipart/report", "message/delivery-status", "Action: failed", "Auto-Submitted: auto-replied",
		"Subject: Far away")
	swaks := tool(t, "swaks", "swaks")
	for name, args := range map[string][]string{
		"another's address": {"--auth-user", "maria", "--auth-password", demoPassword, "--from", "andrei@" + c.Domain},
		"a wrong password":  {"--auth-user", "maria", "--auth-password", "guess", "--from", "maria@" + c.Domain},
	} {
		args = append(args, "--server", c.Submission, "--tls", "--auth", "PLAIN", "--to", "ion@"+c.Domain)
		if out, err := exec.CommandContext(t.Context(), swaks, args...).CombinedOutput(); err == nil ||
			!strings.Contains(string(out), "<~* 5") {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
	if out, err := exec.CommandContext(t.Context(), swaks, "--server", c.Submission, "--from", "maria@"+c.Domain,
		"--to", "ion@"+c.Domain).CombinedOutput(); err == nil {
		t.Errorf("submission without a log-in:\n%s", out)
	}
}

// summary of a message, as the API lists it.
type summary struct {
	ID, Mailbox, Thread, Subject string
	MessageID                    string `json:"message_id"`
	Outgoing, Answered           bool
}

// conversation is a client's mail with what belongs to it, as a user sees it.
func (c *company) conversation(of summary) []summary {
	c.t.Helper()
	var all items[summary]
	c.api("GET", "/mail/threads/"+of.Thread+"?mailbox="+of.Mailbox, nil, &all)
	return all.Items
}

// received finds a mail by its subject.
func (c *company) received(subject string) (hit summary) {
	c.t.Helper()
	var boxes items[struct{ ID, Address string }]
	c.api("GET", "/mail/mailboxes", nil, &boxes)
	await(c.t, subject, func() bool {
		for _, box := range boxes.Items {
			var all items[summary]
			c.api("GET", "/mail/messages?mailbox="+box.ID+"&q="+url.QueryEscape(subject), nil, &all)
			for _, m := range all.Items {
				if m.Subject == subject && !m.Outgoing {
					hit = m
				}
			}
		}
		return hit.ID != ""
	})
	return hit
}

// mails on a contact's timeline, once there are so many.
func (c *company) mails(contact string, number int) (list []entry) {
	c.t.Helper()
	await(c.t, fmt.Sprintf("%d mails on the timeline", number), func() bool {
		list = c.entries(contact, "mail")
		return len(list) >= number
	})
	return list
}

// A client writes, the user answers in the browser, the client answers again: one thread, one contact, every mail once.
func TestConversationWithAClient(t *testing.T) {
	t.Parallel() // much of it is waiting
	slow(t)
	c := startCompany(t, t.TempDir())
	maria, radu := c.as("maria"), c.contact("Radu Georgescu")
	if out, err := c.run("post", "--to", "maria@"+c.Domain, "--from", "radu@clients.example", "--server", c.SMTP,
		"--subject", "Cold store"); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	question := maria.received("Cold store")
	c.mails(radu, 1)
	draft := map[string]any{"from": "maria@" + c.Domain, "to": []string{"radu@clients.example"},
		"subject": "Re: Cold store", "text": "It comes on Friday.", "reply": question.ID}
	var sent struct{ ID, Message string }
	if code := maria.api("POST", "/mail/send", draft, &sent); code != 202 {
		t.Fatalf("sending: %d", code)
	}
	ours := c.message("maria", "Sent", "Re: Cold store")
	contains(t, "the copy in Sent", ours, "It comes on Friday.", "In-Reply-To: <"+question.MessageID+">",
		"References: <"+question.MessageID+">")
	var answer summary
	maria.api("GET", "/mail/messages/"+sent.Message, nil, &answer)
	if answer.Thread != question.Thread || !answer.Outgoing {
		t.Errorf("the answer: %+v to %+v", answer, question)
	}
	c.mails(radu, 2)
	thanks := maria.received("Re: Cold store")
	contains(t, "the client's answer", c.message("maria", "INBOX", "Re: Cold store"),
		"From: \"Radu Georgescu\" <radu@clients.example>", "> It comes on Friday.",
		"In-Reply-To: <"+answer.MessageID+">", "References: <"+question.MessageID+">\r\n <"+answer.MessageID+">",
		"spf=pass", "dmarc=pass")
	if thanks.Thread != question.Thread {
		t.Errorf("the client's answer: %+v to %+v", thanks, question)
	}
	await(t, "the question, the answer and the client's answer in one thread", func() bool {
		all := maria.conversation(question)
		return len(all) == 3 && all[0].Answered
	})
	mails := c.mails(radu, 3)
	outgoing := 0
	for _, m := range mails {
		if !m.Incoming {
			outgoing++
		}
	}
	if len(mails) != 3 || outgoing != 1 {
		t.Errorf("the timeline: %+v", mails)
	}
}

// mbsync copies the whole of a mailbox, new mail included.
func TestMbsyncWithTheDemo(t *testing.T) {
	t.Parallel() // much of it is waiting
	slow(t)
	c := startCompany(t, t.TempDir())
	for i := range 3 {
		c.submit("andrei", "maria@"+c.Domain, fmt.Sprintf("Note %d", i))
	}
	c.message("maria", "INBOX", "Note 2")
	dir := t.TempDir()
	_, port, _ := net.SplitHostPort(c.IMAPS)
	config := write(t, strings.NewReplacer("@PORT@", port, "@PASSWORD@", demoPassword, "@CERT@", c.certificate(),
		"@DIR@", dir).Replace(mbsyncConfig), dir, "mbsyncrc")
	mbsync := tool(t, "mbsync", "isync")
	inbox := func() (n int) {
		mustRun(t, mbsync, "-c", config, "-a")
		files, _ := filepath.Glob(filepath.Join(dir, "INBOX", "*", "*,U=*"))
		return len(files)
	}
	await(t, "three mails in the Maildir", func() bool { return inbox() == 3 })
	c.submit("andrei", "maria@"+c.Domain, "Note 3")
	await(t, "the fourth", func() bool { return inbox() == 4 })
}

const mbsyncConfig = `IMAPAccount demo
Host localhost
Port @PORT@
User maria
Pass @PASSWORD@
SSLType IMAPS
CertificateFile @CERT@
SystemCertificates no

IMAPStore far
Account demo

MaildirStore near
Path @DIR@/
Inbox @DIR@/INBOX
SubFolders Verbatim

Channel all
Far :far:
Near :near:
Patterns * !Shared*
Create Both
Expunge Both
SyncState *
`

// A mail written in the workplace arrives in a colleague's mail program with its file, byte for byte.
func TestFileSentFromTheWorkplace(t *testing.T) {
	t.Parallel() // much of it is waiting
	slow(t)
	c := startCompany(t, t.TempDir())
	content := make([]byte, 300_000)
	rand.Read(content)
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	form.WriteField("mail", fmt.Sprintf(`{"from":"maria@%s","to":["andrei@%s"],"subject":"Plans","text":"See the file."}`, c.Domain, c.Domain))
	file, _ := form.CreateFormFile("file", "plans.bin")
	file.Write(content)
	form.Close()
	request, _ := http.NewRequest("POST", c.HTTP+"/api/v1/mail/send/files", &body)
	request.Header.Set("Content-Type", form.FormDataContentType())
	request.Header.Set("Authorization", "Bearer "+c.as("maria").Token)
	resp, err := http.DefaultClient.Do(request)
	if err != nil || resp.StatusCode != http.StatusAccepted {
		t.Fatal(err, resp)
	}
	resp.Body.Close()
	raw := c.message("andrei", "INBOX", "Plans")
	m, err := netmail.ReadMessage(strings.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	_, params, _ := mime.ParseMediaType(m.Header.Get("Content-Type"))
	parts := multipart.NewReader(m.Body, params["boundary"])
	if words, err := parts.NextPart(); err != nil ||
		!strings.HasPrefix(words.Header.Get("Content-Type"), "text/plain") {
		t.Fatal(err)
	}
	got, err := parts.NextPart()
	if err != nil || got.FileName() != "plans.bin" {
		t.Fatal(err, got)
	}
	if data, err := io.ReadAll(base64.NewDecoder(base64.StdEncoding, got)); err != nil || !bytes.Equal(data, content) {
		t.Errorf("%d bytes of %d, %v", len(data), len(content), err)
	}
}

// A mail program that waits in IDLE is told of a new mail as it comes.
func TestIdleTellsOfNewMail(t *testing.T) {
	t.Parallel() // much of it is waiting
	slow(t)
	c := startCompany(t, t.TempDir())
	counts := c.idle("maria")
	sent := time.Now()
	c.submit("andrei", "maria@"+c.Domain, "Are you there?")
	select {
	case n := <-counts:
		t.Logf("told of %d mail after %v", n, time.Since(sent))
	case <-time.After(testwait.Limit):
		t.Error("IDLE told nothing")
	}
}

// idle waits in a user's INBOX until the test ends, and passes on how many mails it is told of.
func (c *company) idle(login string) <-chan uint32 {
	t := c.t
	t.Helper()
	certificate, err := os.ReadFile(c.certificate())
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(certificate)
	counts := make(chan uint32, 100)
	heard := &imapclient.UnilateralDataHandler{Mailbox: func(d *imapclient.UnilateralDataMailbox) {
		if d.NumMessages != nil {
			counts <- *d.NumMessages
		}
	}}
	client, err := imapclient.DialTLS(c.IMAPS,
		&imapclient.Options{TLSConfig: &tls.Config{RootCAs: roots, ServerName: "localhost"},
			UnilateralDataHandler: heard})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	if err := client.Login(login, demoPassword).Wait(); err != nil {
		t.Fatal(err)
	}
	if _, err := client.Select("INBOX", nil).Wait(); err != nil {
		t.Fatal(err)
	}
	if _, err := client.Idle(); err != nil {
		t.Fatal(err)
	}
	return counts
}
