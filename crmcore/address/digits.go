package address

import (
	"errors"
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

var (
	// ErrAnonymous: the caller withheld the number.
	ErrAnonymous = errors.New("the number is withheld")
	// ErrShort: an internal extension or a service number, never a client.
	ErrShort = errors.New("too short for a client's number")
	// ErrNumber: not a phone number that can be dialled from anywhere.
	ErrNumber = errors.New("not a phone number: write it with its country code, such as +40 21 123 4567")
)

// minDigits is the length below which a number is internal or a service, and too common an ending to match by.
const MinDigits = 6

// maxRaw bounds, in bytes, what is read as a number or a mailbox.
const MaxRaw = 320

// BareNumber takes the number out of a URI and writes its extension the usual way.
func BareNumber(raw string) string {
	lower := bareText(raw)
	lower, _, _ = strings.Cut(lower, "@")
	number, params, _ := strings.Cut(lower, ";")
	if ext, ok := strings.CutPrefix(params, "ext="); ok {
		ext, _, _ = strings.Cut(ext, ";")
		number += " ext. " + ext
	}
	return strings.TrimSpace(number)
}

// bareText is a text in lower case with ASCII digits, without the scheme of a URI.
func bareText(raw string) string {
	lower := strings.ToLower(plainDigits(raw))
	for _, scheme := range []string{"sips:", "sip:", "tel:", "callto:"} {
		if strings.HasPrefix(lower, scheme) {
			return lower[len(scheme):]
		}
	}
	return lower
}

// withheld knows what carriers and PBXs send in place of a number that they hide.
func withheld(text string) bool {
	switch strings.Trim(text, `"<> .-`) {
	case "", "anonymous", "anonim", "restricted", "unavailable", "unknown", "private", "withheld", "blocked", "hidden",
		"no number", "none", "null":
		return true
	}
	return false
}

// IsE164 tells whether a text is a whole international number.
func IsE164(s string) bool { return e164.MatchString(s) }

var e164 = regexp.MustCompile(`^\+[1-9][0-9]{6,14}$`)

// Digits keeps the ASCII digits of s.
func Digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}

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
