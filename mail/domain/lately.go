package domain

import (
	"sync"
	"time"
)

// kept is how long a node believes which domains are the company's.
const kept = time.Second

// lately are the names of the company's domains as they were at most that long ago: each mail asks for them several
// times.
type lately struct {
	mu    sync.Mutex
	names map[string]bool
	until time.Time
}

func (l *lately) known() (names map[string]bool, fresh bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.names, time.Now().Before(l.until)
}

func (l *lately) keep(list []string) map[string]bool {
	names := make(map[string]bool, len(list))
	for _, name := range list {
		names[name] = true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.names, l.until = names, time.Now().Add(kept)
	return names
}

// seen is what Seen wrote last.
type seen struct {
	mu sync.Mutex
	at time.Time
}

// seenEvery is how often it is written that mail came from outside.
const seenEvery = time.Minute

func (s *seen) due() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if time.Since(s.at) < seenEvery {
		return false
	}
	s.at = time.Now()
	return true
}
