package web

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"time"

	"frontdesk/pbx"
	"frontdesk/store"
)

const (
	presenceSubject = "hub.presence" // a socket came or went
	busySubject     = "hub.busy"     // the users in calls of one node, all of them, now and then
	engagedSubject  = "hub.engaged"  // one came into the calls of one node or left them
	whoSubject      = "hub.who"      // a node has just come: say who is busy
	beat            = 15 * time.Second
	beatsMissed     = 4 // after which a node's word on who is busy counts no more
)

// seat is an open socket, on any node.
type seat struct {
	ID   string `json:"id"`
	User string `json:"user"`
	Node string `json:"node"`
	Open bool   `json:"open"`

	heard time.Time
}

// presence is who is online and who is busy. Its holder locks it.
type presence struct {
	seats map[string]seat            // by id of the socket
	of    map[string]map[string]seat // the same, by user and id
	calls map[string]map[string]bool // users in a call of this node, by call
	held  map[string]int             // in how many of them each is
	busy  map[string]busyList        // by node
}

// busyList is one node's word on who takes part in its calls.
type busyList struct {
	Node  string   `json:"node"`
	Users []string `json:"users"`

	users map[string]bool // the same, as it stands now
	heard time.Time
}

func newPresence() presence {
	return presence{seats: map[string]seat{}, of: map[string]map[string]seat{}, calls: map[string]map[string]bool{}, held: map[string]int{}, busy: map[string]busyList{}}
}

func (p *presence) online(user string) bool { return len(p.of[user]) > 0 }

func (p *presence) users() []string { return slices.Sorted(maps.Keys(p.of)) }

func (p *presence) isBusy(user string) bool {
	for _, list := range p.busy {
		if list.users[user] {
			return true
		}
	}
	return false
}

// set opens or closes a seat; true when that made its user come or go.
func (p *presence) set(s seat) bool {
	s.heard = time.Now()
	_, known := p.seats[s.ID]
	if s.Open == known {
		return false
	}
	if s.Open {
		return p.open(s)
	}
	return p.close(s)
}

func (p *presence) open(s seat) (came bool) {
	p.seats[s.ID] = s
	if p.of[s.User] == nil {
		p.of[s.User] = map[string]seat{}
	}
	p.of[s.User][s.ID] = s
	return len(p.of[s.User]) == 1
}

func (p *presence) close(s seat) (went bool) {
	delete(p.seats, s.ID)
	delete(p.of[s.User], s.ID)
	if len(p.of[s.User]) > 0 {
		return false
	}
	delete(p.of, s.User)
	return true
}

// elsewhere tells whether another node holds a socket of the user (with that id, unless it is "").
func (p *presence) elsewhere(node, user, socket string) bool {
	for id, s := range p.of[user] {
		if s.Node != node && (socket == "" || socket == id) {
			return true
		}
	}
	return false
}

// busyUsers are those who take part in calls of any node.
func (h *Hub) busyUsers() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	all := map[string]bool{}
	for _, list := range h.presence.busy {
		maps.Copy(all, list.users)
	}
	return slices.Sorted(maps.Keys(all))
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
	gone := h.live.gone
	h.mu.Unlock()
	if !s.Open && gone != nil {
		gone(s.User, s.ID)
	}
}

// NodeGone forgets the tabs and calls of a node that is not there any more, and tells the tabs of this one, whose calls there are over.
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

// Recover removes from SQL the tabs of a node that was lost in that epoch, unless it has come back.
func (h *Hub) Recover(ctx context.Context, node string, epoch int64) error {
	_, err := h.db.Exec(ctx, `DELETE FROM socket WHERE node = $1 AND NOT EXISTS (SELECT 1 FROM node WHERE id = $1 AND epoch > $2)`, node, epoch)
	return err
}

