package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"

	"frontdesk/crmcore"
	"frontdesk/store"
	"frontdesk/webrtc"
)

// live is what the tabs of this node are given and may ask for; docs/live-protocol.md describes the messages.
type live struct {
	hello func(ctx context.Context, s *socket) (any, error)
	do    func(ctx context.Context, s *socket, op string, data json.RawMessage) (any, error)
	gone  func(user, socket string) // of this node or another
	name  func(op string) string    // op as the metrics call it
}

// serves says what sockets are given; none is served before.
func (h *Hub) serves(l live) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.live = l
}

// ask is an operation as a tab sends it.
type ask struct {
	ID   int64           `json:"id"`
	Op   string          `json:"op"`
	Data json.RawMessage `json:"data"`
}

// answer to an ask: Data or Error.
type answer struct {
	Re    int64         `json:"re"`
	Data  any           `json:"data,omitempty"`
	Error *webrtc.Error `json:"error,omitempty"`
}

var errBadAsk = errors.New(`want a JSON object like {"id":1,"op":"call.hangup","data":{}}`)

const maxOp = 40 // bytes of an operation's name

// decodeAsk reads a message from a tab: one JSON object with an operation, whose data, if any, is an object.
func decodeAsk(text []byte) (ask, error) {
	var a ask
	if err := json.Unmarshal(text, &a); err != nil {
		return ask{}, errBadAsk
	}
	if bytes.Equal(a.Data, []byte("null")) || len(a.Data) == 0 {
		a.Data = json.RawMessage("{}")
	}
	if a.ID <= 0 || a.Op == "" || len(a.Op) > maxOp || a.Data[0] != '{' {
		return ask{ID: a.ID}, errBadAsk
	}
	return a, nil
}

// serveLive upgrades a request to the live socket of a tab and serves it until it ends.
func (s *Server) serveLive(w http.ResponseWriter, r *http.Request) {
	c, err := s.identifyLive(r)
	if errors.Is(err, errNobody) {
		plainProblem(w, http.StatusUnauthorized, "Log in first.")
		return
	} else if err != nil {
		writeProblem(w, s.problem(r.Context(), err))
		return
	}
	if c.token != "" && c.scope == crmcore.ScopeRead {
		plainProblem(w, http.StatusForbidden, "This token may only read: the live socket takes one that may write.")
		return
	}
	visitOf(r.Context()).user = c.ID
	if !s.hub.slots.Enter(c.ID) {
		plainProblem(w, http.StatusTooManyRequests, "Too many windows are open. Close one first.")
		return
	}
	defer s.hub.slots.Leave(c.ID)
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{OriginPatterns: s.origins, CompressionMode: websocket.CompressionDisabled})
	if err != nil {
		s.log.Warn("live socket", "request", visitOf(r.Context()).id, "err", err)
		return // Accept has answered
	}
	defer conn.CloseNow()
	tab := newSocket(store.NewID(), c, conn, s.log, s.metrics)
	tab.named = r.URL.Query().Get("presence") == "shown"
	s.hub.serve(tab)
}

// identifyLive takes, besides what other requests have, an API token as ?token=, for clients that can't set headers.
func (s *Server) identifyLive(r *http.Request) (caller, error) {
	authorization := r.Header.Get("Authorization")
	if token := r.URL.Query().Get("token"); token != "" {
		authorization = "Bearer " + token
	}
	var secret string
	if cookie, err := r.Cookie(sessionCookie); err == nil {
		secret = cookie.Value
	}
	return s.identify(r.Context(), authorization, secret)
}

// serve greets a tab, then reads its operations and writes what is queued for it, until either side ends.
func (h *Hub) serve(s *socket) {
	ctx, cancel := context.WithCancel(store.As(context.Background(), store.Doors, s.user.ID)) // the request's context ends with the upgrade
	defer cancel()
	if err := h.join(ctx, s); err != nil {
		h.log.Error("live socket", "user", s.user.ID, "err", err)
		s.conn.Close(websocket.StatusInternalError, "try again")
		return
	}
	defer h.leave(s)
	hello, err := h.live.hello(ctx, s)
	if err != nil {
		h.log.Error("hello", "user", s.user.ID, "err", err)
		s.end(websocket.StatusInternalError, "try again")
	} else {
		s.greet(message{"hello", hello})
	}
	h.work(ctx, s)
}

// work runs the tab's reader and writer and waits for both and for the operations under way.
func (h *Hub) work(ctx context.Context, s *socket) {
	ctx, cancel := context.WithCancel(ctx)
	ops := newOperations()
	ops.tasks.Go(func() {
		s.write(ctx)
		cancel() // the reader ends too, should the peer not have answered the close
	})
	ops.tasks.Go(ops.follow)
	s.read(ctx, func(text []byte) { h.handle(ctx, s, ops, text) })
	ops.close()
}

func (s *socket) send(v any) {
	text, err := json.Marshal(v)
	if err != nil {
		s.log.Error("live message", "err", err)
		return
	}
	s.push(text)
}

