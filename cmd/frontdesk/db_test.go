package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"frontdesk/store"
	"frontdesk/store/storetest"
)

// stop ends the company's program as an admin does.
func (c *company) stop() {
	c.cmd.Process.Signal(syscall.SIGTERM)
	await(c.t, "the end of the program", func() bool {
		select {
		case <-c.over:
			return true
		default:
			return false
		}
	})
}

// ask runs `frontdesk db` and returns its exit code and what it printed.
func ask(t *testing.T, args ...string) (int, string) {
	t.Helper()
	cmd := program(t.Context(), append([]string{"db"}, args...)...)
	out, _ := cmd.CombinedOutput()
	return cmd.ProcessState.ExitCode(), string(out)
}

func execute(t *testing.T, url, query string) {
	t.Helper()
	db, err := store.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	result, err := db.Exec(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	if n, _ := result.RowsAffected(); n != 1 {
		t.Fatalf("%s: %d rows", query, n)
	}
}

// A company that began with SQLite and files moves to PostgreSQL and S3, works on there, and can come back.
func TestACompanyMoves(t *testing.T) {
	t.Parallel() // much of it is waiting
	home, s3 := t.TempDir(), storetest.StartS3(t).URL("acme")
	c := startCompany(t, home)
	if err := c.post("Before the move"); err != nil {
		t.Fatal(err)
	}
	c.message("maria", "INBOX", "Before the move")
	sqlite, files := "sqlite://"+filepath.Join(home, "frontdesk.db"), filepath.Join(home, "blobs")
	postgres := storetest.PostgresURL(t)
	if code, out := ask(t, "copy", "--from", sqlite, "--to", postgres); code != 1 ||
		!strings.Contains(out, "a server runs on it (demo)") {
		t.Errorf("copy beside a running server: %d\n%s", code, out)
	}
	c.stop()
	there := []string{"--from", sqlite, "--to", postgres, "--blobs-from", files, "--blobs-to", s3}
	if code, out := ask(t, append([]string{"copy"}, there...)...); code != 0 ||
		!strings.Contains(out, "tables are the same") {
		t.Fatalf("copy: %d\n%s", code, out)
	}
	if code, out := ask(t, append([]string{"compare"}, there...)...); code != 0 || strings.Contains(out, "secret") {
		t.Errorf("compare: %d\n%s", code, out)
	}
	if code, out := ask(t, append([]string{"copy"}, there...)...); code != 1 || !strings.Contains(out, "data already") {
		t.Errorf("a second copy: %d\n%s", code, out)
	}

	// Back, before anything changes there.
	again := "sqlite://" + filepath.Join(t.TempDir(), "again.db")
	if code, out := ask(t, "copy", "--from", postgres, "--to", again); code != 0 {
		t.Fatalf("back: %d\n%s", code, out)
	}
	if code, out := ask(t, "compare", "--from", sqlite, "--to", again); code != 0 {
		t.Errorf("what came back: %d\n%s", code, out)
	}
	execute(t, again, `UPDATE phone_number SET label = 'Sold' WHERE label = 'Sales'`)
	if code, out := ask(t, "compare", "--from", sqlite, "--to", again); code != 1 ||
		!strings.Contains(out, "differ in phone_number") {
		t.Errorf("a changed value: %d\n%s", code, out)
	}

	// The new place works: log-in, old mail, new mail.
	config := filepath.Join(t.TempDir(), "frontdesk.yaml")
	text := fmt.Sprintf("data: %s\ndatabase: %q\nblobs: %q\nhttp: {listen: \"127.0.0.1:0\"}\nadmin: {listen: \"\"}\n"+
		"mail: {deliver: none}\n", t.TempDir(), postgres, s3)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s := startServe(t, config)
	if code := s.login(t, "maria", demoPassword); code != 200 {
		t.Errorf("log-in at the new place: %d", code)
	}
	s.stop(t)
	moved := startCompany(t, t.TempDir(), "--database", postgres, "--blobs", s3)
	if text := moved.message("maria", "INBOX", "Before the move"); !strings.Contains(text, "Hello") {
		t.Errorf("the old mail is %q", text)
	}
	if err := moved.post("After the move"); err != nil {
		t.Fatal(err)
	}
	moved.message("maria", "INBOX", "After the move")
}

func TestDBSaysWhatIsMissing(t *testing.T) {
	for _, args := range [][]string{
		{}, {"drop"}, {"copy"}, {"copy", "--from", "sqlite:///x"}, {"copy", "--blobs-to", "x"},
		{"copy", "--from", "sqlite:///nowhere/x", "--to", "sqlite:///nowhere/y"},
		{"compare", "--blobs-from", "/nowhere/at/all", "--blobs-to", t.TempDir()}, {"copy", "x"},
	} {
		if code, out := ask(t, args...); code != 1 || !strings.Contains(out, "frontdesk: ") {
			t.Errorf("%v: %d %s", args, code, out)
		}
	}
}
