package imapd

import (
	"context"
	"crypto/tls"
	"log/slog"
	"sync"
	"time"

	"frontdesk/guard"
	"frontdesk/mail"
)

// core is what a server and its sessions have in common.
type core struct {
	config  Config
	box     *mail.Box
	auth    Auth
	tls     *tls.Config
	log     *slog.Logger
	metrics *metrics
	ctx     context.Context // ends when sessions must
	perUser *guard.Counter[string]

	mu       sync.Mutex
	draining bool
	idlers   map[*conn]func() // those in IDLE, and how they are told to leave
	users    map[*conn]string // of those that are logged in
}

func (s *core) pause(d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-s.ctx.Done():
	}
}

// entered notes that a connection is a user's; "" when it ends.
func (s *core) entered(one *conn, user string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.users[one] = user; user == "" {
		delete(s.users, one)
	}
}

// idles notes that a connection is in IDLE until the function it returns is called; false when it had better leave. Bye
// is how it is made to later.
func (s *core) idles(one *conn, bye func()) (done func(), ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.idlers[one] = bye
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.idlers, one)
	}, !s.draining
}
