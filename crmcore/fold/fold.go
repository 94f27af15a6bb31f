// Package fold makes texts comparable as people compare them.
package fold

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Text makes texts equal that people hold for equal: no case, no diacritics (ș, ş and s; й and и). It is done here and
// not in SQL because the engines differ: SQLite's lower() knows ASCII only.
func Text(s string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(s) {
		if !unicode.Is(unicode.Mn, r) {
			b.WriteString(foldRune(unicode.ToLower(r)))
		}
	}
	return b.String()
}

// foldRune covers letters that do not decompose.
func foldRune(r rune) string {
	switch r {
	case 'ł':
		return "l"
	case 'đ', 'ð':
		return "d"
	case 'ø':
		return "o"
	case 'ı':
		return "i"
	case 'ß':
		return "ss"
	case 'æ':
		return "ae"
	case 'œ':
		return "oe"
	}
	return string(r)
}

// MaxWord bounds a word in bytes, as an index keeps it.
const MaxWord = 64

// Words are the folded words of a text.
func Words(s string) []string {
	found := strings.FieldsFunc(Text(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for i, w := range found {
		found[i] = Clip(w, MaxWord)
	}
	return found
}

// Clip shortens s to at most n bytes without cutting a character.
func Clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "")
}
