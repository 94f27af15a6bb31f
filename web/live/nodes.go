package live

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"time"

	"frontdesk/bus"
	"frontdesk/pbx"
	"frontdesk/store"
	"frontdesk/webrtc"
)

// A call or meeting lives on one node, a tab's socket may be on any: what the tab asks is relayed to the node that owns
// it, which alone knows the state. Media goes straight between the browser and that node.

// subjects on which a node answers the others.
func operateSubject(node string) string { return "node." + node + ".operate" }
func runningSubject(node string) string { return "node." + node + ".running" }
func hangupSubject(node string) string  { return "node." + node + ".hangup" }
func knockSubject(node string) string   { return "node." + node + ".knock" }

// operation of a tab on its way to the node that owns its leg.
type operation struct {
	User   string          `json:"user"`
	Socket string          `json:"socket"`
	Op     string          `json:"op"`
	Data   json.RawMessage `json:"data"`
}

// operated is the answer.
type operated struct {
	Data  json.RawMessage `json:"data,omitempty"`
	Error *webrtc.Error   `json:"error,omitempty"`
}

// operate does an operation on a call or meeting, on whichever node it lives.
func (d *Server) operate(ctx context.Context, o operation) (any, error) {
	node, err := d.ownerOf(ctx, o)
	if err != nil {
		return nil, err
	}
	if node == d.Node {
		return d.Calls.Do(ctx, o.User, o.Socket, o.Op, o.Data)
	}
	var out operated
	switch err := d.Bus.Request(ctx, operateSubject(node), o, &out); {
	case errors.Is(err, bus.ErrNobody) && !d.isThere(node): // gone, or a name that a tab made up
		return nil, errNoLeg
	case err != nil:
		d.Log.Warn("operation not relayed", "op", o.Op, "node", node, "err", err)
		return nil, errUnreached
	case out.Error != nil:
		return nil, out.Error
	}
	return out.Data, nil
}

var (
	errNoLeg     = &webrtc.Error{Code: webrtc.CodeNotFound, Message: "there is no such call: it is over"}
	errUnreached = &webrtc.Error{Code: webrtc.CodeUnreached,
		Message: "the server that runs this call is not reached just now: try again in a moment"}
	errDraining = &webrtc.Error{Code: webrtc.CodeDraining,
		Message: "this server is being stopped: try again in a moment"}
)

// ownerOf is the node that an operation is for.
func (d *Server) ownerOf(ctx context.Context, o operation) (string, error) {
	if o.Op == "meet.join" {
		return d.ownerOfMeeting(ctx, o.User, roomOf(o.Data))
	}
	var in struct {
		Leg  string `json:"leg"`
		Call string `json:"call"`
	}
	if json.Unmarshal(o.Data, &in) != nil {
		return d.Node, nil // the endpoint says what is wrong
	}
	if o.Op == "call.fetch" || o.Op == "call.supervise" && in.Leg == "" {
		return d.ownerOfCall(ctx, in.Call)
	}
	if node := webrtc.NodeOf(in.Leg); node != "" && validNode(node) {
		return node, nil
	}
	return d.Node, nil
}

// ownerOfCall is the node that runs a call.
func (d *Server) ownerOfCall(ctx context.Context, call string) (string, error) {
	node, err := d.Exchange.NodeOf(ctx, call)
	if errors.Is(err, pbx.ErrNotFound) {
		return "", errNoLeg
	}
	return node, err
}

// isThere tells whether another node is a member, as far as this one knows.
func (d *Server) isThere(node string) bool {
	_, there := d.Members.Find(node)
	return there
}

// validNode keeps what a tab made up out of the bus's subjects.
func validNode(node string) bool {
	return len(node) <= maxNodeName && !strings.ContainsAny(node, ".*> \t\r\n")
}

const maxNodeName = 64

// ownerOfMeeting is the node on which a meeting runs, or shall, that a user may come into.
func (d *Server) ownerOfMeeting(ctx context.Context, user, room string) (string, error) {
	if err := d.comesIn(ctx, user, room); err != nil {
		return "", err
	}
	node, err := d.Exchange.MeetingNode(ctx, room)
	if err == nil && node == "" {
		err = errDraining
	}
	return node, err
}

func (d *Server) operateForNode(data []byte) (any, error) {
	var o operation
	if err := json.Unmarshal(data, &o); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), waitWithin)
	defer cancel()
	answer, err := d.Calls.Do(ctx, o.User, o.Socket, o.Op, o.Data)
	known := &webrtc.Error{}
	if errors.As(err, &known) {
		return operated{Error: known}, nil
	}
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(answer)
	return operated{Data: text}, err
}

// runningQuery asks for what runs on a node: of a user, or of everybody when User is "".
type runningQuery struct {
	User string `json:"user"`
}

// running is what runs, on one node or on all.
type running struct {
	Calls []pbx.View        `json:"calls"`
	Legs  map[string]string `json:"legs"` // of the user: leg by call
	Rooms []Room            `json:"rooms"`

	silent []string // nodes that did not answer
}

// runningWithin bounds the wait for a node that may be dying.
const runningWithin = time.Second

// Running are the calls of all nodes now: of a user, or of everybody with "".
func (d *Server) Running(ctx context.Context, user string) ([]pbx.View, error) {
	now, err := d.runningOn(ctx, runningQuery{User: user})
	return now.Calls, err
}

// Inside are the meetings that somebody is in now, on all nodes, by their ids. Who may see them is the caller's to say.
func (d *Server) Inside(ctx context.Context, user string) (map[string]Room, error) {
	now, err := d.runningOn(ctx, runningQuery{User: user})
	rooms := map[string]Room{}
	for _, r := range now.Rooms {
		rooms[r.Room] = r
	}
	return rooms, err
}

// runningOn all nodes. One that does not answer in time is silent: it is heard of again, or lost.
func (d *Server) runningOn(ctx context.Context, q runningQuery) (running, error) {
	ctx, cancel := context.WithTimeout(ctx, runningWithin)
	defer cancel()
	all, err := d.runningHere(ctx, q)
	if err != nil {
		return all, err
	}
	var mu sync.Mutex
	var asked sync.WaitGroup
	for _, member := range d.Members.Others() {
		asked.Go(func() {
			var there running
			err := d.Bus.Request(ctx, runningSubject(member.ID), q, &there)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				d.Log.Warn("calls of another node not known", "node", member.ID, "err", err)
				all.silent = append(all.silent, member.ID)
				return
			}
			all.add(there)
		})
	}
	asked.Wait()
	return all, nil
}

func (r *running) add(more running) {
	r.Calls = append(r.Calls, more.Calls...)
	r.Rooms = append(r.Rooms, more.Rooms...)
	for call, leg := range more.Legs {
		r.Legs[call] = leg
	}
}

func (d *Server) runningHere(ctx context.Context, q runningQuery) (running, error) {
	rooms, err := d.rooms(ctx)
	if err != nil {
		return running{}, err
	}
	if q.User == "" {
		return running{Calls: d.Exchange.Calls(), Legs: map[string]string{}, Rooms: rooms}, nil
	}
	return running{Calls: d.Exchange.CallsOf(q.User), Legs: d.Calls.LegsOf(q.User), Rooms: rooms}, nil
}

func (d *Server) runningForNode(data []byte) (any, error) {
	var q runningQuery
	if err := json.Unmarshal(data, &q); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(store.As(context.Background(), store.Doors, q.User), runningWithin)
	defer cancel()
	return d.runningHere(ctx, q)
}
