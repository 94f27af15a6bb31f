// Package backup keeps all that a company has in a folder, and brings it back.
package backup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"frontdesk/store"
	"frontdesk/store/blob"
)

// The parts of a backup's folder.
const (
	about    = "backup.json" // written last: without it the folder is no backup
	database = "frontdesk.db"
	fresh    = database + ".new" // while it is written
	contents = "blobs"
	seal     = "secret.key"
)

// facts say what a backup is.
type facts struct {
	Made time.Time `json:"made"` // the moment that it shows
}

// Place is where a company's data is.
type Place struct {
	Database string // sqlite:// or postgres://
	Blobs    string // a folder or s3://
	Seal     string // file with the secret that seals others' passwords; it need not be there
	Data     string // folder that may be written
}

// Make puts all that a company has into a folder, while its servers work: a SQLite file, whatever the database is, the
// contents, and the secret. The folder is a new one, or that of the last backup, which stays whole until then.
func Make(ctx context.Context, of Place, folder string, say func(line string)) error {
	if err := mayHold(folder); err != nil {
		return err
	}
	from, err := Contents(ctx, of.Blobs)
	if err != nil {
		return err
	}
	to, err := blob.Open(filepath.Join(folder, contents))
	if err != nil {
		return err
	}
	// What rows name is there when they are read; what comes until then is copied after them.
	if err := blob.Copy(ctx, from, to, say); err != nil {
		return err
	}
	made := time.Now()
	if err := keepRows(ctx, of.Database, folder, say); err != nil {
		return err
	}
	if err := blob.Copy(ctx, from, to, say); err != nil {
		return err
	}
	if err := keepSeal(of.Seal, folder); err != nil {
		return err
	}
	if err := finish(folder, made); err != nil {
		return err
	}
	return forget(ctx, from, to)
}

// keepRows puts the database as it is now beside that of the last backup.
func keepRows(ctx context.Context, from, folder string, say func(string)) error {
	fresh := filepath.Join(folder, fresh)
	for _, end := range []string{"", "-wal", "-shm", "-journal"} { // what a broken-off run left
		if err := os.Remove(fresh + end); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return store.Snapshot(ctx, from, "sqlite://"+fresh, say)
}

// finish puts the new database in place of the last, and says what the backup is.
func finish(folder string, made time.Time) error {
	if err := os.Rename(filepath.Join(folder, fresh), filepath.Join(folder, database)); err != nil {
		return err
	}
	text, err := json.Marshal(facts{Made: made.UTC().Truncate(time.Second)})
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, about), text, 0o600)
}

// Restore brings a backup back to a place that has nothing yet, and tells of which moment it is.
func Restore(ctx context.Context, folder string, to Place, say func(line string)) (made time.Time, err error) {
	was, err := read(folder)
	if err != nil {
		return made, err
	}
	if err := os.MkdirAll(to.Data, 0o700); err != nil {
		return made, err
	}
	if err := restoreSeal(folder, to.Seal); err != nil {
		return made, err
	}
	if err := restoreContents(ctx, folder, to.Blobs, say); err != nil {
		return made, err
	}
	return was.Made, restoreRows(ctx, folder, to, say)
}

func read(folder string) (was facts, err error) {
	text, err := os.ReadFile(filepath.Join(folder, about))
	if errors.Is(err, fs.ErrNotExist) {
		return was, fmt.Errorf("%s is no backup, or one that did not come to its end: %s is missing", folder, about)
	}
	if err != nil {
		return was, err
	}
	return was, json.Unmarshal(text, &was)
}

// mayHold makes the folder. One with other things in it is left alone.
func mayHold(folder string) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	for _, e := range entries {
		name := e.Name()
		if !slices.Contains([]string{about, database, contents, seal}, name) && !strings.HasPrefix(name, fresh) {
			return fmt.Errorf("%s has other things in it (%s): name an empty folder, or that of the last backup",
				folder, name)
		}
	}
	return nil
}

// keepSeal keeps the secret beside what it seals. One of the configuration is the administrator's to keep.
func keepSeal(file, folder string) error {
	key, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // nothing was sealed yet, or the configuration names it
	}
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, seal), key, 0o600)
}

// restoreSeal puts the secret back, unless there is another: what is sealed could not be read then.
func restoreSeal(folder, file string) error {
	key, err := os.ReadFile(filepath.Join(folder, seal))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	had, err := os.ReadFile(file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return os.WriteFile(file, key, 0o600)
	case err == nil && string(had) != string(key):
		return fmt.Errorf("%s is another than the backup's, with which others' passwords are sealed: move it "+
			"away first", file)
	}
	return err
}

// forget takes contents out of the backup that the company has no more, as it erased them.
func forget(ctx context.Context, from, to blob.Store) error {
	return to.Each(ctx, func(key string) error {
		_, err := from.Size(ctx, key)
		if errors.Is(err, fs.ErrNotExist) {
			return to.Delete(ctx, key)
		}
		return err
	})
}

func restoreContents(ctx context.Context, folder, place string, say func(string)) error {
	from, err := blob.Open(filepath.Join(folder, contents))
	if err != nil {
		return err
	}
	to, err := Contents(ctx, place)
	if err != nil {
		return err
	}
	return blob.Copy(ctx, from, to, say)
}

// Contents opens a store of contents that can be reached now.
func Contents(ctx context.Context, place string) (blob.Store, error) {
	b, err := blob.Open(place)
	if err == nil {
		err = b.Ping(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("blobs: %w", err)
	}
	return b, nil
}

// restoreRows copies the rows, of an older version too: a copy of the file is brought up to date, the backup stays.
func restoreRows(ctx context.Context, folder string, to Place, say func(string)) error {
	dir, err := os.MkdirTemp(to.Data, "restore-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	copied := filepath.Join(dir, database)
	if err := copyFile(filepath.Join(folder, database), copied); err != nil {
		return err
	}
	db, err := store.Open(ctx, "sqlite://"+copied)
	if err != nil {
		return err
	}
	if err := db.Close(); err != nil {
		return err
	}
	return store.Snapshot(ctx, "sqlite://"+copied, to.Database, say)
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}
