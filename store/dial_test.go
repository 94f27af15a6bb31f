package store

import (
	"net"
	"os"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/stdlib"
	"golang.org/x/sys/unix"
)

// A database machine that vanishes is given up after some seconds, whether it owes an acknowledgement or an answer.
func TestConnectionsBreakAfterSilence(t *testing.T) {
	url := os.Getenv("FRONTDESK_TEST_POSTGRES")
	if url == "" {
		t.Skip("FRONTDESK_TEST_POSTGRES is not set")
	}
	db, err := openPostgres(url)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	conn, err := db.write.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	option := func(c any, level, name int) (value int) {
		raw, err := c.(*stdlib.Conn).Conn().PgConn().Conn().(*net.TCPConn).SyscallConn()
		if err != nil {
			t.Fatal(err)
		}
		raw.Control(func(fd uintptr) {
			if value, err = unix.GetsockoptInt(int(fd), level, name); err != nil {
				t.Error(err)
			}
		})
		return value
	}
	conn.Raw(func(c any) error {
		if ms := option(c, unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT); ms != int(silence.Milliseconds()) {
			t.Errorf("unacknowledged bytes are waited for %d ms", ms)
		}
		idle := option(c, unix.IPPROTO_TCP, unix.TCP_KEEPIDLE)
		probes := option(c, unix.IPPROTO_TCP, unix.TCP_KEEPINTVL) * option(c, unix.IPPROTO_TCP, unix.TCP_KEEPCNT)
		if within := time.Duration(idle+probes) * time.Second; option(c, unix.SOL_SOCKET, unix.SO_KEEPALIVE) == 0 ||
			within > silence {
			t.Errorf("an answer is waited for %s", within)
		}
		return nil
	})
}
