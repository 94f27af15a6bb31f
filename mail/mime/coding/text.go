// Package coding undoes what mails wrap texts and contents in: charsets, transfer encodings and encoded words. What is
// badly wrapped comes out as well as it can be.
package coding

import (
	"bytes"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxText is how many decoded bytes of a text are kept, and of an HTML one.
const MaxText = 2 << 20

// Clip shortens s to at most max bytes without cutting a character.
func Clip(s string, max int) string {
	if len(s) <= max {
		return s
	}
	for max > 0 && !utf8.RuneStart(s[max]) {
		max--
	}
	return s[:max]
}

// Clean is s without what is no text (NUL, and bytes that are no UTF-8), at most so many bytes of it.
func Clean(s string, most int) string {
	if len(s) > most {
		s = s[:most]
	}
	return strings.ReplaceAll(strings.ToValidUTF8(s, ""), "\x00", "")
}

// OneLine is a text with one blank for whatever white space is between its words, at most so many bytes of it.
func OneLine(text string, most int) string {
	var b strings.Builder
	b.Grow(min(len(text), most))
	for word := range strings.FieldsSeq(text) {
		if b.Len() >= most {
			break
		}
		if b.Len() > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(Clip(word, most))
	}
	return Clip(b.String(), most)
}

// Squeeze is text in lower case without what words are joined by.
func Squeeze(s string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case '-', '_', '.', ' ', '\t':
			return -1
		}
		return unicode.ToLower(r)
	}, s)
}

var comment = regexp.MustCompile(`\([^()]*\)`)

// WithoutComments is a value without comments (RFC 5322 section 3.2.2), also nested ones.
func WithoutComments(value string) string {
	for strings.Contains(value, "(") && comment.MatchString(value) {
		value = comment.ReplaceAllString(value, " ")
	}
	return value
}

// LineBreak is the length of the line break that ends line: 0, 1 or 2.
func LineBreak(line []byte) int64 {
	return int64(len(line) - len(bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r"))))
}
