// Package clamdtest runs a real clamd for tests, which knows one virus.
package clamdtest

import (
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"frontdesk/mail/virus"
	"frontdesk/testwait"
)

// Virus is the text that clamd finds, by the name Name.
const (
	Virus = "FRONTDESK-TEST-VIRUS-7B1D"
	Name  = "Test.Frontdesk.UNOFFICIAL"
)

// MaxSize is how large a stream it takes.
const MaxSize = 1 << 20

// Start runs one until the test's end, and returns the path of its socket.
func Start(t testing.TB) string {
	t.Helper()
	program, err := exec.LookPath("clamd")
	if err != nil {
		program = "/usr/sbin/clamd"
	}
	dir, err := os.MkdirTemp("", "clamd") // a socket's path is short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	socket := filepath.Join(dir, "socket")
	for name, text := range map[string]string{
		"test.ndb": "Test.Frontdesk:0:*:" + hex.EncodeToString([]byte(Virus)) + "\n",
		"clamd.conf": fmt.Sprintf("LocalSocket %s\nDatabaseDirectory %s\nForeground yes\nStreamMaxLength %d\n",
			socket, dir, MaxSize),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(program, "--config-file="+filepath.Join(dir, "clamd.conf"))
	if err := cmd.Start(); err != nil {
		t.Fatalf("clamd is missing: apt-get install clamav-daemon: %v", err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	testwait.Until(t, "clamd", func() bool { return virus.New(socket).Ping(t.Context()) == nil })
	return socket
}
