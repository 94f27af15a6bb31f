package blob

import (
	"bytes"
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

// knownWhole is how large a content may be to be read before its file is made, in the folder it stays in: where many
// make files in one folder at once, each waits for the others.
const knownWhole = 1 << 20

// Put writes a temporary file, syncs it, renames it to its key and syncs the folder.
func (b *Files) Put(ctx context.Context, r io.Reader) (string, int64, error) {
	var head bytes.Buffer
	if sized, ok := r.(interface{ Len() int }); ok {
		head.Grow(min(sized.Len(), knownWhole) + bytes.MinRead)
	}
	if _, err := head.ReadFrom(io.LimitReader(r, knownWhole+1)); err != nil {
		return "", 0, err
	}
	if head.Len() > knownWhole {
		return b.write(ctx, "tmp", func(tmp *os.File) ([]byte, int64, error) {
			sum := sha256.New()
			size, err := io.Copy(io.MultiWriter(tmp, sum), io.MultiReader(&head, r))
			return sum.Sum(nil), size, err
		})
	}
	sum := sha256.Sum256(head.Bytes())
	return b.write(ctx, hex.EncodeToString(sum[:1]), func(tmp *os.File) ([]byte, int64, error) {
		n, err := tmp.Write(head.Bytes())
		return sum[:], int64(n), err
	})
}

// write is Put of what fill writes, whose hash and size it tells, by way of a folder.
func (b *Files) write(ctx context.Context, folder string,
	fill func(tmp *os.File) (sum []byte, size int64, err error)) (key string, size int64, err error) {
	tmp, err := os.CreateTemp(filepath.Join(b.root, folder), "put-*")
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
	sum, size, err := fill(tmp)
	if err := errors.Join(err, ctx.Err()); err != nil {
		return "", 0, err
	}
	key = hex.EncodeToString(sum)
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
	err = filepath.WalkDir(b.root, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && !keyForm.MatchString(entry.Name()) {
			var gone bool
			if gone, err = removeOlder(path, entry, age); gone {
				removed++
			}
		}
		if errors.Is(err, fs.ErrNotExist) { // its Put has ended
			err = nil
		}
		return errors.Join(err, ctx.Err())
	})
	return removed, err
}

func removeOlder(path string, entry fs.DirEntry, age time.Duration) (bool, error) {
	info, err := entry.Info()
	if err != nil || time.Since(info.ModTime()) <= age {
		return false, err
	}
	err = os.Remove(path)
	return err == nil, err
}

// Ping makes a file and removes it: a full or read-only disk is noticed.
func (b *Files) Ping(context.Context) error {
	file, err := os.CreateTemp(filepath.Join(b.root, "tmp"), "ping-*")
	if err != nil {
		return err
	}
	return errors.Join(file.Close(), os.Remove(file.Name()))
}
