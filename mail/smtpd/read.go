package smtpd

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"strings"
	"time"

	"github.com/emersion/go-smtp"
)

// Read shows at most one line. The first error in a message is that of the message, any later one the end.
func (l *line) Read(p []byte) (int, error) {
	for len(l.rest) == 0 {
		if l.ending || l.closed {
			return 0, io.EOF
		}
		if err := l.next(); err != nil {
			l.ending = true
			return 0, err
		}
	}
	n := copy(p, l.rest)
	l.rest = l.rest[n:]
	return n, nil
}

func (l *line) next() (err error) {
	if err := l.flushWhenIdle(); err != nil {
		return io.EOF
	}
	if l.text != nil {
		return l.content()
	}
	l.raw.limit(time.Time{})
	l.raw.busy.Store(false)
	command, err := l.readCommand()
	if err != nil {
		return l.farewell(err)
	}
	if l.challenged {
		l.challenged = false
		l.rest = []byte(command + "\r\n")
		return nil
	}
	return l.command(command)
}

// flushWhenIdle sends the answers once the client waits for them: those to pipelined commands go together.
func (l *line) flushWhenIdle() error {
	pipelined, _ := l.in.Peek(l.in.Buffered()) // what is there can be peeked at
	if bytes.IndexByte(pipelined, '\n') >= 0 {
		return nil
	}
	return l.out.Flush()
}

func (l *line) content() (err error) {
	l.rest, err = l.text.next()
	if l.text.done {
		l.text = nil
	}
	return err
}

// message reads the message, at most so many bytes of it (0: any number), and takes the dots off (RFC 5321 section
// 4.5.2). Of one that came whole go-smtp, which goes byte by byte, is shown the end alone; of another it passes over
// the rest.
func (l *line) message(w io.Writer, most int64) error {
	for size := int64(0); ; {
		if err := l.next(); err != nil {
			l.ending, l.rest = true, nil
			return err
		}
		if l.text == nil { // that was the dot
			return nil
		}
		text := bytes.TrimPrefix(l.rest, []byte("."))
		if size += int64(len(text)); most > 0 && size > most {
			return smtp.ErrDataTooLarge
		}
		if _, err := w.Write(text); err != nil {
			return err
		}
	}
}

var errCommandLine = errors.New("command line too long")

// readCommand reads a line without its end, which may be a bare LF here: no message's content is among them.
func (l *line) readCommand() (string, error) {
	command, err := l.in.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) || len(command) > maxCommand {
		return "", errCommandLine
	}
	if err != nil {
		return "", err
	}
	return strings.TrimRight(string(command), "\r\n"), nil
}

// farewell says why it ends, where anybody still listens. go-smtp itself does so after a timeout.
func (l *line) farewell(err error) error {
	var timeout net.Error
	switch {
	case errors.Is(err, errDraining):
		l.answer(l.goodbye())
	case errors.Is(err, errCommandLine):
		l.answer(reply(500, status{5, 5, 2}, "Line too long"))
	case errors.As(err, &timeout) && timeout.Timeout():
		return timeout
	}
	return io.EOF
}
