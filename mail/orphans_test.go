package mail

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"testing"

	"frontdesk/mail/sweep"
	"frontdesk/store"
	"frontdesk/store/blob"
	"frontdesk/store/storetest"
)

// A node died between the storing of a content and its message: the content goes, in its time. Nothing else does, on
// files and on S3.
func TestOrphans(t *testing.T) {
	storetest.EachBlobs(t, func(t *testing.T, blobs blob.Store) {
		storetest.Each(t, func(t *testing.T, db *store.DB) {
			o := newOffice(t, db)
			o.blobs = blobs
			o.Sweeper = sweep.New(db, blobs, o.log)
			what := t.Name() // the two databases share one store
			orphan, out, coming := o.put("Subject: orphan "+what+"\r\n\r\n.\r\n"),
				o.put("Subject: out "+what+"\r\n\r\n.\r\n"), o.put("Subject: coming "+what+"\r\n\r\n.\r\n")
			o.append(o.put("Subject: kept " + what + "\r\n\r\n.\r\n"))
			inQueue := func(_ context.Context, blob string) (bool, error) { return blob == out.Blob, nil }
			if _, err := o.FindOrphans(t.Context(), inQueue); err != nil {
				t.Fatal(err)
			}
			var noted int
			if err := db.QueryRow(t.Context(), `SELECT count(*) FROM mail_dropped WHERE blob IN ($1, $2, $3)`,
				orphan.Blob, out.Blob, coming.Blob).Scan(&noted); err != nil || noted != 2 {
				t.Errorf("%d noted, %v", noted, err)
			}
			if n, err := o.FindOrphans(t.Context(), inQueue); err != nil || n != 0 {
				t.Errorf("found %d again, %v", n, err)
			}
			o.append(coming) // its delivery was slow
			if _, err := o.Sweep(t.Context(), -1, inQueue); err != nil {
				t.Fatal(err)
			}
			if _, err := blobs.Size(t.Context(), orphan.Blob); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("the orphan is still there: %v", err)
			}
			for _, a := range []Addition{out, coming} {
				if _, err := blobs.Size(t.Context(), a.Blob); err != nil {
					t.Errorf("gone: %v", err)
				}
			}
			o.there()
		})
	})
}

// A store that is another installation's, too, or whose database is an older copy, is left alone.
func TestOrphansOfAnother(t *testing.T) {
	o := newOffice(t, storetest.SQLite(t))
	for i := range 1001 { // so many a store of its own never has
		o.put(fmt.Sprintf("Subject: %d\r\n\r\n.\r\n", i))
	}
	if n, err := o.FindOrphans(t.Context(), nil); !errors.Is(err, sweep.ErrForeign) || n != 0 {
		t.Errorf("%d, %v", n, err)
	}
	var noted int
	if err := o.db.QueryRow(t.Context(), `SELECT count(*) FROM mail_dropped`).Scan(&noted); err != nil || noted != 0 {
		t.Errorf("%d noted, %v", noted, err)
	}
}
