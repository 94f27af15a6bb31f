package imapd

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"frontdesk/store"
	"frontdesk/store/storetest"
)

// tool finds a real client; without it the test fails rather than passes unseen.
func tool(t *testing.T, name string) string {
	t.Helper()
	if testing.Short() {
		t.Skip("needs " + name)
	}
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatalf("%s is not installed (make test installs it): %v", name, err)
	}
	return path
}

func run(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
	return string(out)
}

// TestMbsync syncs a mailbox both ways with mbsync: down, flags and new mail up, deletions both ways.
func TestMbsync(t *testing.T) {
	mbsync := tool(t, "mbsync")
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, Config{})
		for n := range 20 {
			w.deliver(w.ana, hello(n+1))
		}
		dir := t.TempDir()
		_, port, _ := strings.Cut(w.tls, ":")
		config := filepath.Join(dir, "mbsyncrc")
		text := fmt.Sprintf("IMAPAccount a\nHost localhost\nPort %s\nUser ana\nPass geheim\nSSLType IMAPS\n"+
			"CertificateFile %s\nSystemCertificates no\n\n"+
			"IMAPStore far\nAccount a\n\nMaildirStore near\nPath %s/\nInbox %s/INBOX\nSubFolders Verbatim\n\n"+
			"Channel all\nFar :far:\nNear :near:\nPatterns * !Shared*\nCreate Both\nExpunge Both\nSyncState *\n", port,
			w.ca, dir, dir)
		if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		sync := func() { t.Helper(); run(t, mbsync, "-c", config, "-a") }
		sync()
		if got := maildir(t, dir, "INBOX"); len(got) != 20 {
			t.Fatalf("%d messages came down", len(got))
		}

		files := maildir(t, dir, "INBOX")
		must(t, os.Rename(files[0], strings.Replace(strings.Replace(files[0], "/new/", "/cur/", 1), ":2,", ":2,S", 1)+
			seenSuffix(files[0])))
		must(t, os.Remove(files[1]))
		must(t, os.WriteFile(filepath.Join(dir, "Archive", "new", "1.local"),
			[]byte("From: a@x\nSubject: Local\n\nbody\n"), 0o600))
		w.deliver(w.ana, hello(21))
		sync()
		inbox, err := w.box.Folder(t.Context(), w.ana.ID, "INBOX")
		must(t, err)
		archive, err := w.box.Folder(t.Context(), w.ana.ID, "Archive")
		must(t, err)
		if inbox.Total != 20 || inbox.Unseen != 19 || archive.Total != 1 {
			t.Errorf("after the way up: %+v %+v", inbox, archive)
		}
		if got := maildir(t, dir, "INBOX"); len(got) != 20 {
			t.Errorf("%d messages after the second sync", len(got))
		}
		before := w.modseqs()
		sync()
		if after := w.modseqs(); after != before {
			t.Errorf("a sync with nothing to do changes folders from %s to %s", before, after)
		}
		if _, err := w.box.CreateFolder(t.Context(), w.ana.ID, "Clienți"); err != nil {
			t.Fatal(err)
		}
		sync()
		if _, err := os.Stat(filepath.Join(dir, "Clien&Ahs-i", "cur")); err != nil { // mbsync keeps the wire form
			entries, _ := os.ReadDir(dir)
			t.Errorf("%v in %v", err, entries)
		}
	})
}

// modseqs are the latest changes of Ana's folders.
func (w *world) modseqs() (list string) {
	w.t.Helper()
	folders, err := w.box.Folders(w.t.Context(), w.ana.ID)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, f := range folders {
		list += fmt.Sprintf("%s=%d ", f.Name, f.ModSeq)
	}
	return list
}

