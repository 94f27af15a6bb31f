// Package smtpd is the SMTP server (RFC 5321): one door for the world's mail (MX) and one for our users' (submission,
// RFC 6409, with STARTTLS or implicit TLS).
//
// go-smtp serves the protocol. In front of it stands the line: our net.Conn that owns the socket, begins TLS, and lets
// nothing pass that two programs could read differently. Behind it stands the session, which decides.
package smtpd

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/guard"
	"frontdesk/mail"
	"frontdesk/mail/admission"
	"frontdesk/mail/filter"
	"frontdesk/mail/queue"
	"frontdesk/store"
	"frontdesk/store/blob"
)

// Server serves any number of listeners. Close ends it.
type Server struct {
	*core
	smtp       *smtp.Server
	mx         gate
	submission gate
	cancel     context.CancelFunc // of core.ctx

	// Under core.mu.
	draining  bool
	closing   bool
	listeners []net.Listener

	accepting sync.WaitGroup // listeners being served
	serving   sync.WaitGroup // core.conns
}

// New makes a server that delivers to box what comes from the world, judged by the filter, and hands the queue what
// users submit.
func New(config Config, box *mail.Box, blobs blob.Store, judge *filter.Filter, out *queue.Queue, auth Auth,
	log *slog.Logger, reg prometheus.Registerer) *Server {
	config = config.withDefaults()
	ctx, cancel := context.WithCancel(store.As(context.Background(), store.Mail, ""))
	return &Server{
		core: &core{config: config, log: log, metrics: newMetrics(reg), limits: newLimits(config.Limits), ctx: ctx,
			conns: map[*timedConn]string{}},
		smtp:       newProtocol(config, log),
		mx:         &mx{hostname: config.Hostname, box: box, blobs: blobs, filter: judge},
		submission: &submission{box: box, queue: out, auth: auth},
		cancel:     cancel,
	}
}

// newProtocol sets up go-smtp. It has no TLS and may offer AUTH on any connection: the line does the one, the session
// offers the other inside TLS only.
func newProtocol(config Config, log *slog.Logger) *smtp.Server {
	protocol := smtp.NewServer(smtp.BackendFunc(openSession))
	protocol.Domain = config.Hostname
	protocol.ErrorLog = slog.NewLogLogger(log.Handler(), slog.LevelWarn)
	protocol.ReadTimeout, protocol.WriteTimeout = config.Timeout, config.Timeout
	protocol.MaxMessageBytes = max(config.Limits.MessageBytes, 0)
	protocol.MaxRecipients = max(config.Limits.Recipients, 0)
	protocol.MaxLineLength = maxTextLine
	protocol.AllowInsecureAuth = true
	protocol.EnableSMTPUTF8 = true
	return protocol
}

// openSession is the session of a connection.
func openSession(c *smtp.Conn) (smtp.Session, error) {
	l, ok := c.Conn().(*line)
	if !ok {
		return nil, errors.New("smtpd: not a connection of ours")
	}
	return l.door.session(l, c), nil
}

// ServeMX takes the world's mail for our mailboxes until Close, when it returns nil.
func (s *Server) ServeMX(l net.Listener) error {
	return s.serve(l, door{name: "mx", session: newSession(s.mx)})
}

// ServeSubmission takes our users' mail after STARTTLS and log-in.
func (s *Server) ServeSubmission(l net.Listener) error {
	return s.serve(l, door{name: "submission", session: newSession(s.submission)})
}

// ServeSubmissionTLS is ServeSubmission with TLS from the first byte (RFC 8314).
func (s *Server) ServeSubmissionTLS(l net.Listener) error {
	return s.serve(l, door{name: "submissions", session: newSession(s.submission), implicitTLS: true})
}

func (s *Server) serve(l net.Listener, d door) error {
	if !s.open(l) {
		return l.Close()
	}
	defer s.accepting.Done()
	in := admission.New(l.Addr())
	var protocol sync.WaitGroup
	protocol.Go(func() { s.smtp.Serve(in) }) // it ends when the inbox does
	defer protocol.Wait()
	defer in.Close()
	for {
		conn, err := l.Accept()
		if err == nil {
			s.start(conn, d, in)
			continue
		}
		if s.isClosing() || errors.Is(err, net.ErrClosed) {
			return nil
		}
		s.log.Warn("accept", "door", d.name, "err", err)
		if !s.pause(50 * time.Millisecond) { // out of file descriptors, most likely
			return nil
		}
	}
}

func (s *Server) open(l net.Listener) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		return false
	}
	s.listeners = append(s.listeners, l)
	s.accepting.Add(1)
	return true
}

func (s *Server) start(conn net.Conn, d door, in *admission.Listener) {
	raw := &timedConn{Conn: conn, idle: s.config.Timeout}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		conn.Close()
		return
	}
	s.conns[raw] = ""
	full, away := s.config.Limits.Connections > 0 && len(s.conns) > 3*s.config.Limits.Connections, s.draining
	s.serving.Add(1)
	s.accepting.Go(func() { s.welcome(newLine(s.core, d, in, raw), full, away) })
}

// ended forgets a connection.
func (s *Server) ended(raw *timedConn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, raw)
	s.serving.Done()
}

// welcome hands a connection to go-smtp, unless there are too many already or this server is going away.
func (s *Server) welcome(l *line, full, away bool) {
	from := guard.Network(l.ip)
	admitted := s.limits.connections.Enter(from)
	decrement := s.metrics.session(l.door.name)
	l.leave = func() {
		if admitted {
			s.limits.connections.Leave(from)
		}
		decrement()
		s.ended(l.raw)
	}
	switch {
	case away:
		l.turnAway(l.goodbye())
	case full || !admitted:
		s.metrics.refused.WithLabelValues("connections").Inc()
		l.turnAway(reply(421, status{4, 7, 0}, "Too many connections, come back later"))
	case l.door.implicitTLS && l.encrypt() != nil:
		l.abort()
	case !l.inbox.Admit(l):
		l.abort()
	}
}

func (s *Server) isClosing() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closing
}

// End closes the connections of a user: his password or his log-ins ended.
func (s *Server) End(user string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for raw, id := range s.conns {
		if id == user {
			raw.Close()
		}
	}
}

// Drain turns new clients away and makes idle ones leave (421): they try another server. Messages that are being
// received may end.
func (s *Server) Drain() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.draining = true
	for raw := range s.conns {
		raw.drain()
	}
}

// Close stops accepting, tells idle clients to come back (421), lets messages that are being received finish until ctx
// ends, and returns when every session has ended.
func (s *Server) Close(ctx context.Context) error {
	err := s.shut()
	s.Drain()
	done := make(chan struct{})
	go func() { s.serving.Wait(); close(done) }()
	select {
	case <-done:
	case <-ctx.Done():
	}
	s.cancel()
	s.mu.Lock()
	for raw := range s.conns {
		raw.Close()
	}
	s.mu.Unlock()
	<-done
	s.accepting.Wait()
	s.smtp.Shutdown(context.Background()) // waits for its goroutines; what could fail, the listeners, is closed
	return err
}

// shut lets nobody in.
func (s *Server) shut() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closing = true
	var errs []error
	for _, l := range s.listeners {
		if err := l.Close(); !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}
