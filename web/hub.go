package web

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/bus"
	"frontdesk/guard"
	"frontdesk/pbx"
	"frontdesk/store"
)

const (
	userSubject = "hub.user." // + user: a message for the sockets of a user; heard by the nodes that have one
	allSubject  = "hub.all"   // a message for all sockets
	endSubject  = "hub.end"   // a log-in ended: its sockets are closed
)

// Hub holds the live sockets of the browsers on this node and reaches those on the others over the bus.
// Which user is online where is in SQL; what is kept of it here is a cache, told of changes by the bus. It is safe for concurrent use.
type Hub struct {
	node    string
	db      *store.DB
	bus     *bus.Bus
	log     *slog.Logger
	metrics *metrics
	slots   *guard.Counter[string]
	live    live // what sockets ask for; set by New before any is served

	mu       sync.Mutex
	sockets  map[string]*socket            // of this node, by id
	users    map[string]map[string]*socket // the same, by user and id
	presence presence
	viewers  map[string]map[*socket]bool // by the user whose presence they show; "" for everybody's
	invites  map[invite]*time.Timer
	watches  map[*watch]bool
	others   func(user string) // see AtEnd
	burst    burst
	closed   bool

	ears *ears // of those with a socket here

	life  context.Context // ends at Close
	stop  context.CancelFunc
	stops []func()
	tasks sync.WaitGroup
}

// NewHub starts the hub of a node; the caller closes it.
func NewHub(node string, db *store.DB, b *bus.Bus, log *slog.Logger, reg prometheus.Registerer) (*Hub, error) {
	ctx, stop := context.WithCancel(context.Background())
	h := &Hub{
		node: node, db: db, bus: b, log: log, metrics: newMetrics(reg), slots: guard.NewCounter[string](maxSockets, maxUserSockets), life: ctx, stop: stop,
		sockets: map[string]*socket{}, users: map[string]map[string]*socket{}, presence: newPresence(), viewers: map[string]map[*socket]bool{}, invites: map[invite]*time.Timer{}, watches: map[*watch]bool{}, others: func(string) {},
	}
	h.ears = newEars(func(user string) (func(), error) { return b.Subscribe(userSubject+user, h.onRelayed) })
	if err := h.subscribe(); err != nil {
		h.Close()
		return nil, fmt.Errorf("hub: %w", err)
	}
	if err := h.dropRows(ctx); err != nil { // of a process of ours that died
		h.Close()
		return nil, fmt.Errorf("hub: %w", err)
	}
	if err := h.check(ctx, true); err != nil {
		h.Close()
		return nil, fmt.Errorf("hub: %w", err)
	}
	if err := h.bus.Publish(whoSubject, h.node); err != nil {
		log.Warn("presence", "err", err) // it is told with the next beat
	}
	h.tasks.Go(func() { h.heartbeat(ctx) })
	return h, nil
}

func (h *Hub) subscribe() error {
	for subject, fn := range map[string]func(string, []byte){
		allSubject:      h.onRelayed,
		endSubject:      h.onEnd,
		presenceSubject: h.onPresence,
		busySubject:     h.onBusy,
		engagedSubject:  h.onEngaged,
		whoSubject:      h.onWho,
	} {
		stop, err := h.bus.Subscribe(subject, fn)
		if err != nil {
			return err
		}
		h.stops = append(h.stops, stop)
	}
	return nil
}

// Close closes all sockets, so that their browsers go to another node, and waits for them.
func (h *Hub) Close() {
	h.mu.Lock()
	h.closed = true
	for _, s := range h.sockets {
		s.end(closeGoingAway, "the server is being stopped")
	}
	for _, timer := range h.invites {
		timer.Stop()
	}
	if h.burst.timer != nil {
		h.burst.timer.Stop()
	}
	h.mu.Unlock()
	h.stop()
	h.tasks.Wait()
	for _, stop := range h.stops {
		stop()
	}
}

// message is what a socket sends out.
type message struct {
	Ev   string `json:"ev"`
	Data any    `json:"data"`
}

// relayed is a message on its way to other nodes.
type relayed struct {
	From   string          `json:"from"`             // node
	User   string          `json:"user"`             // "" for everybody
	Socket string          `json:"socket,omitempty"` // "" for all of the user's
	Text   json.RawMessage `json:"text"`
}

// Send pushes an event to one tab, or to all of the user's when socket is "", on whichever node they are. It does not
// block; it tells whether there is any tab to receive it.
func (h *Hub) Send(user, socket, ev string, data any) (delivered bool) {
	if user == "" { // nobody; everybody is Broadcast's
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

// relay hands a message to the other nodes, whether or not they are known to hold a socket for it: one may just have come.
func (h *Hub) relay(subject string, r relayed) {
	if err := h.bus.Publish(subject, r); err != nil {
		h.log.Warn("relay", "err", err)
	}
}

// Resync has all tabs of this node take everything anew, spread over a while: hints were lost while the bus was away.
func (h *Hub) Resync() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed || len(h.sockets) == 0 {
		return
	}
	behind := slices.Collect(maps.Values(h.sockets))
	h.tasks.Go(func() { h.resync(behind) })
}

const resyncSpread = 2 * time.Second

func (h *Hub) resync(behind []*socket) {
	tick := time.NewTicker(resyncSpread / time.Duration(len(behind)))
	defer tick.Stop()
	for _, s := range behind {
		select {
		case <-h.life.Done():
			return
		case <-tick.C:
		}
		s.end(closeBehind, "the server missed messages for you") // of no effect once it is closed
	}
}

// Drain sends the tabs of this node to another: their calls stay here and are operated from there.
func (h *Hub) Drain() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	for _, s := range h.sockets {
		s.end(closeGoingAway, "the server is being stopped")
	}
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
		if node != h.node && list.users[user] {
			return true
		}
	}
	return false
}

// Call tells everybody in a call how it stands, and colleagues who is busy.
func (h *Hub) Call(view pbx.View) {
	told := map[string]bool{}
	for _, leg := range view.Legs {
		if leg.User == "" || told[leg.User] {
			continue
		}
		told[leg.User] = true
		h.Send(leg.User, "", "call.state", view)
	}
	h.setBusy(view)
}
