package domain

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"frontdesk/store"
)

// Reach is what can be known from here of whether the world's servers reach ours. Only mail that came from outside
// proves that they do; that this machine reaches its own public address is a hint, that it does not proves nothing, for
// many routers lead nobody back in.
type Reach struct {
	Verdict
	Last time.Time `json:"last" doc:"When a server of the world last brought mail to any node; zero: never"`
	Peer string    `json:"peer" doc:"Its address"`
}

// Seen notes that a server brought mail to this node; those of private networks prove nothing.
func (b *Book) Seen(ctx context.Context, node string, peer netip.Addr) {
	if !public(peer.Unmap().AsSlice()) || !b.seen.due() {
		return
	}
	if _, err := b.db.Exec(ctx, `INSERT INTO mail_reach (node, at, peer) VALUES ($1, $2, $3)
		ON CONFLICT (node) DO UPDATE SET at = excluded.at, peer = excluded.peer`, node, store.Micros(time.Now()),
		peer.Unmap().String()); err != nil {
		b.log.Warn("note that mail came from outside", "err", err)
	}
}

// provenFor is how long what came from outside proves that our door is open.
const provenFor = 3 * 24 * time.Hour

func (c *Checker) reach(ctx context.Context, host string, addresses []net.IP) (r Reach) {
	var at int64
	err := c.book.db.QueryRow(ctx, `SELECT at, peer FROM mail_reach ORDER BY at DESC LIMIT 1`).Scan(&at, &r.Peer)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		r.Verdict = Verdict{State: Unknown, Detail: err.Error()}
		return r
	}
	if at > 0 {
		r.Last = store.Time(at)
	}
	if time.Since(r.Last) < provenFor {
		r.State = OK
		return r
	}
	r.Verdict = c.knock(ctx, host, addresses)
	return r
}

// knock connects to our own public address, and reads whose greeting comes.
func (c *Checker) knock(ctx context.Context, host string, addresses []net.IP) Verdict {
	v := Verdict{State: Unknown, Problem: "port_unproven"}
	for _, ip := range addresses {
		greeting, err := greetingOf(ctx, net.JoinHostPort(ip.String(), strconv.Itoa(c.config.Port)))
		switch {
		case err != nil:
			v.Detail = err.Error()
		case strings.Contains(strings.ToLower(greeting), strings.ToLower(host)):
			return Verdict{State: Unknown, Problem: "port_own", Detail: greeting}
		default:
			return Verdict{State: Wrong, Problem: "port_other", Detail: greeting}
		}
	}
	return v
}

// greetingOf is the first line that a mail server says.
func greetingOf(ctx context.Context, address string) (string, error) {
	conn, err := (&net.Dialer{Timeout: 5 * time.Second}).DialContext(ctx, "tcp", address)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(5 * time.Second)); err != nil {
		return "", err
	}
	line, _, err := bufio.NewReaderSize(conn, 512).ReadLine()
	return string(line), err
}
