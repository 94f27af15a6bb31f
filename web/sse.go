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
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/store"
	"frontdesk/web/api"
)

const (
	streamPing    = 15 * time.Second // a comment, so that proxies and readers know the stream lives
	streamPoll    = 5 * time.Second  // look for events even without a hint
	streamWrite   = 10 * time.Second // a reader that takes nothing for so long is cut off; it replays when it is back
	maxStreams    = 1000
	maxUserStream = 10
)

// The stream is ours, not huma/sse's: that one sends no comments as pings, can't refuse with a status before it streams
// (400, 429), knows its events by Go types where ours are JSON as it was kept, and writes what fails to standard error.

type eventsInput struct {
	Last  string   `header:"Last-Event-ID" maxLength:"20" doc:"Replay what came after this event"`
	Types []string `query:"types" maxItems:"20" doc:"Only these types"`
}

func (s *Server) streamEvents(ctx context.Context, in *eventsInput) (*api.StreamOutput, error) {
	c := api.CallerOf(ctx)
	last, reset, err := s.startOf(ctx, in.Last)
	if err != nil {
		return nil, err
	}
	if !s.streams.Enter(c.ID) {
		return nil, huma.Error429TooManyRequests("Too many event streams are open. Close one first.")
	}
	return &api.StreamOutput{Body: func(hc huma.Context) {
		defer s.streams.Leave(c.ID)
		hc.SetHeader("Content-Type", "text/event-stream")
		hc.SetHeader("Cache-Control", "no-store")
		hc.SetHeader("X-Accel-Buffering", "no")
		ctx, end := context.WithCancel(ctx)
		defer end()
		defer s.hub.Watch(c, end)()
		st := &stream{server: s, caller: c, types: in.Types, last: last, reset: reset, w: hc.BodyWriter()}
		st.run(ctx)
	}}, nil
}

// startOf a stream: after the event the reader saw last, or now. Where what followed that is no longer kept, reset
// tells so, and the stream goes on with what is.
func (s *Server) startOf(ctx context.Context, text string) (seq int64, reset bool, err error) {
	if text == "" {
		seq, err = s.events.Last(ctx)
		return seq, false, err
	}
	seq, err = strconv.ParseInt(text, 10, 64)
	if err != nil || seq < 0 {
		return 0, false, huma.Error400BadRequest("Last-Event-ID is the id of an event: a number.")
	}
	whole, from, err := s.events.Follows(ctx, seq)
	if !whole {
		seq = from
	}
	return seq, !whole, err
}

// stream is one reader of events.
type stream struct {
	server *Server
	caller api.Caller
	types  []string
	last   int64
	reset  bool // begins with saying that events are missing
	w      io.Writer
}

func (st *stream) run(ctx context.Context) {
	ping, poll := time.NewTicker(streamPing), time.NewTicker(streamPoll)
	defer ping.Stop()
	defer poll.Stop()
	st.follow()
	if st.hello() != nil {
		return
	}
	for {
		rung := st.server.bell.Wait() // before reading, so that nothing is missed between
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
			st.follow()
			if !st.welcome(ctx) || st.write(": ping\n\n") != nil {
				return
			}
		}
	}
}

// follow tells the house that the cards that open are read here, if they are.
func (st *stream) follow() {
	if len(st.types) == 0 || slices.Contains(st.types, "card.open") {
		st.server.hub.Follow()
	}
}

func (st *stream) hello() error {
	text := ": hello\nretry: 2000\n\n"
	if st.reset {
		text += fmt.Sprintf("id: %d\nevent: %s\ndata: {}\n\n", st.last, eventsReset)
	}
	return st.write(text)
}

// welcome tells whether the reader's log-in is still good. When the database can't say just now, it counts as such.
func (st *stream) welcome(ctx context.Context) bool {
	ctx = store.As(ctx, store.Doors, st.caller.ID)
	user, err := st.server.deps.Core.User(ctx, st.caller.ID)
	if err != nil {
		return !errors.Is(err, crmcore.ErrNotFound)
	}
	st.caller.User = user
	key := st.caller.Key()
	good, err := st.server.gate.Sessions.Good(ctx, []string{key})
	return user.Active && (err != nil || good[key])
}

// send writes the events that came since.
func (st *stream) send(ctx context.Context) error {
	for {
		batch, more, err := st.server.events.After(ctx, st.last)
		if err != nil {
			return err
		}
		open, err := st.readable(ctx, batch)
		if err != nil {
			return err
		}
		for _, e := range batch {
			st.last = e.Seq
			data, sees := sees(st.caller.User, e, open)
			if !sees || len(st.types) > 0 && !slices.Contains(st.types, e.Type) {
				continue
			}
			if err := st.write(fmt.Sprintf("id: %d\nevent: %s\ndata: %s\n\n", e.Seq, e.Type, data)); err != nil {
				return err
			}
		}
		if !more {
			return nil
		}
	}
}

// readable are those records, of what events are about, that the reader may read now.
func (st *stream) readable(ctx context.Context, batch []store.Told) (map[store.EventRecord]bool, error) {
	var refs []record.Ref
	for _, e := range batch {
		if e.Record.ID != "" {
			refs = append(refs, record.Ref{Kind: record.Kind(e.Record.Kind), ID: e.Record.ID})
		}
	}
	open := map[store.EventRecord]bool{}
	if len(refs) == 0 {
		return open, nil
	}
	core := st.server.deps.Core
	user, err := core.User(ctx, st.caller.ID) // his rights are those of now, too
	if err != nil {
		return nil, err
	}
	st.caller.User = user
	readable, err := core.Readable(ctx, user, refs)
	for _, r := range readable {
		open[store.EventRecord{Kind: string(r.Kind), ID: r.ID}] = true
	}
	return open, err
}

// sees is what a user is told of an event, if he is: one of those it is for, as long as he may read the record it is
// about. Where it names nobody, whoever may read the record is.
func sees(user people.User, e store.Told, open map[store.EventRecord]bool) (json.RawMessage, bool) {
	about := e.Record.ID != ""
	meant := slices.Contains(e.For, user.ID) || about && len(e.For) == 0
	if meant && (!about || open[e.Record]) {
		return e.Data, true
	}
	return e.Rest, api.IsAdmin(user)
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
