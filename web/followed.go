package web

import (
	"slices"
)

const followSubject = "web.follows" // somebody follows the events on one of the nodes

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
