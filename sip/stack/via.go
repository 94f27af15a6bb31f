package stack

import (
	"fmt"
	"net/netip"
	"strings"

	proto "github.com/emiago/sipgo/sip"

	"frontdesk/sip/edge"
)

// noteSource writes into a Via where it came from, when that is not what it says or when it asks (RFC 3261 §18.2.1, RFC
// 3581 §4).
func noteSource(v *proto.ViaHeader, from netip.AddrPort) {
	if v == nil || !from.IsValid() {
		return
	}
	v.Params.Remove("received")
	says, err := netip.ParseAddr(strings.Trim(v.Host, "[]"))
	asks := v.Params.Has("rport")
	if asks || err != nil || says.Unmap() != from.Addr() {
		v.Params.Add("received", from.Addr().WithZone("").String())
	}
	if asks {
		v.Params.Remove("rport")
		v.Params.Add("rport", fmt.Sprint(from.Port()))
	}
}

// answersTo is where answers to req go over UDP: the address that it came from, and the port that its Via says, or asks
// to be noted.
func answersTo(req *proto.Request) netip.AddrPort {
	from, v := edge.SourceOf(req), req.Via()
	if v == nil || v.Params.Has("rport") {
		return from
	}
	port := v.Port
	if port == 0 {
		port = proto.DefaultPort("UDP")
	}
	return netip.AddrPortFrom(from.Addr(), uint16(port))
}

// transaction is the same for an INVITE, its repetitions, its CANCEL and the ACK of a refusal: so is the branch that we
// make of it.
func transaction(m proto.Message) string {
	v := m.Via()
	return v.SentBy() + "\x00" + v.Params.GetOr("branch", "")
}
