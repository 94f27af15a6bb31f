package events

import (
	"testing"

	"frontdesk/pbx/directory"
)

// So many subscriptions a phone may have, a user, and all; what ended counts no more.
func TestLimits(t *testing.T) {
	all := newTable(Config{PerDevice: 2, PerUser: 3, Most: 4})
	enter := func(key, device, user string) (*subscription, bool) {
		s := &subscription{key: key, device: directory.Device{ID: device, User: user}, at: watched{user: "boss"}}
		return s, all.enter(s)
	}
	first, _ := enter("1", "desk", "ana")
	for _, c := range []struct {
		key, device, user string
		ok                bool
	}{
		{"2", "desk", "ana", true}, {"3", "desk", "ana", false}, {"4", "soft", "ana", true}, {"5", "soft", "ana", false},
		{"6", "bobs", "bob", true}, {"7", "bobs", "bob", false},
	} {
		if _, ok := enter(c.key, c.device, c.user); ok != c.ok {
			t.Errorf("%+v", c)
		}
	}
	all.leave(first)
	all.leave(first)
	again, ok := enter("8", "desk", "ana")
	if !ok || all.count() != 4 || len(all.ofUser("boss")) != 4 {
		t.Errorf("%v, %d", ok, all.count())
	}
	all.move(again, watched{user: "chief"})
	if len(all.ofUser("boss")) != 3 || len(all.ofUser("chief")) != 1 {
		t.Error("it watches whom it watched")
	}
	if left := all.close(); len(left) != 4 {
		t.Errorf("%d are left", len(left))
	}
	if _, ok := enter("9", "late", "eve"); ok {
		t.Error("entered after the end")
	}
}
