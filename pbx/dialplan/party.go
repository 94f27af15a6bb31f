package dialplan

// PartyKind says what stands at the end of a leg.
type PartyKind string

const (
	Browser PartyKind = "browser" // a user's browser
	Phone   PartyKind = "phone"   // a registered device
	Outside PartyKind = "trunk"   // the outside world, through a trunk
)

// Verified is what the carrier says of a caller's number: whether whoever signed the call may use it (STIR/SHAKEN,
// RFC 8224; told by verstat, 3GPP TS 24.229 §7.2A.20).
type Verified string

// What a carrier may say; nothing where it is not believed.
const (
	Passed     Verified = "passed" // the number is the caller's
	Forged     Verified = "failed" // it was checked, and is not
	Unverified Verified = "none"   // it could not be checked
)

// Party is who is at the other end of a leg. Nodes tell it each other in a header, which must be short.
type Party struct {
	Kind    PartyKind
	User    string `json:",omitempty"` // id of the user, for browsers and phones
	Device  string `json:",omitempty"` // id of the device, for phones
	Trunk   string `json:",omitempty"` // id of the trunk, for lines
	Number  string `json:",omitempty"` // the caller's number as the wire gave it, or the extension; empty when anonymous
	Name    string `json:",omitempty"` // display name as the wire gave it
	Private bool   `json:",omitempty"` // the caller withholds its number (RFC 3323)
	// Verified is the carrier's word on the number, where that is believed.
	Verified Verified `json:",omitempty"`
	// Led is the id of the meeting that the dial plan leads the party to, who is in a call already; "" for none.
	Led string `json:",omitempty"`
	// Hops is how much further its call may go, over others and back here (RFC 7332); 0: it does not say.
	Hops int `json:",omitempty"`
}

// Same tells whether two legs are of one party.
func (p Party) Same(other Party) bool {
	if p.Kind == Outside || other.Kind == Outside {
		return p.Kind == other.Kind && p.Trunk == other.Trunk
	}
	return p.User != "" && p.User == other.User || p.Device != "" && p.Device == other.Device
}

// Consent says why a call may go to a number although it asked not to be called.
type Consent string

// The reasons.
const (
	Insists Consent = "insists" // who calls was told so, and calls nevertheless
	Invited Consent = "invited" // who is called asked for this call
)
