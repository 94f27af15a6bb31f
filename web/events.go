package web

import (
	"context"

	"frontdesk/store"
)

// eventsReset tells a reader that what he saw last is no longer kept, or never was: what came between is lost to him.
const eventsReset = "reset"

// eventSubject is a hint on the bus that there are events to read.
const eventSubject = "web.event"

// numberEvents gives what this node's rooms tell its place in the order of all events, and wakes the readers on all
// nodes.
func (s *Server) numberEvents() {
	ctx, end := context.WithCancel(store.As(context.Background(), store.Mail, ""))
	defer end()
	s.tasks.Go(func() { <-s.closing; end() })
	s.events.Run(ctx, s.numbered)
}

func (s *Server) numbered(types []string) {
	for _, kind := range types {
		s.metrics.events.WithLabelValues(kind).Inc()
	}
	if err := s.deps.Bus.Publish(eventSubject, len(types)); err != nil {
		s.log.Warn("event hint", "err", err) // readers look by themselves a little later
	}
}
