package header

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

const sample = "From: a@b\r\nX-Long: one\r\n\ttwo\r\n three\r\nFROM : second\r\n\r\nbody: not a field\r\n"

func TestRead(t *testing.T) {
	tests := []struct{ name, in, header string }{
		{"usual", sample, sample[:strings.Index(sample, "\r\n\r\n")+2]},
		{"header alone", "A: 1\r\nB: 2\r\n", "A: 1\r\nB: 2\r\n"},
		{"no end of line", "A: 1", "A: 1"},
		{"body alone", "\r\nhello\r\n", ""},
		{"no header at all", "hello world\r\n", ""},
		{"a line that is no field ends it", "A: 1\r\nhello\r\nB: 2\r\n\r\n", "A: 1\r\n"},
		{"empty", "", ""},
	}
	for _, test := range tests {
		if got, err := Read(strings.NewReader(test.in)); err != nil || string(got) != test.header {
			t.Errorf("%s: %q, %v; want %q", test.name, got, err, test.header)
		}
	}
	if _, err := Read(strings.NewReader("A: " + strings.Repeat("x", Max))); !errors.Is(err, ErrTooLarge) {
		t.Errorf("an endless field: %v", err)
	}
}

func TestFields(t *testing.T) {
	header, _ := Read(strings.NewReader(sample))
	if v := Value(header, "x-long"); v != "one\ttwo three" {
		t.Errorf("value %q", v)
	}
	if n := Count(header, "from"); n != 2 {
		t.Errorf("%d From", n)
	}
	left := Without(header, func(name string, _ []byte) bool { return name == "from" })
	if string(left) != "X-Long: one\r\n\ttwo\r\n three\r\n" {
		t.Errorf("left %q", left)
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(sample))
	f.Add([]byte(":\r\n \r\n"))
	f.Add([]byte("a:\n\n"))
	f.Fuzz(func(t *testing.T, message []byte) {
		header, err := Read(bytes.NewReader(message))
		if err == nil && !bytes.HasPrefix(message, header) {
			t.Fatalf("%q is not the beginning of %q", header, message)
		}
		if all := Without(header, func(string, []byte) bool { return false }); !bytes.Equal(all, header) {
			t.Fatalf("fields %q of %q", all, header)
		}
	})
}
