package live

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"frontdesk/store"
)

// join registers a socket: from here on it is sent to. Its row is written first, so that other nodes may know.
func (h *Hub) join(ctx context.Context, s *socket) error {
	if err := h.ears.listen(s.user.ID); err != nil {
		return err
	}
	if err := h.addRow(ctx, s); err != nil {
		h.ears.unlisten(s.user.ID)
		return err
	}
	h.mu.Lock()
	if h.closed {
		h.mu.Unlock()
		h.ears.unlisten(s.user.ID)
		s.end(closeGoingAway, "the server is being stopped")
		return errors.Join(errors.New("the hub is closed"), h.dropRow(ctx, s.id))
	}
	h.tasks.Add(1)
	h.sockets[s.id] = s
	if h.users[s.user.ID] == nil {
		h.users[s.user.ID] = map[string]*socket{}
	}
	h.users[s.user.ID][s.id] = s
	if !s.named {
		h.shows(s, "")
	}
	h.mu.Unlock()
	h.metrics.sockets.Inc()
	h.announce(seat{ID: s.id, User: s.user.ID, Node: h.node, Open: true})
	return nil
}

func (h *Hub) leave(s *socket) {
	defer h.tasks.Done()
	h.mu.Lock()
	h.shows(s)
	delete(h.sockets, s.id)
	delete(h.users[s.user.ID], s.id)
	if len(h.users[s.user.ID]) == 0 {
		delete(h.users, s.user.ID)
	}
	h.mu.Unlock()
	h.metrics.sockets.Dec()
	h.announce(seat{ID: s.id, User: s.user.ID, Node: h.node})
	if err := h.dropRow(store.As(context.Background(), store.Doors, s.user.ID), s.id); err != nil {
		h.log.Warn("presence", "err", err) // the row dies by age
	}
	h.tellGone(s.user.ID, s.id)
	h.ears.unlisten(s.user.ID)
}

// announce tells all nodes that a socket of this one came or went.
func (h *Hub) announce(s seat) {
	h.mu.Lock()
	if h.presence.set(s) {
		h.showPresence(s.User)
	}
	h.mu.Unlock()
	if err := h.bus.Publish(presenceSubject, s); err != nil {
		h.log.Warn("presence", "user", s.User, "err", err)
	}
}

func (h *Hub) onPresence(_ string, data []byte) {
	var s seat
	if err := json.Unmarshal(data, &s); err != nil || s.Node == h.node {
		return
	}
	h.set(s)
}

// set opens or closes a seat of another node. Legs of this node that lived in a closed one are told.
func (h *Hub) set(s seat) {
	h.mu.Lock()
	if h.presence.set(s) {
		h.showPresence(s.User)
	}
	h.mu.Unlock()
	if !s.Open {
		h.tellGone(s.User, s.ID)
	}
}

// AtGone has fn called, on each node, when a tab of any node is gone: what lives by it ends.
func (h *Hub) AtGone(fn func(user, socket string)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.gone = append(h.gone, fn)
}

// tellGone calls those who want to know.
func (h *Hub) tellGone(user, socket string) {
	h.mu.Lock()
	gone := slices.Clone(h.gone)
	h.mu.Unlock()
	for _, fn := range gone {
		fn(user, socket)
	}
}

// NodeGone forgets the tabs and calls of a node that is not there any more, and tells the tabs of this one, whose calls
// there are over.
func (h *Hub) NodeGone(node string) {
	h.mu.Lock()
	var seats []seat
	for _, s := range h.presence.seats {
		if s.Node == node {
			s.Open = false
			seats = append(seats, s)
		}
	}
	h.heardBusy(busyList{Node: node})
	delete(h.presence.busy, node)
	h.mu.Unlock()
	for _, s := range seats {
		h.set(s)
	}
	text, err := json.Marshal(message{"node.gone", nodeGone{node}})
	if err != nil {
		return // one plain field: can't happen
	}
	h.deliver("", "", text)
}

// nodeGone is the data of node.gone.
type nodeGone struct {
	Node string `json:"node"`
}

// socketLife is written with a socket's row: the end of its node ends it, not its age.
const socketLife = 10 * 365 * 24 * time.Hour

func (h *Hub) addRow(ctx context.Context, s *socket) error {
	_, err := h.db.Exec(ctx, `INSERT INTO socket (id, user_id, node, seen_at) VALUES ($1, $2, $3, $4)`, s.id, s.user.ID,
		h.node, store.Micros(time.Now().Add(socketLife)))
	return err
}

func (h *Hub) dropRow(ctx context.Context, id string) error {
	_, err := h.db.Exec(ctx, `DELETE FROM socket WHERE id = $1`, id)
	return err
}

func (h *Hub) dropRows(ctx context.Context) error {
	_, err := h.db.Exec(ctx, `DELETE FROM socket WHERE node = $1`, h.node)
	return err
}
