package voicemail

import (
	"context"
	"strings"
	"testing"
	"time"

	"frontdesk/store"
	"frontdesk/store/blob"
	"frontdesk/store/storetest"
)

// Messages count as new until somebody hears them; the box is told of each change once.
func TestHeard(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		blobs, err := blob.Open(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		v := New(db, blobs)
		var told []string
		v.AtChange(func(box string) { told = append(told, box) })
		for _, call := range []string{"one", "two"} {
			if err := v.Keep(ctx, Message{ID: call, Box: "ana", Call: call, At: time.Now()},
				strings.NewReader(call)); err != nil {
				t.Fatal(err)
			}
		}
		if c, err := v.Count(ctx, []string{"ana", "bob"}); err != nil || c != (Count{New: 2}) {
			t.Errorf("%+v, %v", c, err)
		}
		m, err := v.OfCall(ctx, "one")
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if err := v.Heard(ctx, m, "u-ana"); err != nil {
				t.Fatal(err)
			}
		}
		if c, err := v.Count(ctx, []string{"ana"}); err != nil || c != (Count{New: 1, Old: 1}) || len(told) != 3 {
			t.Errorf("%+v, %v; told %v", c, err, told)
		}
	})
}
