package directory

import (
	"slices"

	"github.com/nyaruka/phonenumbers"
)

// OutboundPolicy says where calls may go outside. What it doesn't name is denied: toll fraud is stopped before the
// call.
type OutboundPolicy struct {
	Countries []string `json:"countries"` // ISO 3166 codes, "RO"
	Short     []string `json:"short"`     // emergency and short numbers, as dialled: "112"
	Premium   bool     `json:"premium"`   // premium-rate and shared-cost numbers in those countries
}

// allows tells whether calls to an E.164 number may go out. A number that is only possible, not valid, is refused:
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
