package blob

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
)

// askFirst is from which size on Put asks whether a content is there already; a smaller one is sent as fast as asked
// for.
const askFirst = 256 << 10

// onePart is up to which size a content is sent in one request.
const onePart = 16 << 20

// S3 keeps blobs as objects of a bucket. Any number of nodes may share one. Where the store has several endpoints,
// the first that answers is used, and one that was lost is tried again after a while.
type S3 struct {
	endpoints endpoints
	bucket    string
	prefix    string
}

// NewS3 makes no request: Ping tells whether the bucket can be reached.
func NewS3(c S3Config) (*S3, error) {
	b := &S3{bucket: c.Bucket, prefix: c.Prefix}
	for _, host := range c.Endpoints {
		e, err := newEndpoint(host, c)
		if err != nil {
			return nil, err
		}
		b.endpoints = append(b.endpoints, e)
	}
	return b, nil
}

// name of a blob's object.
func (b *S3) name(key string) (string, error) {
	if !keyForm.MatchString(key) {
		return "", fmt.Errorf("blob %q: %w", key, fs.ErrNotExist)
	}
	return b.prefix + key, nil
}

// known turns the store's "no such key" into fs.ErrNotExist.
func known(key string, err error) error {
	if err != nil && minio.ToErrorResponse(err).Code == minio.NoSuchKey {
		return fmt.Errorf("blob %s: %w", key, fs.ErrNotExist)
	}
	return err
}

// Put reads all of r before it sends: the key is the hash of the content.
func (b *S3) Put(ctx context.Context, r io.Reader) (string, int64, error) {
	var content Spool
	defer content.Close()
	sum := sha256.New()
	_, err := io.Copy(io.MultiWriter(&content, sum), r)
	if err := errors.Join(err, ctx.Err()); err != nil {
		return "", 0, err
	}
	key := hex.EncodeToString(sum.Sum(nil))
	if err := b.endpoints.try(ctx, func(e *endpoint) error { return b.send(ctx, e, key, &content) }); err != nil {
		return "", 0, fmt.Errorf("blob %s: %w", key, err)
	}
	return key, content.Size(), nil
}

func (b *S3) send(ctx context.Context, e *endpoint, key string, content *Spool) error {
	if content.Size() > askFirst {
		_, err := e.StatObject(ctx, b.bucket, b.prefix+key, minio.StatObjectOptions{})
		if err == nil || !errors.Is(known(key, err), fs.ErrNotExist) {
			return err
		}
	}
	options := minio.PutObjectOptions{ContentType: "application/octet-stream"}
	if content.Size() > onePart {
		_, err := e.Client.PutObject(ctx, b.bucket, b.prefix+key, content.Reader(), content.Size(), options)
		return err
	}
	options.DisableContentSha256 = true // as it is known: the server compares what came with it
	_, err := e.PutObject(ctx, b.bucket, b.prefix+key, content.Reader(), content.Size(), "", key, options)
	return err
}

// Open reads a blob over any number of lost connections. The end of ctx is the end of the reading.
func (b *S3) Open(ctx context.Context, key string) (io.ReadSeekCloser, error) {
	name, err := b.name(key)
	if err != nil {
		return nil, err
	}
	r := &reader{ctx: ctx, endpoints: b.endpoints, bucket: b.bucket, name: name}
	if r.size, err = r.request(); err != nil {
		return nil, known(key, err)
	}
	return r, nil
}

func (b *S3) Size(ctx context.Context, key string) (size int64, err error) {
	name, err := b.name(key)
	if err != nil {
		return 0, err
	}
	err = b.endpoints.try(ctx, func(e *endpoint) error {
		info, err := e.StatObject(ctx, b.bucket, name, minio.StatObjectOptions{})
		size = info.Size
		return err
	})
	return size, known(key, err)
}

func (b *S3) Delete(ctx context.Context, key string) error {
	name, err := b.name(key)
	if err != nil {
		return nil
	}
	err = b.endpoints.try(ctx, func(e *endpoint) error {
		return e.RemoveObject(ctx, b.bucket, name, minio.RemoveObjectOptions{})
	})
	if err = known(key, err); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// Each goes on after the last key where an endpoint is lost.
func (b *S3) Each(ctx context.Context, fn func(key string) error) error {
	var last string
	var stopped error
	err := b.endpoints.try(ctx, func(e *endpoint) error {
		for object := range e.ListObjectsIter(ctx, b.bucket,
			minio.ListObjectsOptions{Prefix: b.prefix, Recursive: true, StartAfter: last}) {
			if object.Err != nil {
				return object.Err
			}
			last = object.Key
			if key := strings.TrimPrefix(object.Key, b.prefix); keyForm.MatchString(key) {
				if stopped = fn(key); stopped != nil {
					return nil
				}
			}
		}
		return ctx.Err()
	})
	return cmp.Or(stopped, err)
}

// Tidy aborts uploads in parts.
func (b *S3) Tidy(ctx context.Context, age time.Duration) (removed int, err error) {
	err = b.endpoints.try(ctx, func(e *endpoint) error {
		for key, upload := "", ""; ; {
			list, err := e.ListMultipartUploads(ctx, b.bucket, b.prefix, key, upload, "", 1000)
			if err != nil {
				return err
			}
			for _, u := range list.Uploads {
				if time.Since(u.Initiated) <= age || !keyForm.MatchString(strings.TrimPrefix(u.Key, b.prefix)) {
					continue
				}
				if err := e.AbortMultipartUpload(ctx, b.bucket, u.Key, u.UploadID); err != nil &&
					minio.ToErrorResponse(err).Code != minio.NoSuchUpload {
					return err
				}
				removed++
			}
			if key, upload = list.NextKeyMarker, list.NextUploadIDMarker; !list.IsTruncated {
				return nil
			}
		}
	})
	return removed, err
}

func (b *S3) Ping(ctx context.Context) error {
	var there bool
	err := b.endpoints.try(ctx, func(e *endpoint) (err error) {
		there, err = e.BucketExists(ctx, b.bucket)
		return err
	})
	if err == nil && !there {
		return fmt.Errorf("the store has no bucket %q: make it first", b.bucket)
	}
	return err
}
