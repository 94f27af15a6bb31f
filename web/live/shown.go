package live

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"frontdesk/webrtc"
)

// Presence is a user's state as colleagues see it.
type Presence struct {
	User   string `json:"user"`
	Online bool   `json:"online"`
	Busy   bool   `json:"busy"`
	Quiet  bool   `json:"quiet"` // does not want to be disturbed
}

// A tab names the colleagues it shows and is told of those only. One that named none yet is told of everybody, unless
// it said when it connected that it will.

// maxShown is how many colleagues a tab may show.
const maxShown = 2000

// shown is the state of the colleagues that a tab has just named.
type shown struct {
	People []Presence `json:"people"`
}

// shows takes a socket as one that is told of these users, "" for everybody, and of nobody else. The caller holds mu.
func (h *Hub) shows(s *socket, users ...string) {
	for _, user := range s.shown {
		delete(h.viewers[user], s)
		if len(h.viewers[user]) == 0 {
			delete(h.viewers, user)
		}
	}
	s.shown = users
	for _, user := range users {
		if h.viewers[user] == nil {
			h.viewers[user] = map[*socket]bool{}
		}
		h.viewers[user][s] = true
	}
}

// show serves presence.show: how the users stand now is told before whatever changes then.
func (h *Hub) show(s *socket, data json.RawMessage) (any, error) {
	var in struct {
		Users []string `json:"users"`
	}
	if json.Unmarshal(data, &in) != nil || len(in.Users) > maxShown || slices.Contains(in.Users, "") {
		return nil, errShow
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.sockets[s.id] != s {
		return struct{}{}, nil
	}
	h.shows(s, in.Users...)
	now := shown{People: []Presence{}}
	for _, user := range in.Users {
		now.People = append(now.People, h.presenceOf(user))
	}
	s.send(message{"presence.shown", now})
	return struct{}{}, nil
}

var errShow = &webrtc.Error{Code: webrtc.CodeBadRequest, Message: fmt.Sprintf("want up to %d users", maxShown)}

func (h *Hub) presenceOf(user string) Presence {
	return Presence{user, h.presence.online(user), h.presence.isBusy(user), h.presence.quiet[user]}
}

// showPresence pushes the state of a user to the tabs of this node that show it; each node does so by itself. The
// caller holds mu.
func (h *Hub) showPresence(user string) {
	h.lights(user)
	if len(h.viewers[user])+len(h.viewers[""]) == 0 {
		return
	}
	text, err := json.Marshal(message{"presence", h.presenceOf(user)})
	if err != nil {
		return // three plain fields: can't happen
	}
	for _, viewers := range []map[*socket]bool{h.viewers[user], h.viewers[""]} {
		for s := range viewers {
			s.push(text)
		}
	}
}

// lights tells who shows lamps of a user. The caller holds mu.
func (h *Hub) lights(user string) {
	for _, fn := range h.lamps {
		fn(user)
	}
}

// Disturbed says who does not want to be disturbed now: all of them. Each node is told by itself.
func (h *Hub) Disturbed(users []string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	before := h.presence.quiet
	h.presence.quiet = map[string]bool{}
	for _, user := range users {
		h.presence.quiet[user] = true
	}
	for user := range before {
		if !h.presence.quiet[user] {
			h.showPresence(user)
		}
	}
	for _, user := range users {
		if !before[user] {
			h.showPresence(user)
		}
	}
}

// Quiet tells whether a user does not want to be disturbed.
func (h *Hub) Quiet(user string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.presence.quiet[user]
}

// quietUsers are those who don't want to be disturbed, in order.
func (h *Hub) quietUsers() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Sorted(maps.Keys(h.presence.quiet))
}
