// Package smtpd is the SMTP server (RFC 5321): one door for the world's mail (MX) and one for our users' (submission,
// RFC 6409, with STARTTLS or implicit TLS).
//
// It is written on the wire itself and not on a library: the libraries at hand hand over a message only after undoing
// its dots, when what a smuggled or malformed end of data looked like can no longer be seen.
package smtpd

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/mail"
	"frontdesk/mail/filter"
	"frontdesk/mail/queue"
	"frontdesk/store"
)

// Config of the server. Zero values stand for the defaults named.
type Config struct {
	Hostname string      // greets, and signs Received
	TLS      *tls.Config // nil: no STARTTLS, and so no log-in
	Limits   Limits
	Timeout  time.Duration // for a command or a piece of a message to arrive; 5 min (RFC 5321 section 4.5.3.2)
	Transfer time.Duration // for a whole message to arrive; 30 min
	Tarpit   time.Duration // before answers to those who guess addresses or passwords; 2 s
}

// Limits on what strangers and users can ask for. Zero: the default; negative: no limit.
type Limits struct {
	MessageBytes  int64 // 35 MiB
	Recipients    int   // of a message; 100
	Connections   int   // in all, each door; 1000
	PerIP         int   // connections of one address (IPv6: one /64) at a time; 30
	MailPerMinute int   // messages of one address; 600
	UserPerMinute int   // recipients of one user's messages; 120
	Failures      int   // wrong log-ins of one address in 10 minutes; 10
}

// ErrLogin is what Auth wraps when login or password are wrong; any other error is answered as trouble of ours.
var ErrLogin = errors.New("wrong login or password")

// Auth tells which user a login and password belong to. "" without an error counts as ErrLogin.
type Auth func(ctx context.Context, login, password string) (userID string, err error)

// Server serves any number of listeners. Close ends it.
type Server struct {
	config     Config
	log        *slog.Logger
	metrics    *metrics
	guard      *guard
	mx         gate
	submission gate
	ctx        context.Context // ends when sessions must
	cancel     context.CancelFunc

	mu        sync.Mutex
	closing   bool
	listeners []net.Listener
	sessions  map[*session]struct{}
	wg        sync.WaitGroup
}

// New makes a server that delivers to box what comes from the world, judged by the filter, and hands the queue what
// users submit.
func New(config Config, box *mail.Box, blobs store.Blobs, judge *filter.Filter, out *queue.Queue, auth Auth, log *slog.Logger, reg prometheus.Registerer) *Server {
	config = config.withDefaults()
	ctx, cancel := context.WithCancel(context.Background())
	return &Server{
		config: config, log: log, metrics: newMetrics(reg), guard: newGuard(config.Limits), ctx: ctx, cancel: cancel,
		mx:         &mx{hostname: config.Hostname, box: box, blobs: blobs, filter: judge, log: log},
		submission: &submission{hostname: config.Hostname, box: box, queue: out, auth: auth, log: log},
		sessions:   map[*session]struct{}{},
	}
}

func (c Config) withDefaults() Config {
	standard(&c.Timeout, 5*time.Minute)
	standard(&c.Transfer, 30*time.Minute)
	standard(&c.Tarpit, 2*time.Second)
	standard(&c.Limits.MessageBytes, 35<<20)
	standard(&c.Limits.Recipients, 100)
	standard(&c.Limits.Connections, 1000)
	standard(&c.Limits.PerIP, 30)
	standard(&c.Limits.MailPerMinute, 600)
	standard(&c.Limits.UserPerMinute, 120)
	standard(&c.Limits.Failures, 10)
	return c
}

func standard[T int | int64 | time.Duration](value *T, normal T) {
	if *value == 0 {
		*value = normal
	}
}

// ServeMX takes the world's mail for our mailboxes until Close, when it returns nil.
func (s *Server) ServeMX(l net.Listener) error { return s.serve(l, door{name: "mx", gate: s.mx}) }

// ServeSubmission takes our users' mail after STARTTLS and log-in.
func (s *Server) ServeSubmission(l net.Listener) error {
	return s.serve(l, door{name: "submission", gate: s.submission})
}

// ServeSubmissionTLS is ServeSubmission with TLS from the first byte (RFC 8314).
func (s *Server) ServeSubmissionTLS(l net.Listener) error {
	return s.serve(l, door{name: "submissions", gate: s.submission, implicitTLS: true})
}

// door is one kind of listener.
type door struct {
	name        string
	gate        gate
	implicitTLS bool
}

func (s *Server) serve(l net.Listener, d door) error {
	s.mu.Lock()
	s.listeners = append(s.listeners, l)
	closing := s.closing
	s.mu.Unlock()
	if closing {
		return l.Close()
	}
	for {
		conn, err := l.Accept()
		if err != nil {
			if s.isClosing() || errors.Is(err, net.ErrClosed) {
				return nil
			}
			s.log.Warn("accept", "door", d.name, "err", err)
			if !s.pause(50 * time.Millisecond) { // out of file descriptors, most likely
				return nil
			}
			continue
		}
		s.start(conn, d)
	}
}

func (s *Server) start(conn net.Conn, d door) {
	session := newSession(s, conn, d)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		conn.Close()
		return
	}
	s.sessions[session] = struct{}{}
	full := s.config.Limits.Connections > 0 && len(s.sessions) > 3*s.config.Limits.Connections
	s.wg.Go(func() {
		session.run(full)
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.sessions, session)
	})
}

func (s *Server) isClosing() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closing
}

// pause waits; false when the server ends meanwhile.
func (s *Server) pause(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-s.ctx.Done():
		return false
	}
}

// Close stops accepting, tells idle clients to come back (421), lets messages that are being received finish until ctx
// ends, and returns when every session has ended.
func (s *Server) Close(ctx context.Context) error {
	s.mu.Lock()
	s.closing = true
	var errs []error
	for _, l := range s.listeners {
		if err := l.Close(); !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
	}
	for session := range s.sessions {
		session.drain()
	}
	s.mu.Unlock()
	done := make(chan struct{})
	go func() { s.wg.Wait(); close(done) }()
	select {
	case <-done:
	case <-ctx.Done():
	}
	s.cancel()
	s.mu.Lock()
	for session := range s.sessions {
		session.raw.Close()
	}
	s.mu.Unlock()
	<-done
	return errors.Join(errs...)
}
