package stack

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/coder/websocket"
	proto "github.com/emiago/sipgo/sip"

	"frontdesk/sip/edge"
)

// SIP over WebSocket (RFC 7118) is for softphones that run in a browser. sipgo's own stands still while somebody takes
// his time to say hello, asks for no Origin and leaves pings unanswered; so these connections are served here, by
// net/http, and sipgo sees their messages only.

// Socketed tells whether a transport is one of WebSockets.
func Socketed(transport string) bool { return transport == "WS" || transport == "WSS" }

const (
	subprotocol = "sip" // RFC 7118 §4.1
	pingEvery   = 25 * time.Second
	pingFor     = 10 * time.Second
)

// wsListener serves WebSockets at one address.
type wsListener struct {
	*tcpListener
	transport string      // WS or WSS
	origins   []string    // of pages that may connect, beside those of this very address
	config    *tls.Config // nil: not encrypted
	server    *http.Server
	above     socketAbove
	life      context.Context
	end       context.CancelFunc
	sockets   sync.WaitGroup

	mu    sync.Mutex
	known map[netip.AddrPort]*socket
}

// socketAbove is who the messages of sockets are for.
type socketAbove struct {
	admits func(from netip.AddrPort) bool
	take   func(proto.Message)
	lost   func(edge.Place) // a socket has closed
}

func listenWS(addr string, most int, config *tls.Config, origins []string, above socketAbove,
	d door) (*wsListener, error) {
	plain, err := listenTCP(addr, most, d)
	if err != nil {
		return nil, err
	}
	l := &wsListener{tcpListener: plain, transport: "WS", origins: origins, config: config, above: above,
		known: map[netip.AddrPort]*socket{}}
	if config != nil {
		l.transport = "WSS"
	}
	l.life, l.end = context.WithCancel(context.Background())
	l.server = &http.Server{Handler: l, ReadHeaderTimeout: shakeFor, IdleTimeout: shakeFor, MaxHeaderBytes: 16 << 10,
		ErrorLog: slog.NewLogLogger(d.log.Handler(), slog.LevelDebug)}
	return l, nil
}

func (l *wsListener) serve() {
	var in net.Listener = l.tcpListener
	if l.config != nil {
		in = tls.NewListener(in, l.config)
	}
	l.serving.Go(func() { l.server.Serve(in) })
}

func (l *wsListener) shut() {
	l.end()
	l.server.Close()
	l.tcpListener.shut()
	l.sockets.Wait()
}

// ServeHTTP takes a socket in (§4) and reads it until it closes.
func (l *wsListener) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	l.sockets.Add(1)
	defer l.sockets.Done()
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	if from = edge.Plain(from); err != nil || !l.above.admits(from) {
		w.WriteHeader(http.StatusTooManyRequests)
		return
	}
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{subprotocol},
		OriginPatterns: l.origins})
	if err != nil {
		l.door.drop("websocket")
		l.door.log.Info("sip: WebSocket refused", "from", from, "origin", Cut(r.Header.Get("Origin"), 100), "err", err)
		return
	}
	defer conn.CloseNow()
	if conn.Subprotocol() != subprotocol {
		conn.Close(websocket.StatusPolicyViolation, "the subprotocol sip is spoken here")
		return
	}
	conn.SetReadLimit(maxMessage)
	k := &socket{of: l, conn: conn, from: from}
	l.note(k)
	k.read()
	if l.leave(k) && l.life.Err() == nil {
		l.above.lost(edge.Place{Transport: l.transport, At: from})
	}
}

func (l *wsListener) note(k *socket) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.known[k.from] = k
}

// leave forgets a socket; it tells whether it was the last one known from there.
func (l *wsListener) leave(k *socket) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.known[k.from] != k {
		return false
	}
	delete(l.known, k.from)
	return true
}

var errNoSocket = errors.New("the WebSocket is closed")

// find is the socket from an address. There is no other way to who is behind it: nobody listens in a browser.
func (l *wsListener) find(addr string) (proto.Connection, error) {
	at, err := netip.ParseAddrPort(addr)
	if err != nil || l == nil {
		return nil, errNoSocket
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if k := l.known[edge.Plain(at)]; k != nil {
		return k, nil
	}
	return nil, errNoSocket
}

// socket is one WebSocket. It is a proto.Connection.
type socket struct {
	of   *wsListener
	conn *websocket.Conn
	from netip.AddrPort
}

// read takes messages until the socket closes. Who says nothing at all at first, is silent for long, or no longer
// answers pings is let go.
func (k *socket) read() {
	ctx, cancel := context.WithCancel(k.of.life)
	defer cancel()
	k.of.sockets.Go(func() { k.ping(ctx) })
	patience := shakeFor
	for {
		within, done := context.WithTimeout(ctx, patience)
		_, data, err := k.conn.Read(within)
		done()
		if err != nil || !k.take(data) {
			return
		}
		patience = streamIdle
	}
}

// ping keeps open what is between us, and finds out when the other end is gone.
func (k *socket) ping(ctx context.Context) {
	tick := time.NewTicker(pingEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		within, done := context.WithTimeout(ctx, pingFor)
		err := k.conn.Ping(within)
		done()
		if err != nil {
			k.conn.CloseNow()
			return
		}
	}
}

// take takes one message, which is one of the socket's too (§5); false when the socket shall close.
func (k *socket) take(data []byte) bool {
	switch {
	case keepAlive(data): // RFC 5626 §4.4.1
		return len(data) < 4 || k.write([]byte("\r\n")) == nil
	case unfit(data) != "" || scanner(data):
		k.of.door.drop("garbage")
		return false
	}
	m, err := proto.NewParser().ParseSIP(data)
	if err != nil {
		k.of.door.drop("malformed")
		reply := badRequest(data, k.from)
		return reply == nil || k.write(reply) == nil
	}
	m.SetTransport(k.of.transport)
	m.SetSource(k.from.String())
	k.of.above.take(m)
	return true
}

func (k *socket) write(data []byte) error {
	ctx, cancel := context.WithTimeout(k.of.life, streamWrite)
	defer cancel()
	return k.conn.Write(ctx, websocket.MessageText, data)
}

// WriteMsg implements proto.Connection.
func (k *socket) WriteMsg(m proto.Message) error { return k.write([]byte(m.String())) }

// LocalAddr implements proto.Connection.
func (k *socket) LocalAddr() net.Addr { return net.TCPAddrFromAddrPort(k.of.At) }

// Ref implements proto.Connection; a socket closes when its reader ends.
func (k *socket) Ref(int) int { return 1 }

// TryClose implements proto.Connection.
func (k *socket) TryClose() (int, error) { return 1, nil }

// Close implements proto.Connection.
func (k *socket) Close() error { return k.conn.CloseNow() }
