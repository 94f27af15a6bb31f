package imap

import (
	"io"
	"strconv"
)

const (
	flushAt    = 32 << 10 // bytes of whole responses are kept back
	maxLiteral = 4096     // bytes of an argument, also of one in quotes
)

// Writer writes responses. They leave with Flush, or when they are many. It is for one goroutine.
type Writer struct {
	UTF8 bool // the client takes UTF-8 in quotes and names (RFC 9051, RFC 6855)

	out io.Writer
	buf []byte
	end int // of the last whole response in buf
	err error
}

// NewWriter writes to out.
func NewWriter(out io.Writer) *Writer { return &Writer{out: out} }

// Text writes as it is.
func (w *Writer) Text(s string) *Writer {
	w.buf = append(w.buf, s...)
	return w
}

// Bytes is Text.
func (w *Writer) Bytes(b []byte) *Writer {
	w.buf = append(w.buf, b...)
	return w
}

// Number writes a number.
func (w *Writer) Number(n int64) *Writer {
	w.buf = strconv.AppendInt(w.buf, n, 10)
	return w
}

// String writes a text in quotes, or as a literal where they can't hold it.
func (w *Writer) String(s string) *Writer {
	if w.UTF8 && quotable(s, true) {
		w.buf = appendQuoted(w.buf, s)
		return w
	}
	w.buf = AppendString(w.buf, s)
	return w
}

// Mailbox writes the name of one.
func (w *Writer) Mailbox(name string) *Writer {
	switch {
	case name == "INBOX":
		return w.Text(name)
	case w.UTF8:
		return w.String(name)
	}
	return w.String(encodeName(name))
}

// List writes words in brackets.
func (w *Writer) List(words []string) *Writer {
	w.buf = append(w.buf, '(')
	for i, word := range words {
		if i > 0 {
			w.buf = append(w.buf, ' ')
		}
		w.buf = append(w.buf, word...)
	}
	w.buf = append(w.buf, ')')
	return w
}

// Literal writes bytes of any kind.
func (w *Writer) Literal(data []byte) *Writer {
	w.buf = appendLiteral(w.buf, len(data))
	if len(data) < flushAt {
		return w.Bytes(data)
	}
	w.send()
	if w.err == nil {
		_, w.err = w.out.Write(data)
	}
	return w
}

// End ends a response.
func (w *Writer) End() {
	w.buf = append(w.buf, "\r\n"...)
	if w.end = len(w.buf); w.end > flushAt {
		w.send()
	}
}

// Drop takes back the response that was begun; false when a part of it has left already.
func (w *Writer) Drop() bool {
	if w.end < 0 {
		return false
	}
	w.buf = w.buf[:w.end]
	return true
}

// Status writes how the command of a tag ended, or with "*" what isn't the end of one.
func (w *Writer) Status(tag string, s *Status) {
	w.Text(tag).Text(" ").Text(s.Type)
	if s.Code != "" {
		w.Text(" [").Text(s.Code).Text("]")
	}
	w.Text(" ").Text(s.Text).End()
}

// Continue asks the client to go on with its command.
func (w *Writer) Continue(text string) { w.Text("+ ").Text(text).End() }

// Flush sends what is there.
func (w *Writer) Flush() error {
	w.send()
	w.buf = nil // an idle connection keeps nothing
	return w.err
}

func (w *Writer) send() {
	if w.err == nil && len(w.buf) > 0 {
		_, w.err = w.out.Write(w.buf)
	}
	whole := w.end == len(w.buf)
	if w.buf, w.end = w.buf[:0], 0; !whole {
		w.end = -1
	}
}

// AppendString appends a text in quotes, or as a literal where they can't hold it.
func AppendString(b []byte, s string) []byte {
	if quotable(s, false) {
		return appendQuoted(b, s)
	}
	return append(appendLiteral(b, len(s)), s...)
}

// appendNString is AppendString, and NIL where there is no text.
func appendNString(b []byte, s string) []byte {
	if s == "" {
		return append(b, "NIL"...)
	}
	return AppendString(b, s)
}

func quotable(s string, utf8 bool) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' && c != '\t' || c == 0x7f || c > 0x7f && !utf8 {
			return false
		}
	}
	return len(s) <= maxLiteral
}

func appendQuoted(b []byte, s string) []byte {
	b = append(b, '"')
	for i := range len(s) {
		if s[i] == '"' || s[i] == '\\' {
			b = append(b, '\\')
		}
		b = append(b, s[i])
	}
	return append(b, '"')
}

func appendLiteral(b []byte, size int) []byte {
	b = append(b, '{')
	return append(strconv.AppendInt(b, int64(size), 10), "}\r\n"...)
}
