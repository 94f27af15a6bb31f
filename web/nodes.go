package web

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"frontdesk/bus"
	"frontdesk/pbx"
	"frontdesk/store"
	"frontdesk/webrtc"
)

// A call or meeting lives on one node, a tab's socket may be on any: what the tab asks is relayed to the node that owns it, which alone knows the
// state. Media goes straight between the browser and that node.

// subjects on which a node answers the others.
func operateSubject(node string) string { return "node." + node + ".operate" }
func runningSubject(node string) string { return "node." + node + ".running" }
func hangupSubject(node string) string  { return "node." + node + ".hangup" }
func knockSubject(node string) string   { return "node." + node + ".knock" }

// answerNodes serves what the other nodes ask of this one.
func (s *Server) answerNodes() error {
	for subject, answer := range map[string]func([]byte) (any, error){
		operateSubject(s.cfg.Node): s.operateForNode,
		runningSubject(s.cfg.Node): s.runningForNode,
		hangupSubject(s.cfg.Node):  s.hangupForNode,
		knockSubject(s.cfg.Node):   s.knockForNode,
	} {
		stop, err := s.deps.Bus.Answer(subject, answer)
		if err != nil {
			return err
		}
		s.stops = append(s.stops, stop)
	}
	return nil
}

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
func (s *Server) operate(ctx context.Context, o operation) (any, error) {
	node, err := s.ownerOf(ctx, o)
	if err != nil {
		return nil, err
	}
	if node == s.cfg.Node {
		return s.deps.Calls.Do(ctx, o.User, o.Socket, o.Op, o.Data)
	}
	var out operated
	switch err := s.deps.Bus.Request(ctx, operateSubject(node), o, &out); {
	case errors.Is(err, bus.ErrNobody) && !s.isThere(node): // gone, or a name that a tab made up
		return nil, errNoLeg
	case err != nil:
		s.log.Warn("operation not relayed", "op", o.Op, "node", node, "err", err)
		return nil, errUnreached
	case out.Error != nil:
		return nil, out.Error
	}
	return out.Data, nil
}

var (
	errNoLeg     = &webrtc.Error{Code: webrtc.CodeNotFound, Message: "there is no such call: it is over"}
	errUnreached = &webrtc.Error{Code: webrtc.CodeUnreached, Message: "the server that runs this call is not reached just now: try again in a moment"}
	errDraining  = &webrtc.Error{Code: webrtc.CodeDraining, Message: "this server is being stopped: try again in a moment"}
)

// ownerOf is the node that an operation is for.
func (s *Server) ownerOf(ctx context.Context, o operation) (string, error) {
	if o.Op == "meet.join" {
		return s.ownerOfMeeting(ctx, o.User, roomOf(o.Data))
	}
	var in struct {
		Leg string `json:"leg"`
	}
	if json.Unmarshal(o.Data, &in) != nil {
		return s.cfg.Node, nil // the endpoint says what is wrong
	}
	if node := webrtc.NodeOf(in.Leg); node != "" && validNode(node) {
		return node, nil
	}
	return s.cfg.Node, nil
}

// isThere tells whether another node is a member, as far as this one knows.
func (s *Server) isThere(node string) bool {
	_, there := s.deps.Members.Find(node)
	return there
}

// validNode keeps what a tab made up out of the bus's subjects.
func validNode(node string) bool {
	return len(node) <= maxNodeName && !strings.ContainsAny(node, ".*> \t\r\n")
}

const maxNodeName = 64

// ownerOfMeeting is the node on which a meeting runs, or shall, that a user may come into.
func (s *Server) ownerOfMeeting(ctx context.Context, user, room string) (string, error) {
	if err := s.comesIn(ctx, user, room); err != nil {
		return "", err
	}
	node, err := s.deps.Exchange.MeetingNode(ctx, room)
	if err == nil && node == "" {
		err = errDraining
	}
	return node, err
}

func (s *Server) operateForNode(data []byte) (any, error) {
	var o operation
	if err := json.Unmarshal(data, &o); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), waitWithin)
	defer cancel()
	answer, err := s.deps.Calls.Do(ctx, o.User, o.Socket, o.Op, o.Data)
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

// runningOn all nodes. One that does not answer in time is silent: it is heard of again, or lost.
func (s *Server) runningOn(ctx context.Context, q runningQuery) (running, error) {
	ctx, cancel := context.WithTimeout(ctx, runningWithin)
	defer cancel()
	all, err := s.runningHere(ctx, q)
	if err != nil {
		return all, err
	}
	var mu sync.Mutex
	var asked sync.WaitGroup
	for _, member := range s.deps.Members.Others() {
		asked.Go(func() {
			var there running
			err := s.deps.Bus.Request(ctx, runningSubject(member.ID), q, &there)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				s.log.Warn("calls of another node not known", "node", member.ID, "err", err)
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

func (s *Server) runningHere(ctx context.Context, q runningQuery) (running, error) {
	rooms, err := s.rooms(ctx)
	if err != nil {
		return running{}, err
	}
	if q.User == "" {
		return running{Calls: s.deps.Exchange.Calls(), Legs: map[string]string{}, Rooms: rooms}, nil
	}
	return running{Calls: s.deps.Exchange.CallsOf(q.User), Legs: s.deps.Calls.LegsOf(q.User), Rooms: rooms}, nil
}

func (s *Server) runningForNode(data []byte) (any, error) {
	var q runningQuery
	if err := json.Unmarshal(data, &q); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(store.As(context.Background(), store.Doors, q.User), runningWithin)
	defer cancel()
	return s.runningHere(ctx, q)
}

// hangupQuery asks the node of a call to end it in a user's name.
type hangupQuery struct {
	User string `json:"user"`
	Call string `json:"call"`
}

// refusals are the errors of hangupHere that may cross the bus, by their names there.
func refusals() map[string]error {
	return map[string]error{"not found": pbx.ErrNotFound, "not yours": errNotYours}
}

// hangupThere has the node that runs a call end it.
func (s *Server) hangupThere(ctx context.Context, q hangupQuery) error {
	node, err := s.deps.Exchange.NodeOf(ctx, q.Call)
	if err != nil {
		return err
	}
	if node == s.cfg.Node {
		return pbx.ErrNotFound
	}
	var refused string
	switch err := s.deps.Bus.Request(ctx, hangupSubject(node), q, &refused); {
	case errors.Is(err, bus.ErrNobody) && !s.isThere(node):
		return pbx.ErrNotFound
	case err != nil:
		s.log.Warn("hang-up not relayed", "call", q.Call, "node", node, "err", err)
		return huma.Error503ServiceUnavailable("The server that runs this call is not reached just now. Try again in a moment.")
	}
	return refusals()[refused]
}

func (s *Server) hangupForNode(data []byte) (any, error) {
	var q hangupQuery
	if err := json.Unmarshal(data, &q); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), opWithin)
	defer cancel()
	user, err := s.deps.Core.User(ctx, q.User)
	if err != nil {
		return nil, err
	}
	err = s.hangupHere(ctx, user, q.Call)
	for name, known := range refusals() {
		if errors.Is(err, known) {
			return name, nil
		}
	}
	return "", err
}
