package smtpd

import (
	"bufio"
	"bytes"
	"io"
	"strings"
	"testing"
)

// Whatever comes as a message: it ends at its first dot, or in an error, and nothing else in it breaks a line.
func FuzzText(f *testing.F) {
	for _, seed := range []string{".\r\n", "a\r\n.\r\n", "a\n.\r\n", "a\r\r\n.\r\n", "a\r\n.\rX", "..\r\n.\r\nQUIT\r\n",
		"\x00\r\n.\r\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, wire []byte) {
		var shown []byte
		message := &text{r: bufio.NewReaderSize(bytes.NewReader(wire), maxTextLine), left: 1 << 20}
		for !message.done {
			line, err := message.next()
			if err != nil {
				return
			}
			shown = append(shown, line...)
		}
		if !bytes.HasPrefix(wire, shown) {
			t.Fatalf("%q became %q", wire, shown)
		}
		if end := bytes.Index(append([]byte("\r\n"), shown...), []byte("\r\n.\r\n")); end != len(shown)-3 {
			t.Fatalf("ended at %q of %q", shown, wire)
		}
		if rest := bytes.ReplaceAll(shown, []byte("\r\n"), nil); bytes.ContainsAny(rest, "\r\n\x00") {
			t.Fatalf("let through %q", shown)
		}
	})
}

// Whatever comes as commands: go-smtp sees lines that end in CR LF and hold no control characters.
func FuzzCommand(f *testing.F) {
	for _, seed := range []string{"NOOP", "BDAT 4", "STARTTLS", "MAIL FROM:<a@b>", "rcpt to:<postmaster>", "EHLO x\ry",
		"HELO -"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, command string) {
		l := &line{core: &core{}, in: bufio.NewReader(strings.NewReader("")), out: bufio.NewWriter(io.Discard)}
		if err := l.command(command); err != nil || len(l.rest) == 0 {
			return
		}
		shown, ok := bytes.CutSuffix(l.rest, []byte("\r\n"))
		if !ok || bytes.ContainsAny(shown, "\r\n\x00") {
			t.Fatalf("%q became %q", command, l.rest)
		}
		if verb := strings.ToUpper(string(shown[:min(4, len(shown))])); verb == "BDAT" && string(shown[4:5]) == " " {
			t.Fatalf("a chunk: %q", shown)
		}
	})
}

func FuzzCanonical(f *testing.F) {
	for _, seed := range []string{"a@b.test", `a"b@c.test`, "a b@c.test", "a@[127.0.0.1]", `a\@b.test`, "ü@ü.test",
		"a@b@c.test"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, path string) {
		address, err := canonical(path)
		if err != nil {
			return
		}
		at := strings.LastIndexByte(address, '@')
		local := address[:at]
		if strings.ContainsAny(address, "\r\n\x00") ||
			!isDotString(local) && (local[0] != '"' || local[len(local)-1] != '"') {
			t.Fatalf("%q becomes %q", path, address)
		}
	})
}
