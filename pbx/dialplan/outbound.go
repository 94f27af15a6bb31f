package dialplan

import (
	"slices"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// OutboundPolicy says where calls may go outside. What it doesn't name is denied: toll fraud is stopped before the
// call.
type OutboundPolicy struct {
	Countries []string `json:"countries"` // ISO 3166 codes, "RO"
	Short     []string `json:"short"`     // emergency and short numbers, as dialled: "112"
	Premium   bool     `json:"premium"`   // premium-rate and shared-cost numbers in those countries
}

// allows tells whether calls to an E.164 number may go out. A number that is only possible, not valid, is Refused:
// digits after a premium-rate number make it one, and carriers that ignore them would connect it.
func (p OutboundPolicy) allows(e164 string) bool {
	number, err := phonenumbers.Parse(e164, "")
	if err != nil || !phonenumbers.IsValidNumber(number) ||
		!slices.Contains(p.Countries, phonenumbers.GetRegionCodeForNumber(number)) {
		return false
	}
	switch phonenumbers.GetNumberType(number) {
	case phonenumbers.PREMIUM_RATE, phonenumbers.SHARED_COST:
		return p.Premium
	}
	return true
}

// OutboundRoute says over which trunks certain calls go out. Of the routes, which are in order, the first that a call
// fits decides; a call that fits none may take any trunk.
type OutboundRoute struct {
	Name      string   `json:"name"`
	Prefixes  []string `json:"prefixes"`  // of the number: +4021, or 112 for short ones; empty: any
	Countries []string `json:"countries"` // of the number, ISO 3166; empty: any
	Users     []string `json:"users"`     // who call, by id; empty: anybody
	// Departments of who call, with those below them, by id; beside users. Empty: as users say
	Departments []string `json:"departments"`

	Schedule string   `json:"schedule,omitempty"` // id of working hours outside of which the route does not count
	Trunks   []string `json:"trunks"`             // ids; the next one where one fails
	CallerID string   `json:"caller_id"`          // E.164 shown; empty: as the user's number or the trunk says
}

// fits tells whether a call of a user to a number, in E.164 or short, takes the route; departments are those he is in.
func (r *OutboundRoute) fits(number, user string, departments []string) bool {
	begins := func(prefix string) bool { return strings.HasPrefix(number, prefix) }
	return (len(r.Prefixes) == 0 || slices.ContainsFunc(r.Prefixes, begins)) &&
		(len(r.Countries) == 0 || slices.Contains(r.Countries, countryOf(number))) &&
		(len(r.Users) == 0 && len(r.Departments) == 0 || slices.Contains(r.Users, user) ||
			slices.ContainsFunc(departments, func(id string) bool { return slices.Contains(r.Departments, id) }))
}

// countryOf is the country of a number in E.164, "" of a short one.
func countryOf(number string) string {
	parsed, err := phonenumbers.Parse(number, "")
	if err != nil {
		return ""
	}
	return phonenumbers.GetRegionCodeForNumber(parsed)
}
