package queue

import (
	"context"
	"strings"
	"testing"

	"frontdesk/mail"
	"frontdesk/mail/carbon"
	"frontdesk/store"
	"frontdesk/store/storetest"
)

// A user's address for copies among the recipients of what he sends from here changes nothing: the mail goes to the
// others and stands in Sent once, which the CRM is told of, and nothing comes back.
func TestFilingAddressAmongRecipients(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		far := newPeer(t, nil)
		var book *carbon.Book
		o := newOffice(t, db, Config{Files: func(ctx context.Context, address string) (bool, error) {
			owner, err := book.Owner(ctx, address)
			return owner != "", err
		}}, far)
		book = carbon.New(carbon.Config{}, db, o.box)
		place, err := book.Renew(t.Context(), "u-anna")
		if err != nil {
			t.Fatal(err)
		}
		o.send(t, "carl@far.test", strings.ToUpper(place.Address))
		eventually(t, "sent", func() bool { return len(far.got()) == 1 && len(o.list(t)) == 0 })
		if m := far.got()[0]; len(m.to) != 1 || m.to[0] != "carl@far.test" {
			t.Errorf("to %v", m.to)
		}
		if inbox := o.in(t, o.anna, "INBOX"); len(inbox) != 0 {
			t.Errorf("came back: %+v", inbox)
		}
		if sent := o.in(t, o.anna, "Sent"); len(sent) != 1 {
			t.Errorf("in Sent: %+v", sent)
		}
		var told int
		err = db.QueryRow(t.Context(), `SELECT COUNT(*) FROM job WHERE kind = $1`, mail.IntakeJob).Scan(&told)
		if err != nil || told != 1 {
			t.Errorf("the CRM is told %d times, %v", told, err)
		}
	})
}
