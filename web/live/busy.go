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
		for user, in := range list.users {
			if takesUp(in) {
				all[user] = true
			}
		}
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

// setBusy notes who takes part in a call of this node, and tells everybody whose part has changed. It costs what
// the call has parties, not what the node has calls.
func (h *Hub) setBusy(view pbx.View) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, e := range h.presence.takePart(view.Call, view.Engaged()) {
		e.Node = h.node
		h.heardEngaged(e)
		if h.bus.Listeners(engagedSubject) == 1 { // ourselves
			continue
		}
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
		list.users = map[string][]pbx.Engagement{}
	}
	h.presence.busy[e.Node] = list
	before, now := list.users[e.User], told(e.Busy, e.In)
	if list.users[e.User] = now; len(now) == 0 {
		delete(list.users, e.User)
	}
	h.showEngaged(e.User, before, now)
}

// showEngaged tells those who show a user how he takes part in calls now, when that has changed. The caller holds mu.
func (h *Hub) showEngaged(user string, before, now []pbx.Engagement) {
	switch {
	case takesUp(before) != takesUp(now):
		h.showPresence(user)
	case !slices.Equal(before, now):
		h.lights(user)
	}
}

// AtPresence has fn called, on each node, when somebody came, went, or takes part in calls of any node otherwise than
// before. It is called with the hub locked: it must not block, nor ask the hub.
func (h *Hub) AtPresence(fn func(user string)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.lamps = append(h.lamps, fn)
}

// Engaged is how a user takes part in the calls of all nodes.
func (h *Hub) Engaged(user string) []pbx.Engagement {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.presence.engaged(user)
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
	list := busyList{Node: h.node, Users: []string{}, In: map[string][]pbx.Engagement{}}
	for user := range h.presence.held {
		e := h.presence.says(user)
		if list.In[user] = e.In; e.Busy {
			list.Users = append(list.Users, user)
		}
	}
	return list
}

func (h *Hub) tellBusy(list busyList) {
	if err := h.bus.Publish(busySubject, list); err != nil {
		h.log.Warn("presence", "err", err)
	}
}

// heardBusy takes a node's word and shows what it changed. The caller holds mu.
func (h *Hub) heardBusy(list busyList) {
	before := h.presence.busy[list.Node]
	list.heard, list.users = time.Now(), map[string][]pbx.Engagement{}
	maps.Copy(list.users, list.In)
	for _, user := range list.Users {
		list.users[user] = told(true, list.users[user])
	}
	h.presence.busy[list.Node] = list
	for user, in := range before.users {
		h.showEngaged(user, in, list.users[user])
	}
	for user, in := range list.users {
		if before.users[user] == nil {
			h.showEngaged(user, nil, in)
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
