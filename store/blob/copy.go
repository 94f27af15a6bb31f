package blob

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"sync"
	"sync/atomic"
)

// copiers read and write at the same time.
const copiers = 8

// Copy puts every blob of one store into another. What is there already is left, so it can be run again after an
// error. A blob whose bytes are no longer those of its key is not copied, and named in the error.
func Copy(ctx context.Context, from, to Store, say func(line string)) error {
	var all, copied atomic.Int64
	say = oneByOne(say)
	err := eachBlob(ctx, from, func(ctx context.Context, key string) error {
		if n := all.Add(1); n%10_000 == 0 {
			say(fmt.Sprintf("        %9d blobs so far", n))
		}
		fresh, err := copyBlob(ctx, from, to, key)
		if fresh {
			copied.Add(1)
		}
		return err
	})
	say(fmt.Sprintf("%d blobs, of which %d were copied now and the others were there.", all.Load(), copied.Load()))
	return err
}

func copyBlob(ctx context.Context, from, to Store, key string) (copied bool, err error) {
	if err := sameBlob(ctx, from, to, key); err == nil || !errors.Is(err, errOther) {
		return false, err
	}
	r, err := from.Open(ctx, key)
	if err != nil {
		return false, fmt.Errorf("blob %s: %w", key, err)
	}
	defer r.Close()
	got, _, err := to.Put(ctx, r)
	if err == nil && got != key {
		err = errors.New("its bytes have changed in the source: restore it from a backup")
	}
	if err != nil {
		return false, fmt.Errorf("blob %s: %w", key, err)
	}
	return true, nil
}

// Compare tells whether every blob of from is in to, with the same size.
func Compare(ctx context.Context, from, to Store, say func(line string)) error {
	var all, other atomic.Int64
	say = oneByOne(say)
	err := eachBlob(ctx, from, func(ctx context.Context, key string) error {
		all.Add(1)
		err := sameBlob(ctx, from, to, key)
		if errors.Is(err, errOther) {
			other.Add(1)
			say(fmt.Sprintf("blob %s: %v", key, err))
			return nil
		}
		return err
	})
	if err == nil && other.Load() > 0 {
		err = fmt.Errorf("%d of %d blobs differ", other.Load(), all.Load())
	}
	if err == nil {
		say(fmt.Sprintf("All %d blobs are there.", all.Load()))
	}
	return err
}

var errOther = errors.New("it is missing in the target or has another size there")

func sameBlob(ctx context.Context, from, to Store, key string) error {
	want, err := from.Size(ctx, key)
	if err != nil {
		return fmt.Errorf("blob %s: %w", key, err)
	}
	got, err := to.Size(ctx, key)
	if errors.Is(err, fs.ErrNotExist) || err == nil && got != want {
		return errOther
	}
	return err
}

// eachBlob calls fn from copiers goroutines; the first error ends all.
func eachBlob(ctx context.Context, b Store, fn func(ctx context.Context, key string) error) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	keys := make(chan string)
	var work sync.WaitGroup
	for range copiers {
		work.Go(func() {
			for key := range keys {
				if err := fn(ctx, key); err != nil {
					stop(err)
					return
				}
			}
		})
	}
	err := b.Each(ctx, func(key string) error {
		select {
		case keys <- key:
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	})
	close(keys)
	work.Wait()
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return err
}

// oneByOne lets many goroutines say something.
func oneByOne(say func(string)) func(string) {
	var mu sync.Mutex
	return func(line string) {
		mu.Lock()
		defer mu.Unlock()
		say(line)
	}
}
