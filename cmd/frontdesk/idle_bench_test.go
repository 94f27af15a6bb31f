package main

import (
	"bufio"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"frontdesk/media/net/load"
	"frontdesk/store/storetest"
)

// idlers is what the mail programs of BenchmarkIdle are told: to wait for news of a mailbox, then to put mails there.
// They say how long after the answer to APPEND each heard of it.
type idlers struct {
	Server  string
	Users   []string // the first gets the mails
	TLS     bool
	Mails   int // 0: begin to wait
	Notices []time.Duration
	Trouble string
}

const idling = 25 // connections of each user

// BenchmarkIdle is what mail programs that wait for news cost, and how soon they hear of a mail. Beside it stands
// Dovecot, where it is installed, without TLS.
func BenchmarkIdle(b *testing.B) {
	for _, engine := range []string{"sqlite", "postgres"} {
		b.Run(engine, func(b *testing.B) {
			url := ""
			if engine == "postgres" {
				url = storetest.PostgresURL(b)
			}
			n := runCompany(b, url)
			q := idlers{Server: n.listeners.address("imaps"), TLS: true}
			for _, user := range demoUsers() {
				q.Users = append(q.Users, user.login)
			}
			idle(b, q, memoryInUse)
		})
	}
	b.Run("dovecot", func(b *testing.B) {
		p := newPeers(b)
		idle(b, idlers{Server: p.imap, Users: []string{peerUser}}, p.memory)
	})
}

func idle(b *testing.B, q idlers, memory func() int64) {
	programs := load.Start(b, "TestIdlers", "idle")
	ask := func() (got idlers) {
		programs.Tell(q)
		if programs.Read(&got); got.Trouble != "" {
			b.Fatal(got.Trouble)
		}
		return got
	}
	for b.Loop() {
		before := memory()
		ask()
		b.ReportMetric(float64(memory()-before)/1024/float64(idling*len(q.Users)), "KB/connection")
		q.Mails = 40
		percentiles(b, ask().Notices, "notice-", 50, 99)
	}
	b.ReportMetric(0, "ns/op")
}

func memoryInUse() int64 {
	var m runtime.MemStats
	for range 2 { // what is pooled survives one
		runtime.GC()
	}
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc + m.StackInuse)
}

// memory is what all processes of the peers have, shared pages by share.
func (p *peers) memory() (all int64) {
	for _, master := range p.masters {
		for _, pid := range append(childrenOf(master), master) {
			rollup, _ := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
			_, pss, _ := strings.Cut(string(rollup), "\nPss:")
			var kb int64
			fmt.Sscan(pss, &kb)
			all += kb << 10
		}
	}
	return all
}

// TestIdlers is no test but the mail programs of BenchmarkIdle, in a process of their own.
func TestIdlers(t *testing.T) {
	if load.Scenario() != "idle" {
		t.Skip("started by BenchmarkIdle")
	}
	heard := make(chan time.Time, idling)
	for in := load.Input(); in.Scan(); {
		var q idlers
		err := json.Unmarshal(in.Bytes(), &q)
		if err == nil && q.Mails == 0 {
			err = q.wait(heard)
		} else if err == nil {
			err = q.put(heard)
		}
		if err != nil {
			q.Trouble = err.Error()
		}
		json.NewEncoder(os.Stdout).Encode(q)
	}
}

// open logs a user in, from an address of his own: there is a limit for each.
func (q *idlers) open(user int) (net.Conn, *bufio.Reader, error) {
	from := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, byte(2+user))}}
	conn, err := from.Dial("tcp", q.Server)
	if err != nil {
		return nil, nil, err
	}
	if q.TLS {
		conn = tls.Client(conn, &tls.Config{InsecureSkipVerify: true}) // it is made for this run
	}
	r := bufio.NewReader(conn)
	if _, err := r.ReadString('\n'); err != nil {
		return nil, nil, err
	}
	for _, command := range []string{fmt.Sprintf("LOGIN %s %q", q.Users[user], demoPassword), "SELECT INBOX"} {
		if _, err := tagged(conn, r, command); err != nil {
			return nil, nil, err
		}
	}
	return conn, r, nil
}

func (q *idlers) wait(heard chan<- time.Time) error {
	for i := range idling * len(q.Users) {
		conn, r, err := q.open(i / idling)
		if err != nil {
			return err
		}
		if _, err := io.WriteString(conn, "tag IDLE\r\n"); err != nil {
			return err
		}
		if line, err := r.ReadString('\n'); err != nil || line[0] != '+' {
			return fmt.Errorf("%s in place of +: %w", line, err)
		}
		go func() {
			for {
				line, err := r.ReadString('\n')
				if err != nil {
					return
				}
				if i < idling && strings.HasSuffix(line, "EXISTS\r\n") {
					heard <- time.Now()
				}
			}
		}()
	}
	return nil
}

func (q *idlers) put(heard <-chan time.Time) error {
	conn, r, err := q.open(0)
	if err != nil {
		return err
	}
	for i := range q.Mails {
		text := letter(i, "client@elsewhere.example", q.Users[0])
		if _, err := tagged(conn, r, fmt.Sprintf("APPEND INBOX {%d+}\r\n%s", len(text), text)); err != nil {
			return err
		}
		put := time.Now()
		late := time.After(10 * time.Second)
		for n := range idling {
			select {
			case at := <-heard:
				q.Notices = append(q.Notices, max(at.Sub(put), 0))
			case <-late:
				return fmt.Errorf("mail %d: %d of %d heard of it", i, n, idling)
			}
		}
	}
	slices.Sort(q.Notices)
	return nil
}
