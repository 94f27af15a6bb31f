package pbx

import "frontdesk/pbx/directory"

// Who is at the end of a leg: the edges find all that they speak of in this package.
type (
	Party     = directory.Party
	PartyKind = directory.PartyKind
)

const (
	Browser = directory.Browser
	Phone   = directory.Phone
	Line    = directory.Line
)
