package live

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/bus"
	"frontdesk/guard"
	"frontdesk/store"
)

// NewHub starts the hub of a node; the caller closes it.
func NewHub(node string, db *store.DB, b *bus.Bus, log *slog.Logger, reg prometheus.Registerer) (*Hub, error) {
	ctx, stop := context.WithCancel(context.Background())
	h := &Hub{
		node: node, db: db, bus: b, log: log, metrics: newLiveMetrics(reg),
		slots: guard.NewCounter[string](maxSockets, maxUserSockets), life: ctx, stop: stop,
		sockets: map[string]*socket{}, users: map[string]map[string]*socket{}, presence: newPresence(),
		viewers: map[string]map[*socket]bool{}, invites: map[invite]*time.Timer{}, watches: map[*watch]bool{},
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
		followSubject:   func(string, []byte) { h.followed.now() },
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

// Drain sends the tabs of this node to another: their calls stay here and are operated from there.
func (h *Hub) Drain() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	for _, s := range h.sockets {
		s.end(closeGoingAway, "the server is being stopped")
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
