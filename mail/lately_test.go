package mail

import (
	"errors"
	"testing"
	"time"

	"frontdesk/store"
	"frontdesk/store/storetest"
)

// Which domains are ours is asked once for many mails, and again after a moment; mail for a new one is taken at once.
func TestOursLately(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		lately := func(want bool) {
			t.Helper()
			if ours, err := o.OursLately(t.Context(), "New.example"); err != nil || ours != want {
				t.Errorf("ours: %v, %v; want %v", ours, err, want)
			}
		}
		lately(false)
		_, err := o.db.Exec(t.Context(), `INSERT INTO mail_domain (name, selector, dkim_key, created_at) VALUES ('new.example', '', '', $1)`,
			store.Micros(time.Now()))
		if err != nil {
			t.Fatal(err)
		}
		o.Box.lately.until = time.Now().Add(time.Hour)
		lately(false)
		if ours, err := o.Ours(t.Context(), "new.example"); err != nil || !ours {
			t.Errorf("asked anew: %v, %v", ours, err)
		}
		if _, err := o.Resolve(t.Context(), "x@new.example"); !errors.Is(err, ErrNoMailbox) {
			t.Errorf("a mailbox of it: %v", err)
		}
		o.Box.lately.until = time.Now()
		lately(true)
	})
}
