package main

import (
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"frontdesk/mail/smtpd"
	"frontdesk/store/storetest"
)

// ready asks /readyz.
func (c *company) readyz() (int, string) {
	c.t.Helper()
	resp, err := http.Get("http://" + c.Admin + "/readyz")
	if err != nil {
		c.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, string(body)
}

func (c *company) post(subject string) error {
	o := smtpd.PostOptions{Server: c.SMTP, From: demoContacts()[0].email, To: demoUsers()[1].mailbox(),
		Subject: subject, Text: "Hello\n"}
	return smtpd.Post(c.t.Context(), o, func(string) {})
}

// A mail is either kept in the S3 store or not accepted; the program outlives the store's absence.
func TestMailWithAnS3Store(t *testing.T) {
	t.Parallel() // much of it is waiting
	server := storetest.StartS3(t)
	data := t.TempDir()
	c := startCompany(t, data, "--blobs", server.URL("demo"))
	if err := c.post("Kept in the bucket"); err != nil {
		t.Fatal(err)
	}
	if text := c.message("maria", "INBOX", "Kept in the bucket"); !strings.Contains(text, "Hello") {
		t.Errorf("read %q", text)
	}
	if _, err := os.Stat(filepath.Join(data, "blobs")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a folder for blobs is there: %v", err)
	}
	if code, state := c.readyz(); code != 200 || !strings.Contains(state, `"blobs":"ok"`) {
		t.Errorf("ready: %d %s", code, state)
	}
	server.Kill()
	if err := c.post("Nowhere to keep it"); err == nil || !strings.Contains(err.Error(), "451") {
		t.Errorf("without a store: %v", err)
	}
	if code, state := c.readyz(); code != 503 || !strings.Contains(state, "can't be reached") ||
		strings.Contains(state, "secret") {
		t.Errorf("ready without a store: %d %s", code, state)
	}
	server.Start()
	if err := c.post("Kept again"); err != nil {
		t.Error(err)
	}
	c.message("maria", "INBOX", "Kept again")
	c.message("maria", "INBOX", "Kept in the bucket")
	log, _ := os.ReadFile(filepath.Join(data, "frontdesk.log"))
	if strings.Contains(string(log), "odd") {
		t.Error("the log shows the secret")
	}
}

// The content of a mail that was deleted a day ago is deleted too; of other mails it is not.
func TestDeletedMailsLoseTheirContent(t *testing.T) {
	t.Parallel() // much of it is waiting
	data := t.TempDir()
	c := startCompany(t, data)
	for _, subject := range []string{"To be deleted", "To be kept"} {
		if err := c.post(subject); err != nil {
			t.Fatal(err)
		}
	}
	c.message("maria", "INBOX", "To be kept")
	c.stop()
	blobs := func() (n int) {
		files, _ := filepath.Glob(filepath.Join(data, "blobs", "??", "*"))
		return len(files)
	}
	if blobs() != 2 {
		t.Fatalf("%d blobs", blobs())
	}
	database := "sqlite://" + filepath.Join(data, "frontdesk.db")
	execute(t, database, `INSERT INTO mail_dropped (blob, at) SELECT blob, 1 FROM mail_message WHERE subject = 'To be deleted'`)
	execute(t, database, `DELETE FROM mail_message WHERE subject = 'To be deleted'`)
	c = startCompany(t, data)
	await(t, "the sweep", func() bool { return blobs() == 1 })
	c.message("maria", "INBOX", "To be kept")
}

func TestServeRefusesAWrongS3Store(t *testing.T) {
	t.Parallel() // much of it is waiting
	server := storetest.StartS3(t)
	out, err := program(t.Context(), "demo", "--ports", "auto", "--data", t.TempDir(), "--blobs",
		strings.Replace(server.URL(""), "/contents?", "/other?", 1)).CombinedOutput()
	if err == nil || !strings.Contains(string(out), `no bucket "other"`) || strings.Contains(string(out), "odd") {
		t.Errorf("%v: %s", err, out)
	}
}