// handle has one operation done and its answer sent. Operations of a tab follow each other, but one that waits for people lets others pass. The reader
// waits for none: pongs and the end of the connection are always heard. What was asked before the tab closed is done all the same.
func (h *Hub) handle(ctx context.Context, s *socket, ops *operations, text []byte) {
	a, err := decodeAsk(text)
	if err != nil {
		s.send(answer{Re: a.ID, Error: &webrtc.Error{Code: webrtc.CodeBadRequest, Message: err.Error()}})
		return
	}
	if !webrtc.Waits(a.Op) {
		if !ops.after(func() { h.operate(context.WithoutCancel(ctx), s, a) }) {
			s.end(closeTooFast, "too many operations wait: slow down")
		}
		return
	}
	if !ops.start(func() { h.operate(ctx, s, a) }) {
		s.send(answer{Re: a.ID, Error: &webrtc.Error{Code: webrtc.CodeLimit, Message: "too many at once: wait for those that ring"}})
	}
}

const (
	opWithin   = 15 * time.Second
	waitWithin = 60 * time.Second // of an operation that waits for people
	maxWaiting = 4
)

func (h *Hub) operate(ctx context.Context, s *socket, a ask) {
	within := opWithin
	if webrtc.Waits(a.Op) {
		within = waitWithin
	}
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	data, err := h.live.do(ctx, s, a.Op, a.Data)
	if err == nil {
		h.metrics.ops.WithLabelValues(h.live.name(a.Op), "ok").Inc()
		s.send(answer{Re: a.ID, Data: data})
		return
	}
	known := h.errorOf(err, a.Op, s)
	h.metrics.ops.WithLabelValues(h.live.name(a.Op), known.Code).Inc()
	s.send(answer{Re: a.ID, Error: known})
}

// errorOf is what a tab is told of an error; what it can't help is only logged.
func (h *Hub) errorOf(err error, op string, s *socket) *webrtc.Error {
	var known *webrtc.Error
	if errors.As(err, &known) {
		return known
	}
	switch statusOf(err) {
	case http.StatusNotFound:
		return &webrtc.Error{Code: webrtc.CodeNotFound, Message: err.Error()}
	case 0:
		h.log.Error("live operation", "op", op, "user", s.user.ID, "err", err)
		return &webrtc.Error{Code: webrtc.CodeFailed, Message: "the server could not do this: its log says why"}
	}
	return &webrtc.Error{Code: webrtc.CodeRefused, Message: err.Error()}
}

// operations are those of one tab: some in a row, some beside it.
type operations struct {
	tasks sync.WaitGroup
	row   chan func()
	slots chan struct{}
}

func newOperations() *operations {
	return &operations{row: make(chan func(), opBurst), slots: make(chan struct{}, maxWaiting)}
}

// after has fn done after those before it; false when too many wait.
func (o *operations) after(fn func()) bool {
	select {
	case o.row <- fn:
		return true
	default:
		return false
	}
}

// follow does one after the other, until close.
func (o *operations) follow() {
	for fn := range o.row {
		fn()
	}
}

func (o *operations) start(fn func()) bool {
	select {
	case o.slots <- struct{}{}:
		o.tasks.Go(func() { defer func() { <-o.slots }(); fn() })
		return true
	default:
		return false
	}
}

func (o *operations) close() {
	close(o.row)
	o.tasks.Wait()
}

// join registers a socket: from here on it is sent to. Its row is written first, so that other nodes may know.
func (h *Hub) join(ctx context.Context, s *socket) error {
	if err := h.ears.listen(s.user.ID); err != nil {
		return err
	}
	if err := h.addRow(ctx, s); err != nil {
		h.ears.unlisten(s.user.ID)
		return err
	}
	h.mu.Lock()
	if h.closed {
		h.mu.Unlock()
		h.ears.unlisten(s.user.ID)
		s.end(closeGoingAway, "the server is being stopped")
		return errors.Join(errors.New("the hub is closed"), h.dropRow(ctx, s.id))
	}
	h.tasks.Add(1)
	h.sockets[s.id] = s
	if h.users[s.user.ID] == nil {
		h.users[s.user.ID] = map[string]*socket{}
	}
	h.users[s.user.ID][s.id] = s
	if !s.named {
		h.shows(s, "")
	}
	h.mu.Unlock()
	h.metrics.sockets.Inc()
	h.announce(seat{ID: s.id, User: s.user.ID, Node: h.node, Open: true})
	return nil
}

func (h *Hub) leave(s *socket) {
	defer h.tasks.Done()
	h.mu.Lock()
	h.shows(s)
	delete(h.sockets, s.id)
	delete(h.users[s.user.ID], s.id)
	if len(h.users[s.user.ID]) == 0 {
		delete(h.users, s.user.ID)
	}
	h.mu.Unlock()
	h.metrics.sockets.Dec()
	h.announce(seat{ID: s.id, User: s.user.ID, Node: h.node})
	if err := h.dropRow(store.As(context.Background(), store.Doors, s.user.ID), s.id); err != nil {
		h.log.Warn("presence", "err", err) // the row dies by age
	}
	h.live.gone(s.user.ID, s.id)
	h.ears.unlisten(s.user.ID)
}

// invite is a user asked into a room.
type invite struct{ user, room string }

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
func (h *Hub) invite(from crmcore.User, user, room, title string) bool {
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
