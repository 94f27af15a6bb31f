package coding

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"regexp"
)

// UUBegin is the first line of a uuencoded file.
var UUBegin = regexp.MustCompile(`(?m)^begin [0-7]{3,4} ([^\r\n]{1,300})\r?\n`)

// uuencoded decodes the lines between "begin" and "end"; without "begin" there is nothing.
type uuencoded struct {
	in      *bufio.Reader
	began   bool
	decoded []byte
	err     error
}

func (u *uuencoded) Read(p []byte) (int, error) {
	for len(u.decoded) == 0 {
		if u.err != nil {
			return 0, u.err
		}
		var line []byte
		line, u.err = u.in.ReadSlice('\n')
		if errors.Is(u.err, bufio.ErrBufferFull) { // no line is so long
			u.err = nil
		}
		switch text := bytes.TrimRight(line, "\r\n"); {
		case !u.began:
			u.began = UUBegin.Match(line)
		case string(text) == "end":
			u.err = io.EOF
		default:
			u.decoded, _ = uuLine(text)
		}
	}
	n := copy(p, u.decoded)
	u.decoded = u.decoded[n:]
	return n, nil
}

// uuLine decodes a line; ok is false for what can't be one. Trailing spaces may be lost.
func uuLine(line []byte) (decoded []byte, ok bool) {
	if len(line) == 0 {
		return nil, false
	}
	size := int(line[0]-' ') & 63
	groups := (size + 2) / 3 * 4
	if line[0] < ' ' || line[0] > '`' || len(line) > 1+groups+2 {
		return nil, false
	}
	line = append(bytes.Clone(line[1:min(len(line), 1+groups)]),
		bytes.Repeat([]byte(" "), max(0, 1+groups-len(line)))...)
	for i := 0; i+4 <= len(line); i += 4 {
		a, b, c, d := (line[i]-' ')&63, (line[i+1]-' ')&63, (line[i+2]-' ')&63, (line[i+3]-' ')&63
		decoded = append(decoded, a<<2|b>>4, b<<4|c>>2, c<<6|d)
	}
	return decoded[:min(size, len(decoded))], true
}

// UUBody decodes up to the line "end"; n is its length with that line, 0 where it is no uuencoded file.
func UUBody(text []byte) (data []byte, n int) {
	for line := range bytes.Lines(text) {
		n += len(line)
		line = bytes.TrimRight(line, "\r\n")
		if string(line) == "end" {
			return data, n
		}
		if len(line) == 0 {
			continue
		}
		decoded, ok := uuLine(line)
		if !ok {
			return nil, 0
		}
		data = append(data, decoded...)
	}
	return nil, 0
}
