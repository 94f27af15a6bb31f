package coding

import (
	"io"
	"regexp"
	"strings"
	"unicode"
)

// Word is one of RFC 2047, also with spaces inside, in quotes or without space around.
var Word = regexp.MustCompile(`(?s)=\?([^?\s]+)\?([BbQq])\?(.*?)\?=`)

// Words decodes RFC 2047 words and removes what no header value may hold.
func Words(s string) string { return Field(s, "") }

// Field is Words of a value whose other text may be in a charset.
func Field(s, fallback string) string {
	var out strings.Builder
	run := wordRun{out: &out}
	last := 0
	for _, at := range Word.FindAllStringSubmatchIndex(s, -1) {
		between := s[last:at[0]]
		if last == 0 || strings.TrimSpace(between) != "" { // white space between two words isn't shown
			run.end()
			out.WriteString(UTF8([]byte(between), GuessCharset(between, fallback)))
		}
		run.add(s[at[2]:at[3]], s[at[4]:at[5]], s[at[6]:at[7]])
		last = at[1]
	}
	run.end()
	out.WriteString(UTF8([]byte(s[last:]), GuessCharset(s[last:], fallback)))
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, out.String()))
}

// wordRun collects words of one charset that follow each other: senders cut characters in two.
type wordRun struct {
	out     *strings.Builder
	charset string
	raw     []byte
}

func (w *wordRun) add(charset, kind, text string) {
	if !strings.EqualFold(charset, w.charset) {
		w.end()
		w.charset = charset
	}
	if strings.EqualFold(kind, "B") {
		raw, _ := io.ReadAll(newBase64(strings.NewReader(text)))
		w.raw = append(w.raw, raw...)
		return
	}
	w.raw = append(w.raw, unquote([]byte(strings.ReplaceAll(text, "_", " ")))...)
}

func (w *wordRun) end() {
	w.out.WriteString(UTF8(w.raw, w.charset))
	w.raw, w.charset = nil, ""
}
