package live

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"frontdesk/store"
	"frontdesk/web/api"
)

// Recover removes from SQL the tabs of a node that was lost in that epoch, unless it has come back.
func (h *Hub) Recover(ctx context.Context, node string, epoch int64) error {
	_, err := h.db.Exec(ctx, `DELETE FROM socket WHERE node = $1 AND NOT EXISTS (SELECT 1 FROM node WHERE id = $1 AND epoch > $2)`, node, epoch)
	return err
}

// heartbeat looks for what the bus did not tell.
func (h *Hub) heartbeat(ctx context.Context) {
	tick := time.NewTicker(beat)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := h.beat(ctx); err != nil && ctx.Err() == nil {
				h.log.Error("presence", "err", err)
			}
		}
	}
}

func (h *Hub) beat(ctx context.Context) error {
	now := time.Now()
	h.mu.Lock()
	list := h.busyHere()
	h.forgetNodes(now)
	h.mu.Unlock()
	h.tellBusy(list)
	return errors.Join(h.expel(ctx), h.check(ctx, false))
}

// Reload reads at once what the bus did not tell while it was away.
func (h *Hub) Reload(ctx context.Context) error {
	h.mu.Lock()
	list := h.busyHere()
	h.mu.Unlock()
	h.tellBusy(list)
	return h.check(ctx, true)
}

// forgetNodes drops the word of nodes that are silent. The caller holds mu.
func (h *Hub) forgetNodes(now time.Time) {
	for node, list := range h.presence.busy {
		if node != h.node && now.Sub(list.heard) > beatsMissed*beat {
			h.heardBusy(busyList{Node: node})
			delete(h.presence.busy, node)
		}
	}
}

// tally is what is compared of a node's sockets before they are all read.
type tally struct {
	node   string
	count  int
	latest string // the greatest id; ids rise with time
}

// check makes the cache agree with SQL on the sockets of other nodes. Those of a node are read where there are others
// than the cache has, or all.
func (h *Hub) check(ctx context.Context, all bool) error {
	rows, err := api.QueryAll(ctx, h.db, func(rows store.Row) (t tally, err error) {
		return t,
			rows.Scan(&t.node, &t.count, &t.latest)
	},
		`SELECT node, COUNT(*), MAX(id) FROM socket WHERE node <> $1 GROUP BY node`, h.node)
	if err != nil {
		return err
	}
	cached := h.tallies()
	var differ []string
	for _, t := range rows {
		if all || cached[t.node] != t {
			differ = append(differ, t.node)
		}
		delete(cached, t.node)
	}
	for _, node := range slices.AppendSeq(differ, maps.Keys(cached)) {
		if err := h.reload(ctx, node); err != nil {
			return err
		}
	}
	return nil
}

func (h *Hub) tallies() map[string]tally {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := map[string]tally{}
	for id, s := range h.presence.seats {
		if s.Node != h.node {
			all[s.Node] = tally{s.Node, all[s.Node].count + 1, max(id, all[s.Node].latest)}
		}
	}
	return all
}

// reload makes it agree on those of one.
func (h *Hub) reload(ctx context.Context, node string) error {
	begun := time.Now()
	rows, err := api.QueryAll(ctx, h.db, func(rows store.Row) (s seat, err error) {
		s.Node, s.Open = node, true
		return s, rows.Scan(&s.ID, &s.User)
	}, `SELECT id, user_id FROM socket WHERE node = $1`, node)
	if err != nil {
		return err
	}
	there := map[string]bool{}
	for _, s := range rows {
		there[s.ID] = true
		h.set(s)
	}
	for _, s := range h.unlisted(node, there, begun) {
		h.set(s)
	}
	return nil
}

// unlisted are seats of another node that SQL does not have, closed. One heard of since the question was put may be
// newer than the answer.
func (h *Hub) unlisted(node string, there map[string]bool, asked time.Time) (closed []seat) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for id, s := range h.presence.seats {
		if s.Node == node && !there[id] && s.heard.Before(asked) {
			s.Open = false
			closed = append(closed, s)
		}
	}
	return closed
}
