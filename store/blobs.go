package store

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
	"regexp"
	"strings"
	"time"
)

// Blobs keeps large immutable contents under the SHA-256 (hex) of their bytes.
type Blobs interface {
	// Put stores what r yields and returns its key. When it returns, the content survives a crash.
	Put(ctx context.Context, r io.Reader) (key string, size int64, err error)
	// Open reads a blob; an unknown key is fs.ErrNotExist. The end of ctx may end the reading.
	Open(ctx context.Context, key string) (io.ReadSeekCloser, error)
	// Size of a blob in bytes; an unknown key is fs.ErrNotExist.
	Size(ctx context.Context, key string) (int64, error)
	// Delete removes a blob; an unknown key is no error.
	Delete(ctx context.Context, key string) error
	// Each calls fn with every key until fn fails.
	Each(ctx context.Context, fn func(key string) error) error
	// Tidy removes what Puts that were broken off, as by a crash, left behind more than age ago.
	Tidy(ctx context.Context, age time.Duration) (removed int, err error)
	// Ping fails when contents can't be stored now.
	Ping(ctx context.Context) error
}

// OpenBlobs opens the store at a place: s3://… (see ParseS3) or a folder. An S3 store that is away is no error: it may
// come back.
func OpenBlobs(place string) (Blobs, error) {
	scheme, _, isURL := strings.Cut(place, "://")
	if !isURL {
		return NewFileBlobs(place)
	}
	if scheme != "s3" {
		return nil, fmt.Errorf("contents are kept in a folder or at s3://…, not at %s://…", scheme)
	}
	c, err := ParseS3(place)
	if err != nil {
		return nil, err
	}
	return NewS3Blobs(c)
}

// FileBlobs keeps blobs as files, in 256 folders by the first byte of the key.
type FileBlobs struct{ root string }

// NewFileBlobs prepares the folders below root.
func NewFileBlobs(root string) (*FileBlobs, error) {
	for i := range 256 {
		if err := os.MkdirAll(filepath.Join(root, fmt.Sprintf("%02x", i)), 0o700); err != nil {
			return nil, err
		}
	}
	if err := os.MkdirAll(filepath.Join(root, "tmp"), 0o700); err != nil {
		return nil, err
	}
	return &FileBlobs{root: root}, nil
}

var blobKey = regexp.MustCompile(`^[0-9a-f]{64}$`)

func (b *FileBlobs) path(key string) (string, error) {
	if !blobKey.MatchString(key) {
		return "", fmt.Errorf("blob %q: %w", key, fs.ErrNotExist)
	}
	return filepath.Join(b.root, key[:2], key), nil
}

// Put writes a temporary file, syncs it, renames it to its key and syncs the folder.
func (b *FileBlobs) Put(ctx context.Context, r io.Reader) (string, int64, error) {
	tmp, err := os.OpenFile(filepath.Join(b.root, "tmp", NewID()), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
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

func (b *FileBlobs) Open(_ context.Context, key string) (io.ReadSeekCloser, error) {
	path, err := b.path(key)
	if err != nil {
		return nil, err
	}
	return os.Open(path)
}

func (b *FileBlobs) Size(_ context.Context, key string) (int64, error) {
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

func (b *FileBlobs) Delete(_ context.Context, key string) error {
	path, err := b.path(key)
	if err != nil {
		return nil
	}
	if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func (b *FileBlobs) Each(ctx context.Context, fn func(key string) error) error {
	return filepath.WalkDir(b.root, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !blobKey.MatchString(entry.Name()) {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		return fn(entry.Name())
	})
}

// Tidy removes temporary files.
func (b *FileBlobs) Tidy(ctx context.Context, age time.Duration) (removed int, err error) {
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
func (b *FileBlobs) Ping(context.Context) error {
	file, err := os.CreateTemp(filepath.Join(b.root, "tmp"), "ping-*")
	if err != nil {
		return err
	}
	return errors.Join(file.Close(), os.Remove(file.Name()))
}
