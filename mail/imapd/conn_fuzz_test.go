package imapd

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// player is a server that takes or refuses the literals it is shown, as decide says, like go-imap does: leave is
// written before a literal is read, a refusal before the next line.
type player struct {
	conn   *conn
	in     *bufio.Reader
	decide func() bool
	lines  []string // seen as commands
	bodies []string // taken as literals
}

func (p *player) play() {
	p.in = bufio.NewReader(p.conn)
	for p.command() == nil {
	}
}

// command reads one with its literals.
func (p *player) command() error {
	for {
		line, err := p.in.ReadString('\n')
		if err != nil {
			return err
		}
		p.lines = append(p.lines, line)
		size, _, ok := announced([]byte(line))
		if !ok || size > 1<<20 || !p.decide() {
			_, err := io.WriteString(p.conn, "t NO\r\n")
			return err
		}
		if _, err := io.WriteString(p.conn, "+ go\r\n"); err != nil {
			return err
		}
		body := make([]byte, size)
		if _, err := io.ReadFull(p.in, body); err != nil {
			return err
		}
		p.bodies = append(p.bodies, string(body))
	}
}

// play runs a player over what a client sends, and returns it when the connection ended.
func play(t *testing.T, script []byte, decide func() bool) *player {
	t.Helper()
	near, far := net.Pipe()
	far.SetDeadline(time.Now().Add(20 * time.Second))
	answers := make(chan struct{})
	go func() { defer close(answers); io.Copy(io.Discard, far) }()
	sent := make(chan struct{})
	go func() { defer close(sent); far.Write(script); far.Close() }()
	p := &player{conn: newConn(near, prometheus.NewCounter(prometheus.CounterOpts{Name: "x"}), false), decide: decide}
	p.play()
	p.conn.Close()
	<-sent
	<-answers
	return p
}

const evil = "EVIL DELETE\r\n"

// FuzzLiterals: whatever mix of commands and literals comes, and whichever are refused, no literal is taken for a
// command.
func FuzzLiterals(f *testing.F) {
	f.Add([]byte{0, 1, 2, 3, 4, 5, 200, 100}, uint64(0b1010))
	f.Add([]byte{255, 254, 253, 1, 1, 1}, uint64(0))
	f.Fuzz(func(t *testing.T, plan []byte, decisions uint64) {
		var script bytes.Buffer
		for _, step := range plan[:min(len(plan), 64)] {
			body := strings.Repeat(evil, int(step>>2))
			switch step & 3 {
			case 0:
				script.WriteString("a NOOP\r\n")
			case 1:
				fmt.Fprintf(&script, "a ONE {%d+}\r\n%s\r\n", len(body), body)
			case 2:
				fmt.Fprintf(&script, "a TWO {%d+}\r\n%s {%d+}\r\n%s x\r\n", len(body), body, len(body), body)
			case 3:
				fmt.Fprintf(&script, "a %s {3+}\r\nabc\r\n", strings.Repeat("long", int(step)*20))
			}
		}
		n := 0
		p := play(t, script.Bytes(), func() bool { n++; return decisions>>(n%64)&1 == 1 })
		for _, line := range p.lines {
			if strings.Contains(line, "EVIL") || strings.Contains(line, "+}") {
				t.Fatalf("seen as a command: %q", line)
			}
		}
		for _, body := range p.bodies {
			if body != "abc" && strings.ReplaceAll(body, evil, "") != "" {
				t.Fatalf("not a whole literal: %q", body)
			}
		}
	})
}

// FuzzStream: any bytes at all end without a panic and without waiting for ever.
func FuzzStream(f *testing.F) {
	f.Add([]byte("a LOGIN {3+}\r\nabc {99999999999999999999+}\r\n{1}\r\n{0+}\r\n"), true)
	f.Add([]byte("{18446744073709551615}\n{5+}"), false)
	f.Fuzz(func(t *testing.T, script []byte, take bool) {
		play(t, script, func() bool { return take })
	})
}

// TestLongLine: a command line has an end.
func TestLongLine(t *testing.T) {
	p := play(t, bytes.Repeat([]byte("x"), 2*maxLine), func() bool { return true })
	if len(p.lines) != 0 {
		t.Errorf("a line of %d bytes was taken", len(p.lines[0]))
	}
}
