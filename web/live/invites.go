package live

import (
	"encoding/json"
	"strings"
	"time"

	"frontdesk/crmcore/people"
)

const inviteRings = 45 * time.Second

type inviteData struct {
	Room  string `json:"room"`
	Title string `json:"title"`
	From  string `json:"from"`
}

type roomData struct {
	Room string `json:"room"`
	User string `json:"user,omitempty"`
	From string `json:"from,omitempty"` // who invited
}

// invite rings a user's tabs for a while.
func (h *Hub) invite(from people.User, user, room, title string) bool {
	if !h.Send(user, "", "meet.invite", inviteData{room, title, from.ID}) {
		return false
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	key := invite{user, room}
	if old := h.invites[key]; old != nil {
		old.Stop()
	}
	if !h.closed {
		h.invites[key] = time.AfterFunc(inviteRings, func() { h.uninvite(user, room) })
	}
	return true
}

// uninvite stops the ringing.
func (h *Hub) uninvite(user, room string) {
	key := invite{user, room}
	h.mu.Lock()
	if timer := h.invites[key]; timer != nil {
		timer.Stop()
		delete(h.invites, key)
	}
	h.mu.Unlock()
	h.Send(user, "", "meet.uninvite", roomData{Room: room})
}

// roomOf is the room of a meet.join.
func roomOf(data json.RawMessage) string {
	var in struct {
		Room string `json:"room"`
	}
	if json.Unmarshal(data, &in) != nil {
		return ""
	}
	return strings.TrimPrefix(in.Room, "meet:")
}
