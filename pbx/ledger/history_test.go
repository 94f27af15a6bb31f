package ledger

import (
	"maps"
	"testing"
	"time"

	"frontdesk/store"
	"frontdesk/store/storetest"
)

// Of many ids those of calls are known, with their meetings.
func TestMeetingsOf(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		l := open(t, db)
		defer l.Close()
		begun := func(meeting string) string {
			r := Record{ID: store.NewID(), Direction: "in", Meeting: meeting, Started: time.Now()}
			begin(t, l, r)
			return r.ID
		}
		visit, call := begun("room"), begun("")
		ids := append(make([]string, maxAsked), visit, "room", call)
		of, err := MeetingsOf(t.Context(), db, ids)
		if want := map[string]string{visit: "room", call: ""}; err != nil || !maps.Equal(of, want) {
			t.Errorf("%v, want %v; %v", of, want, err)
		}
	})
}
