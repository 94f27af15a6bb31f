package mime

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// variants reads a table of testdata: what a sender wrote, and what is to be made of it, with \n, \r, \t, \\ and \xff
// for what can't stand in it.
func variants(t *testing.T, file string, check func(written, want string)) {
	t.Helper()
	table, err := os.ReadFile("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(table)) {
		written, want, _ := strings.Cut(strings.TrimRight(line, "\n"), "\t")
		check(unescaped(t, written), unescaped(t, want))
	}
}

func unescaped(t *testing.T, s string) string {
	t.Helper()
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' {
			b.WriteByte(s[i])
			continue
		}
		i++
		switch s[i] {
		case 'n':
			b.WriteByte('\n')
		case 'r':
			b.WriteByte('\r')
		case 't':
			b.WriteByte('\t')
		case 'x':
			var c byte
			if _, err := fmt.Sscanf(s[i+1:i+3], "%02x", &c); err != nil {
				t.Fatal(s, err)
			}
			b.WriteByte(c)
			i += 2
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

// TestTextVariants: the text of mails with boundaries, headers, types, charsets and encodings as senders break them.
func TestTextVariants(t *testing.T) {
	variants(t, "texts.tsv", func(raw, want string) {
		if m := ParseBytes(crlf(raw)); strings.TrimSpace(m.Text) != want {
			t.Errorf("%q\n got %q\nwant %q; parts %+v", raw, m.Text, want, m.Parts)
		}
	})
}

// TestNameVariants: the names of files as senders write them.
func TestNameVariants(t *testing.T) {
	variants(t, "names.tsv", func(field, want string) {
		raw := "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: application/pdf\n" +
			"Content-Disposition: " + field + "\n\nx\n--b--\n"
		if m := ParseBytes(crlf(raw)); len(m.Parts) != 1 || m.Parts[0].Name != want {
			t.Errorf("%s: %+v, want %q", field, m.Parts, want)
		}
	})
}

// TestAutoVariants: what a machine sends, and what only looks like it; the rest of the header is a person's.
func TestAutoVariants(t *testing.T) {
	variants(t, "auto.tsv", func(field, want string) {
		raw := field + "\nTo: elena@acme.example\nDate: Sat, 28 Nov 2026 10:00:00 +0000\n"
		if !strings.HasPrefix(strings.ToLower(field), "from:") {
			raw += "From: Person <p@b.test>\n"
		}
		if got := fmt.Sprint(ParseBytes(crlf(raw + "\nHello")).Auto); got != want {
			t.Errorf("%s: %s", field, got)
		}
	})
}

// TestFormVariants: who filled in the form of a web site whose mail names him only in its text; nobody where that
// leaves a doubt.
func TestFormVariants(t *testing.T) {
	variants(t, "forms.tsv", func(body, want string) {
		m := ParseBytes(crlf("From: Site <wordpress@hoster.test>\nTo: elena@acme.example\nSubject: Contact\n" + body))
		if got := strings.TrimSpace(m.Filled.Name + " " + m.Filled.Address); got != want {
			t.Errorf("%q: %q, want %q", body, got, want)
		}
	})
	for head, want := range map[string]bool{
		"From: ana@b.test\nTo: elena@acme.example": false, "From: elena@acme.example\nTo: elena@acme.example": true,
		"From: elena@acme.example\nTo: ion@acme.example": false,
		"From: noreply@b.test\nTo: elena@acme.example":   true,
	} {
		m := ParseBytes(crlf(head + "\nSubject: x\n\nName: Ana\nEmail: ana@c.test\nPhone: 1\n"))
		if (m.Filled.Address != "") != want || m.Auto {
			t.Errorf("%s: %+v, auto %v", head, m.Filled, m.Auto)
		}
	}
}
