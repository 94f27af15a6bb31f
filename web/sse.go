package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"frontdesk/crmcore"
	"frontdesk/store"
)

const (
	streamPing    = 15 * time.Second // a comment, so that proxies and readers know the stream lives
	streamPoll    = 5 * time.Second  // look for events even without a hint
	streamWrite   = 10 * time.Second // a reader that takes nothing for so long is cut off; it replays when it is back
	maxStreams    = 1000
	maxUserStream = 10
)

type eventsInput struct {
	Last  string   `header:"Last-Event-ID" maxLength:"20" doc:"Replay what came after this event"`
	Types []string `query:"types" maxItems:"20" doc:"Only these types"`
}

func (s *Server) streamEvents(ctx context.Context, in *eventsInput) (*streamOutput, error) {
	c := callerOf(ctx)
	last, err := s.startOf(ctx, in.Last)
	if err != nil {
		return nil, err
	}
	if !s.streams.Enter(c.ID) {
		return nil, huma.Error429TooManyRequests("Too many event streams are open. Close one first.")
	}
	return &streamOutput{func(hc huma.Context) {
		defer s.streams.Leave(c.ID)
		hc.SetHeader("Content-Type", "text/event-stream")
		hc.SetHeader("Cache-Control", "no-store")
		hc.SetHeader("X-Accel-Buffering", "no")
		ctx, end := context.WithCancel(ctx)
		defer end()
		defer s.hub.watch(c, end)()
		st := &stream{server: s, caller: c, types: in.Types, last: last, w: hc.BodyWriter()}
		st.run(ctx)
	}}, nil
}

// startOf a stream: after the event the reader saw last, or now.
func (s *Server) startOf(ctx context.Context, text string) (int64, error) {
	if text == "" {
		return s.events.last(ctx)
	}
	seq, err := strconv.ParseInt(text, 10, 64)
	if err != nil || seq < 0 {
		return 0, huma.Error400BadRequest("Last-Event-ID is the id of an event: a number.")
	}
	return seq, nil
}

// stream is one reader of events.
type stream struct {
	server *Server
	caller caller
	types  []string
	last   int64
	w      io.Writer
}

func (st *stream) run(ctx context.Context) {
	ping, poll := time.NewTicker(streamPing), time.NewTicker(streamPoll)
	defer ping.Stop()
	defer poll.Stop()
	if st.write(": hello\nretry: 2000\n\n") != nil {
		return
	}
	for {
		rung := st.server.bell.wait() // before reading, so that nothing is missed between
		if err := st.send(ctx); err != nil && !store.IsBusy(err) {
			return // what is busy is asked again
		}
		select {
		case <-ctx.Done():
			return
		case <-st.server.closing:
			return
		case <-rung:
		case <-poll.C:
		case <-ping.C:
			if !st.welcome(ctx) || st.write(": ping\n\n") != nil {
				return
			}
		}
	}
}

// welcome tells whether the reader's log-in is still good. When the database can't say just now, it counts as such.
func (st *stream) welcome(ctx context.Context) bool {
	ctx = store.As(ctx, store.Doors, st.caller.ID)
	user, err := st.server.deps.Core.User(ctx, st.caller.ID)
	if err != nil {
		return !errors.Is(err, crmcore.ErrNotFound)
	}
	st.caller.User = user
	key := st.caller.key()
	good, err := st.server.gate.sessions.good(ctx, []string{key})
	return user.Active && (err != nil || good[key])
}

// send writes the events that came since.
func (st *stream) send(ctx context.Context) error {
	for {
		batch, err := st.server.events.after(ctx, st.last)
		if err != nil {
			return err
		}
		for _, e := range batch {
			st.last = e.seq
			data, sees := st.sees(e)
			if !sees {
				continue
			}
			if err := st.write(fmt.Sprintf("id: %d\nevent: %s\ndata: %s\n\n", e.seq, e.kind, data)); err != nil {
				return err
			}
		}
		if len(batch) < eventBatch {
			return nil
		}
	}
}

// sees is what the reader is told of an event, if he is.
func (st *stream) sees(e stored) (json.RawMessage, bool) {
	switch {
	case len(st.types) > 0 && !slices.Contains(st.types, e.kind):
		return nil, false
	case slices.Contains(e.audience, st.caller.ID):
		return e.data, true
	}
	return e.rest, isAdmin(st.caller.User)
}

func (st *stream) write(text string) error {
	w, ok := st.w.(http.ResponseWriter)
	if !ok {
		return http.ErrNotSupported
	}
	control := http.NewResponseController(w)
	control.SetWriteDeadline(time.Now().Add(streamWrite)) // not supported by a recorder in a test
	if _, err := io.WriteString(w, text); err != nil {
		return err
	}
	return control.Flush()
}
