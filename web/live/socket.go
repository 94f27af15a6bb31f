package live

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/coder/websocket"
	"golang.org/x/time/rate"

	"frontdesk/crmcore/people"
	"frontdesk/web/api"
)

const (
	maxSockets     = 5000      // on one node
	maxUserSockets = 30        // tabs of one user, on one node
	maxQueue       = 256       // messages a socket may be behind
	maxMessage     = 256 << 10 // bytes of a message from a tab; session descriptions are the largest
	opBurst        = 100       // operations at once from one tab …
	opRate         = 30        // … and per second
	pingEvery      = 20 * time.Second
	pongWithin     = 15 * time.Second
	writeWithin    = 10 * time.Second
)

// The codes that sockets are closed with (RFC 6455 section 7.4).
const (
	closeGoingAway = websocket.StatusGoingAway
	closeBehind    = websocket.StatusCode(4001) // connect again and take everything from hello
	closeLoggedOut = websocket.StatusCode(4003) // log in again
	closeTooFast   = websocket.StatusPolicyViolation
	closeGone      = websocket.StatusCode(0) // never sent: the peer is gone
)

// socket is one browser tab. One goroutine reads (serve), one writes (write); others only push to its queue.
type socket struct {
	id      string
	user    people.User
	caller  api.Caller // as it came
	conn    *websocket.Conn
	log     *slog.Logger
	metrics *liveMetrics
	queue   chan []byte
	pace    *rate.Limiter

	named  bool     // said when it connected that it will name whom it shows
	shown  []string // see Hub.shows; under Hub.mu
	silent []string // nodes of whose calls the tab was told nothing; under Hub.mu

	greeting sync.Mutex
	greeted  bool
	early    [][]byte // came before the greeting

	once   sync.Once
	ended  chan struct{} // closed by end
	code   websocket.StatusCode
	reason string
}

func newSocket(id string, c api.Caller, conn *websocket.Conn, log *slog.Logger, m *liveMetrics) *socket {
	conn.SetReadLimit(maxMessage)
	return &socket{
		id: id, user: c.User, caller: c, conn: conn, log: log, metrics: m,
		queue: make(chan []byte, maxQueue), pace: rate.NewLimiter(opRate, opBurst), ended: make(chan struct{}),
	}
}

// push queues a message without waiting. A tab that is too far behind is closed: it loads everything anew.
// What comes before the greeting waits for it: the greeting tells of a moment that may be past by then.
func (s *socket) push(text []byte) bool {
	s.greeting.Lock()
	defer s.greeting.Unlock()
	if !s.greeted && len(s.early) < maxQueue/2 {
		s.early = append(s.early, text)
		return true
	}
	return s.enqueue(text)
}

// greet queues the first message, and after it what came meanwhile.
func (s *socket) greet(hello message) {
	text, err := json.Marshal(hello)
	if err != nil {
		s.log.Error("live message", "ev", hello.Ev, "err", err)
		s.end(websocket.StatusInternalError, "try again")
		return
	}
	s.greeting.Lock()
	defer s.greeting.Unlock()
	s.greeted = true
	for _, message := range append([][]byte{text}, s.early...) {
		s.enqueue(message)
	}
	s.early = nil
}

func (s *socket) send(v any) {
	text, err := json.Marshal(v)
	if err != nil {
		s.log.Error("live message", "err", err)
		return
	}
	s.push(text)
}

func (s *socket) enqueue(text []byte) bool {
	select {
	case <-s.ended:
		return false
	default:
	}
	select {
	case s.queue <- text:
		return true
	default:
		s.metrics.dropped.Inc()
		s.end(closeBehind, "fell behind")
		return false
	}
}

// end has the socket closed; the first call tells why.
func (s *socket) end(code websocket.StatusCode, reason string) {
	s.once.Do(func() {
		s.code, s.reason = code, reason
		close(s.ended)
	})
}

// write sends what is queued, and pings, until the socket ends; then it closes the connection, which ends the reader
// too.
func (s *socket) write(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	var pinging sync.WaitGroup
	pinging.Go(func() { s.ping(ctx) })
	defer pinging.Wait()
	defer cancel()
	for {
		select {
		case <-s.ended:
			s.hangUp()
			return
		default:
		}
		select {
		case <-s.ended:
		case <-ctx.Done():
			s.end(closeGoingAway, "")
		case text := <-s.queue:
			s.check(s.writeOne(ctx, text))
		}
	}
}

// hangUp tells the peer why, unless it is the one that left.
func (s *socket) hangUp() {
	if s.code == closeGone {
		s.conn.CloseNow()
		return
	}
	s.conn.Close(s.code, s.reason)
}

func (s *socket) writeOne(ctx context.Context, text []byte) error {
	ctx, cancel := context.WithTimeout(ctx, writeWithin)
	defer cancel()
	return s.conn.Write(ctx, websocket.MessageText, text)
}

// ping ends the socket when the peer answers none any more. What is queued goes out while an answer is awaited.
func (s *socket) ping(ctx context.Context) {
	tick := time.NewTicker(pingEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.ended:
			return
		case <-tick.C:
			s.check(s.pong(ctx))
		}
	}
}

func (s *socket) pong(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, pongWithin)
	defer cancel()
	return s.conn.Ping(ctx)
}

func (s *socket) check(err error) {
	if err != nil {
		s.end(closeGone, "")
	}
}

// read calls fn with each message until the connection ends.
func (s *socket) read(ctx context.Context, fn func(data []byte)) {
	for {
		_, data, err := s.conn.Read(ctx)
		if err != nil {
			s.end(closeOf(err), "")
			return
		}
		if !s.pace.Allow() {
			s.end(closeTooFast, "too many operations: slow down")
			return
		}
		fn(data)
	}
}

// closeOf is the code to answer a failed read with.
func closeOf(err error) websocket.StatusCode {
	if errors.Is(err, websocket.ErrMessageTooBig) {
		return websocket.StatusMessageTooBig
	}
	return closeGone
}
