package stack

import "frontdesk/sip/edge"

// Target is one server that DNS names for a peer (RFC 2782).
type Target struct {
	priority, weight uint16
	places           []edge.Place
}
