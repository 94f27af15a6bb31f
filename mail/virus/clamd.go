// Package virus has mail scanned by clamd.
package virus

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"
)

// ErrTooLarge: the scanner takes no mail that large (StreamMaxLength in clamd.conf).
var ErrTooLarge = errors.New("larger than the virus scanner takes")

const (
	patience  = 2 * time.Minute // for one mail
	chunk     = 64 << 10
	maxAnswer = 4 << 10
)

// Scanner is a clamd.
type Scanner struct{ network, address string }

// New is the clamd at host:port, or at the path of a socket.
func New(address string) *Scanner {
	if strings.HasPrefix(address, "/") {
		return &Scanner{"unix", address}
	}
	return &Scanner{"tcp", address}
}

// Scan tells which virus a mail has, "" for none. An error means that nobody knows.
func (s *Scanner) Scan(ctx context.Context, message io.Reader) (virus string, err error) {
	answer, err := s.ask(ctx, "INSTREAM", func(w *bufio.Writer) error { return stream(w, message) })
	switch name, found := strings.CutSuffix(strings.TrimPrefix(answer, "stream: "), " FOUND"); {
	case strings.HasPrefix(answer, "INSTREAM size limit exceeded"):
		return "", ErrTooLarge
	case err != nil:
		return "", err
	case found:
		return name, nil
	case name == "OK":
		return "", nil
	}
	return "", fmt.Errorf("clamd answers %q", answer)
}

// Ping fails where no scanner answers.
func (s *Scanner) Ping(ctx context.Context) error {
	answer, err := s.ask(ctx, "PING", (*bufio.Writer).Flush)
	if err == nil && answer != "PONG" {
		err = fmt.Errorf("not a clamd: it answers %q", answer)
	}
	return err
}

// ask says a command and what belongs to it (clamd(8), "z" commands end in NUL, and so do their answers). An answer may
// come with an error: clamd hangs up on what it takes no more of.
func (s *Scanner) ask(ctx context.Context, command string, rest func(*bufio.Writer) error) (answer string, err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	conn, err := new(net.Dialer).DialContext(ctx, s.network, s.address)
	if err != nil {
		return "", fmt.Errorf("clamd: %w", err)
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.SetDeadline(time.Now()) })()
	w := bufio.NewWriter(conn)
	w.WriteString("z" + command + "\x00") // an error shows in the flush
	said := rest(w)
	answer, err = bufio.NewReader(io.LimitReader(conn, maxAnswer)).ReadString(0)
	answer = strings.TrimSuffix(answer, "\x00")
	if said != nil {
		err = said
	}
	if err != nil {
		err = fmt.Errorf("clamd: %w", err)
	}
	return answer, err
}

// stream sends a mail in chunks, each with its length before it; one without length ends it.
func stream(w *bufio.Writer, message io.Reader) error {
	buffer := make([]byte, 4+chunk)
	for {
		n, err := io.ReadFull(message, buffer[4:])
		binary.BigEndian.PutUint32(buffer, uint32(n))
		if _, bad := w.Write(buffer[:4+n]); bad != nil {
			return bad
		}
		switch {
		case n > 0 && (err == io.EOF || errors.Is(err, io.ErrUnexpectedEOF)):
			w.Write(make([]byte, 4))
			return w.Flush()
		case err == io.EOF:
			return w.Flush()
		case err != nil:
			return err
		}
	}
}
