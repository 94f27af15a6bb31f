package webrtc

import (
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"frontdesk/pbx"
	"frontdesk/webrtc/peer"
)

// base is what the legs of calls and meetings have in common: events, the tab they live in, and the watch over their
// media.
type base struct {
	end    *Endpoint
	id     string
	user   string
	log    *slog.Logger
	events *queue

	negotiation sync.Mutex // one at a time; taken before mu

	mu     sync.Mutex
	call   string     // id of the call; of a meeting, whose legs come and go, "meet:" and the id of the meeting
	socket string     // the tab that has the leg's media; "" when it went away or none has it yet
	peer   *peer.Peer // the publishing one in a meeting; nil while it rings
	live   bool       // media can flow
	watch  *time.Timer
	over   bool
}

// legEvent is the data of call.leg.
type legEvent struct {
	Call  string `json:"call"`
	Leg   string `json:"leg"`
	State string `json:"state"`
}

// legRef names a leg, in what tabs ask and are told.
type legRef struct {
	Leg string `json:"leg"`
}

func (e *Endpoint) newBase(user, socket, call string) base {
	id := e.newID()
	return base{end: e, id: id, user: user, socket: socket, call: call, events: newQueue(),
		log: e.log.With("leg", id, "user", user)}
}

// newID names the node, so that every node knows where to send what a tab asks of the leg: NodeOf.
func (e *Endpoint) newID() string {
	id := uuid.Must(uuid.NewV7()).String()
	if e.config.Node == "" {
		return id
	}
	return e.config.Node + "." + id
}

// NodeOf is the node that a leg lives on, "" when its id does not tell.
func NodeOf(leg string) string {
	node, _, ok := strings.Cut(leg, ".")
	if !ok {
		return ""
	}
	return node
}

// ID implements pbx.Leg.
func (b *base) ID() string { return b.id }

func (b *base) owner() string { return b.user }

// Party implements pbx.Leg.
func (b *base) Party() pbx.Party { return pbx.Party{Kind: pbx.Browser, User: b.user} }

// Listen implements pbx.Leg.
func (b *base) Listen(listen func(pbx.Event)) {
	b.end.tasks.Go(func() { b.events.drain(listen) })
}

// tell passes on what the browser asks for.
func (b *base) tell(event pbx.Event) error {
	if b.events.full() {
		return limited("too many operations on this leg: slow down")
	}
	b.events.push(event)
	return nil
}

// finish marks the leg as over and says whether it was not before. The peer that it had is returned to be closed.
func (b *base) finish() (*peer.Peer, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.over {
		return nil, false
	}
	b.over = true
	if b.watch != nil {
		b.watch.Stop()
	}
	return b.peer, true
}

// goneEvent is the data of call.gone and meet.gone.
type goneEvent struct {
	Leg   string    `json:"leg"`
	Cause pbx.Cause `json:"cause"`
}

// gone tells all who have to know that the leg is over, and closes the peer that it had.
func (b *base) gone(p *peer.Peer, event string, cause pbx.Cause) {
	b.end.wire.Send(b.user, "", event, goneEvent{Leg: b.id, Cause: cause})
	b.goes(p, cause)
}

// goes is gone of a leg that no tab knows of.
func (b *base) goes(p *peer.Peer, cause pbx.Cause) {
	b.end.forget(b.id, cause)
	b.events.push(pbx.Gone{Cause: cause})
	if p != nil {
		b.end.tasks.Go(p.Close)
	}
}

// ended tells whether the leg is over.
func (b *base) ended() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.over
}

// adopt makes p, of the tab socket, the leg's peer; the one before is closed. lost is called when p brings no media in
// time. It holds mu.
func (b *base) adopt(p *peer.Peer, socket string, lost func()) {
	if before := b.peer; before != nil {
		b.end.tasks.Go(before.Close)
	}
	b.peer, b.socket, b.live = p, socket, false
	b.await(b.end.config.MediaTimeout, lost)
}

// patience is how many times longer media that came already is waited for, where the tab is there: it mends its
// connection once its network is back.
const patience = 3

// flow notes that the media of p can, or no longer can, flow.
func (b *base) flow(p *peer.Peer, live bool, lost func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.over || p != b.peer || live == b.live {
		return
	}
	b.live = live
	switch {
	case live:
		b.watch.Stop()
	case b.socket == "":
		b.await(b.end.config.Grace, lost)
	default:
		b.await(patience*b.end.config.MediaTimeout, lost)
	}
}

// leave notes that the tab socket went away. A leg without media has the grace to be attached to another.
func (b *base) leave(socket string, lost func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.over || b.socket != socket {
		return
	}
	b.socket = ""
	if !b.live {
		b.await(b.end.config.Grace, lost)
	}
}

// reload is how long a leg waits for a page that was closed: it is loaded again and back soon, or never comes.
const reload = 6 * time.Second

// left notes that the page on socket is closed, or loaded again. Its media will not come back by itself.
func (b *base) left(socket string, lost func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.over && b.socket == socket {
		b.socket, b.live = "", false
		b.await(min(reload, b.end.config.Grace), lost)
	}
}

// abandoned tells whether no page has the leg.
func (b *base) abandoned() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.socket == ""
}

// move gives the leg to a new socket of the page that has its peer connection, which goes on.
func (b *base) move(socket string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.over:
		return notFound()
	case !b.live:
		return taken("the leg has no media to go on with: send an offer")
	}
	b.socket = socket
	return nil
}

// await holds mu.
func (b *base) await(d time.Duration, lost func()) {
	if b.watch != nil {
		b.watch.Stop()
	}
	b.watch = time.AfterFunc(d, func() { b.timeout(lost) })
}

// timeout calls lost if there still is no media: the timer may have fired while it came back.
func (b *base) timeout(lost func()) {
	b.mu.Lock()
	gone := !b.live && !b.over
	b.mu.Unlock()
	if gone {
		lost()
	}
}

func (b *base) setCall(call string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.call = call
}

func (b *base) callID() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.call
}

// tab is the socket the leg lives in.
func (b *base) tab() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.socket
}
