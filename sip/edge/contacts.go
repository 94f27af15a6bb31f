package edge

import (
	"slices"
	"strconv"

	proto "github.com/emiago/sipgo/sip"
)

// Contacts are the targets that a 3xx names, the best first.
func Contacts(res *proto.Response) (list []proto.Uri) {
	var q []float64
	for _, h := range res.GetHeaders("Contact") {
		c, ok := h.(*proto.ContactHeader)
		if !ok || c.Address.Wildcard || len(list) == 10 {
			continue
		}
		uri := c.Address
		uri.Headers = nil
		value, err := strconv.ParseFloat(c.Params.GetOr("q", "1"), 64)
		if err != nil {
			value = 1
		}
		at := len(q)
		for at > 0 && q[at-1] < value {
			at--
		}
		q, list = slices.Insert(q, at, value), slices.Insert(list, at, uri)
	}
	return list
}
