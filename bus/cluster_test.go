package bus_test

import (
	"io"
	"log/slog"
	"net"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"frontdesk/bus"
	"frontdesk/testwait"
)

// serve runs a NATS server until the test ends.
func serve(t *testing.T, o *server.Options) *server.Server {
	t.Helper()
	s, err := server.NewServer(o)
	if err != nil {
		t.Fatal(err)
	}
	go s.Start()
	if !s.ReadyForConnections(10 * time.Second) {
		t.Fatal("NATS does not start")
	}
	t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	return s
}

func clustered(routes ...*url.URL) *server.Options {
	return &server.Options{Host: "127.0.0.1", Port: -1, NoSigs: true, NoLog: true, Routes: routes,
		Cluster: server.ClusterOpts{Name: "test", Host: "127.0.0.1", Port: -1}}
}

// servers are two NATS servers that are one cluster.
func servers(t *testing.T) (first, second *server.Server) {
	t.Helper()
	first = serve(t, clustered())
	return first, serve(t, clustered(&url.URL{Scheme: "nats", Host: first.ClusterAddr().String()}))
}

// A lost server of several is survived: who was connected to it goes on over another, and is told that hints were lost.
func TestLostServerIsSurvived(t *testing.T) {
	first, second := servers(t)
	urls := first.ClientURL() + "," + second.ClientURL()
	back := make(chan struct{}, 10)
	var both [2]*bus.Bus
	for i := range both {
		b, err := bus.Open(urls, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		defer b.Close()
		b.OnMissed(func() { back <- struct{}{} })
		both[i] = b
	}
	got := make(chan struct{}, 1000)
	stop, err := both[0].Subscribe("x", func(string, []byte) { got <- struct{}{} })
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	through := func() bool {
		both[1].Publish("x", 1) // refused while it is not connected
		select {
		case <-got:
			return true
		case <-time.After(20 * time.Millisecond):
			return false
		}
	}
	until(t, "a message through both servers", through)
	if first.NumClients() == 0 {
		first = second
	}
	connected := first.NumClients()
	first.Shutdown()
	first.WaitForShutdown()
	for range connected {
		select {
		case <-back:
		case <-time.After(testwait.Limit):
			t.Fatal("not told that hints were lost")
		}
	}
	until(t, "a message through the server that is left", through)
}

// Who may log in is taken back and given again: the bus tries until it may, however often it was refused.
func TestRefusedLoginIsTriedAgain(t *testing.T) {
	s := serve(t, options("right"))
	var log lines
	b, err := bus.Open("nats://desk:right@"+s.Addr().String(), slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	for _, password := range []string{"another", "right"} {
		o := options(password)
		o.Port = s.Addr().(*net.TCPAddr).Port
		if err := s.ReloadOptions(o); err != nil {
			t.Fatal(err)
		}
		if password == "another" {
			until(t, "three refusals", func() bool { return log.count("authorization violation") > 3 })
		}
	}
	until(t, "the log-in that is right again", b.Connected)
}

// The server takes a client for broken: the connection is over for good, and whoever uses the bus is told.
func TestClosedForGood(t *testing.T) {
	s := serve(t, options(""))
	b, err := bus.Open("nats://"+s.Addr().String(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	o := options("")
	o.Port, o.MaxPayload = s.Addr().(*net.TCPAddr).Port, 16
	if err := s.ReloadOptions(o); err != nil {
		t.Fatal(err)
	}
	if err := b.Publish("x", "longer than the server takes"); err != nil {
		t.Fatal(err)
	}
	select {
	case <-b.Closed():
	case <-time.After(testwait.Limit):
		t.Fatal("not closed")
	}
	if b.Connected() || b.Err() == nil {
		t.Errorf("connected %v, error %v", b.Connected(), b.Err())
	}
}

// options of a server that asks for a password, unless it is "".
func options(password string) *server.Options {
	o := &server.Options{Host: "127.0.0.1", Port: -1, NoSigs: true, NoLog: true}
	if password != "" {
		o.Username, o.Password = "desk", password
	}
	return o
}

// lines is a log.
type lines struct {
	sync.Mutex
	text strings.Builder
}

func (l *lines) Write(p []byte) (int, error) {
	l.Lock()
	defer l.Unlock()
	return l.text.Write(p)
}

func (l *lines) count(words string) int {
	l.Lock()
	defer l.Unlock()
	return strings.Count(strings.ToLower(l.text.String()), words)
}

var until = testwait.Until

// Two servers of a cluster lose each other while both buses stay connected to theirs: both are told that hints were
// lost.
func TestLostBetweenServersIsNoticed(t *testing.T) {
	first := serve(t, clustered())
	between := newRelay(t, first.ClusterAddr().String())
	second := serve(t, clustered(&url.URL{Scheme: "nats", Host: between.Addr().String()}))
	var told [2]atomic.Int32
	var both [2]*bus.Bus
	for i, s := range []*server.Server{first, second} {
		b, err := bus.Open(s.ClientURL(), slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		defer b.Close()
		b.OnMissed(func() { told[i].Add(1) })
		both[i] = b
	}
	var got atomic.Int32
	stop, err := both[1].Subscribe("x", func(string, []byte) { got.Add(1) })
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	passes := func() bool {
		before := got.Load()
		if err := both[0].Publish("x", 1); err != nil {
			t.Fatal(err)
		}
		return got.Load() > before
	}
	pulse := counted(t, second.ClientURL())
	until(t, "a message through both servers", passes)
	until(t, "the count of both", func() bool { return pulse.Load() >= 4 })
	between.cut(true)
	heard := pulse.Load()
	until(t, "three seconds of silence between them", func() bool { return pulse.Load() >= heard+4 })
	if n := told[0].Load() + told[1].Load(); n != 0 {
		t.Errorf("told %d times before they have each other again", n)
	}
	between.cut(false)
	until(t, "word to both", func() bool { return told[0].Load() > 0 && told[1].Load() > 0 })
	until(t, "a message through both servers again", passes)
	if !both[0].Connected() || !both[1].Connected() {
		t.Error("not connected")
	}
}

// counted is how many numbers pass at a server.
func counted(t *testing.T, at string) *atomic.Int32 {
	t.Helper()
	conn, err := nats.Connect(at)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	n := new(atomic.Int32)
	if _, err := conn.Subscribe("bus.pulse", func(*nats.Msg) { n.Add(1) }); err != nil {
		t.Fatal(err)
	}
	return n
}

// relay passes TCP connections on, unless it is cut.
type relay struct {
	net.Listener
	to string

	mu    sync.Mutex
	off   bool
	conns []net.Conn
}

func newRelay(t *testing.T, to string) *relay {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &relay{Listener: l, to: to}
	t.Cleanup(func() { l.Close(); r.cut(true) })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			r.pass(conn)
		}
	}()
	return r
}

func (r *relay) pass(from net.Conn) {
	r.mu.Lock()
	defer r.mu.Unlock()
	to, err := net.Dial("tcp", r.to)
	if err != nil || r.off {
		from.Close()
		if err == nil {
			to.Close()
		}
		return
	}
	r.conns = append(r.conns, from, to)
	go io.Copy(from, to)
	go io.Copy(to, from)
}

func (r *relay) cut(off bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.off = off
	for _, c := range r.conns {
		c.Close()
	}
	r.conns = nil
}
