package queue

import (
	"strings"
	"testing"

	"frontdesk/mail/bounce"
	"frontdesk/store"
	"frontdesk/store/storetest"
)

// An address that its server says does not exist is asked for once; the next mail comes back at once, until somebody
// has
// it tried again.
func TestDeadAddresses(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		far := newPeer(t, nil)
		far.refuse = func(rcpt string, attempt int) error {
			if attempt == 1 && strings.HasPrefix(rcpt, "gone") {
				return gone
			}
			return nil
		}
		list := bounce.New(db)
		o := newOffice(t, db, Config{Dead: list}, far)
		notices := func(n int) {
			t.Helper()
			eventually(t, "a notice", func() bool { return len(o.in(t, o.anna, "INBOX")) == n && len(o.list(t)) == 0 })
		}
		o.send(t, "gone@far.test", "carl@far.test")
		notices(1)
		if e, found, err := list.Find(t.Context(), "gone@far.test"); !found || err != nil || e.Status != "5.1.1" {
			t.Errorf("%+v %v %v", e, found, err)
		}
		o.send(t, "gone@far.test", "carl@far.test")
		notices(2)
		if got := far.got(); len(got) != 2 || strings.Join(got[1].to, " ") != "carl@far.test" {
			t.Errorf("sent %+v", got)
		}
		if raw := o.raw(t, o.in(t, o.anna, "INBOX")[0].ID); !strings.Contains(raw, "nothing is sent to this address") {
			t.Errorf("notice:\n%s", raw)
		}
		if err := list.Release(t.Context(), "gone@far.test"); err != nil {
			t.Fatal(err)
		}
		o.send(t, "gone@far.test")
		eventually(t, "tried again", func() bool { return len(far.got()) == 3 })
	})
}
