// Package header cuts the header of a message (RFC 5322) into its fields without changing a byte of them, for those who
// add and remove fields of signed messages.
package header

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
)

// Max is the size of a header that is still read as one.
const Max = 256 << 10

// ErrTooLarge is the error of a header above Max.
var ErrTooLarge = errors.New("the header is too large")

// Next cuts the first field, with its folded lines, off a message. name is lower-case; it is empty when the header is
// over, and then rest is the whole input.
func Next(message []byte) (name string, field, rest []byte) {
	end := 0
	for {
		i := bytes.IndexByte(message[end:], '\n')
		if i < 0 {
			end = len(message)
			break
		}
		if end += i + 1; end == len(message) || message[end] != ' ' && message[end] != '\t' {
			break
		}
	}
	field, rest = message[:end], message[end:]
	colon := bytes.IndexByte(field, ':')
	if colon <= 0 {
		return "", nil, message
	}
	name = strings.TrimRight(string(field[:colon]), " \t")
	if name == "" || strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r >= 0x7f }) {
		return "", nil, message
	}
	return strings.ToLower(name), field, rest
}

// Read reads the fields of a message from its beginning: all before the empty line, or before the first line that is no
// field. The body is the message from len(header) on.
func Read(message io.Reader) (header []byte, err error) {
	lines := bufio.NewReader(message)
	var head []byte
	for {
		line, err := lines.ReadSlice('\n')
		head = append(head, line...)
		if len(head) > Max {
			return nil, ErrTooLarge
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
		if err != nil || len(bytes.TrimRight(line, "\r\n")) == 0 {
			break
		}
	}
	rest := head
	for name := "x"; name != ""; {
		name, _, rest = Next(rest)
	}
	return head[:len(head)-len(rest)], nil
}

// Value of the first field of that name (lower-case), unfolded; "" when there is none.
func Value(header []byte, name string) string {
	for n, field, rest := Next(header); n != ""; n, field, rest = Next(rest) {
		if n == name {
			value := string(field[bytes.IndexByte(field, ':')+1:])
			return strings.TrimSpace(strings.NewReplacer("\r\n", "", "\n", "").Replace(value))
		}
	}
	return ""
}

// Count the fields of that name (lower-case).
func Count(header []byte, name string) (count int) {
	for n, _, rest := Next(header); n != ""; n, _, rest = Next(rest) {
		if n == name {
			count++
		}
	}
	return count
}

// Without is the header less the fields that drop names.
func Without(header []byte, drop func(name string, field []byte) bool) []byte {
	kept := make([]byte, 0, len(header))
	for name, field, rest := Next(header); name != ""; name, field, rest = Next(rest) {
		if !drop(name, field) {
			kept = append(kept, field...)
		}
	}
	return kept
}

// Only is the lines of those fields (lower-case names) of a header, as they stand there.
func Only(header []byte, names []string) []byte {
	var out []byte
	keep := false
	for line := range bytes.Lines(header) {
		if line[0] != ' ' && line[0] != '\t' {
			name, _, _ := bytes.Cut(line, []byte(":"))
			keep = slices.Contains(names, strings.ToLower(string(bytes.TrimRight(name, " \t\r\n"))))
		}
		if keep {
			out = append(out, line...)
		}
	}
	return out
}
