package address

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/nyaruka/phonenumbers"
)

// A country that renumbers leaves the old numbers in address books, and some carriers go on sending them; some
// countries write a mobile number in two ways for good. Both forms are one subscriber, so a number is looked for in
// each, whichever was stored.

// rule is one that made head-now-rest of the national number head-was-rest.
type rule struct {
	country        int
	head, was, now string // head is an expression for what stays before the change
	rest           string // likewise, after it
}

// renumbering is a rule with the expressions of both forms.
type renumbering struct {
	rule
	old, new *regexp.Regexp
}

// renumberings are those of the last years that are still met, by country.
var renumberings = sync.OnceValue(func() map[int][]renumbering {
	all := []rule{
		{54, "", "", "9", `\d{10}`},              // Argentina: mobiles from abroad with a 9
		{52, "", "", "1", `\d{10}`},              // Mexico: mobiles from abroad with a 1, until 2019
		{55, `[1-9]\d`, "", "9", `[6-9]\d{7}`},   // Brazil: the ninth digit of mobiles, 2012–2016
		{225, "", "", "01", `[04-9][0-3]\d{6}`},  // Ivory Coast 2021: Moov, mobile
		{225, "", "", "05", `[04-9][4-6]\d{6}`},  // MTN, mobile
		{225, "", "", "07", `[04-9][7-9]\d{6}`},  // Orange, mobile
		{225, "", "", "27", `[23]\d[1-79]\d{5}`}, // Orange, fixed
		{225, "", "", "25", `[23]\d0\d{5}`},      // MTN, fixed
		{225, "", "", "21", `[23]\d8\d{5}`},      // Moov, fixed
		{229, "", "", "01", `[2-9]\d{7}`},        // Benin 2024
		{241, "", "07", "77", `\d{6}`},           // Gabon 2019
		{241, "", "04", "74", `\d{6}`},
		{241, "", "06", "66", `\d{6}`},
		{241, "", "02", "62", `\d{6}`},
		{241, "", "05", "65", `\d{6}`},
		{241, "", "01", "11", `\d{6}`},
		{57, "", "", "60", `[1-8]\d{7}`},  // Colombia 2021: fixed
		{237, "", "", "6", `[5-9]\d{7}`},  // Cameroon 2014: mobile
		{237, "", "", "2", `[23]\d{7}`},   // fixed
		{56, "", "2", "22", `\d{7}`},      // Chile 2012: Santiago
		{593, "", "", "9", `[89]\d{7}`},   // Ecuador 2012: mobile
		{230, "", "", "5", `[4789]\d{6}`}, // Mauritius 2013: mobile
		{995, "", "", "5", `[579]\d{7}`},  // Georgia 2011: mobile
		{506, "", "", "8", `[38]\d{6}`},   // Costa Rica 2008: mobile
		{506, "", "", "2", `[24-7]\d{6}`}, // fixed
		{20, "", "10", "100", `\d{7}`},    // Egypt 2011: mobile
		{20, "", "11", "111", `\d{7}`}, {20, "", "12", "122", `\d{7}`}, {20, "", "14", "114", `\d{7}`}, {20, "", "16", "106", `\d{7}`},
		{20, "", "17", "109", `\d{7}`}, {20, "", "18", "128", `\d{7}`}, {20, "", "19", "120", `\d{7}`},
	}
	for _, first := range "34567" { // Qatar 2010: the first digit twice
		all = append(all, rule{974, "", "", string(first), string(first) + `\d{6}`})
	}
	// Vietnam 2018: mobiles of 11 digits.
	for _, pair := range strings.Fields(`120:70 121:79 122:77 126:76 128:78 123:83 124:84 125:85 127:81 129:82
		162:32 163:33 164:34 165:35 166:36 167:37 168:38 169:39 186:56 188:58 199:59`) {
		was, now, _ := strings.Cut(pair, ":")
		all = append(all, rule{84, "", was, now, `\d{7}`})
	}
	by := map[int][]renumbering{}
	for _, r := range all {
		form := func(digits string) *regexp.Regexp {
			return regexp.MustCompile("^(" + r.head + ")" + digits + "(" + r.rest + ")$")
		}
		by[r.country] = append(by[r.country], renumbering{r, form(r.was), form(r.now)})
	}
	return by
})

// swap writes a national number of one form in another; false when it has not that form.
func swap(national string, from *regexp.Regexp, to string) (string, bool) {
	match := from.FindStringSubmatch(national)
	if match == nil {
		return "", false
	}
	return match[1] + to + match[2], true
}

// Forms are all E.164 forms of a number's subscriber, the number itself first.
func Forms(value string) []string {
	n, err := phonenumbers.Parse(value, "")
	if err != nil {
		return []string{value}
	}
	return append([]string{value}, otherForms(n)...)
}

func otherForms(n *phonenumbers.PhoneNumber) (forms []string) {
	country, national := int(n.GetCountryCode()), phonenumbers.GetNationalSignificantNumber(n)
	for _, r := range renumberings()[country] {
		for _, way := range []struct {
			from *regexp.Regexp
			to   string
		}{{r.old, r.now}, {r.new, r.was}} {
			other, ok := swap(national, way.from, way.to)
			form := "+" + strconv.Itoa(country) + other
			if ok && IsE164(form) && !slices.Contains(forms, form) && !r.two(n, form) {
				forms = append(forms, form)
			}
		}
	}
	return forms
}

// two tells whether both forms are dialled now in a country that went on to use its old numbers: they are two
// subscribers then. Elsewhere libphonenumber goes on to know old numbers that nobody has any more.
func (r renumbering) two(n *phonenumbers.PhoneNumber, form string) bool {
	const mauritius = 230
	if r.country != mauritius || !phonenumbers.IsValidNumber(n) {
		return false
	}
	other, err := phonenumbers.Parse(form, "")
	return err == nil && phonenumbers.IsValidNumber(other)
}

// asDialled is a number without what is dialled before it, or within it, at home only.
func asDialled(n *phonenumbers.PhoneNumber) []string {
	national := phonenumbers.GetNationalSignificantNumber(n)
	switch n.GetCountryCode() {
	case 52: // Mexico, until 2019
		if m := regexp.MustCompile(`^(?:01|044|045)(\d{10})$`).FindStringSubmatch(national); m != nil {
			return []string{"+52" + m[1]}
		}
	case 54: // Argentina: the 15 of a mobile beside the 9 that stands for it abroad
		if m := regexp.MustCompile(`^9(\d{2,4}15\d{6,8})$`).FindStringSubmatch(national); m != nil {
			return []string{"+54" + m[1]}
		}
	}
	return nil
}

// current is the form of a number that is dialled now, of one that is not valid as it is written; nil when there is
// none.
func current(n *phonenumbers.PhoneNumber) *phonenumbers.PhoneNumber {
	for _, form := range append(otherForms(n), asDialled(n)...) {
		if m, err := phonenumbers.Parse(form, ""); err == nil && phonenumbers.IsValidNumber(m) {
			m.Extension = n.Extension
			return m
		}
	}
	return nil
}
