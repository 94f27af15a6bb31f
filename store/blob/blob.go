// Package blob keeps contents that never change under the hash of their bytes, in files or in an S3 store.
package blob

import (
	"context"
	"errors"
	"io"
	"regexp"
	"time"
)

// Store keeps large immutable contents under the SHA-256 (hex) of their bytes.
type Store interface {
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

var keyForm = regexp.MustCompile(`^[0-9a-f]{64}$`)

// ErrAway: the contents can't be reached now. It may be different in a moment.
var ErrAway = errors.New("the store of contents can't be reached")
