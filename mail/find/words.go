// Package find knows which messages of a mailbox have which words, and reads what people type to find them.
package find

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// maxWord bounds a word in bytes, as the index keeps it.
const maxWord = 40

// prefix is how many bytes of a word's beginning find it; fewer are a whole word.
const prefix = 3

// Words are the words of a text as people compare them: no case, no accents.
func Words(text string) []string {
	words := strings.FieldsFunc(folded(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for i, w := range words {
		words[i] = clip(w)
	}
	return words
}

func clip(word string) string {
	if len(word) <= maxWord {
		return word
	}
	return strings.ToValidUTF8(word[:maxWord], "")
}

// folded is a text without case and accents. Most letters of most mails are ASCII.
func folded(text string) string {
	for i := range len(text) {
		if text[i] >= 0x80 {
			return unaccented(text)
		}
	}
	return strings.ToLower(text)
}

func unaccented(text string) string {
	var b strings.Builder
	b.Grow(len(text))
	for _, r := range norm.NFKD.String(text) {
		switch {
		case unicode.Is(unicode.Mn, r):
		case r == 'ß':
			b.WriteString("ss")
		case r == 'ł', r == 'Ł':
			b.WriteByte('l')
		case r == 'ø', r == 'Ø':
			b.WriteByte('o')
		case r == 'đ', r == 'Đ':
			b.WriteByte('d')
		default:
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return b.String()
}

// has tells whether one of the words begins as wanted.
func has(words []string, wanted string) bool {
	for _, w := range words {
		if w == wanted || len(wanted) >= prefix && strings.HasPrefix(w, wanted) {
			return true
		}
	}
	return false
}
