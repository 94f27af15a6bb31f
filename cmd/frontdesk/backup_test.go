package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"frontdesk/store/storetest"
)

// do runs a command of the program and returns its exit code and what it printed.
func do(t *testing.T, args ...string) (int, string) {
	t.Helper()
	cmd := program(t.Context(), args...)
	out, _ := cmd.CombinedOutput()
	return cmd.ProcessState.ExitCode(), string(out)
}

// placed writes a configuration for a data folder and returns its file.
func placed(t *testing.T, data, rest string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "frontdesk.yaml")
	text := fmt.Appendf(nil, "data: %s\nadmin: {listen: \"\"}\n%s\n", data, rest)
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// A backup is made while the company works, again into the same folder, and brought back on another database, from
// which a backup is made as well.
func TestBackup(t *testing.T) {
	t.Parallel() // much of it is waiting
	home, folder := t.TempDir(), t.TempDir()
	c := startCompany(t, home)
	at := placed(t, home, "")
	said := func(want int, words string, args ...string) {
		t.Helper()
		if code, out := do(t, args...); code != want || !strings.Contains(out, words) {
			t.Fatalf("%v: %d\n%s", args, code, out)
		}
	}
	for _, subject := range []string{"Kept", "Kept later"} {
		if err := c.post(subject); err != nil {
			t.Fatal(err)
		}
		c.message("maria", "INBOX", subject)
		said(0, "is whole", "backup", "--config", at, "--to", folder)
	}
	c.stop()

	postgres, there := storetest.PostgresURL(t), t.TempDir()
	at = placed(t, there, fmt.Sprintf("database: %q", postgres))
	said(0, "All is back", "restore", "--config", at, "--from", folder)
	said(1, "data already", "restore", "--config", at, "--from", folder)
	moved := startCompany(t, there, "--database", postgres, "--blobs", filepath.Join(there, "blobs"))
	for _, subject := range []string{"Kept", "Kept later"} {
		if text := moved.message("maria", "INBOX", subject); !strings.Contains(text, "Hello") {
			t.Errorf("%s: %q", subject, text)
		}
	}
	second := filepath.Join(t.TempDir(), "second")
	said(0, "is whole", "backup", "--config", at, "--to", second)
	said(0, "All is back", "restore", "--config", placed(t, t.TempDir(), ""), "--from", second)
}

func TestBackupRefuses(t *testing.T) {
	folder, at := t.TempDir(), placed(t, t.TempDir(), "")
	if err := os.WriteFile(filepath.Join(folder, "thesis.doc"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		want string
		args []string
	}{
		{"thesis.doc", []string{"backup", "--config", at, "--to", folder}},
		{"backup.json is missing", []string{"restore", "--config", at, "--from", folder}},
		{"--to FOLDER is missing", []string{"backup", "--config", at}},
		{"--config FILE is missing", []string{"backup", "--to", t.TempDir()}},
		{"no such file", []string{"backup", "--config", at, "--to", t.TempDir()}}, // no company there
	} {
		if code, out := do(t, c.args...); code != 1 || !strings.Contains(out, c.want) {
			t.Errorf("%v: %d\n%s", c.args, code, out)
		}
	}
}
