package live

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"frontdesk/bus"
	"frontdesk/crmcore"
	"frontdesk/guard"
	"frontdesk/pbx"
	"frontdesk/pbx/directory"
	"frontdesk/pbx/input"
	"frontdesk/webrtc"
)

// The door of a meeting: who is invited comes in, an administrator by right, who is written down as invited then. A
// colleague who is not knocks, and those inside let him in or turn him away.

var (
	errInvite     = &webrtc.Error{Code: webrtc.CodeBadRequest, Message: "want a room and a user"}
	errKnock      = &webrtc.Error{Code: webrtc.CodeBadRequest, Message: "want a room"}
	errKnocksOn   = &webrtc.Error{Code: webrtc.CodeLimit, Message: "you ask too often: wait some seconds"}
	errCrowd      = &webrtc.Error{Code: webrtc.CodeLimit, Message: "too many ask to be let in: try again in a moment"}
	errTurnedAway = &webrtc.Error{Code: webrtc.CodeTurnedAway,
		Message: "those inside did not let you in: ask again in a minute"}
)

// knockRate is how often a user may knock, at whatever meetings: a tab that waits does every ten seconds.
func knockRate() guard.Rate { return guard.Rate{Burst: 10, Every: 2 * time.Second} }

const maxKnockers = 10_000 // users whose knocks are counted

// invite lets a colleague come into a meeting that the user may come into, and rings him if he is there.
func (d *Server) invite(ctx context.Context, from *socket, data json.RawMessage) (any, error) {
	var in roomData
	if err := json.Unmarshal(data, &in); err != nil || len(in.Room) > maxRoomID {
		return nil, errInvite
	}
	if err := d.comesIn(ctx, from.user.ID, in.Room); err != nil {
		return nil, err
	}
	m, err := d.Directory.Meeting(ctx, in.Room)
	if err != nil {
		return nil, err
	}
	if err := d.MayBeInvited(ctx, []string{in.User}); err != nil {
		return nil, err
	}
	if err := d.Directory.Invite(ctx, m.ID, in.User); err != nil {
		return nil, err
	}
	d.TellRoomChanged(m, in.User)
	return invited{Rings: d.Hub.invite(from.user, in.User, m.ID, m.Title)}, nil
}

const maxRoomID = 100

// invited is the answer to meet.invite.
type invited struct {
	Rings bool `json:"rings"` // the colleague is online
}

