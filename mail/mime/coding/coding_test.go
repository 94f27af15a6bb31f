package coding_test

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"

	"frontdesk/mail/mime/coding"
)

func TestCharsetsAsSendersCallThem(t *testing.T) {
	for label, want := range map[string]string{
		"iso-8859-1": "Windows 1252", "ISO-8859-2*ro": "ISO 8859-2", `"cp1251"`: "Windows 1251", "windows1251": "Windows 1251",
		"win-1250": "Windows 1250", "8859-5": "ISO 8859-5", "KOI8R": "KOI8-R", "iso_8859_15": "ISO 8859-15",
		"gb2312 (simplified)": "GBK", "x-sjis": "Shift JIS", "utf8": "", "us-ascii": "", "": "", "x-none": "",
		"replacement": "",
	} {
		got := ""
		if e := coding.Charset(label); e != nil {
			got = fmt.Sprint(e)
		}
		if got != want {
			t.Errorf("%s is %q, want %q", label, got, want)
		}
	}
}

func TestTextBecomesUTF8(t *testing.T) {
	for name, c := range map[string]struct{ raw, label, want string }{
		"as it is":            {"Bună", "utf-8", "Bună"},
		"a charset":           {"\xcf\xf0\xe8\xe2\xe5\xf2", "windows-1251", "Привет"},
		"UTF-16 with a mark":  {"\xff\xfeH\x00i\x00", "utf-16", "Hi"},
		"UTF-16 that is none": {"Hi there", "utf-16", "Hi there"},
		"UTF-7":               {"Ion+AAk-+- 1+1", "utf-7", "Ion\t+ 1+1"},
		"broken UTF-8":        {"a\xffb", "utf-8", "a\ufffdb"},
		"no charset":          {"J\xfcrgen", "", "Jürgen"},
		"an unknown one":      {"J\xfcrgen", "x-none", "Jürgen"},
		"a mark and a NUL":    {"\ufeffa\x00b", "utf-8", "ab"},
	} {
		if got := coding.UTF8([]byte(c.raw), c.label); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	for label, raw := range map[string]string{"koi8-r": "\xf0\xd2\xc9\xd7\xc5\xd4", "UTF-7": "+BB8EQAQ4BDIENQRC-",
		"utf8": "Привет"} {
		r, err := coding.Reader(label, strings.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(r); string(got) != "Привет" || err != nil {
			t.Errorf("%s: %q, %v", label, got, err)
		}
	}
	if _, err := coding.Reader("x-none", strings.NewReader("")); err == nil {
		t.Error("an unknown charset is read")
	}
}

func TestWhatTellsNoCharset(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{coding.GuessCharset("Bună", "koi8-r"), ""},
		{coding.GuessCharset("\xf0", "koi8-r"), "koi8-r"},
		{coding.GuessCharset("\xf0", "UTF-8"), ""},
		{coding.HTMLCharset([]byte(`<meta charset="koi8-r">`), ""), "koi8-r"},
		{coding.HTMLCharset([]byte(`<meta charset="koi8-r">`), "windows-1251"), "windows-1251"},
		{coding.HTMLCharset([]byte(`<p>plain`), "x-none"), "x-none"},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
}

func TestTransferEncodings(t *testing.T) {
	long := strings.Repeat("x", 4<<10-2) + "=41" // the buffer ends within the code
	for name, c := range map[string]struct{ encoding, in, want string }{
		"base64":                   {"base64", "SGVs\r\nbG8=\r\n", "Hello"},
		"in pieces":                {"base64", "SGVsbG8=\nIQ==\n", "Hello!"},
		"with a list's words":      {"base64", "SGVsbG8=\n-- \nTo unsubscribe write us\n", "Hello"},
		"without its end":          {"base64", "SGVsbG8", "Hello"},
		"quoted":                   {"quoted-printable", "Bun=C4=83=\r\n ziua =3d \t\r\n=", "Bună ziua =\r\n="},
		"quoted, none of its own":  {"quoted-printable", "a=b =ZZ=\n=4", "a=b =ZZ=4"},
		"quoted, across a buffer":  {"quoted-printable", long, strings.Repeat("x", 4<<10-2) + "A"},
		"uuencoded":                {"uuencode", "words\nbegin 644 a.txt\n%2&5L;&\\\n`\nend\nmore", "Hello"},
		"uuencoded, without begin": {"x-uue", "%2&5L;&\\\nend\n", ""},
		"none":                     {"8bit", "a=41\x00", "a=41\x00"},
	} {
		got, err := io.ReadAll(coding.Decode(strings.NewReader(c.in), c.encoding))
		if string(got) != c.want || err != nil {
			t.Errorf("%s: %q, %v, want %q", name, got, err, c.want)
		}
	}
}

func TestUUBody(t *testing.T) {
	data, n := coding.UUBody([]byte("%2&5L;&\\\n\n`\nend\nmore"))
	if string(data) != "Hello" || n != len("%2&5L;&\\\n\n`\nend\n") {
		t.Errorf("%q of %d bytes", data, n)
	}
	for _, text := range []string{"", "%2&5L;&\\\n", "not a line of it, as it is too long\nend\n"} {
		if data, n := coding.UUBody([]byte(text)); n != 0 || data != nil {
			t.Errorf("%q gives %q", text, data)
		}
	}
}

func TestEncodedWords(t *testing.T) {
	for in, want := range map[string]string{
		"plain":                                  "plain",
		"=?utf-8?q?Bun=C4=83_ziua?=":             "Bună ziua",
		"=?UTF-8?B?xIM=?= =?utf-8?b?xIM=?=":      "ăă",
		"=?utf-8?q?=C4?=\r\n =?utf-8?q?=83?= x":  "ă x", // a character cut in two
		`"=?koi8-r?B?8A==?=" <a@b>`:              `"П" <a@b>`,
		"=?utf-8?q?a?= and =?utf-8?q?b c?=":      "a and b c",
		"=?x-none?q?=FC?=":                       "ü",
		"tab\tand \x07bell ":                     "tab and  bell",
		"=?utf-8?x?a?= stays, =?utf-8?q?so does": "=?utf-8?x?a?= stays, =?utf-8?q?so does",
	} {
		if got := coding.Words(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	if got := coding.Field("\xf0 =?utf-8?q?a?=", "koi8-r"); got != "П a" {
		t.Errorf("beside a charset: %q", got)
	}
}

func TestTexts(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{coding.Clip("Bună", 4), "Bun"}, {coding.Clip("Bună", 5), "Bună"}, {coding.Clip("ă", 0), ""},
		{coding.Clean("a\x00b\xffcă", 5), "abc"}, {coding.Clean("ăă", 3), "ă"},
		{coding.Clean("as it is", 9), "as it is"},
		{coding.Squeeze("X-Win_1251. \t"), "xwin1251"},
		{strings.TrimSpace(coding.WithoutComments("a (b (c) d) e")), "a   e"},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
	for line, want := range map[string]int64{"a": 0, "a\n": 1, "a\r\n": 2, "a\r": 1, "\r\r\n": 2} {
		if n := coding.LineBreak([]byte(line)); n != want {
			t.Errorf("%q ends in %d", line, n)
		}
	}
}

// Whatever comes, something readable leaves: nothing fails, and nothing grows without bound.
func FuzzCoding(f *testing.F) {
	f.Add([]byte("=?utf-8?b?xIM=?= \xff"), "utf-7")
	f.Add([]byte("begin 644 a\n%2&5L;&\\\nend\n"), "uuencode")
	f.Fuzz(func(t *testing.T, raw []byte, label string) {
		for _, encoding := range []string{"base64", "quoted-printable", "uuencode"} {
			got, err := io.ReadAll(coding.Decode(bytes.NewReader(raw), encoding))
			if err != nil || len(got) > len(raw) {
				t.Errorf("%s: %d bytes of %d, %v", encoding, len(got), len(raw), err)
			}
		}
		for _, text := range []string{coding.UTF8(raw, label), coding.Field(string(raw), label),
			coding.Clean(string(raw), 100)} {
			if strings.ToValidUTF8(text, "") != text || strings.ContainsRune(text, 0) {
				t.Errorf("no text: %q", text)
			}
		}
	})
}

func TestOneLine(t *testing.T) {
	for text, want := range map[string]string{
		" a \r\n b\u00a0c\t":  "a b c",
		"":                    "",
		"abc def ghi":         "abc def",
		"abcdefghij":          "abcdefgh",
		"abcdef \u0435\u0436": "abcdef ", // a letter of two bytes is whole or not there
	} {
		if got := coding.OneLine(text, 8); strings.TrimSpace(got) != strings.TrimSpace(want) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
