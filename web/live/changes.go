package live

import (
	"encoding/json"
	"time"
)

// Every tab is told which kinds of records change, and not which records: that is for those who may see them, and takes
// more than what it would spare. What a busy company changes is told together, or tabs would do
// nothing but read lists again: a change at once, those of the time after it together, one message for each kind, and
// that time grows while changes go on.
const (
	firstTogether   = time.Second
	longestTogether = 5 * time.Second
)

// changed is the data of the event of that name.
type changed struct {
	Kind string `json:"kind"`
	ID   string `json:"id"` // "" where it is told to all
}

// Changed tells all browsers that a record of a kind changed; they read again what they show and may see.
func (h *Hub) Changed(kind string) {
	h.Broadcast("changed", changed{Kind: kind})
}

// changedAnywhere takes the text of a message to all tabs; true for one of a change, which is told in its time.
func (h *Hub) changedAnywhere(text []byte) bool {
	var m struct {
		Ev   string  `json:"ev"`
		Data changed `json:"data"`
	}
	if json.Unmarshal(text, &m) != nil || m.Ev != "changed" {
		return false
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.closed:
	case h.burst.timer == nil:
		h.tellChanged(m.Data.Kind)
		h.burst = burst{kinds: map[string]bool{}, wait: firstTogether,
			timer: time.AfterFunc(firstTogether, h.tellTogether)}
	default:
		h.burst.kinds[m.Data.Kind] = true
	}
	return true
}

// tellTogether tells what changed meanwhile, if anything did.
func (h *Hub) tellTogether() {
	h.mu.Lock()
	defer h.mu.Unlock()
	b := &h.burst
	if h.closed || len(b.kinds) == 0 {
		*b = burst{}
		return
	}
	for kind := range b.kinds {
		h.tellChanged(kind)
	}
	clear(b.kinds)
	b.wait = min(2*b.wait, longestTogether)
	b.timer.Reset(b.wait)
}

// tellChanged pushes to the tabs of this node. The caller holds mu.
func (h *Hub) tellChanged(kind string) {
	text, err := json.Marshal(message{"changed", changed{Kind: kind}})
	if err != nil {
		return // two plain fields: can't happen
	}
	for _, s := range h.sockets {
		s.push(text)
	}
}

// Broadcast pushes an event to all tabs of all users.
func (h *Hub) Broadcast(ev string, data any) {
	text, err := json.Marshal(message{ev, data})
	if err != nil {
		h.log.Error("live message", "ev", ev, "err", err)
		return
	}
	h.deliverAll(text)
	h.relay(allSubject, relayed{From: h.node, Text: text})
}

func (h *Hub) onRelayed(_ string, data []byte) {
	var r relayed
	if err := json.Unmarshal(data, &r); err != nil {
		h.log.Warn("relayed message", "err", err)
		return
	}
	if r.From == h.node {
		return
	}
	if r.User == "" {
		h.deliverAll(r.Text)
		return
	}
	h.deliver(r.User, r.Socket, r.Text)
}

// deliverAll queues a text for all sockets of this node.
func (h *Hub) deliverAll(text []byte) {
	if !h.changedAnywhere(text) {
		h.deliver("", "", text)
	}
}
