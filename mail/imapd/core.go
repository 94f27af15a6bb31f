package imapd

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net"
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
	memory  *memory

	mu       sync.Mutex
	draining bool
	idlers   map[net.Conn]*idler // those in IDLE
	users    map[net.Conn]string // of those that are logged in
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
func (s *core) entered(one net.Conn, user string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.users[one] = user; user == "" {
		delete(s.users, one)
	}
}

// idler is a session in IDLE.
type idler struct {
	leave chan struct{} // closed: it says BYE
	left  chan struct{} // closed when it has
}

// idles notes that a connection is in IDLE until done is called; stays is false when it had better leave.
func (s *core) idles(one net.Conn) (me *idler, done func(), stays bool) {
	me = &idler{leave: make(chan struct{}), left: make(chan struct{})}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.idlers[one] = me
	return me, func() {
		close(me.left)
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.idlers, one)
	}, !s.draining
}
