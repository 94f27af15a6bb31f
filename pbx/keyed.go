package pbx

import "sync"

// keyed is a lock for each key: who holds one makes nobody wait who wants another.
type keyed struct {
	mu    sync.Mutex
	locks map[string]*keyLock
}

type keyLock struct {
	sync.Mutex
	wanted int // holders and waiters; under keyed.mu
}

// lock locks the key; the caller calls unlock.
func (k *keyed) lock(key string) (unlock func()) {
	k.mu.Lock()
	l := k.locks[key]
	if l == nil {
		if k.locks == nil {
			k.locks = map[string]*keyLock{}
		}
		l = &keyLock{}
		k.locks[key] = l
	}
	l.wanted++
	k.mu.Unlock()
	l.Lock()
	return func() {
		l.Unlock()
		k.mu.Lock()
		defer k.mu.Unlock()
		if l.wanted--; l.wanted == 0 {
			delete(k.locks, key)
		}
	}
}
