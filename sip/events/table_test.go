package events

import (
	"fmt"
	"testing"

	"frontdesk/pbx/directory"
)

// So many subscriptions a phone may have, a user, and all; what ended counts no more.
func TestLimits(t *testing.T) {
	all := newTable(Config{PerDevice: 2, PerUser: 3, Most: 4})
	enter := func(key, device, user string) (*subscription, bool) {
		s := &subscription{key: key, device: directory.Device{ID: device, User: user}, at: watched{user: "boss"}}
		_, ok := all.enter(s)
		return s, ok
	}
	first, _ := enter("1", "desk", "ana")
	for _, c := range []struct {
		key, device, user string
		ok                bool
	}{
		{"2", "desk", "ana", true}, {"3", "desk", "ana", false}, {"4", "soft", "ana", true},
		{"5", "soft", "ana", false},
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

// A phone that subscribes to the same thing again and again, without an end to what it had, is never refused.
func TestTheOldestOfManyAlikeGivesWay(t *testing.T) {
	all := newTable(Config{PerDevice: mostAlike + 1, PerUser: mostAlike + 1, Most: mostAlike + 1})
	var list []*subscription
	subscribe := func(resource string) *subscription {
		t.Helper()
		s := &subscription{key: fmt.Sprint(len(list)), resource: resource, event: event{name: "dialog"},
			device: directory.Device{ID: "desk", User: "ana"}, at: watched{user: "boss"}, left: all.leave}
		list = append(list, s)
		displaced, ok := all.enter(s)
		if !ok {
			t.Fatalf("refused after %d", all.count())
		}
		if displaced != nil {
			displaced.forget()
		}
		return displaced
	}
	other := len(list)
	subscribe("203")
	for i := range 5 * mostAlike {
		displaced := subscribe("202")
		if i < mostAlike && displaced != nil || i >= mostAlike && displaced != list[i-mostAlike+1] {
			t.Fatalf("the %dth takes the place of %+v", i, displaced)
		}
	}
	if all.count() != mostAlike+1 || all.find(list[other].key) == nil {
		t.Errorf("%d are left", all.count())
	}
}
