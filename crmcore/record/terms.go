package record

import (
	"strings"
	"unicode"

	"frontdesk/crmcore/address"
	"frontdesk/crmcore/fold"
)

// maxTerms bounds the work of one search.
const maxTerms = 8

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
			out = append(out, fold.Clip(strings.ToLower(field), fold.MaxWord))
		} else {
			out = append(out, fold.Words(field)...)
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
		return fold.Clip(d, fold.MaxWord)
	}
	return ""
}
