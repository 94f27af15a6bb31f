// Package imapd serves mailboxes by IMAP (RFC 3501 and 9051) to the clients of the company's users, over TLS only.
//
// A dialogue in the clear (plain.go) ends with TLS; then a session answers the commands of a connection from mail.Box
// (commands.go says which). How commands and answers are written is mail/imap's.
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

	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/guard"
	"frontdesk/mail"
	"frontdesk/store"
)

// Server is an IMAP server. Make it with New.
type Server struct {
	*core
	cancel  context.CancelFunc // of core.ctx
	running sync.WaitGroup     // listeners and connections
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
			perUser: guard.NewCounter[string](-1, config.MaxPerUser), memory: newMemory(maxMemory),
			idlers: map[net.Conn]*idler{}, users: map[net.Conn]string{}}, cancel: cancel,
		perIP: guard.NewCounter[netip.Prefix](-1, config.MaxPerIP), listeners: map[net.Listener]struct{}{},
		conns: map[net.Conn]struct{}{},
	}
	return s
}

// ErrClosed is what Serve and ServeTLS return after Close.
var ErrClosed = errors.New("imapd: closed")

// Serve takes connections that begin in the clear and must use STARTTLS (port 143), until Close or an error of l.
func (s *Server) Serve(l net.Listener) error { return s.serve(l, s.startTLS) }

// ServeTLS takes connections that begin with TLS (port 993), until Close or an error of l.
func (s *Server) ServeTLS(l net.Listener) error { return s.serve(l, s.implicitTLS) }

// securing a connection; greet tells whether the client has had no greeting yet.
type securing func(net.Conn) (secure net.Conn, greet bool, err error)

func (s *Server) serve(l net.Listener, secure securing) error {
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
func (s *Server) admit(c net.Conn, secure securing) {
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
		defer s.forget(c)
		ready, greet, err := secure(c)
		if err != nil {
			s.log.Debug("imap connection", "ip", ip, "err", err)
			return
		}
		newSession(s.core, ready).serve(greet)
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
			cut(c)
		}
	}
}

// cut ends a connection at once, without a word: a client that reads nothing would keep the caller waiting.
func cut(c net.Conn) {
	if secure, ok := c.(*tls.Conn); ok {
		c = secure.NetConn()
	}
	c.Close()
}

// drainPatience is how long Drain waits for BYE to be sent.
const drainPatience = 2 * time.Second

// Drain takes no new connections and says BYE to those who wait in IDLE, now or later: they connect again, elsewhere.
func (s *Server) Drain() {
	s.mu.Lock()
	s.draining = true
	idlers := slices.Collect(maps.Values(s.idlers))
	s.idlers = map[net.Conn]*idler{}
	s.mu.Unlock()
	for _, i := range idlers {
		close(i.leave)
	}
	patience := time.NewTimer(drainPatience)
	defer patience.Stop()
	for _, i := range idlers {
		select {
		case <-i.left:
		case <-patience.C: // somebody doesn't read
			return
		}
	}
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
	s.running.Wait()
	return nil
}
