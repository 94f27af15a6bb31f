package domain

import (
	"testing"
	"time"

	"frontdesk/store"
	"frontdesk/store/storetest"
)

// Which domains are ours is asked once for many mails, and again after a moment.
func TestOursLately(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		b := newBook(db)
		lately := func(want bool) {
			t.Helper()
			if ours, err := b.OursLately(t.Context(), "New.example"); err != nil || ours != want {
				t.Errorf("ours: %v, %v; want %v", ours, err, want)
			}
		}
		lately(false)
		if _, err := b.CreateDomain(t.Context(), "new.example"); err != nil {
			t.Fatal(err)
		}
		b.lately.until = time.Now().Add(time.Hour)
		lately(false)
		if ours, err := b.Ours(t.Context(), "new.example"); err != nil || !ours {
			t.Errorf("asked anew: %v, %v", ours, err)
		}
		b.lately.until = time.Now()
		lately(true)
	})
}
