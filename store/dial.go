package store

import (
	"cmp"
	"context"
	"net"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// silence is for how long a database server may leave bytes and probes without an acknowledgement. A machine that
// vanishes sends no reset, and the kernel alone would hold what waits for it for some fifteen minutes, though the next
// host of the URL answers.
const silence = 10 * time.Second

// dialFunc opens connections to database servers that break after silence (RFC 5482, tcp(7)). A host that does not
// answer within timeout, or silence when that is 0, is passed over.
func dialFunc(timeout time.Duration) func(ctx context.Context, network, addr string) (net.Conn, error) {
	d := &net.Dialer{
		Timeout:         cmp.Or(timeout, silence),
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: silence / 2, Interval: silence / 5, Count: 2},
		ControlContext:  breakAfterSilence,
	}
	return d.DialContext
}

func breakAfterSilence(_ context.Context, network, _ string, c syscall.RawConn) error {
	if network == "unix" {
		return nil
	}
	var failed error
	if err := c.Control(func(fd uintptr) {
		failed = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(silence.Milliseconds()))
	}); err != nil {
		return err
	}
	return failed
}