// seenSuffix completes a name that had no flags yet.
func seenSuffix(name string) string {
	if strings.Contains(name, ":2,") {
		return ""
	}
	return ":2,S"
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func maildir(t *testing.T, dir, folder string) (files []string) {
	t.Helper()
	for _, sub := range []string{"cur", "new"} {
		list, err := filepath.Glob(filepath.Join(dir, folder, sub, "*"))
		must(t, err)
		files = append(files, list...)
	}
	return files
}

// TestCurl reads and appends with curl, over STARTTLS and over TLS from the start.
func TestCurl(t *testing.T) {
	curl := tool(t, "curl")
	w := newWorld(t, storetest.SQLite(t), Config{})
	w.deliver(w.ana, hello(1))
	file := filepath.Join(t.TempDir(), "mail.eml")
	must(t, os.WriteFile(file, []byte("From: a@x\r\nSubject: Upload\r\n\r\n"+strings.Repeat("line\r\n", 20_000)),
		0o600))
	base := []string{"-sS", "--cacert", w.ca, "-u", "ana:geheim"}
	for url, want := range map[string]string{
		"imaps://" + w.tls + "/INBOX;MAILINDEX=1":                             "Good day 1.",
		"imaps://" + w.tls + "/INBOX;UID=1;SECTION=HEADER.FIELDS%20(SUBJECT)": "Subject: Hello 1",
		"imaps://" + w.tls + "/":                                              "Shared/support/INBOX",
		"imap://" + w.plain + "/INBOX?SUBJECT%20hello":                        "* SEARCH 1",
	} {
		if got := run(t, curl, append(base, "--ssl-reqd", url)...); !strings.Contains(got, want) {
			t.Errorf("%s: no %q in\n%s", url, want, got)
		}
	}
	run(t, curl, append(base, "-T", file, "imaps://"+w.tls+"/Archive")...)
	if f, err := w.box.Folder(t.Context(), w.ana.ID, "Archive"); err != nil || f.Total != 1 {
		t.Errorf("upload: %+v %v", f, err)
	}
	if out, err := exec.CommandContext(t.Context(), curl, "-sS", "--cacert", w.ca, "-u", "ana:wrong",
		"imaps://"+w.tls+"/").CombinedOutput(); err == nil {
		t.Errorf("a wrong password: %s", out)
	}
}

// TestMutt opens the mailbox in mutt, flags a message and saves it to Archive.
func TestMutt(t *testing.T) {
	tool(t, "mutt")
	script := tool(t, "script") // mutt wants a terminal
	w := newWorld(t, storetest.SQLite(t), Config{})
	w.deliver(w.ana, hello(1))
	w.deliver(w.ana, hello(2))
	_, port, _ := strings.Cut(w.tls, ":")
	folder := "imaps://ana@localhost:" + port
	rc := filepath.Join(t.TempDir(), "muttrc")
	text := fmt.Sprintf("set imap_pass=geheim ssl_ca_certificates_file=%q certificate_file=%q folder=%q spoolfile=%q "+
		"header_cache=\"\" imap_check_subscribed=no\n"+
		"set confirmappend=no confirmcreate=no delete=yes quit=yes move=no sort=mailbox-order wait_key=no "+
		"mark_old=no\n"+
		"push <first-entry><flag-message><first-entry><next-entry><save-message><kill-line>=Archive"+
		"<enter><sync-mailbox><quit>\n", w.ca, w.ca, folder, folder+"/INBOX")
	must(t, os.WriteFile(rc, []byte(text), 0o600))
	cmd := exec.CommandContext(t.Context(), script, "-qec", "mutt -n -F "+rc, "/dev/null")
	cmd.Env = append(os.Environ(), "TERM=xterm", "HOME="+t.TempDir())
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	inbox, err := w.box.Folder(t.Context(), w.ana.ID, "INBOX")
	must(t, err)
	archive, err := w.box.Folder(t.Context(), w.ana.ID, "Archive")
	must(t, err)
	_, states, err := w.box.Snapshot(t.Context(), inbox.ID)
	must(t, err)
	if archive.Total != 1 || len(states) != 1 || !states[0].Flags.Flagged {
		t.Errorf("INBOX %+v, Archive %+v\n%s", states, archive, out)
	}
}
