package smtpd

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// core is what a server and its sessions have in common.
type core struct {
	config  Config
	log     *slog.Logger
	metrics *metrics
	limits  *limits
	ctx     context.Context // ends when sessions must

	mu    sync.Mutex
	conns map[*timedConn]string // the user's id; "" until he is logged in
}

// pause waits; false when the server ends meanwhile.
func (c *core) pause(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-c.ctx.Done():
		return false
	}
}

// entered notes that a connection is a user's.
func (c *core) entered(raw *timedConn, user string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, there := c.conns[raw]; there {
		c.conns[raw] = user
	}
}
