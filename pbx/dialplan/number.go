package dialplan

import (
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// maxExtension is how many digits an internal number has at most.
const maxExtension = 6

// maxDialled is the longest number or address that is looked at.
const maxDialled = 64

// Normalise brings a number as people write it or the wire carries it ("021 123 45 67", "0040211234567",
// "tel:+40-21-1234567", "40211234567") into E.164. ok is false for what is no full telephone number: extensions, short
// codes, names.
func Normalise(raw, region string) (e164 string, ok bool) {
	raw = bare(raw)
	if len(raw) > maxDialled || !strings.ContainsAny(raw, "0123456789") ||
		strings.Trim(raw, "+0123456789 -./()\u00a0") != "" {
		return "", false
	}
	number, err := phonenumbers.Parse(raw, region)
	if err == nil && phonenumbers.IsValidNumber(number) {
		return phonenumbers.Format(number, phonenumbers.E164), true
	}
	if international, err2 := phonenumbers.Parse("+"+strings.TrimPrefix(raw, "+"), ""); err2 == nil &&
		phonenumbers.IsValidNumber(international) {
		return phonenumbers.Format(international, phonenumbers.E164), true // carriers leave the plus out
	}
	if err != nil || !phonenumbers.IsPossibleNumber(number) { // Parse alone takes "201" for +40201
		return "", false
	}
	return stable(phonenumbers.Format(number, phonenumbers.E164))
}

// stable rejects a number that reads differently when it is read again: as a key it would not be found.
func stable(e164 string) (string, bool) {
	again, err := phonenumbers.Parse(e164, "")
	if err != nil || phonenumbers.Format(again, phonenumbers.E164) != e164 {
		return "", false
	}
	return e164, true
}

// bare strips what surrounds the user part of a dialled address.
func bare(raw string) string {
	raw = strings.TrimSpace(raw)
	for _, scheme := range []string{"tel:", "sip:", "sips:"} {
		if len(raw) > len(scheme) && strings.EqualFold(raw[:len(scheme)], scheme) {
			raw = raw[len(scheme):]
		}
	}
	raw, _, _ = strings.Cut(raw, "@")
	raw, _, _ = strings.Cut(raw, ";")
	return strings.TrimSpace(raw)
}

// compact leaves only what can be dialled, so "1 0-1" is "101".
func compact(raw string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune("+0123456789*#", r) {
			return r
		}
		return -1
	}, bare(raw))
}

// inFormat is an E.164 number as a trunk wants it, see Trunk.Format.
func inFormat(e164, format, region string) string {
	switch format {
	case "digits":
		return strings.TrimPrefix(e164, "+")
	case "national":
		number, err := phonenumbers.Parse(e164, "")
		if err == nil && phonenumbers.GetRegionCodeForNumber(number) == region {
			return compact(phonenumbers.Format(number, phonenumbers.NATIONAL))
		}
		return "00" + strings.TrimPrefix(e164, "+")
	default:
		return e164
	}
}

// Digits tells whether s consists of that many digits.
func Digits(s string, atLeast, atMost int) bool {
	return len(s) >= atLeast && len(s) <= atMost && strings.Trim(s, "0123456789") == ""
}
