package smtpd

import (
	"errors"
	"net"
	"sync/atomic"
	"time"
)

var errDraining = errors.New("the server is closing")

// timedConn gives every read and write its own time, and all of them together a limit where one is set.
type timedConn struct {
	net.Conn
	idle     time.Duration
	until    atomic.Int64 // of the whole transfer, Unix nanoseconds; 0: none
	draining atomic.Bool
	busy     atomic.Bool // a message is being received: drain after it
}

// limit ends all reads at t; the zero time takes the limit away.
func (c *timedConn) limit(t time.Time) {
	if t.IsZero() {
		c.until.Store(0)
	} else {
		c.until.Store(t.UnixNano())
	}
}

// drain makes an idle client leave; one that is sending a message may end it.
func (c *timedConn) drain() {
	c.draining.Store(true)
	if !c.busy.Load() {
		c.SetReadDeadline(time.Now())
	}
}

func (c *timedConn) Read(p []byte) (int, error) {
	deadline := time.Now().Add(c.idle)
	if until := c.until.Load(); until != 0 {
		deadline = earlier(deadline, time.Unix(0, until))
	}
	if err := c.SetReadDeadline(deadline); err != nil {
		return 0, err
	}
	// After setting the deadline: whoever drains later overwrites it.
	if c.draining.Load() && !c.busy.Load() {
		return 0, errDraining
	}
	n, err := c.Conn.Read(p)
	if err != nil && c.draining.Load() && !c.busy.Load() {
		err = errDraining
	}
	return n, err
}

func (c *timedConn) Write(p []byte) (int, error) {
	if err := c.SetWriteDeadline(time.Now().Add(c.idle)); err != nil {
		return 0, err
	}
	return c.Conn.Write(p)
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
