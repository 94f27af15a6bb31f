package store_test

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"frontdesk/store"
)

// Nobody else on the machine reads the database, whatever the umask is and however an earlier version left the file.
func TestDatabaseFilesArePrivate(t *testing.T) {
	defer syscall.Umask(syscall.Umask(0))
	path := filepath.Join(t.TempDir(), "frontdesk.db")
	for range 2 {
		db, err := store.Open(t.Context(), "sqlite://"+path)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{path, path + "-wal", path + "-shm"} {
			if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("%s: %v, %v", filepath.Base(name), info, err)
			}
		}
		db.Close()
		if err := os.Chmod(path, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
