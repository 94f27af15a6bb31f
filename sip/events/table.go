package events

import (
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
	closed  bool
}

func newTable(cfg Config) *table {
	return &table{cfg: cfg, byKey: map[string]*subscription{}, byUser: map[string]map[*subscription]bool{},
		devices: map[string]int{}, users: map[string]int{}}
}

// enter adds one; false when there are too many.
func (t *table) enter(s *subscription) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed || len(t.byKey) >= t.cfg.Most || t.devices[s.device.ID] >= t.cfg.PerDevice ||
		t.users[s.device.User] >= t.cfg.PerUser {
		return false
	}
	t.byKey[s.key] = s
	t.devices[s.device.ID]++
	t.users[s.device.User]++
	t.index(s)
	return true
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
