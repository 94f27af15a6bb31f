package live

import (
	"context"
	"encoding/json"
	"log/slog"
	"sync"
	"time"

	"frontdesk/bus"
	"frontdesk/guard"
	"frontdesk/store"
	"frontdesk/web/api"
)

const (
	userSubject = "hub.user." // + user: a message for the sockets of a user; heard by the nodes that have one
	allSubject  = "hub.all"   // a message for all sockets
	endSubject  = "hub.end"   // a log-in ended: its sockets are closed
)

// Hub holds the live sockets of the browsers on this node and reaches those on the others over the bus.
// Which user is online where is in SQL; what is kept of it here is a cache, told of changes by the bus. It is safe for
// concurrent use.
type Hub struct {
	node    string
	db      *store.DB
	bus     *bus.Bus
	log     *slog.Logger
	metrics *liveMetrics
	slots   *guard.Counter[string]

	mu       sync.Mutex
	sockets  map[string]*socket            // of this node, by id
	users    map[string]map[string]*socket // the same, by user and id
	presence presence
	viewers  map[string]map[*socket]bool // by the user whose presence they show; "" for everybody's
	invites  map[invite]*time.Timer
	watches  map[*watch]bool
	ends     []func(user string)         // see AtEnd
	gone     []func(user, socket string) // see AtGone
	lamps    []func(user string)         // see AtPresence
	burst    burst
	followed followed
	closed   bool

	ears *ears // of those with a socket here

	life  context.Context // ends at Close
	stop  context.CancelFunc
	stops []func()
	tasks sync.WaitGroup
}

// Send pushes an event to one tab, or to all of the user's when socket is "", on whichever node they are. It does not
// block; it tells whether there is any tab to receive it.
func (h *Hub) Send(user, socket, ev string, data any) (delivered bool) {
	if user == "" { // nobody; everybody is Broadcast's
		return false
	}
	if !h.reached(user) {
		return false
	}
	text, err := json.Marshal(message{ev, data})
	if err != nil {
		h.log.Error("live message", "ev", ev, "err", err)
		return false
	}
	here, elsewhere := h.deliver(user, socket, text)
	h.relay(userSubject+user, relayed{From: h.node, User: user, Socket: socket, Text: text})
	return here || elsewhere
}

// reached tells whether there may be a tab of the user, on any node: without one nothing is written for it.
func (h *Hub) reached(user string) bool {
	if h.bus.Listeners(userSubject+user) > 0 {
		return true
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.users[user]) > 0 || h.presence.online(user)
}

// relay hands a message to the other nodes, whether or not they are known to hold a socket for it: one may just have
// come.
func (h *Hub) relay(subject string, r relayed) {
	if err := h.bus.Publish(subject, r); err != nil {
		h.log.Warn("relay", "err", err)
	}
}

// deliver queues a text for the sockets of this node; elsewhere tells whether another node holds one too.
func (h *Hub) deliver(user, socket string, text []byte) (here, elsewhere bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	set := h.users[user]
	if user == "" {
		set = h.sockets
	}
	for id, s := range set {
		if socket == "" || socket == id {
			here = s.push(text) || here
		}
	}
	return here, h.presence.elsewhere(h.node, user, socket)
}

// Online tells whether the user has a tab open, on any node.
func (h *Hub) Online(user string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.presence.online(user)
}

// OnlineUsers are the ids of the users with a tab open, on any node, in order.
func (h *Hub) OnlineUsers() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.presence.users()
}

// Count is the number of sockets on this node.
func (h *Hub) Count() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.sockets)
}

// Busy tells whether the user takes part in a call, on any node.
func (h *Hub) Busy(user string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.presence.isBusy(user)
}

// BusyElsewhere tells whether the user takes part in a call of another node.
func (h *Hub) BusyElsewhere(user string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	for node, list := range h.presence.busy {
		if node != h.node && takesUp(list.users[user]) {
			return true
		}
	}
	return false
}

// burst is what is told together next.
type burst struct {
	kinds map[string]bool
	wait  time.Duration
	timer *time.Timer // nil while nothing was told of late
}

// watch is what else ends with a log-in, besides sockets.
type watch struct {
	api.Caller
	end func()
}

// invite is a user asked into a room.
type invite struct{ user, room string }