// MayBeInvited checks that these are users who work here.
func (d *Server) MayBeInvited(ctx context.Context, people []string) error {
	for _, id := range people {
		u, err := d.Core.User(ctx, id)
		if errors.Is(err, crmcore.ErrNotFound) || err == nil && !u.Active {
			return &input.Invalid{Field: "people", Problem: "one of them is no user, or no longer works here"}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// TellRoomChanged has the tabs of those who see a room read it again, and those of others who did, or now do.
func (d *Server) TellRoomChanged(m directory.Meeting, others ...string) {
	all := append(slices.Clone(m.People), m.Owner)
	for _, user := range slices.Compact(slices.Sorted(slices.Values(append(all, others...)))) {
		d.Hub.Send(user, "", "changed", changed{"meeting", m.ID})
	}
}

// declineInvite stops the ringing in the user's other tabs and tells who invited.
func (d *Server) declineInvite(from *socket, data json.RawMessage) (any, error) {
	var in roomData
	if err := json.Unmarshal(data, &in); err != nil || in.Room == "" || len(in.Room) > maxRoomID ||
		len(in.From) > maxRoomID {
		return nil, errInvite
	}
	d.Hub.uninvite(from.user.ID, in.Room)
	if in.From != "" {
		d.Hub.Send(in.From, "", "meet.declined", roomData{Room: in.Room, User: from.user.ID})
	}
	return struct{}{}, nil
}

// knocked is the answer to meet.knock: whether those inside are asked, nobody is inside, or he may come in already.
type knocked struct {
	State string `json:"state"` // asked, empty, invited
}

func (d *Server) knock(ctx context.Context, from *socket, data json.RawMessage) (any, error) {
	var in struct {
		Room string `json:"room"`
		Over bool   `json:"over"` // he no longer asks
	}
	if err := json.Unmarshal(data, &in); err != nil || in.Room == "" || len(in.Room) > maxRoomID {
		return nil, errKnock
	}
	if !d.knocks.Allow(from.user.ID) {
		return nil, errKnocksOn
	}
	err := d.comesIn(ctx, from.user.ID, in.Room)
	if err == nil {
		return knocked{"invited"}, nil
	}
	if !errors.Is(err, errNotInvited) {
		return nil, err
	}
	cause, err := d.knockAt(ctx, knockQuery{in.Room, from.user.ID, in.Over})
	switch {
	case err != nil:
		return nil, err
	case in.Over:
		return struct{}{}, nil
	}
	return knockResult(cause)
}

func knockResult(cause pbx.Cause) (any, error) {
	switch cause {
	case pbx.CauseNone:
		return knocked{"asked"}, nil
	case pbx.CauseDeclined:
		return nil, errTurnedAway
	case pbx.CauseOverload:
		return nil, errCrowd
	default:
		return knocked{"empty"}, nil
	}
}

// knockQuery asks the node of a meeting that a user be let in.
type knockQuery struct {
	Room string `json:"room"`
	User string `json:"user"`
	Over bool   `json:"over"`
}

// knockAt the node where the meeting runs, if it does.
func (d *Server) knockAt(ctx context.Context, q knockQuery) (cause pbx.Cause, err error) {
	node, err := d.Exchange.MeetingHolder(ctx, q.Room)
	switch {
	case err != nil:
		return pbx.CauseNone, err
	case node == "":
		return pbx.CauseNotFound, nil
	case node == d.Node:
		return d.Exchange.Knock(q.Room, q.User, q.Over), nil
	}
	switch err := d.Bus.Request(ctx, knockSubject(node), q, &cause); {
	case errors.Is(err, bus.ErrNobody) && !d.isThere(node):
		return pbx.CauseNotFound, nil
	case err != nil:
		d.Log.Warn("knock not relayed", "node", node, "err", err)
		return pbx.CauseNone, errUnreached
	}
	return cause, nil
}

func (d *Server) knockForNode(data []byte) (any, error) {
	var q knockQuery
	if err := json.Unmarshal(data, &q); err != nil {
		return nil, err
	}
	return d.Exchange.Knock(q.Room, q.User, q.Over), nil
}

// answerKnock lets somebody in, or turns him away. That the user is inside himself the node says that has his leg.
func (d *Server) answerKnock(ctx context.Context, from *socket, data json.RawMessage) (any, error) {
	var in struct {
		User string `json:"user"`
		On   bool   `json:"on"`
	}
	if err := json.Unmarshal(data, &in); err != nil {
		return nil, errInvite
	}
	if err := d.MayBeInvited(ctx, []string{in.User}); err != nil {
		return nil, err
	}
	answer, err := d.operate(ctx, operation{User: from.user.ID, Socket: from.id, Op: "meet.admit", Data: data})
	if err != nil {
		return nil, err
	}
	room, err := roomAdmitted(answer)
	if err != nil {
		return nil, err
	}
	if !in.On {
		d.Hub.Send(in.User, "", "meet.refused", roomData{Room: room})
		return struct{}{}, nil
	}
	if err := d.Directory.Invite(ctx, room, in.User); err != nil {
		return nil, err
	}
	d.Hub.Send(in.User, "", "meet.admitted", roomData{Room: room})
	d.Hub.Send(in.User, "", "changed", changed{"meeting", room})
	return struct{}{}, nil
}

// roomAdmitted is the room in an answer of meet.admit, of this node or another.
func roomAdmitted(answer any) (string, error) {
	if here, ok := answer.(webrtc.Admitted); ok {
		return here.Room, nil
	}
	var there webrtc.Admitted
	text, _ := answer.(json.RawMessage)
	err := json.Unmarshal(text, &there)
	return there.Room, err
}

// putOutSubject tells all nodes of a user who is no longer invited to a meeting.
const putOutSubject = "meet.putout"

// PutOut ends the part in a meeting of those who are no longer invited, wherever it runs.
func (d *Server) PutOut(room string, users []string) {
	for _, user := range users {
		d.Hub.uninvite(user, room)
		d.Exchange.PutOut(room, user)
		if err := d.Bus.Publish(putOutSubject, roomData{Room: room, User: user}); err != nil {
			d.Log.Warn("not told that somebody is no longer invited", "meeting", room, "user", user, "err", err)
		}
	}
}

func (d *Server) onPutOut(_ string, data []byte) {
	var out roomData
	if err := json.Unmarshal(data, &out); err == nil && out.Room != "" && out.User != "" {
		d.Exchange.PutOut(out.Room, out.User)
	}
}
