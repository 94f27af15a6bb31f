package mail

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/mail/mime"
	"frontdesk/mail/sweep"
	"frontdesk/store"
	"frontdesk/store/blob"
	"frontdesk/store/storetest"
)

// slowBlobs is a store that lets something happen, or fails, while it deletes.
type slowBlobs struct {
	blob.Store
	deleting func() error // before it
	after    error        // instead of its success
}

func (s *slowBlobs) Delete(ctx context.Context, key string) error {
	if s.deleting != nil {
		if err := s.deleting(); err != nil {
			return err
		}
	}
	return errors.Join(s.Store.Delete(ctx, key), s.after)
}

// put stores a content, without its message.
func (o *office) put(text string) Addition {
	o.t.Helper()
	blob, size, err := o.PutBlob(o.t.Context(), strings.NewReader(text))
	if err != nil {
		o.t.Fatal(err)
	}
	parsed, err := mime.Parse(strings.NewReader(text))
	if err != nil {
		o.t.Fatal(err)
	}
	return Addition{Mailbox: o.ana.ID, Folder: "Archive", Blob: blob, Size: size, Parsed: parsed}
}

func (o *office) append(a Addition) {
	o.t.Helper()
	if _, err := o.Append(o.t.Context(), a); err != nil {
		o.t.Fatal(err)
	}
}

// empty removes all that is in the archive.
func (o *office) empty() {
	o.t.Helper()
	f := o.folder(o.ana, "Archive")
	all, err := allUIDs(o.t.Context(), o.db, f.ID)
	if err != nil {
		o.t.Fatal(err)
	}
	if _, err := o.ChangeFlags(o.t.Context(), f, all, AddFlags, Flags{Deleted: true}); err != nil {
		o.t.Fatal(err)
	}
	if _, err := o.Expunge(o.t.Context(), f, nil); err != nil {
		o.t.Fatal(err)
	}
}

// heads is how many contents have a head beside them.
func (o *office) heads() (n int) {
	o.t.Helper()
	if err := o.db.QueryRow(o.t.Context(), `SELECT count(*) FROM mail_head`).Scan(&n); err != nil {
		o.t.Fatal(err)
	}
	return n
}

func (o *office) sweep(want int) {
	o.t.Helper()
	if n, err := o.Sweep(o.t.Context(), -time.Second, nil); err != nil || n != want {
		o.t.Errorf("swept %d, want %d, %v", n, want, err)
	}
}

// there tells whether every stored message can be read.
func (o *office) there() {
	o.t.Helper()
	rows, err := o.db.Query(o.t.Context(), `SELECT DISTINCT blob FROM mail_message`)
	blobs, err := store.Collect(rows, err, one[string])
	if err != nil {
		o.t.Fatal(err)
	}
	for _, blob := range blobs {
		r, err := o.blobs.Open(o.t.Context(), blob)
		if err != nil {
			o.t.Errorf("a message has lost its content: %v", err)
			continue
		}
		io.Copy(io.Discard, r)
		r.Close()
	}
}

const draft = "Subject: Draft\r\n\r\nThe same bytes, again and again.\r\n"

func TestSweepSparesWhatComesBack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		o.append(o.put(draft))
		o.sweep(0)
		o.empty()
		if n, err := o.Sweep(t.Context(), time.Hour, nil); err != nil || n != 0 {
			t.Errorf("swept %d before its time, %v", n, err)
		}
		o.append(o.put(draft)) // it comes back in time
		o.sweep(0)
		o.there()
		o.empty()
		if n, err := o.Sweep(t.Context(), -time.Second,
			func(context.Context, string) (bool, error) { return true, nil }); err != nil || n != 0 {
			t.Errorf("swept %d that another room needs, %v", n, err)
		}
		o.append(o.put(draft))
		o.empty()
		if n := o.heads(); n != 1 {
			t.Errorf("%d heads, not that of the draft", n)
		}
		o.sweep(1)
		if n := o.heads(); n != 0 {
			t.Errorf("%d heads of what is gone", n)
		}
		o.sweep(0)
		if _, err := o.blobs.Size(t.Context(), o.put("x").Blob); err != nil {
			t.Error(err)
		}
		o.append(o.put(draft)) // it comes back late, and is stored again
		o.there()
		o.sweep(0)
		o.there()
	})
}

