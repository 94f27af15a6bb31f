package coding

import (
	"bufio"
	"bytes"
	"io"
	"strings"
)

// Decode undoes a Content-Transfer-Encoding. What is badly encoded comes out as well as it can be.
func Decode(r io.Reader, encoding string) io.Reader {
	switch encoding {
	case "base64":
		return newBase64(r)
	case "quoted-printable":
		return &quoted{in: bufio.NewReaderSize(r, 4<<10)}
	case "x-uuencode", "x-uue", "uuencode", "uue":
		return &uuencoded{in: bufio.NewReaderSize(r, 4<<10)}
	}
	return r
}

// quoted decodes quoted-printable (RFC 2045 section 6.7); a "=" that begins no code stays as it is.
type quoted struct {
	in      *bufio.Reader
	decoded []byte
	err     error
}

func (q *quoted) Read(p []byte) (int, error) {
	for len(q.decoded) == 0 {
		if q.err != nil {
			return 0, q.err
		}
		var line []byte
		line, q.err = q.in.ReadSlice('\n')
		if q.err == bufio.ErrBufferFull {
			q.err = nil
			line = q.whole(line)
		}
		q.decoded = unquote(line)
	}
	n := copy(p, q.decoded)
	q.decoded = q.decoded[n:]
	return n, nil
}

// whole completes a code that the end of the buffer cut.
func (q *quoted) whole(line []byte) []byte {
	line = bytes.Clone(line)
	for i := bytes.LastIndexByte(line, '='); i >= 0 && i > len(line)-3; {
		c, err := q.in.ReadByte()
		if err != nil {
			q.err = err
			break
		}
		if line = append(line, c); c == '\n' {
			break
		}
	}
	return line
}

func unquote(line []byte) []byte {
	text := bytes.TrimRight(line, " \t\r\n")
	broken := line[len(line)-int(LineBreak(line)):]
	if soft, ok := bytes.CutSuffix(text, []byte("=")); ok && len(broken) > 0 {
		text, broken = soft, nil
	} else if len(broken) == 0 {
		text = line
	}
	out := make([]byte, 0, len(line))
	for i := 0; i < len(text); i++ {
		if c, ok := hexByte(text[i:]); ok {
			out = append(out, c)
			i += 2
			continue
		}
		out = append(out, text[i])
	}
	return append(out, broken...)
}

func hexByte(s []byte) (byte, bool) {
	if len(s) < 3 || s[0] != '=' {
		return 0, false
	}
	high, low := strings.IndexByte("0123456789abcdef", s[1]|0x20), strings.IndexByte("0123456789abcdef", s[2]|0x20)
	return byte(high<<4 | low), high >= 0 && low >= 0
}
