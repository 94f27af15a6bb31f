// Package dialog keeps what two parties of SIP say to each other in: their dialogs (RFC 3261 §12), and whose each is.
package dialog

import (
	"net/netip"
	"slices"
	"strings"

	proto "github.com/emiago/sipgo/sip"

	"frontdesk/sip/edge"
	"frontdesk/sip/stack"
)

// Dialog is a peer-to-peer relationship. It belongs to one goroutine.
type Dialog struct {
	CallID    string
	Local     stack.Party // us, with our tag
	Remote    stack.Party
	LocalSeq  uint32
	RemoteSeq uint32
	Target    proto.Uri   // the peer's Contact
	Routes    []proto.Uri // nearest first
	Transport string      // UDP, TCP, TLS
	flow      string      // host:port to send to when there is no route; empty: as target says
	behind    string      // host:port of a next hop that is only named; empty: it has an address
	Allow     string      // methods that the peer takes
}

// FromRequest is what the INVITE we answer makes (§12.1.1).
func FromRequest(req *proto.Request, ourTag string) *Dialog {
	d := &Dialog{CallID: string(*req.CallID()), Transport: req.Transport(), RemoteSeq: req.CSeq().SeqNo, LocalSeq: 1,
		Remote: stack.Party{Name: req.From().DisplayName, URI: req.From().Address, Tag: edge.TagOf(req.From())},
		Local:  stack.Party{Name: req.To().DisplayName, URI: req.To().Address, Tag: ourTag},
		Allow:  stack.Joined(req, "Allow")}
	for _, h := range req.GetHeaders("Record-Route") {
		d.Routes = append(d.Routes, h.(*proto.RecordRouteHeader).Address)
	}
	d.Follow(req)
	return d
}

// FromResponse is what a 1xx or 2xx to our INVITE makes (§12.1.2). All that is needed stands in the response.
func FromResponse(res *proto.Response) *Dialog {
	d := &Dialog{CallID: string(*res.CallID()), Transport: res.Transport(), LocalSeq: res.CSeq().SeqNo,
		Local:  stack.Party{Name: res.From().DisplayName, URI: res.From().Address, Tag: edge.TagOf(res.From())},
		Remote: stack.Party{Name: res.To().DisplayName, URI: res.To().Address, Tag: edge.ToTag(res)},
		Allow:  stack.Joined(res, "Allow")}
	for _, h := range res.GetHeaders("Record-Route") {
		d.Routes = append(d.Routes, h.(*proto.RecordRouteHeader).Address)
	}
	slices.Reverse(d.Routes)
	d.Follow(res)
	return d
}

// Complete tells whether a response has what a dialog needs; strangers may leave anything out.
func Complete(res *proto.Response) bool {
	return res.CallID() != nil && res.From() != nil && res.To() != nil && res.CSeq() != nil && edge.ToTag(res) != ""
}

// Follow takes the peer's Contact as the new remote target (§12.2.2). A Contact that can't be reached from here, as
// phones behind NAT write it, is kept as the Request-URI, but the message goes to where the peer's came from.
func (d *Dialog) Follow(m interface {
	proto.Message
	Contact() *proto.ContactHeader
}) {
	if c := m.Contact(); c != nil && strings.HasPrefix(c.Address.Scheme, "sip") && !c.Address.Wildcard {
		d.Target = c.Address
		d.Target.Headers = nil
	} else if d.Target.Host == "" {
		d.Target = d.Remote.URI
	}
	if t, ok := edge.TransportOf(d.Target, d.Transport); ok && len(d.Routes) == 0 {
		d.Transport = t
	}
	d.flow = ""
	if source := m.Source(); source != "" && d.Transport == m.Transport() &&
		behindNAT(d.Target.Host, source, d.Transport) {
		d.flow = source
	}
	d.behind = ""
	if hop := d.next(); byName(hop) {
		d.behind = whereNamed(hop, m.Source(), d.Transport == m.Transport(), d.Transport)
	}
}

// next is where requests of the dialog go: the first route, or the peer itself.
func (d *Dialog) next() proto.Uri {
	if len(d.Routes) > 0 {
		return d.Routes[0]
	}
	return d.Target
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

// Request makes the next request of the dialog (§12.2.1.1). ACK and CANCEL take the number of their INVITE.
func (d *Dialog) Request(s *stack.Stack, method proto.RequestMethod, seq uint32) *proto.Request {
	req := proto.NewRequest(method, d.Target)
	id := proto.CallIDHeader(d.CallID)
	req.AppendHeader(s.Via(d.Transport, d.NextHop()))
	for _, r := range d.Routes {
		req.AppendHeader(&proto.RouteHeader{Address: r})
	}
	req.AppendHeader(d.Local.From())
	req.AppendHeader(d.Remote.To())
	req.AppendHeader(&id)
	req.AppendHeader(&proto.CSeqHeader{SeqNo: seq, MethodName: method})
	s.Finish(req, d.Transport)
	switch {
	case len(d.Routes) == 0 && d.flow != "":
		req.SetDestination(d.flow)
	case d.behind != "":
		req.SetDestination(d.behind)
	}
	d.strict(req)
	return req
}

// strict rewrites req for a first hop that is a strict router of RFC 2543 (§12.2.1.1).
func (d *Dialog) strict(req *proto.Request) {
	if len(d.Routes) == 0 || d.Routes[0].UriParams.Has("lr") {
		return
	}
	req.RemoveHeader("Route")
	req.Recipient = d.Routes[0]
	req.AppendHeader(&proto.RouteHeader{Address: d.Target})
	req.SetDestination(d.NextHop())
}

// NextHop is where requests are sent: host:port.
func (d *Dialog) NextHop() string {
	switch {
	case len(d.Routes) == 0 && d.flow != "":
		return d.flow
	case d.behind != "":
		return d.behind
	default:
		return stack.HostPort(d.next(), d.Transport)
	}
}
