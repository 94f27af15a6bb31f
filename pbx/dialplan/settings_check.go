package dialplan

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/nyaruka/phonenumbers"

	"frontdesk/pbx/input"
)

// Each of these checks brings a setting into its stored form. Errors: *input.Invalid.

// Check validates all codes.
func (c Codes) Check() error {
	taken := map[string]Feature{}
	for _, f := range slices.Sorted(maps.Keys(c)) {
		code := c[f]
		if _, known := usualCodes[f]; !known {
			return input.Refuse(string(f), "there is no such feature")
		}
		if code == "" {
			continue
		}
		if code != "**" && (!strings.ContainsAny(code[:1], "*#") || !Digits(code[1:], 1, 4)) {
			return input.Refuse(string(f), "%q is no code: write **, or * or #, then one to four digits", code)
		}
		if other, again := taken[code]; again {
			return input.Refuse(string(f), "%s is the code of %s already", code, other)
		}
		taken[code] = f
	}
	return nil
}

// Check validates where calls may go outside.
func (p OutboundPolicy) Check() error {
	if err := checkCountries("countries", p.Countries); err != nil {
		return err
	}
	for _, number := range p.Short {
		if !Digits(number, 2, maxExtension) {
			return input.Refuse("short", "%q is no short number", number)
		}
	}
	return nil
}

func checkCountries(field string, codes []string) error {
	known := phonenumbers.GetSupportedRegions()
	for i, code := range codes {
		if codes[i] = strings.ToUpper(code); !known[codes[i]] {
			return input.Refuse(field, "%q is no country code like RO or DE", code)
		}
	}
	return nil
}

// maxRoutes bounds the list.
const maxRoutes = 200

// CheckRoutes validates the routes of calls outside; region is the country whose national numbers people write. What
// they lead over is not looked up.
func CheckRoutes(list []OutboundRoute, region string) error {
	if len(list) > maxRoutes {
		return input.Refuse("routes", "at most %d", maxRoutes)
	}
	for i := range list {
		if err := list[i].check(fmt.Sprintf("routes[%d].", i), region); err != nil {
			return err
		}
	}
	return nil
}

// check validates a route; at is where it stands in the list.
func (r *OutboundRoute) check(at, region string) error {
	r.Name = strings.TrimSpace(r.Name)
	for _, list := range []*[]string{&r.Prefixes, &r.Countries, &r.Users, &r.Departments, &r.Trunks} {
		if *list == nil {
			*list = []string{}
		}
	}
	for i, p := range r.Prefixes {
		p = strings.NewReplacer(" ", "", "-", "").Replace(p)
		if !Digits(strings.TrimPrefix(p, "+"), 1, 15) {
			return input.Refuse(at+"prefixes", "%q is not the beginning of a number like +4021, or a short number", p)
		}
		r.Prefixes[i] = p
	}
	if err := checkCountries(at+"countries", r.Countries); err != nil {
		return err
	}
	if r.CallerID != "" {
		e164, ok := Normalise(r.CallerID, region)
		if !ok {
			return input.Refuse(at+"caller_id", "%q is no telephone number", r.CallerID)
		}
		r.CallerID = e164
	}
	switch {
	case r.Name == "" || len(r.Name) > 200:
		return input.Refuse(at+"name", "give the route a name of at most 200 characters")
	case len(r.Trunks) == 0:
		return input.Refuse(at+"trunks", "choose at least one trunk that these calls go over")
	}
	return nil
}

// Check validates the number itself; region is the country whose emergency numbers are none.
func (e Extension) Check(region string) error {
	switch {
	case !Digits(e.Number, 2, maxExtension):
		return input.Refuse("number", "an extension has two to %d digits", maxExtension)
	case phonenumbers.IsEmergencyNumber(e.Number, region):
		return input.Refuse("number", "%s is an emergency number", e.Number)
	}
	return nil
}
