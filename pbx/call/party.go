package call

import "frontdesk/pbx/dialplan"

// Who is at the end of a leg: the edges find all that they speak of in this package.
type (
	Party     = dialplan.Party
	PartyKind = dialplan.PartyKind
)

const (
	Browser = dialplan.Browser
	Phone   = dialplan.Phone
	Outside = dialplan.Outside
)
