package sweep

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"frontdesk/store"
	"frontdesk/store/blob"
	"frontdesk/store/storetest"
)

// stuck is a store whose deletions fail while it says so.
type stuck struct {
	blob.Store
	failing error
	deleted []string
}

func (s *stuck) Delete(_ context.Context, key string) error {
	if s.failing == nil {
		s.deleted = append(s.deleted, key)
	}
	return s.failing
}

// Size answers for a content that is there.
func (s *stuck) Size(context.Context, string) (int64, error) { return 1, nil }

// A content goes once its time is over and nothing needs it; a deletion that failed is begun again after an hour, by
// whom it may be; and who stores a message meanwhile is told.
func TestSweep(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		blobs := &stuck{}
		s := New(db, blobs, slog.New(slog.DiscardHandler))
		sweep := func(age time.Duration, want int) error {
			t.Helper()
			n, err := s.Sweep(t.Context(), age, func(_ context.Context, key string) (bool, error) {
				return key == "queued", nil
			})
			if n != want {
				t.Errorf("%d deleted, want %d, %v", n, want, err)
			}
			return err
		}
		keep := func(key string) error {
			return db.Tx(t.Context(), func(tx *store.Tx) error { return s.Keep(t.Context(), tx, []string{key}) })
		}
		for _, key := range []string{"lost", "queued"} {
			s.Unclaimed(key)
		}
		sweep(time.Hour, 0) // too young
		blobs.failing = errors.New("the store is away")
		if err := sweep(-time.Second, 0); !errors.Is(err, blobs.failing) {
			t.Errorf("a store that is away: %v", err)
		}
		if err := keep("lost"); !errors.Is(err, ErrSwept) {
			t.Errorf("a message with what is being deleted: %v", err)
		}
		blobs.failing = nil
		if err := sweep(-time.Second, 0); err != nil {
			t.Errorf("who deletes it may still be at it: %v", err)
		}
		if _, err := db.Exec(t.Context(), `UPDATE mail_dropped SET swept_at = swept_at - $1 WHERE swept_at > 0`,
			(2 * abandonedFor).Microseconds()); err != nil {
			t.Fatal(err)
		}
		if err := sweep(-time.Second, 1); err != nil || len(blobs.deleted) != 1 || blobs.deleted[0] != "lost" {
			t.Errorf("deleted %v, %v", blobs.deleted, err)
		}
		if err := keep("lost"); err != nil {
			t.Errorf("put again: %v", err)
		}
	})
}
