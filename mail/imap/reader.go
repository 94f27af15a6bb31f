package imap

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"
)

const (
	maxCommand = 48 << 10 // bytes of a command with its literals, without the message of an APPEND
	maxSkipped = 64 << 10 // bytes of a refused command that are passed over
)

// Errors of Reader: after one the connection must end, for nobody knows where the next command begins.
var (
	ErrTooLong = errors.New("imap: command too long")
	ErrLiteral = errors.New("imap: refused literal too long to pass over")
)

// Reader reads commands. A literal is never taken for a command, whether the client waits for leave to send it or not
// ("{n+}", RFC 7888): a command is read whole before anybody looks at it, but for the message of an APPEND.
type Reader struct {
	in  *bufio.Reader
	out *Writer // where leave is given
}

// NewReader reads from r; out is where the client is asked for literals.
func NewReader(r io.Reader, out *Writer) *Reader {
	return &Reader{in: bufio.NewReaderSize(r, 4<<10), out: out}
}

// Command is one command of a client.
type Command struct {
	Tag     string   // "*" where it has none that can be given back
	Name    string   // upper case; "UID FETCH" is one
	Args    *Args    // of an APPEND, what stands before the message
	Message *Literal // of an APPEND, not read yet: the next call is Accept or Refuse
	Bad     *Status  // what is wrong where it can't be read; then there are no Args
}

// Literal is one that a client announced.
type Literal struct {
	Size  int64
	begin int  // where in the line the announcement begins
	waits bool // for leave
}

// Next reads a command. After an error the connection must end; Bad, if it is set, may be told before.
func (r *Reader) Next() (*Command, error) {
	text, err := r.line(maxCommand)
	if err != nil {
		return nil, err
	}
	c, args := begin(text)
	last := text
	for n := 0; ; n++ {
		literal, ok := announced(last)
		switch {
		case !ok:
			c.Args = &Args{text: trimEnd(text[args:])}
			return c, nil
		case c.Bad == nil && c.isMessage(text[args:], n):
			end := len(text) - len(last) + literal.begin
			c.Args, c.Message = &Args{text: bytes.TrimSuffix(text[args:end], []byte("~"))}, &literal
			return c, nil
		case c.Bad == nil && literal.Size > maxLiteral:
			c.Bad = No("TOOBIG", "An argument has at most 4096 bytes")
		}
		if c.Bad != nil {
			return c, r.Refuse(&literal)
		}
		before := len(text)
		if text, err = r.goOn(text, literal); err != nil {
			return nil, err
		}
		last = text[before+int(literal.Size):]
	}
}

// begin reads tag and name; args is where in the line the arguments begin.
func begin(line []byte) (c *Command, args int) {
	tag, rest, _ := strings.Cut(string(trimEnd(line)), " ")
	if !isTag(tag) {
		return &Command{Tag: "*", Bad: Bad("A command begins with a tag of letters and digits")}, 0
	}
	name, more, _ := strings.Cut(rest, " ")
	c, args = &Command{Tag: tag, Name: strings.ToUpper(name)}, len(tag)+1+len(name)
	if c.Name == "UID" {
		name, _, _ = strings.Cut(more, " ")
		c.Name, args = c.Name+" "+strings.ToUpper(name), args+1+len(name)
	}
	if name == "" {
		c.Bad = Bad("After the tag comes one space and a command")
	}
	return c, min(args, len(line))
}

func isTag(tag string) bool {
	return tag != "" && len(tag) <= 64 && !strings.ContainsFunc(tag, func(r rune) bool {
		return r <= ' ' || r >= 127 || strings.ContainsRune(`(){%*"\+`, r)
	})
}

// isMessage tells whether the literal behind n others is the message of an APPEND, not the name of a mailbox.
func (c *Command) isMessage(args []byte, n int) bool {
	return c.Name == "APPEND" && (n > 0 || !bytes.HasPrefix(bytes.TrimLeft(args, " "), []byte("{")))
}

// goOn reads a literal and the line behind it.
func (r *Reader) goOn(text []byte, l Literal) ([]byte, error) {
	if err := r.leave(l); err != nil {
		return nil, err
	}
	text = append(text, make([]byte, l.Size)...)
	if _, err := io.ReadFull(r.in, text[len(text)-int(l.Size):]); err != nil {
		return nil, err
	}
	line, err := r.line(maxCommand - len(text))
	return append(text, line...), err
}

func (r *Reader) leave(l Literal) error {
	if !l.waits {
		return nil
	}
	r.out.Continue("Ready for literal data")
	return r.out.Flush()
}

// Accept gives leave to send a message and returns its bytes: they must be read to their end, and then End called.
func (r *Reader) Accept(l *Literal) (io.Reader, error) {
	return io.LimitReader(r.in, l.Size), r.leave(*l)
}

// End reads what follows a message in its line. Literals in it are passed over.
func (r *Reader) End() (rest string, err error) {
	line, err := r.line(maxCommand)
	if err != nil {
		return "", err
	}
	if l, ok := announced(line); ok {
		err = r.Refuse(&l)
	}
	return string(trimEnd(line)), err
}

// Refuse passes over a literal that was sent without leave, and the rest of its command.
func (r *Reader) Refuse(l *Literal) error {
	next, skipped := *l, int64(0)
	for ok := true; ok && !next.waits; {
		if skipped += next.Size; skipped > maxSkipped {
			return ErrLiteral
		}
		if _, err := io.CopyN(io.Discard, r.in, next.Size); err != nil {
			return err
		}
		line, err := r.line(maxCommand)
		if err != nil {
			return err
		}
		skipped += int64(len(line))
		next, ok = announced(line)
	}
	return nil
}

// Line reads a line that is no command: an answer to Writer.Continue.
func (r *Reader) Line() (string, error) {
	line, err := r.line(maxCommand)
	return string(trimEnd(line)), err
}

// line reads one with its end.
func (r *Reader) line(limit int) (line []byte, err error) {
	for {
		part, err := r.in.ReadSlice('\n')
		if line = append(line, part...); len(line) > limit {
			return nil, ErrTooLong
		}
		if err == nil {
			return line, nil
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return nil, err
		}
	}
}

// Buffered is how much was read ahead.
func (r *Reader) Buffered() int { return r.in.Buffered() }

func trimEnd(line []byte) []byte { return bytes.TrimRight(line, "\r\n") }

var announcement = regexp.MustCompile(`\{([0-9]{1,18})(\+?)\} ?\r?\n$`)

// announced tells whether a line ends with the announcement of a literal.
func announced(line []byte) (l Literal, ok bool) {
	if len(line) < 4 || bytes.IndexByte(line[max(0, len(line)-4):], '}') < 0 {
		return l, false
	}
	from := max(0, len(line)-32)
	match := announcement.FindSubmatchIndex(line[from:])
	if match == nil {
		return l, false
	}
	size, err := strconv.ParseInt(string(line[from+match[2]:from+match[3]]), 10, 64)
	return Literal{Size: size, begin: from + match[0], waits: match[4] == match[5]}, err == nil
}
