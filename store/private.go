package store

import (
	"errors"
	"io/fs"
	"os"
)

// keepPrivate makes a database file, and what SQLite writes beside it, readable to its owner alone. SQLite gives its
// side files the mode of the database, which therefore must be there first.
func keepPrivate(path string) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	file.Close()
	for _, name := range []string{path, path + "-wal", path + "-shm"} {
		if err := os.Chmod(name, 0o600); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}
