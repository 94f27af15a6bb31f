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
)

// lineReader checks the text of a message: lines end in CRLF and nothing else does, there is no NUL, and no line is endless.
// Whoever lets a bare CR or LF pass lets a stranger smuggle a second mail past us or through us
// (CVE-2023-51764 and kin), so its error means: close the connection, what follows can't be trusted to be commands.
type lineReader struct {
	r   *bufio.Reader // with a buffer of at least maxTextLine
	err error
}

// next returns the next line with its CRLF. It is valid until the next read.
func (l *lineReader) next() ([]byte, error) {
	line, err := l.r.ReadSlice('\n')
	switch {
	case errors.Is(err, bufio.ErrBufferFull):
		return nil, errLongLine
	case errors.Is(err, io.EOF):
		return nil, io.ErrUnexpectedEOF
	case err != nil:
		return nil, err
	}
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

// copyData copies a message after DATA (RFC 5321 section 4.5.2) up to and without the line of a single dot. After more
// than limit bytes it copies no more, but reads to the end and returns errTooLarge.
func copyData(w io.Writer, r *bufio.Reader, limit int64) error {
	lines := lineReader{r: r}
	for size := int64(0); ; {
		line, err := lines.next()
		if err != nil {
			return err
		}
		if line[0] == '.' {
			if len(line) == 3 {
				return over(size, limit)
			}
			line = line[1:]
		}
		if size += int64(len(line)); size > 4*limit {
			return errFlood
		} else if size <= limit {
			if _, err := w.Write(line); err != nil {
				return err
			}
		}
	}
}

var (
	errTooLarge = errors.New("message too large")
	errFlood    = errors.New("far too large: hanging up")
)

func over(size, limit int64) error {
	if size > limit {
		return errTooLarge
	}
	return nil
}

// chunkChecker is what BDAT (RFC 3030) writes chunks to: they may end anywhere, the text follows the same rules.
type chunkChecker struct {
	w      io.Writer
	cr     bool // the last byte was a CR
	column int
}

func (c *chunkChecker) Write(p []byte) (int, error) {
	for _, b := range p {
		if c.cr != (b == '\n') {
			return 0, errBareLineEnd
		}
		if b == 0 {
			return 0, errNUL
		}
		c.cr = b == '\r'
		if c.column++; b == '\n' {
			c.column = 0
		}
		if c.column > maxTextLine {
			return 0, errLongLine
		}
	}
	return c.w.Write(p)
}

// end tells whether the text is complete: the last line ended.
func (c *chunkChecker) end() error {
	if c.cr {
		return errBareLineEnd
	}
	if c.column > 0 {
		_, err := c.w.Write([]byte("\r\n"))
		return err
	}
	return nil
}
