package sip

import (
	"net/netip"
	"slices"
	"strings"

	proto "github.com/emiago/sipgo/sip"

	"frontdesk/sip/edge"
	"frontdesk/sip/stack"
)

// dialog is a peer-to-peer relationship (RFC 3261 §12). It belongs to its leg's goroutine.
type dialog struct {
	callID    string
	local     stack.Party // us, with our tag
	remote    stack.Party
	localSeq  uint32
	remoteSeq uint32
	target    proto.Uri   // the peer's Contact
	routes    []proto.Uri // nearest first
	transport string      // UDP, TCP, TLS
	flow      string      // host:port to send to when there is no route; empty: as target says
	behind    string      // host:port of a next hop that is only named; empty: it has an address
	allow     string      // methods that the peer takes
}

// dialogFromRequest is what the INVITE we answer makes (§12.1.1).
func dialogFromRequest(req *proto.Request, ourTag string) *dialog {
	d := &dialog{callID: string(*req.CallID()), transport: req.Transport(), remoteSeq: req.CSeq().SeqNo, localSeq: 1,
		remote: stack.Party{Name: req.From().DisplayName, URI: req.From().Address, Tag: edge.TagOf(req.From())},
		local:  stack.Party{Name: req.To().DisplayName, URI: req.To().Address, Tag: ourTag},
		allow:  stack.Joined(req, "Allow")}
	for _, h := range req.GetHeaders("Record-Route") {
		d.routes = append(d.routes, h.(*proto.RecordRouteHeader).Address)
	}
	d.follow(req)
	return d
}

// dialogFromResponse is what a 1xx or 2xx to our INVITE makes (§12.1.2). All that is needed stands in the response.
func dialogFromResponse(res *proto.Response) *dialog {
	d := &dialog{callID: string(*res.CallID()), transport: res.Transport(), localSeq: res.CSeq().SeqNo,
		local:  stack.Party{Name: res.From().DisplayName, URI: res.From().Address, Tag: edge.TagOf(res.From())},
		remote: stack.Party{Name: res.To().DisplayName, URI: res.To().Address, Tag: edge.ToTag(res)},
		allow:  stack.Joined(res, "Allow")}
	for _, h := range res.GetHeaders("Record-Route") {
		d.routes = append(d.routes, h.(*proto.RecordRouteHeader).Address)
	}
	slices.Reverse(d.routes)
	d.follow(res)
	return d
}

// complete tells whether a response has what a dialog needs; strangers may leave anything out.
func complete(res *proto.Response) bool {
	return res.CallID() != nil && res.From() != nil && res.To() != nil && res.CSeq() != nil && edge.ToTag(res) != ""
}

// follow takes the peer's Contact as the new remote target (§12.2.2). A Contact that can't be reached from here, as
// phones behind NAT write it, is kept as the Request-URI, but the message goes to where the peer's came from.
func (d *dialog) follow(m interface {
	proto.Message
	Contact() *proto.ContactHeader
}) {
	if c := m.Contact(); c != nil && strings.HasPrefix(c.Address.Scheme, "sip") && !c.Address.Wildcard {
		d.target = c.Address
		d.target.Headers = nil
	} else if d.target.Host == "" {
		d.target = d.remote.URI
	}
	if t, ok := edge.TransportOf(d.target, d.transport); ok && len(d.routes) == 0 {
		d.transport = t
	}
	d.flow = ""
	if source := m.Source(); source != "" && d.transport == m.Transport() &&
		behindNAT(d.target.Host, source, d.transport) {
		d.flow = source
	}
	d.behind = ""
	if hop := d.next(); byName(hop) {
		d.behind = whereNamed(hop, m.Source(), d.transport == m.Transport(), d.transport)
	}
}

// next is where requests of the dialog go: the first route, or the peer itself.
func (d *dialog) next() proto.Uri {
	if len(d.routes) > 0 {
		return d.routes[0]
	}
	return d.target
}

func byName(u proto.Uri) bool {
	_, err := netip.ParseAddr(strings.Trim(u.Host, "[]"))
	return err != nil
}

// whereNamed is the address of a next hop that is given by name. It sent the message that names it, so no name server
// is asked: a peer could have us wait for one, or look up what it likes. The port is the one that it tells, else the
// one it sent from.
func whereNamed(hop proto.Uri, source string, same bool, transport string) string {
	at, err := netip.ParseAddrPort(source)
	switch {
	case err != nil:
		return ""
	case same && (transport != "UDP" || hop.Port == 0):
		return at.String()
	case hop.Port == 0:
		hop.Port = proto.DefaultPort(transport)
	}
	return netip.AddrPortFrom(at.Addr(), uint16(hop.Port)).String()
}

// behindNAT decides by the address in a Contact and the one its message came from.
func behindNAT(host, source, transport string) bool {
	at, err := netip.ParseAddrPort(source)
	if err != nil {
		return false
	}
	contact, err := netip.ParseAddr(strings.Trim(host, "[]"))
	if transport != "UDP" {
		return true // the connection that exists is the one that works
	}
	if err != nil || contact.Unmap() == at.Addr().Unmap() {
		return false // a proxy may be in between: its name or address is to be believed
	}
	return contact.IsUnspecified() || contact.IsPrivate() || contact.IsLoopback() || contact.IsLinkLocalUnicast()
}

// maxPracks bounds what one call makes us confirm.
const maxPracks = 16

// prackSeqs are the sequence numbers after that of an INVITE that PRACKs may have taken.
const prackSeqs = maxPracks * (1 + stack.MaxChallenges)

// request makes the next request of the dialog (§12.2.1.1). ACK and CANCEL take the number of their INVITE.
func (d *dialog) request(s *stack.Stack, method proto.RequestMethod, seq uint32) *proto.Request {
	req := proto.NewRequest(method, d.target)
	id := proto.CallIDHeader(d.callID)
	req.AppendHeader(s.Via(d.transport, d.nextHop()))
	for _, r := range d.routes {
		req.AppendHeader(&proto.RouteHeader{Address: r})
	}
	req.AppendHeader(d.local.From())
	req.AppendHeader(d.remote.To())
	req.AppendHeader(&id)
	req.AppendHeader(&proto.CSeqHeader{SeqNo: seq, MethodName: method})
	s.Finish(req, d.transport)
	switch {
	case len(d.routes) == 0 && d.flow != "":
		req.SetDestination(d.flow)
	case d.behind != "":
		req.SetDestination(d.behind)
	}
	d.strict(req)
	return req
}

// strict rewrites req for a first hop that is a strict router of RFC 2543 (§12.2.1.1).
func (d *dialog) strict(req *proto.Request) {
	if len(d.routes) == 0 || d.routes[0].UriParams.Has("lr") {
		return
	}
	req.RemoveHeader("Route")
	req.Recipient = d.routes[0]
	req.AppendHeader(&proto.RouteHeader{Address: d.target})
	req.SetDestination(d.nextHop())
}

func (d *dialog) nextHop() string {
	switch {
	case len(d.routes) == 0 && d.flow != "":
		return d.flow
	case d.behind != "":
		return d.behind
	default:
		return stack.HostPort(d.next(), d.transport)
	}
}
