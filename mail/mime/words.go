package mime

import (
	"io"
	"regexp"
	"strings"
	"unicode"
)

// encodedWord is one of RFC 2047, also with spaces inside, in quotes or without space around.
var encodedWord = regexp.MustCompile(`(?s)=\?([^?\s]+)\?([BbQq])\?(.*?)\?=`)

// decodeWords decodes RFC 2047 words and removes what no header value may hold.
func decodeWords(s string) string { return decodeHeader(s, "") }

// decodeHeader is decodeWords of a value whose other text may be in a charset.
func decodeHeader(s, fallback string) string {
	var out strings.Builder
	run := wordRun{out: &out}
	last := 0
	for _, at := range encodedWord.FindAllStringSubmatchIndex(s, -1) {
		between := s[last:at[0]]
		if last == 0 || strings.TrimSpace(between) != "" { // white space between two words isn't shown
			run.end()
			out.WriteString(decodeBytes([]byte(between), guessCharset(between, fallback)))
		}
		run.add(s[at[2]:at[3]], s[at[4]:at[5]], s[at[6]:at[7]])
		last = at[1]
	}
	run.end()
	out.WriteString(decodeBytes([]byte(s[last:]), guessCharset(s[last:], fallback)))
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
	w.out.WriteString(decodeBytes(w.raw, w.charset))
	w.raw, w.charset = nil, ""
}
