package smtpd

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// maxTextLine bounds a line of a message. RFC 5321 allows 1000 bytes; careless senders of long HTML lines exceed it.
const maxTextLine = 16 << 10

var (
	errBareLineEnd = errors.New("bare CR or LF")
	errNUL         = errors.New("NUL byte")
	errLongLine    = errors.New("line too long")
	errFlood       = errors.New("far too large: hanging up")
)

// text checks a message on its way in: lines end in CRLF and nothing else does, there is no NUL, and no line is
// endless. Whoever lets a bare CR or LF pass lets a stranger smuggle a second mail past us or through us
// (CVE-2023-51764 and kin), so its error means: close the connection, what follows can't be trusted to be commands.
type text struct {
	r    *bufio.Reader // with a buffer of at least maxTextLine
	left int64         // bytes until it is a flood
	done bool          // the line of a single dot was read
}

// next returns the next line as it came, with its dots and its CRLF. It is valid until the next read.
func (t *text) next() ([]byte, error) {
	line, err := t.r.ReadSlice('\n')
	switch {
	case errors.Is(err, bufio.ErrBufferFull):
		return nil, errLongLine
	case errors.Is(err, io.EOF):
		return nil, io.ErrUnexpectedEOF
	case err != nil:
		return nil, err
	}
	if t.left -= int64(len(line)); t.left < 0 {
		return nil, errFlood
	}
	t.done = string(line) == ".\r\n"
	return line, checkLine(line)
}

func checkLine(line []byte) error {
	text, ok := bytes.CutSuffix(line, []byte("\r\n"))
	if !ok || bytes.IndexByte(text, '\r') >= 0 {
		return errBareLineEnd
	}
	if bytes.IndexByte(text, 0) >= 0 {
		return errNUL
	}
	return nil
}
