package blob

import (
	"context"
	"errors"
	"io"

	"github.com/minio/minio-go/v7"
)

// maxResumes is how often one Read asks again for bytes that don't come.
const maxResumes = 3

// reader reads an object by ranges: a seek costs no request, and a lost connection is resumed where it broke.
type reader struct {
	ctx       context.Context
	endpoints endpoints
	bucket    string
	name      string
	size      int64
	at        int64         // what the next Read returns
	body      io.ReadCloser // nil: none is open …
	from      int64         // … or its next byte …
	via       *endpoint     // … and where it comes from
}

// request opens the body at r.at and tells how much it has.
func (r *reader) request() (size int64, err error) {
	options := minio.GetObjectOptions{}
	if r.at > 0 {
		if err := options.SetRange(r.at, 0); err != nil { // to the end
			return 0, err
		}
	}
	err = r.endpoints.try(r.ctx, func(e *endpoint) error {
		body, info, _, err := e.GetObject(r.ctx, r.bucket, r.name, options)
		if err == nil {
			r.body, r.from, r.via, size = body, r.at, e, info.Size
		}
		return err
	})
	return size, err
}

func (r *reader) drop() {
	if r.body != nil {
		r.body.Close()
		r.body = nil
	}
}

func (r *reader) Read(p []byte) (n int, err error) {
	if len(p) == 0 {
		return 0, nil
	}
	for range maxResumes {
		if r.at >= r.size {
			return 0, io.EOF
		}
		if n, err = r.read(p); n > 0 {
			return n, nil
		}
		if r.ctx.Err() != nil || errors.Is(err, ErrAway) {
			return 0, err
		}
	}
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return 0, err
}

// read is one attempt; after an error the next one begins with a request.
func (r *reader) read(p []byte) (int, error) {
	if r.from != r.at {
		r.drop()
	}
	if r.body == nil {
		if _, err := r.request(); err != nil {
			return 0, err
		}
	}
	n, err := r.body.Read(p)
	r.at += int64(n)
	r.from = r.at
	if err != nil {
		r.drop()
	}
	if err != nil && err != io.EOF && r.ctx.Err() == nil {
		r.via.lose()
	}
	return n, err
}

func (r *reader) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += r.at
	case io.SeekEnd:
		offset += r.size
	}
	if offset < 0 {
		return 0, errors.New("seek before the beginning")
	}
	r.at = offset
	return offset, nil
}

func (r *reader) Close() error {
	r.drop()
	return nil
}
