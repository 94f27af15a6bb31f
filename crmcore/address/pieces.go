package address

import (
	"regexp"
	"strings"
	"unicode"
)

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

func tooShort(text string) error {
	if n := len(Digits(text)); n > 0 && n < MinDigits && !strings.ContainsFunc(text, unicode.IsLetter) {
		return ErrShort
	}
	return ErrNumber
}
