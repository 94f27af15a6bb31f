package address

import (
	"regexp"
	"strings"
	"unicode"

	"github.com/nyaruka/phonenumbers"
	"golang.org/x/text/unicode/norm"
)

// What people type into a field for a number: other scripts' digits, marks that came along when pasted, words, several
// numbers.

// plainDigits writes a text with ASCII digits, hyphens and spaces, without marks that nobody sees.
func plainDigits(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Nd, r):
			return asciiDigit(r)
		case unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Mn, r):
			return -1
		case unicode.Is(unicode.Pd, r) || r == '−':
			return '-'
		case unicode.IsSpace(r):
			return ' '
		}
		return r
	}, norm.NFKC.String(s))
}

// asciiDigit is a decimal digit of any script. Unicode keeps the ten of each together, from 0 on.
func asciiDigit(r rune) rune {
	for _, in := range unicode.Nd.R16 {
		if rune(in.Lo) <= r && r <= rune(in.Hi) {
			return '0' + (r-rune(in.Lo))%10
		}
	}
	for _, in := range unicode.Nd.R32 {
		if rune(in.Lo) <= r && r <= rune(in.Hi) {
			return '0' + (r-rune(in.Lo))%10
		}
	}
	return r
}

var (
	// aNumber is what may be a number within a text.
	aNumber = regexp.MustCompile(`\+?\(?[0-9][0-9 ().\-]*[0-9]`)
	// anExtension is what follows a number with an extension behind it.
	anExtension = regexp.MustCompile(`^[ ,;]*(?:extension|ext|x|#|interior|intern|int|добавочный|доб|вн)[.:= ]*([0-9]{1,7})(?:[^0-9]|$)`)
)

// piece is a number within a text, with what it is followed by.
type piece struct{ number, after string }

// pieces are the numbers within a text, long enough for a client's. A run of digits that touches letters is no number
// ("alice2021").
func pieces(text string) (found []piece) {
	at := aNumber.FindAllStringIndex(text, -1)
	for i := 0; i < len(at); i++ {
		from, to := at[i][0], at[i][1]
		for i+1 < len(at) && joined(text[from:to], text[to:at[i+1][0]], text[at[i+1][0]:at[i+1][1]]) {
			i++
			to = at[i][1]
		}
		number := strings.ReplaceAll(text[from:to], "/", "")
		if len(Digits(number)) >= MinDigits && !touchesLetter(text, from, to) {
			found = append(found, piece{number, text[to:]})
		}
	}
	return found
}

// joined tells whether a slash stands within a number ("0722/123456") and not between two.
func joined(left, between, right string) bool {
	return strings.TrimSpace(between) == "/" && !strings.HasPrefix(right, "+") &&
		(len(Digits(left)) < 9 || len(Digits(right)) < 9)
}

func touchesLetter(text string, from, to int) bool {
	before := []rune(text[:from])
	after := []rune(text[to:])
	return len(before) > 0 && unicode.IsLetter(before[len(before)-1]) ||
		len(after) > 0 && unicode.IsLetter(after[0]) && !anExtension.MatchString(text[to:])
}

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

func typedOne(p piece, region string) (Address, bool) {
	for _, try := range readings(p.number, true) {
		if n, ok := possible(try, region); ok {
			a := Address{Kind: Phone, Value: phonenumbers.Format(n, phonenumbers.E164),
				Raw: strings.TrimSpace(p.number)}
			if ext := anExtension.FindStringSubmatch(p.after); ext != nil {
				a.Ext, a.Raw = ext[1], a.Raw+" ext. "+ext[1]
			}
			return a, true
		}
	}
	return Address{}, false
}

func tooShort(text string) error {
	if n := len(Digits(text)); n > 0 && n < MinDigits && !strings.ContainsFunc(text, unicode.IsLetter) {
		return ErrShort
	}
	return ErrNumber
}
