package sip

import (
	"slices"
	"strconv"

	proto "github.com/emiago/sipgo/sip"

	"frontdesk/sip/edge"
)

// redirected takes a 3xx (RFC 3261 §8.1.3.4). A carrier that sends the same number to another of its servers is
// followed here; numbers are for the exchange to dial, which knows what may be dialled. False when the attempt ends
// with it.
func (a *attempt) redirected(res *proto.Response) bool {
	for _, uri := range contactsOf(res) {
		number := edge.Dialled(uri)
		if a.to.mayGo != nil && number == edge.Dialled(a.to.URI) {
			if p, ok := a.to.mayGo(uri); ok {
				to := a.to
				to.URI, to.Transport, to.Flow, to.mayGo = uri, p.Transport, p.At.String(), nil
				a.insteadAt(to)
				return true
			}
		}
		if number != "" && !slices.Contains(a.out.moved, number) {
			a.out.moved = append(a.out.moved, number)
		}
	}
	return false
}

// contactsOf are the targets that a 3xx names, the best first.
func contactsOf(res *proto.Response) (list []proto.Uri) {
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
