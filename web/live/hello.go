package live

import (
	"context"
	"encoding/json"

	"frontdesk/crmcore/people"
	"frontdesk/pbx"
	"frontdesk/store"
	"frontdesk/web/api"
	"frontdesk/webrtc"
	"frontdesk/webrtc/relay"
)

// Hello is what a tab is told first: all that it needs to show the state of things and to take up its calls again.
type Hello struct {
	Socket string            `json:"socket"`
	User   people.User       `json:"user"`
	Online []string          `json:"online"` // user ids; none for a tab that names whom it shows
	Busy   []string          `json:"busy"`   // likewise
	Quiet  []string          `json:"quiet"`  // likewise: who does not want to be disturbed
	Calls  []pbx.View        `json:"calls"`
	MyLegs map[string]string `json:"my_legs"` // leg by call
	Rooms  []Room            `json:"rooms"`
	Silent []string          `json:"silent"` // nodes that could not be asked: of theirs nothing is told here
	ICE    []relay.ICEServer `json:"ice"`
	Demo   bool              `json:"demo"`
}

// liveDo does an operation of a tab. Calls and meetings are the endpoint's; inviting colleagues is done here.
func (d *Server) liveDo(ctx context.Context, from *socket, op string, data json.RawMessage) (any, error) {
	if !from.may(op) {
		return nil, errScope
	}
	switch op {
	case "meet.invite":
		return d.invite(store.As(ctx, store.Screens, from.user.ID), from, data)
	case "meet.knock":
		return d.knock(store.As(ctx, store.Screens, from.user.ID), from, data)
	case "meet.admit":
		return d.answerKnock(store.As(ctx, store.Screens, from.user.ID), from, data)
	case "meet.decline":
		return d.declineInvite(from, data)
	case "presence.show":
		return d.Hub.show(from, data)
	case "ping":
		return struct{}{}, nil
	}
	out, err := d.operate(store.As(ctx, store.Calls, ""),
		operation{User: from.user.ID, Socket: from.id, Op: op, Data: data})
	if err == nil && op == "meet.join" {
		d.Hub.uninvite(from.user.ID, roomOf(data))
	}
	return out, err
}

var errScope = &webrtc.Error{Code: webrtc.CodeRefused, Message: "this token may only read"}

// may tells whether an operation is in the scope of the token that the tab came with, if it did: one that reads gets no
// leg, and calls nobody.
func (s *socket) may(op string) bool {
	return s.caller.Scope != people.ScopeRead || op == "ping" || op == "presence.show"
}

// opName keeps what tabs make up out of the metrics.
func (d *Server) opName(op string) string {
	if op == "meet.invite" || op == "meet.decline" || op == "meet.knock" || op == "presence.show" || d.Calls.Knows(op) {
		return op
	}
	return "other"
}

func (d *Server) hello(ctx context.Context, to *socket) (any, error) {
	now, err := d.runningOn(ctx, runningQuery{to.user.ID})
	if err != nil {
		return nil, err
	}
	rooms, err := d.seenRooms(ctx, to.user, now.Rooms)
	if err != nil {
		return nil, err
	}
	d.Hub.greets(to, now.silent)
	h := Hello{
		Silent: now.silent, Socket: to.id, User: to.user, Rooms: rooms, Demo: d.Demo,
		Calls: now.Calls, MyLegs: now.Legs, ICE: d.Calls.ICEServers(to.user.ID),
	}
	if !to.named {
		h.Online, h.Busy, h.Quiet = d.Hub.OnlineUsers(), d.Hub.busyUsers(), d.Hub.quietUsers()
	}
	return api.NoNulls(h), nil
}
