package imap

import "strings"

// Keyword is the keyword that stands for a label as people write it: an atom, in modified UTF-7 as mail programs do it,
// with underscores for spaces. "" where nothing is left.
func Keyword(label string) string {
	label = strings.Join(strings.Fields(label), "_")
	label = strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune(`(){}%*"\]`, r) {
			return -1
		}
		return r
	}, label)
	return encodeName(label)
}

// Label is what people read for a keyword; false for one that mail programs keep for themselves.
func Label(keyword string) (label string, shown bool) {
	if strings.HasPrefix(keyword, "$") || strings.EqualFold(keyword, "NonJunk") || strings.EqualFold(keyword, "Junk") ||
		strings.EqualFold(keyword, "NotJunk") {
		return "", false
	}
	label, ok := decodeName(keyword)
	if !ok {
		label = keyword
	}
	return strings.ReplaceAll(label, "_", " "), true
}
