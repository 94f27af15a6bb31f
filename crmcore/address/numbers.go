package address

import (
	"strings"
)

// What people type into a field for a number: other scripts' digits, marks that came along when pasted, words, several
// numbers.

// Typed reads what a person typed as numbers: one or several, each sure. A national number has to be one of the region;
// the country of another is never guessed.
func Typed(raw, region string) ([]Address, error) {
	text := bareText(raw)
	if len(raw) > MaxRaw || withheld(text) {
		return nil, ErrNumber
	}
	if all := blockOf(text, region); all != nil {
		all[0].Raw = strings.TrimSpace(raw)
		return all, nil
	}
	if all := withEndings(text, region); all != nil {
		return all, nil
	}
	var all []Address
	for _, p := range pieces(text) {
		several, ok := typedPiece(p, region)
		if !ok {
			return nil, ErrNumber
		}
		all = append(all, several...)
	}
	switch len(all) {
	case 0:
		return nil, tooShort(text)
	case 1:
		all[0].Raw = strings.TrimSpace(raw)
	}
	return all, nil
}

// typedPiece reads a number, or two with nothing but a space between them.
func typedPiece(p piece, region string) ([]Address, bool) {
	if a, ok := typedOne(p, region); ok {
		return []Address{a}, true
	}
	for i, r := range p.number {
		if r != ' ' {
			continue
		}
		first, ok := typedOne(piece{p.number[:i], ""}, region)
		second, also := typedOne(piece{p.number[i+1:], p.after}, region)
		if ok && also {
			return []Address{first, second}, true
		}
	}
	return nil, false
}
