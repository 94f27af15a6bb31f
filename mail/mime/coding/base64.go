package coding

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// base64Reader decodes base64 (RFC 2045 section 6.8). What is not of its alphabet is passed over, and padding may come
// in between, as where a sender joined what was encoded in pieces. Behind padding a line with anything else is no
// longer part of it: list servers add their text there.
type base64Reader struct {
	in      *bufio.Reader
	bits    uint32 // of the group that was begun
	digits  int    // how many digits it has
	padded  bool
	decoded []byte
	rest    []byte // of decoded
	err     error
}

func newBase64(r io.Reader) *base64Reader { return &base64Reader{in: bufio.NewReaderSize(r, 4<<10)} }

func (b *base64Reader) Read(p []byte) (int, error) {
	for len(b.rest) == 0 {
		if b.err != nil {
			return 0, b.err
		}
		line, err := b.in.ReadSlice('\n')
		if b.err = err; errors.Is(err, bufio.ErrBufferFull) {
			b.err = nil
		}
		b.decoded = b.decoded[:0]
		if b.padded && bytes.ContainsFunc(bytes.TrimRight(line, " \t\r\n"), foreign) {
			b.err = io.EOF
		} else {
			b.line(line)
		}
		if b.err != nil {
			b.flush()
		}
		b.rest = b.decoded
	}
	n := copy(p, b.rest)
	b.rest = b.rest[n:]
	return n, nil
}

func (b *base64Reader) line(line []byte) {
	for _, c := range line {
		digit, ok := base64Digit(c)
		switch {
		case ok:
			b.bits, b.digits = b.bits<<6|digit, b.digits+1
		case c == '=' && b.digits > 0:
			b.flush()
			b.padded = true
		}
		if b.digits == 4 {
			b.flush()
		}
	}
}

// flush writes the bytes of a group, whole or not.
func (b *base64Reader) flush() {
	group := b.bits << (6 * (4 - b.digits))
	for i := range max(0, b.digits-1) {
		b.decoded = append(b.decoded, byte(group>>(16-8*i)))
	}
	b.bits, b.digits = 0, 0
}

func base64Digit(c byte) (digit uint32, ok bool) {
	switch {
	case c >= 'A' && c <= 'Z':
		return uint32(c - 'A'), true
	case c >= 'a' && c <= 'z':
		return uint32(c-'a') + 26, true
	case c >= '0' && c <= '9':
		return uint32(c-'0') + 52, true
	case c == '+':
		return 62, true
	}
	return 63, c == '/'
}

func foreign(r rune) bool {
	if r >= 0x80 {
		return true
	}
	_, ok := base64Digit(byte(r))
	return !ok && r != '='
}
