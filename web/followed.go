package web

import (
	"slices"
	"sync/atomic"
	"time"
)

const (
	followSubject = "web.follows" // somebody follows the events on one of the nodes
	// followLapse is how long after the last stream has ended, on whichever node, it counts as followed: a reader that
	// was cut off is back by then.
	followLapse = time.Minute
)

// followed is when somebody was last known to follow the events of what lasts a moment.
type followed struct{ at atomic.Int64 }

func (f *followed) now() { f.at.Store(time.Now().UnixNano()) }

func (f *followed) lately() bool { return time.Since(time.Unix(0, f.at.Load())) < followLapse }

// Followed tells whether somebody follows the cards that open, on any node, or did a moment ago.
func (s *Server) Followed() bool { return s.followed.lately() }

// follows tells all nodes that a stream of these types (none: all) is open.
func (s *Server) follows(types []string) {
	if len(types) > 0 && !slices.Contains(types, "card.open") {
		return
	}
	s.followed.now()
	if err := s.deps.Bus.Publish(followSubject, s.cfg.Node); err != nil {
		s.log.Warn("event streams of this node not told of", "err", err) // the next ping tells
	}
}
