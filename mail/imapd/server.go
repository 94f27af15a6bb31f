// Package imapd serves mailboxes by IMAP (RFC 3501 and 9051) to the clients of the company's users, over TLS only.
//
// go-imap speaks the protocol. In front of it stand a dialogue of our own until TLS is up, and a filter that keeps
// literals from being taken for commands; behind it a session per connection over mail.Box.
package imapd

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/guard"
	"frontdesk/mail"
	"frontdesk/mail/admission"
	"frontdesk/store"
)

// Server is an IMAP server. Make it with New.
type Server struct {
	*core
	imap    *imapserver.Server
	ready   *admission.Listener // secure connections on their way to imap
	cancel  context.CancelFunc  // of core.ctx
	running sync.WaitGroup      // listeners and connections
	perIP   *guard.Counter[netip.Prefix]

	// Under core.mu.
	closed    bool
	listeners map[net.Listener]struct{}
	conns     map[net.Conn]struct{}
}

// New makes a server; its work begins with Serve or ServeTLS. The TLS configuration must hold a certificate.
func New(config Config, box *mail.Box, auth Auth, tlsConfig *tls.Config, log *slog.Logger,
	reg prometheus.Registerer) *Server {
	config = config.withDefaults()
	ctx, cancel := context.WithCancel(store.As(context.Background(), store.Mail, ""))
	s := &Server{
		core: &core{config: config, box: box, auth: auth, tls: tlsConfig, log: log, metrics: newMetrics(reg), ctx: ctx,
			perUser: guard.NewCounter[string](-1, config.MaxPerUser), idlers: map[*conn]func(){}, users: map[*conn]string{}},
		ready: admission.New(&net.TCPAddr{}), cancel: cancel, perIP: guard.NewCounter[netip.Prefix](-1, config.MaxPerIP),
		listeners: map[net.Listener]struct{}{}, conns: map[net.Conn]struct{}{},
	}
	s.imap = imapserver.New(&imapserver.Options{
		// all that get here are inside TLS
		NewSession: s.newSession, Caps: capabilities(), Logger: logger{log}, InsecureAuth: true,
	})
	s.running.Go(func() { s.imap.Serve(s.ready) })
	return s
}

func capabilities() imap.CapSet {
	return imap.CapSet{
		imap.CapIMAP4rev1: {}, imap.CapIMAP4rev2: {}, imap.CapNamespace: {}, imap.CapUIDPlus: {}, imap.CapESearch: {},
		imap.CapSearchRes:    {},
		imap.CapListExtended: {}, imap.CapListStatus: {}, imap.CapMove: {}, imap.CapStatusSize: {}, imap.CapBinary: {}, imap.CapChildren: {},
		imap.CapSpecialUse: {}, imap.CapLiteralPlus: {},
	}
}

// ErrClosed is what Serve and ServeTLS return after Close.
var ErrClosed = errors.New("imapd: closed")

// Serve takes connections that begin in the clear and must use STARTTLS (port 143), until Close or an error of l.
func (s *Server) Serve(l net.Listener) error { return s.serve(l, s.startTLS) }

// ServeTLS takes connections that begin with TLS (port 993), until Close or an error of l.
func (s *Server) ServeTLS(l net.Listener) error { return s.serve(l, s.implicitTLS) }

func (s *Server) serve(l net.Listener, secure func(net.Conn) (*conn, error)) error {
	if !s.add(l) {
		l.Close()
		return ErrClosed
	}
	defer s.running.Done()
	for {
		c, err := l.Accept()
		switch {
		case err == nil:
			s.admit(c, secure)
		case s.ctx.Err() != nil:
			return ErrClosed
		case !temporary(err):
			return fmt.Errorf("imapd: %w", err)
		default: // out of file descriptors: let some connections end
			s.log.Warn("imap accept", "err", err)
			s.pause(100 * time.Millisecond)
		}
	}
}

func temporary(err error) bool {
	var e interface{ Temporary() bool }
	return errors.As(err, &e) && e.Temporary()
}

func (s *Server) add(l net.Listener) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.listeners[l] = struct{}{}
	s.running.Add(1)
	return true
}

// admit counts a connection in, or turns it away, and secures it in a goroutine of its own.
func (s *Server) admit(c net.Conn, secure func(net.Conn) (*conn, error)) {
	ip := remoteIP(c)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || s.draining || len(s.conns) >= s.config.MaxConns || !s.perIP.Enter(guard.NetworkOf(ip)) {
		s.metrics.refused.Inc()
		c.Close()
		return
	}
	s.conns[c] = struct{}{}
	s.metrics.conns.Inc()
	s.running.Add(1)
	go func() {
		ready, err := secure(c)
		if err != nil {
			s.log.Debug("imap connection", "ip", ip, "err", err)
			s.forget(c)
			return
		}
		ready.closed = func() { s.forget(c) }
		if !s.ready.Admit(ready) {
			ready.Close()
		}
	}()
}

// forget ends a connection that admit counted in.
func (s *Server) forget(c net.Conn) {
	c.Close()
	s.mu.Lock()
	delete(s.conns, c)
	s.mu.Unlock()
	s.perIP.Leave(guard.NetworkOf(remoteIP(c)))
	s.metrics.conns.Dec()
	s.running.Done()
}

// End closes the connections of a user: his password or his log-ins ended.
func (s *Server) End(user string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c, id := range s.users {
		if id == user {
			c.cut()
		}
	}
}

// Drain takes no new connections and says BYE to those who wait in IDLE, now or later: they connect again, elsewhere.
func (s *Server) Drain() {
	s.mu.Lock()
	s.draining = true
	idlers := slices.Collect(maps.Values(s.idlers))
	s.mu.Unlock()
	var leaving sync.WaitGroup
	for _, bye := range idlers {
		leaving.Go(bye)
	}
	leaving.Wait()
}

// Close ends all listeners and connections and waits for them.
func (s *Server) Close() error {
	s.Drain()
	s.mu.Lock()
	s.closed = true
	s.cancel()
	for l := range s.listeners {
		l.Close()
	}
	for c := range s.conns {
		c.Close()
	}
	s.mu.Unlock()
	s.ready.Close()
	s.running.Wait()
	return nil
}

// logger passes go-imap's messages on. They tell what clients did; only panics are ours.
type logger struct{ log *slog.Logger }

func (l logger) Printf(format string, args ...any) {
	message := fmt.Sprintf(format, args...)
	if len(message) > 5 && message[:5] == "panic" {
		l.log.Error("imap", "msg", message)
		return
	}
	l.log.Debug("imap", "msg", message)
}
