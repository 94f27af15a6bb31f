// Package wiretest says to servers what no client means to: commands that were cut, doubled, mixed and filled with
// bytes of every kind. It is seeded, so that what failed fails again.
package wiretest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"strings"
	"testing"
	"time"
)

// Conn is a connection that can be ended one way: TCP, or TLS over it.
type Conn interface {
	net.Conn
	CloseWrite() error
}

// Storm plays so many streams made of the commands, each over a connection of its own that begins with hello, and gives
// what the server said to check. A server that does not hang up when its client has is a failure.
func Storm(t *testing.T, streams int, dial func() Conn, hello string, commands []string,
	check func(said string) error) {
	t.Helper()
	for seed := range streams {
		stream := append([]byte(hello), Stream(rand.New(rand.NewPCG(uint64(seed), 1)), commands)...)
		said, err := play(dial(), stream)
		if err == nil {
			err = check(said)
		}
		if err != nil {
			t.Errorf("stream %d: %v\nsent:\n%s\nsaid:\n%s", seed, err, brief(stream), brief([]byte(said)))
		}
	}
}

func brief(b []byte) string {
	var out strings.Builder
	for line := range bytes.Lines(b[:min(len(b), 20_000)]) {
		fmt.Fprintf(&out, "  %q\n", line[:min(len(line), 200)])
	}
	return out.String()
}

const patience = time.Minute // also on a machine that is busy

func play(conn Conn, stream []byte) (said string, err error) {
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(patience))
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		if _, err := conn.Write(stream); err == nil { // else it has hung up already
			conn.CloseWrite()
		}
	}()
	var all bytes.Buffer
	_, err = io.Copy(&all, conn)
	var timeout net.Error
	if e, ok := err.(net.Error); ok && e.Timeout() {
		timeout = e
	}
	conn.Close()
	<-sent
	if timeout != nil {
		return all.String(), fmt.Errorf("the server does not hang up: %w", timeout)
	}
	return all.String(), nil
}

// Stream is some of the commands, one or two in three of them mutated.
func Stream(r *rand.Rand, commands []string) []byte {
	var stream []byte
	for range 4 + r.IntN(12) {
		line := []byte(commands[r.IntN(len(commands))])
		for range r.IntN(3) {
			line = mutate(r, line, commands)
		}
		stream = append(stream, line...)
		if r.IntN(12) > 0 {
			stream = append(stream, "\r\n"...)
		}
	}
	return stream
}

// What bytes of the wire go wrong with.
var insertions = []string{
	"\x00", "\r", "\n", "\r\r\n", "\n.\n", "\r\n.\r\n", "\t", " ", "\"", "\\", "(", ")", "{", "}", "<", ">", "*", "%",
	"[", "]", "&", "&AOk-", "&-&", "~", "+", ":", ",", "@", "..",
	"\xff", "\xfe\xff", "\x80", "\xc3", "\xc3\xa9", "J\xfcrgen", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\u202e", "\ufeff",
	"\x1b[2J", "\x7f",
	"{0}", "{0+}", "{1+}\r\nx", "{5}\r\n", "{99999999999999999999}", "{4294967296+}", "{18446744073709551615}", "{-1}",
	"{3+}\r\n\x00\xff\n", "~{3+}\r\nabc", "{2147483648}\r\n",
	"0", "-1", "4294967295", "4294967296", "99999999999999999999", "1:*", "*:1", "NIL", "INBOX", "%s%n",
	"=?utf-8?q?=00?=", "SIZE=99999999999999999999", "BODY=8BITMIME", "\r\nNOOP\r\n",
}

func mutate(r *rand.Rand, line []byte, commands []string) []byte {
	at := r.IntN(len(line) + 1)
	insert := func(what []byte) []byte { return bytes.Join([][]byte{line[:at], what, line[at:]}, nil) }
	switch r.IntN(9) {
	case 0: // cut
		return bytes.Clone(line[:at])
	case 1: // a hole
		return append(bytes.Clone(line[:at]), line[at+r.IntN(len(line)-at+1):]...)
	case 2: // another byte
		if at < len(line) {
			line = bytes.Clone(line)
			line[at] = byte(r.IntN(256))
		}
		return line
	case 3: // noise
		noise := make([]byte, r.IntN(40))
		for i := range noise {
			noise[i] = byte(r.IntN(256))
		}
		return insert(noise)
	case 4: // much of something
		return insert(bytes.Repeat([]byte(insertions[r.IntN(len(insertions))]), 1+r.IntN(3000)))
	case 5: // two in one
		return insert([]byte(commands[r.IntN(len(commands))]))
	}
	return insert([]byte(insertions[r.IntN(len(insertions))]))
}

// Log is a log in which errors and panics fail the test.
func Log(t testing.TB) *slog.Logger { return slog.New(&watch{t: t}) }

type watch struct {
	slog.Handler
	t testing.TB
}

func (w *watch) Enabled(context.Context, slog.Level) bool { return true }
func (w *watch) WithAttrs([]slog.Attr) slog.Handler       { return w }
func (w *watch) WithGroup(string) slog.Handler            { return w }

func (w *watch) Handle(_ context.Context, r slog.Record) error {
	text := r.Message
	r.Attrs(func(a slog.Attr) bool { text += " " + a.String(); return true })
	if r.Level >= slog.LevelError || strings.Contains(text, "panic") {
		w.t.Errorf("logged: %s", text)
	}
	return nil
}
