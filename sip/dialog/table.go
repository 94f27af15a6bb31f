package dialog

import (
	"errors"
	"strings"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
)

// Table finds who has a dialog, such as the leg of a call, and bounds how many there are who have some.
type Table[L comparable] struct {
	most int
	size prometheus.Gauge

	mu      sync.Mutex
	legs    map[string]L    // by Key
	running map[string]int  // dialogs by Call-ID
	merged  map[string]bool // INVITEs being served, by Call-ID, From tag and CSeq
	count   int
	closed  bool
}

// NewTable is one for at most so many.
func NewTable[L comparable](most int, size prometheus.Gauge) *Table[L] {
	return &Table[L]{most: most, size: size, legs: map[string]L{}, running: map[string]int{}, merged: map[string]bool{}}
}

// Close lets no further leg in, and lists those that there are.
func (t *Table[L]) Close() (list []L) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closed = true
	seen := map[L]bool{}
	for _, l := range t.legs {
		if !seen[l] {
			seen[l] = true
			list = append(list, l)
		}
	}
	return list
}

// ErrFull is the error of one more than there may be.
var ErrFull = errors.New("too many calls")

// Enter counts a leg in, or refuses it.
func (t *Table[L]) Enter(key string, l L) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed || t.count >= t.most {
		return ErrFull
	}
	t.count++
	t.note(key, l)
	t.size.Set(float64(t.count))
	return nil
}

// Know makes a further dialog of a leg findable.
func (t *Table[L]) Know(key string, l L) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.note(key, l)
}

// note makes a dialog findable; under mu.
func (t *Table[L]) note(key string, l L) {
	if _, known := t.legs[key]; !known {
		t.running[callOf(key)]++
	}
	t.legs[key] = l
}

// Leave forgets all dialogs of one, and the INVITE that made them.
func (t *Table[L]) Leave(keys []string, merged string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, k := range keys {
		if _, known := t.legs[k]; !known {
			continue
		}
		delete(t.legs, k)
		if t.running[callOf(k)]--; t.running[callOf(k)] == 0 {
			delete(t.running, callOf(k))
		}
	}
	delete(t.merged, merged)
	t.count--
	t.size.Set(float64(t.count))
}

// Find tells who has a dialog.
func (t *Table[L]) Find(key string) (l L, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	l, ok = t.legs[key]
	return l, ok
}

// Runs tells whether there is a call with that Call-ID here.
func (t *Table[L]) Runs(callID string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.running[callID] > 0
}

// Now is how many legs there are.
func (t *Table[L]) Now() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.count
}

// Unmerged notes an INVITE as being served; false when the same one is, by another way through the network (RFC 3261
// §8.2.2.2).
func (t *Table[L]) Unmerged(key string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.merged[key] {
		return false
	}
	t.merged[key] = true
	return true
}

func (t *Table[L]) ForgetMerged(key string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.merged, key)
}

func callOf(key string) string {
	id, _, _ := strings.Cut(key, "\x00")
	return id
}

// Key names a dialog as we see it.
func Key(callID, ourTag string) string { return callID + "\x00" + ourTag }
