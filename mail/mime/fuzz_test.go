package mime

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzParse: any bytes are a message, its text is UTF-8 without NUL and its parts lie within it.
func FuzzParse(f *testing.F) {
	f.Add([]byte("Subject: =?utf-8?q?x?=\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\none\r\n" +
		"--b--\r\n"))
	f.Add([]byte("Content-Type: message/rfc822\n\nContent-Transfer-Encoding: base64\n\nAAAA"))
	f.Add([]byte("Content-Type: text/html; charset=koi8-r\nContent-Transfer-Encoding: quoted-printable\n\n" +
		"<p>=20=\n=3D"))
	f.Add([]byte("Content-Type: multipart/mixed\n\n--x\nContent-Type: application/ms-tnef; name*0*=utf-8''%00; " +
		"name*1=\"\n\n" + string(winmail()) + "\n--x\n\nbegin 644 a\n#8V%T\nend\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		m := ParseBytes(raw)
		for _, s := range []string{m.Subject, m.Text, m.HTML, m.Snippet} {
			if !utf8.ValidString(s) || strings.Contains(s, "\x00") {
				t.Fatalf("%q", s)
			}
		}
		root, _ := Scan(raw)
		check(t, root, int64(len(raw)), 0)
		for _, p := range m.Parts {
			if _, _, ok := ReadPart(raw, p.Path, 1<<20); !ok {
				t.Fatalf("part %s is listed, but isn't there", p.Path)
			}
		}
	})
}

func check(t *testing.T, n *Node, end int64, depth int) {
	if n.Start > n.Body || n.Body > n.End || n.End > end || n.Start < 0 || n.Lines < 0 || depth > MaxDepth+1 {
		t.Fatalf("node %d %d %d in %d, depth %d", n.Start, n.Body, n.End, end, depth)
	}
	for _, p := range n.Parts {
		check(t, p, end, depth+1)
	}
}

// FuzzSanitise: what comes out is clean, so that cleaning it again changes nothing that matters.
func FuzzSanitise(f *testing.F) {
	f.Add(`<p style="color:red" onclick=x>a<script>b</script><img src="http://x/y"><a href="javascript:1">`)
	s := NewSanitiser()
	f.Fuzz(func(t *testing.T, source string) {
		safe, _ := s.Sanitise(source, Options{})
		lower := strings.ToLower(safe)
		for _, bad := range []string{"<script", "<iframe", "<style", "<form", "<svg", "<object"} {
			if strings.Contains(lower, bad) {
				t.Fatalf("%q", safe)
			}
		}
		if _, remote := s.Sanitise(safe, Options{}); remote {
			t.Fatalf("remote content stayed: %q", safe)
		}
		HTMLToText(source)
		StripQuote(source)
	})
}
