package address

import (
	"strings"
	"unicode"

	"github.com/nyaruka/phonenumbers"
)

// sureDigits is the length from which a national number is believed without being known as valid.
const sureDigits = 8

// ParsePhone reads a number as a person typed it or a wire carried it ("0722/123.456", "0040 722…", "40722…",
// "tel:+40…;ext=12", "sip:+40…@host"); region (ISO 3166) is where national numbers are at home.
// On ErrAnonymous the address is zero; on ErrShort and ErrNumber it has no Value, but the Raw text.
func ParsePhone(raw, region string) (Address, error) {
	raw = strings.TrimSpace(raw)
	if len(raw) > MaxRaw {
		return Address{}, ErrNumber
	}
	text := BareNumber(raw)
	if withheld(text) {
		return Address{}, ErrAnonymous
	}
	a := Address{Kind: Phone, Raw: raw}
	tries := readings(text, false)
	if found := pieces(text); len(found) > 0 && (len(found) > 1 || vanity(text)) {
		tries = append(tries, readings(found[0].number, false)...)
	}
	for _, try := range tries {
		if n, ok := possible(try, region); ok {
			a.Value, a.Ext = phonenumbers.Format(n, phonenumbers.E164), Digits(n.GetExtension())
			return a, nil
		}
	}
	return a, tooShort(text)
}

// reading is one way to read a text as a number. A guess (a plus that was not written, a short national number) has to
// be a valid number; otherwise a possible one is enough, since numbering plans change faster than libraries. One that
// is at home has to be of the region.
type reading struct {
	text  string
	guess bool
	home  bool
}

// readings are the ways to read a text as a number, surest first. What a carrier sent is nearly always a number; what a
// person typed without its country may be another country's, and is not sure until it is valid.
func readings(text string, typed bool) []reading {
	text = oneNumber(text)
	switch {
	case strings.HasPrefix(text, "+0"):
		return []reading{{"+" + strings.TrimLeft(text, "+0"), true, false}, {strings.TrimLeft(text, "+"), typed, false}}
	case strings.HasPrefix(text, "+"):
		return []reading{{text, false, false}}
	case strings.HasPrefix(text, "00"):
		return []reading{{"+" + strings.TrimLeft(text, "0"), false, false}, {text, typed, false}}
	}
	return []reading{{text, typed || len(Digits(text)) < sureDigits, false}, {"+" + text, true, typed}}
}

// oneNumber drops the slash of "0722/123456"; of two numbers with a slash between them it takes the first.
func oneNumber(text string) string {
	first, rest, found := strings.Cut(text, "/")
	if found && len(Digits(first)) >= 9 && len(Digits(rest)) >= 9 {
		return strings.TrimSpace(first)
	}
	return strings.ReplaceAll(text, "/", "")
}

// possible parses strictly: the library alone makes +40201 of "201", and takes letters for digits. A number that
// can be dialled only from its own town is not enough to know a client by.
func possible(r reading, region string) (*phonenumbers.PhoneNumber, bool) {
	if strings.Count(r.text, "+") > 1 || len(Digits(r.text)) < MinDigits || vanity(r.text) {
		return nil, false
	}
	n, err := phonenumbers.Parse(r.text, region)
	if err != nil || r.home && int(n.GetCountryCode()) != phonenumbers.GetCountryCodeForRegion(region) {
		return nil, false
	}
	if !phonenumbers.IsValidNumber(n) {
		if now := current(n); now != nil {
			return now, true
		}
		if r.guess || withTrunkPrefix(n) ||
			phonenumbers.IsPossibleNumberWithReason(n) != phonenumbers.IS_POSSIBLE {
			return nil, false
		}
	}
	return n, IsE164(phonenumbers.Format(n, phonenumbers.E164))
}

// withTrunkPrefix tells a number with the zero of national calls still before it, which no number of its country has.
func withTrunkPrefix(n *phonenumbers.PhoneNumber) bool {
	region := phonenumbers.GetRegionCodeForCountryCode(int(n.GetCountryCode()))
	return n.GetItalianLeadingZero() && phonenumbers.GetNddPrefixForRegion(region, true) == "0"
}

// vanity tells a text with a word in front of or inside the number ("1800FLOWERS", "alice2"); an extension is only
// marked after it.
func vanity(text string) bool {
	letter := strings.IndexFunc(text, unicode.IsLetter)
	return letter >= 0 && len(Digits(text[:letter])) < MinDigits
}

// National is the number without its country code, "" when value is not E.164.
func National(value string) string {
	n, err := phonenumbers.Parse(value, "")
	if err != nil {
		return ""
	}
	return phonenumbers.GetNationalSignificantNumber(n)
}

// Country is the ISO 3166 code of a number's or mailbox's country, "" when unknown.
func (a Address) Country() string {
	switch a.Kind {
	case Phone:
		n, err := phonenumbers.Parse(a.Value, "")
		if err != nil {
			return ""
		}
		return phonenumbers.GetRegionCodeForNumber(n)
	case Email:
		top := a.Value[strings.LastIndexByte(a.Value, '.')+1:]
		if len(top) == 2 {
			return strings.ToUpper(top)
		}
	}
	return ""
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
