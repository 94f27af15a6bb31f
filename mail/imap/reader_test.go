package imap

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
)

// read takes all commands of a script, as decide says of each message of an APPEND.
func read(script []byte, decide func() bool) (names, messages []string, err error) {
	r := NewReader(bytes.NewReader(script), NewWriter(io.Discard))
	for {
		c, err := r.Next()
		if err != nil {
			return names, messages, err
		}
		if names = append(names, c.Tag+" "+c.Name); c.Message == nil {
			continue
		}
		if !decide() {
			if err := r.Refuse(c.Message); err != nil {
				return names, messages, err
			}
			continue
		}
		in, _ := r.Accept(c.Message)
		text, err := io.ReadAll(in)
		if err != nil {
			return names, messages, err
		}
		messages = append(messages, string(text))
		if _, err := r.End(); err != nil {
			return names, messages, err
		}
	}
}

const evil = "EVIL DELETE\r\n"

// FuzzLiterals: whatever mix of commands and literals comes, and whichever are refused, no literal is taken for a
// command.
func FuzzLiterals(f *testing.F) {
	f.Add([]byte{0, 1, 2, 3, 4, 5, 200, 100}, uint64(0b1010))
	f.Add([]byte{255, 254, 253, 1, 1, 1}, uint64(0))
	f.Fuzz(func(t *testing.T, plan []byte, decisions uint64) {
		var script bytes.Buffer
		for _, step := range plan[:min(len(plan), 64)] {
			body := strings.Repeat(evil, int(step)*8)
			switch step & 3 {
			case 0:
				script.WriteString("a NOOP\r\n")
			case 1:
				fmt.Fprintf(&script, "a APPEND INBOX {%d+}\r\n%s\r\n", len(body), body)
			case 2:
				fmt.Fprintf(&script, "a TWO {%d+}\r\n%s {%d+}\r\n%s x\r\n", len(body), body, len(body), body)
			case 3:
				fmt.Fprintf(&script, "a %s {3+}\r\nabc\r\n", strings.Repeat("long", int(step)*20))
			}
		}
		n := 0
		names, messages, err := read(script.Bytes(), func() bool { n++; return decisions>>(n%64)&1 == 1 })
		if !errors.Is(err, io.EOF) && !errors.Is(err, ErrLiteral) {
			t.Fatal(err)
		}
		for _, name := range names {
			if strings.Contains(name, "EVIL") {
				t.Fatalf("taken for a command: %q", name)
			}
		}
		for _, text := range messages {
			if strings.ReplaceAll(text, evil, "") != "" {
				t.Fatalf("not a whole message: %q", text)
			}
		}
	})
}

// FuzzStream: any bytes at all end without a panic.
func FuzzStream(f *testing.F) {
	f.Add([]byte("a LOGIN {3+}\r\nabc {99999999999999999999+}\r\n{1}\r\n{0+}\r\n"), true)
	f.Add([]byte("{18446744073709551615}\n{5+}"), false)
	f.Fuzz(func(_ *testing.T, script []byte, take bool) {
		read(script, func() bool { return take })
	})
}

// FuzzArgs: any arguments at all are read or refused, without a panic or an end of time.
func FuzzArgs(f *testing.F) {
	f.Add([]byte(`1:*,3 (UID BODY.PEEK[1.2.HEADER.FIELDS (a "b")]<0.5> BINARY[1]) (CHANGEDSINCE 5 VANISHED)`))
	f.Add([]byte(`RETURN (MIN SAVE) CHARSET UTF-8 OR (NOT SEEN) UID 3:* SINCE 1-Jan-2020 MODSEQ "/flags/\\x" all 5`))
	f.Add([]byte("{3+}\r\nabc \"a\\\"b\" &ZeVnLIqe- ((()))"))
	f.Fuzz(func(_ *testing.T, text []byte) {
		a := func() *Args { return &Args{text: text} }
		for _, read := range []func(){
			func() { a := a(); a.Set(); a.Space(); a.Fetch() }, func() { a := a(); a.Return(); a.Keys() },
			func() { a().Mailbox() }, func() { a().Pattern() }, func() { a().Date() }, func() { a().DateTime() },
			func() { a := a(); a.List(func() { a.Flag() }) },
		} {
			read()
		}
	})
}

// A command has an end.
func TestLongLine(t *testing.T) {
	for _, script := range []string{strings.Repeat("x", 2*maxCommand),
		"a x" + strings.Repeat(" {4000+}\r\n"+strings.Repeat("y", 4000), 20) + "\r\n"} {
		if names, _, err := read([]byte(script), nil); !errors.Is(err, ErrTooLong) {
			t.Errorf("%v, %v", names, err)
		}
	}
}

// Names of mailboxes come in modified UTF-7, in UTF-8, and as people type them.
func TestNames(t *testing.T) {
	for text, want := range map[string]string{
		"Clien&Ahs-i": "Clienți", "Clienți": "Clienți", "R&D": "R&D", "R&-D": "R&D", "&2D3eAA-": "😀", "a&-&Ahs-": "a&ț",
		"&": "&", "&-": "&", "&AGE-": "&AGE-", "x&Ahs": "x&Ahs", "&ZeU-": "日", "&!-": "&!-",
	} {
		if got, ok := decodeName(text); got != want || !ok {
			t.Errorf("%s is %q", text, got)
		}
		if got, _ := decodeName(encodeName(want)); got != want {
			t.Errorf("%q comes back as %q", want, got)
		}
	}
	if got := encodeName("a&ț/日"); got != "a&-&Ahs-/&ZeU-" {
		t.Error(got)
	}
	for _, bad := range []string{"\xff", "a\x00"} {
		if _, ok := decodeName(bad); ok {
			t.Errorf("%q is a name", bad)
		}
	}
}

func TestSets(t *testing.T) {
	for text, want := range map[string]string{"1": "1", "3:1,2": "1:3", "*": "9", "5:*": "5:9", "12:*": "9:12",
		"1,2,3,7":      "1:3,7",
		"4294967295:*": "9:4294967295"} {
		a := &Args{text: []byte(text)}
		if got := a.Set().Resolved(9).String(); got != want || a.End() != nil {
			t.Errorf("%s is %s, %v", text, got, a.End())
		}
	}
	for _, bad := range []string{"0", "x", "1:", ",1", "4294967296", "", "1,"} {
		if a := (&Args{text: []byte(bad)}); a.Set().Saved || a.End() == nil {
			t.Errorf("%q is a set", bad)
		}
	}
	set := Set{Ranges: []Range{{2, 4}, {7, 7}, {9, 20}}}
	for n := range uint32(25) {
		if want := n >= 2 && n <= 4 || n == 7 || n >= 9 && n <= 20; set.Contains(n) != want {
			t.Errorf("%d: %v", n, !want)
		}
	}
	if got := set.Until(9).String(); got != "2:4,7,9" {
		t.Error(got)
	}
}
