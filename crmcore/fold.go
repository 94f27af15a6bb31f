package crmcore

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"frontdesk/crmcore/address"
)

// fold makes texts equal that people hold for equal: no case, no diacritics (ș, ş and s; й and и). It is done here and
// not in SQL because the engines differ: SQLite's lower() knows ASCII only.
func fold(s string) string {
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

// maxWord bounds an index entry in bytes, maxTerms the work of one search.
const (
	maxWord  = 64
	maxTerms = 8
)

// words are the folded words of a text.
func words(s string) []string {
	found := strings.FieldsFunc(fold(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for i, w := range found {
		found[i] = clip(w, maxWord)
	}
	return found
}

// pointWords are what a number or mailbox is found by: a number by its international and national digits, a mailbox
// whole and by its parts.
func pointWords(p Point) []string {
	if p.Kind == address.Email {
		return append(words(p.Value), clip(p.Value, maxWord))
	}
	if p.Value == "" {
		return []string{address.Digits(p.Raw)}
	}
	return []string{address.Digits(p.Value), address.National(p.Value)}
}

// terms are the beginnings of words that a search asks for; all have to be there.
func terms(query string) []string {
	if number := dialled(query); number != "" {
		return []string{number}
	}
	var out []string
	for _, field := range strings.Fields(query) {
		if domain, ok := strings.CutPrefix(field, "@"); ok {
			field = domain
		}
		if strings.Contains(field, "@") {
			out = append(out, clip(strings.ToLower(field), maxWord))
		} else {
			out = append(out, words(field)...)
		}
	}
	return out[:min(len(out), maxTerms)]
}

// dialled tells a search for a number and returns its digits without prefixes, "" for another search.
func dialled(query string) string {
	if strings.ContainsFunc(query, func(r rune) bool {
		return !unicode.IsDigit(r) &&
			!strings.ContainsRune("+ -./()", r)
	}) {
		return ""
	}
	if d := strings.TrimLeft(address.Digits(query), "0"); len(d) >= 3 {
		return clip(d, maxWord)
	}
	return ""
}

// clip shortens s to at most n bytes without cutting a character.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "")
}
