package limit

import (
	"errors"
	"testing"

	"frontdesk/store"
	"frontdesk/store/storetest"
)

// What is over a limit is not sent and not counted, whoever sets the limit; the first time of a day is told.
func TestLimits(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		l := New(db)
		take := func(user string, n int) (over *Over) {
			t.Helper()
			err := db.Tx(t.Context(), func(tx *store.Tx) error { return l.Take(t.Context(), tx, user, n) })
			if err != nil && !errors.As(err, &over) {
				t.Fatal(err)
			}
			return over
		}
		set := func(user string, minute, day int) {
			t.Helper()
			if err := l.Set(t.Context(), Exception{User: user, Rule: Rule{Minute: minute, Day: day}}); err != nil {
				t.Fatal(err)
			}
		}
		if over := take("ana", 121); over == nil || over.Today {
			t.Errorf("by the standard: %v", over)
		}
		set("", 0, 5)
		set("ion", 0, 0)
		if over := take("ana", 5); over != nil {
			t.Errorf("what was refused is counted: %v", over)
		}
		if over := take("ana", 1); over == nil || !over.Today || over.Rule.Day != 5 {
			t.Errorf("by the company: %+v", over)
		}
		if over := take("ion", 1000); over != nil {
			t.Errorf("without a limit: %v", over)
		}
		if _, err := db.Exec(t.Context(), `UPDATE mail_sent SET minute = minute - 1440`); err != nil {
			t.Fatal(err)
		}
		if over := take("ana", 1); over != nil {
			t.Errorf("a day later: %v", over)
		}
		for _, want := range []bool{true, false} {
			if first, err := l.First(t.Context(), "ana"); first != want || err != nil {
				t.Errorf("first %v, %v", first, err)
			}
		}
		if list, err := l.Stopped(t.Context()); err != nil || len(list) != 1 || list[0] != "ana" {
			t.Errorf("stopped %v, %v", list, err)
		}
		if list, err := l.Rules(t.Context()); err != nil || len(list) != 2 || list[0].Day != 5 ||
			list[1].User != "ion" {
			t.Errorf("rules %+v, %v", list, err)
		}
		if err := l.Forget(t.Context(), ""); err != nil {
			t.Fatal(err)
		}
		if list, err := l.Rules(t.Context()); err != nil || len(list) != 2 || list[0].Rule != Standard() {
			t.Errorf("rules %+v, %v", list, err)
		}
	})
}
