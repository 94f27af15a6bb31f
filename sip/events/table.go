package events

import (
	"cmp"
	"maps"
	"slices"
	"sync"
)

// table finds the subscriptions of this node, and bounds them.
type table struct {
	cfg Config

	mu      sync.Mutex
	byKey   map[string]*subscription
	byUser  map[string]map[*subscription]bool // by the user that is watched
	devices map[string]int                    // how many each has
	users   map[string]int
	entered uint64
	closed  bool
}

func newTable(cfg Config) *table {
	return &table{cfg: cfg, byKey: map[string]*subscription{}, byUser: map[string]map[*subscription]bool{},
		devices: map[string]int{}, users: map[string]int{}}
}

// mostAlike subscriptions to the same thing one account has: one for each phone that uses it (MaxBindings). A phone
// that starts anew, or again and again, does not end those it had, and would use up what it may have.
const mostAlike = 8

// enter adds one; false when there are too many. Displaced is the oldest of too many to the same thing: nobody takes
// what it tells.
func (t *table) enter(s *subscription) (displaced *subscription, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	alike := t.alike(s)
	room := 0
	if len(alike) >= mostAlike {
		displaced, room = alike[0], 1
	}
	if t.closed || len(t.byKey)-room >= t.cfg.Most || t.devices[s.device.ID]-room >= t.cfg.PerDevice ||
		t.users[s.device.User]-room >= t.cfg.PerUser {
		return nil, false
	}
	t.entered++
	s.order = t.entered
	t.byKey[s.key] = s
	t.devices[s.device.ID]++
	t.users[s.device.User]++
	t.index(s)
	return displaced, true
}

// alike are those of the same account to the same thing, the oldest first. The caller holds mu.
func (t *table) alike(s *subscription) (all []*subscription) {
	for o := range t.byUser[s.watched().user] {
		if o.device.ID == s.device.ID && o.event == s.event && o.id == s.id && o.resource == s.resource {
			all = append(all, o)
		}
	}
	slices.SortFunc(all, func(a, b *subscription) int { return cmp.Compare(a.order, b.order) })
	return all
}

// index notes whom a subscription watches. The caller holds mu.
func (t *table) index(s *subscription) {
	user := s.watched().user
	if t.byUser[user] == nil {
		t.byUser[user] = map[*subscription]bool{}
	}
	t.byUser[user][s] = true
}

// unindex forgets it. The caller holds mu.
func (t *table) unindex(s *subscription) {
	user := s.watched().user
	if delete(t.byUser[user], s); len(t.byUser[user]) == 0 {
		delete(t.byUser, user)
	}
}

// move has a subscription watch something else.
func (t *table) move(s *subscription, to watched) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.byKey[s.key] != s {
		return
	}
	t.unindex(s)
	s.watch(to)
	t.index(s)
}

func (t *table) leave(s *subscription) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.byKey[s.key] != s {
		return
	}
	delete(t.byKey, s.key)
	t.unindex(s)
	decrease(t.devices, s.device.ID)
	decrease(t.users, s.device.User)
}

func decrease(counts map[string]int, key string) {
	if counts[key]--; counts[key] == 0 {
		delete(counts, key)
	}
}

func (t *table) find(key string) *subscription {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.byKey[key]
}

func (t *table) ofUser(user string) []*subscription {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Collect(maps.Keys(t.byUser[user]))
}

func (t *table) all() []*subscription {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Collect(maps.Values(t.byKey))
}

func (t *table) count() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.byKey)
}

// close lets no further one in, and lists those that there are.
func (t *table) close() []*subscription {
	t.mu.Lock()
	t.closed = true
	t.mu.Unlock()
	return t.all()
}