// Another node has put the content and not yet committed its message when the sweep deletes it.
func TestSweepBetweenPutAndMessage(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		slow := &slowBlobs{Store: o.blobs}
		o.blobs = slow
		o.Sweeper = sweep.New(db, slow, o.log)
		other := &office{Box: New(Config{}, db, slow.Store, slog.New(slog.DiscardHandler), prometheus.NewRegistry()),
			t: t, db: db, ana: o.ana}
		o.append(o.put(draft))
		o.empty()
		put := other.put(draft)
		slow.deleting = func() error {
			if _, err := other.Append(t.Context(), put); !errors.Is(err, sweep.ErrSwept) {
				t.Errorf("a message with a content that is being deleted: %v", err)
			}
			return nil
		}
		o.sweep(1)
		if _, err := other.Append(t.Context(), put); !errors.Is(err, sweep.ErrSwept) {
			t.Errorf("a message with a content that was deleted: %v", err)
		}
		if f := o.folder(o.ana, "Archive"); f.Total != 0 {
			t.Errorf("%d messages without content", f.Total)
		}
		other.append(other.put(draft))
		slow.deleting = nil
		o.sweep(0)
		o.there()
	})
}

// A deletion whose outcome nobody wrote down: its node died, or the store did not answer.
func TestSweepGoesOnAfterAFailure(t *testing.T) {
	for what, broken := range map[string]slowBlobs{"not deleted": {deleting: func() error { return blob.ErrAway }},
		"deleted": {after: blob.ErrAway}} {
		t.Run(what, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, db *store.DB) { sweepTwice(t, db, broken) })
		})
	}
}

func sweepTwice(t *testing.T, db *store.DB, broken slowBlobs) {
	o := newOffice(t, db)
	whole := o.blobs
	broken.Store = whole
	o.append(o.put(draft))
	o.empty()
	o.Sweeper = sweep.New(db, &broken, o.log)
	if _, err := o.Sweep(t.Context(), -time.Second, nil); !errors.Is(err, blob.ErrAway) {
		t.Errorf("the store is away: %v", err)
	}
	o.Sweeper = sweep.New(db, whole, o.log)
	o.sweep(0) // its node may still be at it
	if _, err := o.Append(t.Context(), o.put(draft)); !errors.Is(err, sweep.ErrSwept) {
		t.Errorf("a message with a content that may be deleted any moment: %v", err)
	}
	o.later(`swept_at = swept_at - $1`, time.Hour)
	o.sweep(1)
	o.later(`gone_at = gone_at - $1`, 24*time.Hour)
	o.sweep(0)
	var left int
	if err := db.QueryRow(t.Context(), `SELECT count(*) FROM mail_dropped`).Scan(&left); err != nil || left != 0 {
		t.Errorf("%d rows are left, %v", left, err)
	}
	o.append(o.put(draft))
	o.there()
}

// later lets time pass for what the sweep noted.
func (o *office) later(change string, by time.Duration) {
	o.t.Helper()
	if _, err := o.db.Exec(o.t.Context(), `UPDATE mail_dropped SET `+change, by.Microseconds()); err != nil {
		o.t.Fatal(err)
	}
}

// Two nodes store, expunge and sweep the same few contents with all their might: no message ever lacks its content.
func TestSweepsOfManyNodes(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		var work sync.WaitGroup
		for node := range 2 {
			box := New(Config{}, db, o.blobs, slog.New(slog.DiscardHandler), prometheus.NewRegistry())
			mine := &office{Box: box, t: t, db: db,
				ana: o.create(Mailbox{Address: fmt.Sprintf("node%d@acme.example", node), Users: []string{"u-ana"}})}
			for worker := range 2 {
				work.Go(func() {
					for i := range 40 {
						a := mine.put(fmt.Sprintf("Subject: %d\r\n\r\n.\r\n", (i+worker)%3))
						if _, err := mine.Append(t.Context(), a); err != nil && !errors.Is(err, sweep.ErrSwept) {
							t.Error(err)
						}
						if i%4 == 3 {
							mine.empty()
						}
						if _, err := mine.Sweep(t.Context(), -time.Second, nil); err != nil {
							t.Error(err)
						}
					}
				})
			}
		}
		work.Wait()
		o.there()
	})
}
