package store

import (
	"testing"
	"time"

	"frontdesk/testwait"
)

// What is committed reaches the database file without the writer's doing, so that its log can begin anew.
func TestCheckpointBesideTheWriter(t *testing.T) {
	db := openTest(t)
	if _, err := db.Exec(t.Context(), `INSERT INTO setting (name, value) VALUES ('a', '1')`); err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(testwait.Limit)
	for tick := time.NewTicker(50 * time.Millisecond); ; <-tick.C {
		var busy, pages, copied int
		if err := db.write.QueryRowContext(t.Context(), `PRAGMA wal_checkpoint(NOOP)`).Scan(&busy, &pages,
			&copied); err != nil {
			t.Fatal(err)
		}
		if pages == copied {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d of %d pages are copied", copied, pages)
		}
	}
}
