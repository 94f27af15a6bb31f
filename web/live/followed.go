package live

import "time"

const (
	followSubject = "web.follows" // somebody follows the events on one of the nodes
	// followLapse is how long after somebody was last said to follow, on whichever node, the events count as followed:
	// a reader that was cut off is back by then.
	followLapse = time.Minute
)

// Followed tells whether somebody follows the cards that open, on any node, or did a moment ago.
func (h *Hub) Followed() bool { return time.Since(time.Unix(0, h.followed.at.Load())) < followLapse }

// Follow tells all nodes that somebody follows the cards that open: it is said again and again while he does.
func (h *Hub) Follow() {
	h.followed.now()
	if err := h.bus.Publish(followSubject, h.node); err != nil {
		h.log.Warn("the other nodes are not told that events are followed", "err", err) // the next time tells
	}
}
