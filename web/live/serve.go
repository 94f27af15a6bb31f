package live

import (
	"context"
	"errors"
	"net/http"

	"github.com/coder/websocket"

	"frontdesk/crmcore/people"
	"frontdesk/store"
	"frontdesk/web/api"
	"frontdesk/webrtc"
)

// ServeLive upgrades a request to the live socket of a tab and serves it until it ends.
func (d *Server) ServeLive(w http.ResponseWriter, r *http.Request) {
	c, err := d.identifyLive(r)
	if errors.Is(err, api.ErrNobody) {
		api.WriteProblem(w, http.StatusUnauthorized, "Log in first.")
		return
	} else if err != nil {
		api.WriteError(w, d.Frame.Problem(r.Context(), err))
		return
	}
	if c.Token != "" && c.Scope == people.ScopeRead {
		api.WriteProblem(w, http.StatusForbidden, "This token may only read: the live socket takes one that may write.")
		return
	}
	api.VisitOf(r.Context()).User = c.ID
	if !d.Hub.slots.Enter(c.ID) {
		api.WriteProblem(w, http.StatusTooManyRequests, "Too many windows are open. Close one first.")
		return
	}
	defer d.Hub.slots.Leave(c.ID)
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{OriginPatterns: d.Origins,
		CompressionMode: websocket.CompressionDisabled})
	if err != nil {
		d.Log.Warn("live socket", "request", api.VisitOf(r.Context()).ID, "err", err)
		return // Accept has answered
	}
	defer conn.CloseNow()
	tab := newSocket(store.NewID(), c, conn, d.Log, d.Hub.metrics)
	tab.named = r.URL.Query().Get("presence") == "shown"
	d.serve(tab)
}

// identifyLive takes, besides what other requests have, an API token as ?token=, for clients that can't set headers.
func (d *Server) identifyLive(r *http.Request) (api.Caller, error) {
	authorization := r.Header.Get("Authorization")
	if token := r.URL.Query().Get("token"); token != "" {
		authorization = "Bearer " + token
	}
	var secret string
	if cookie, err := r.Cookie(api.SessionCookie); err == nil {
		secret = cookie.Value
	}
	c, err := d.Frame.Gate.Identify(r.Context(), authorization, secret)
	if err == nil && c.Enrol {
		err = api.ErrNobody // he has something to do first
	}
	return c, err
}

// serve greets a tab, then reads its operations and writes what is queued for it, until either side ends.
func (d *Server) serve(s *socket) {
	// the request's context ends with the upgrade
	ctx, cancel := context.WithCancel(store.As(context.Background(), store.Doors, s.user.ID))
	defer cancel()
	if err := d.Hub.join(ctx, s); err != nil {
		d.Log.Error("live socket", "user", s.user.ID, "err", err)
		s.conn.Close(websocket.StatusInternalError, "try again")
		return
	}
	defer d.Hub.leave(s)
	hello, err := d.hello(ctx, s)
	if err != nil {
		d.Log.Error("hello", "user", s.user.ID, "err", err)
		s.end(websocket.StatusInternalError, "try again")
	} else {
		s.greet(message{"hello", hello})
	}
	d.work(ctx, s)
}

// work runs the tab's reader and writer and waits for both and for the operations under way.
func (d *Server) work(ctx context.Context, s *socket) {
	ctx, cancel := context.WithCancel(ctx)
	ops := newOperations()
	ops.tasks.Go(func() {
		s.write(ctx)
		cancel() // the reader ends too, should the peer not have answered the close
	})
	ops.tasks.Go(ops.follow)
	s.read(ctx, func(text []byte) { d.handle(ctx, s, ops, text) })
	ops.close()
}

// handle has one operation done and its answer sent. Operations of a tab follow each other, but one that waits for
// people lets others pass. The reader waits for none: pongs and the end of the connection are always heard. What was
// asked before the tab closed is done all the same.
func (d *Server) handle(ctx context.Context, s *socket, ops *operations, text []byte) {
	a, err := decodeAsk(text)
	if err != nil {
		s.send(answer{Re: a.ID, Error: &webrtc.Error{Code: webrtc.CodeBadRequest, Message: err.Error()}})
		return
	}
	if !webrtc.Waits(a.Op) {
		if !ops.after(func() { d.perform(context.WithoutCancel(ctx), s, a) }) {
			s.end(closeTooFast, "too many operations wait: slow down")
		}
		return
	}
	if !ops.start(func() { d.perform(ctx, s, a) }) {
		s.send(answer{Re: a.ID, Error: &webrtc.Error{Code: webrtc.CodeLimit,
			Message: "too many at once: wait for those that ring"}})
	}
}

func (d *Server) perform(ctx context.Context, s *socket, a ask) {
	within := opWithin
	if webrtc.Waits(a.Op) {
		within = waitWithin
	}
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	data, err := d.do(ctx, s, a.Op, a.Data)
	if err == nil {
		d.Hub.metrics.ops.WithLabelValues(d.opName(a.Op), "ok").Inc()
		s.send(answer{Re: a.ID, Data: data})
		return
	}
	known := d.errorOf(err, a.Op, s)
	d.Hub.metrics.ops.WithLabelValues(d.opName(a.Op), known.Code).Inc()
	s.send(answer{Re: a.ID, Error: known})
}

// errorOf is what a tab is told of an error; what it can't help is only logged.
func (d *Server) errorOf(err error, op string, s *socket) *webrtc.Error {
	var known *webrtc.Error
	if errors.As(err, &known) {
		return known
	}
	switch api.StatusOf(err) {
	case http.StatusNotFound:
		return &webrtc.Error{Code: webrtc.CodeNotFound, Message: err.Error()}
	case 0:
		d.Log.Error("live operation", "op", op, "user", s.user.ID, "err", err)
		return &webrtc.Error{Code: webrtc.CodeFailed, Message: "the server could not do this: its log says why"}
	}
	return &webrtc.Error{Code: webrtc.CodeRefused, Message: err.Error()}
}