// setBusy notes who takes part in a call of this node, and tells everybody whom that made busy or free. It costs what the call has parties, not what
// the node has calls.
func (h *Hub) setBusy(view pbx.View) {
	in := map[string]bool{}
	for _, leg := range view.Legs {
		if view.State != "ended" && leg.User != "" && (leg.State == "active" || leg.State == "calling") {
			in[leg.User] = true
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, e := range h.presence.takePart(view.Call, in) {
		e.Node = h.node
		h.heardEngaged(e)
		if err := h.bus.Publish(engagedSubject, e); err != nil {
			h.log.Warn("presence", "err", err) // the next beat tells
		}
	}
}

// takePart notes who is in a call of this node now; changed are those who are in one at all since, or no longer.
func (p *presence) takePart(call string, in map[string]bool) (changed []engaged) {
	before := p.calls[call]
	for user := range in {
		if !before[user] {
			if p.held[user]++; p.held[user] == 1 {
				changed = append(changed, engaged{User: user, Busy: true})
			}
		}
	}
	for user := range before {
		if !in[user] {
			if p.held[user]--; p.held[user] == 0 {
				delete(p.held, user)
				changed = append(changed, engaged{User: user})
			}
		}
	}
	if p.calls[call] = in; len(in) == 0 {
		delete(p.calls, call)
	}
	return changed
}

// engaged is a node's word on one user who came into its calls or left them.
type engaged struct {
	Node string `json:"node"`
	User string `json:"user"`
	Busy bool   `json:"busy"`
}

// heardEngaged takes a node's word on one user and shows it. The caller holds mu.
func (h *Hub) heardEngaged(e engaged) {
	list := h.presence.busy[e.Node]
	list.Node, list.heard = e.Node, time.Now()
	if list.users == nil {
		list.users = map[string]bool{}
	}
	h.presence.busy[e.Node] = list
	if list.users[e.User] == e.Busy {
		return
	}
	if list.users[e.User] = e.Busy; !e.Busy {
		delete(list.users, e.User)
	}
	h.showPresence(e.User)
}

func (h *Hub) onEngaged(_ string, data []byte) {
	var e engaged
	if err := json.Unmarshal(data, &e); err != nil || e.Node == h.node || e.User == "" {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.heardEngaged(e)
	h.speaks(e.Node)
}

// busyHere is this node's word on who is busy. The caller holds mu.
func (h *Hub) busyHere() busyList {
	return busyList{Node: h.node, Users: slices.Collect(maps.Keys(h.presence.held))}
}

func (h *Hub) tellBusy(list busyList) {
	if err := h.bus.Publish(busySubject, list); err != nil {
		h.log.Warn("presence", "err", err)
	}
}

// heardBusy takes a node's word and shows what it changed. The caller holds mu.
func (h *Hub) heardBusy(list busyList) {
	before := h.presence.busy[list.Node]
	list.heard, list.users = time.Now(), map[string]bool{}
	for _, user := range list.Users {
		list.users[user] = true
	}
	h.presence.busy[list.Node] = list
	for user := range before.users {
		if !list.users[user] {
			h.showPresence(user)
		}
	}
	for user := range list.users {
		if !before.users[user] {
			h.showPresence(user)
		}
	}
}

func (h *Hub) onWho(string, []byte) {
	h.mu.Lock()
	list := h.busyHere()
	h.mu.Unlock()
	h.tellBusy(list)
}

func (h *Hub) onBusy(_ string, data []byte) {
	var list busyList
	if err := json.Unmarshal(data, &list); err != nil || list.Node == h.node {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.heardBusy(list)
	h.speaks(list.Node)
}

// greets notes of which nodes' calls a tab is told nothing.
func (h *Hub) greets(s *socket, silent []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	s.silent = silent
}

// speaks has the tabs that were greeted while a node was silent take everything anew. The caller holds mu.
func (h *Hub) speaks(node string) {
	for _, s := range h.sockets {
		if slices.Contains(s.silent, node) {
			s.end(closeBehind, "a server that was away is back")
		}
	}
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

// check makes the cache agree with SQL on the sockets of other nodes. Those of a node are read where there are others than the cache has, or all.
func (h *Hub) check(ctx context.Context, all bool) error {
	rows, err := queryAll(ctx, h.db, func(rows *store.Rows) (t tally, err error) { return t, rows.Scan(&t.node, &t.count, &t.latest) },
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
	rows, err := queryAll(ctx, h.db, func(rows *store.Rows) (s seat, err error) {
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

// unlisted are seats of another node that SQL does not have, closed. One heard of since the question was put may be newer than the answer.
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

// socketLife is written with a socket's row: the end of its node ends it, not its age.
const socketLife = 10 * 365 * 24 * time.Hour

func (h *Hub) addRow(ctx context.Context, s *socket) error {
	_, err := h.db.Exec(ctx, `INSERT INTO socket (id, user_id, node, seen_at) VALUES ($1, $2, $3, $4)`, s.id, s.user.ID, h.node, store.Micros(time.Now().Add(socketLife)))
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
