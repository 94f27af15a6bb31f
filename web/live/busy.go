package live

import (
	"encoding/json"
	"maps"
	"slices"
	"time"

	"frontdesk/pbx"
)

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

// setBusy notes who takes part in a call of this node, and tells everybody whom that made busy or free. It costs what
// the call has parties, not what the node has calls.
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
