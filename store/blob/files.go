package blob

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Files keeps blobs as files, in 256 folders by the first byte of the key.
type Files struct{ root string }

// NewFiles prepares the folders below root.
func NewFiles(root string) (*Files, error) {
	for i := range 256 {
		if err := os.MkdirAll(filepath.Join(root, fmt.Sprintf("%02x", i)), 0o700); err != nil {
			return nil, err
		}
	}
	if err := os.MkdirAll(filepath.Join(root, "tmp"), 0o700); err != nil {
		return nil, err
	}
	return &Files{root: root}, nil
}

func (b *Files) path(key string) (string, error) {
	if !keyForm.MatchString(key) {
		return "", fmt.Errorf("blob %q: %w", key, fs.ErrNotExist)
	}
	return filepath.Join(b.root, key[:2], key), nil
}

// Put writes a temporary file, syncs it, renames it to its key and syncs the folder.
func (b *Files) Put(ctx context.Context, r io.Reader) (string, int64, error) {
	tmp, err := os.CreateTemp(filepath.Join(b.root, "tmp"), "put-*")
	if err != nil {
		return "", 0, err
	}
	kept := false
	defer func() {
		tmp.Close()
		if !kept {
			os.Remove(tmp.Name())
		}
	}()
	sum := sha256.New()
	size, err := io.Copy(io.MultiWriter(tmp, sum), r)
	if err := errors.Join(err, ctx.Err()); err != nil {
		return "", 0, err
	}
	key := hex.EncodeToString(sum.Sum(nil))
	path := filepath.Join(b.root, key[:2], key)
	if err := tmp.Sync(); err != nil {
		return "", 0, err
	}
	if err := os.Rename(tmp.Name(), path); err != nil {
		return "", 0, err
	}
	kept = true
	return key, size, syncDir(filepath.Dir(path))
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

func (b *Files) Open(_ context.Context, key string) (io.ReadSeekCloser, error) {
	path, err := b.path(key)
	if err != nil {
		return nil, err
	}
	return os.Open(path)
}

func (b *Files) Size(_ context.Context, key string) (int64, error) {
	path, err := b.path(key)
	if err != nil {
		return 0, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

func (b *Files) Delete(_ context.Context, key string) error {
	path, err := b.path(key)
	if err != nil {
		return nil
	}
	if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func (b *Files) Each(ctx context.Context, fn func(key string) error) error {
	return filepath.WalkDir(b.root, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !keyForm.MatchString(entry.Name()) {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		return fn(entry.Name())
	})
}

// Tidy removes temporary files.
func (b *Files) Tidy(ctx context.Context, age time.Duration) (removed int, err error) {
	entries, err := os.ReadDir(filepath.Join(b.root, "tmp"))
	for i := 0; i < len(entries) && err == nil; i++ {
		var info fs.FileInfo
		if info, err = entries[i].Info(); err == nil && time.Since(info.ModTime()) > age {
			if err = os.Remove(filepath.Join(b.root, "tmp", entries[i].Name())); err == nil {
				removed++
			}
		}
		if errors.Is(err, fs.ErrNotExist) { // its Put has ended
			err = nil
		}
		err = errors.Join(err, ctx.Err())
	}
	return removed, err
}

// Ping makes a file and removes it: a full or read-only disk is noticed.
func (b *Files) Ping(context.Context) error {
	file, err := os.CreateTemp(filepath.Join(b.root, "tmp"), "ping-*")
	if err != nil {
		return err
	}
	return errors.Join(file.Close(), os.Remove(file.Name()))
}
