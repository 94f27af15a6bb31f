package stack

import (
	"net"
	"net/netip"
	"strings"

	proto "github.com/emiago/sipgo/sip"

	"frontdesk/sip/edge"
)

// Finish adds what every request of ours has, and binds it to our socket.
func (s *Stack) Finish(req *proto.Request, transport string) {
	hops := proto.MaxForwardsHeader(70)
	req.AppendHeader(&hops)
	if s.cfg.UserAgent != "" {
		req.AppendHeader(proto.NewHeader("User-Agent", s.cfg.UserAgent))
	}
	req.SetTransport(transport)
	if transport == "UDP" && s.UDP != nil {
		req.Laddr = s.UDP.Local
	}
	req.SetBody(nil)
}

// Via is ours, with a new branch, as hop (host:port) sees us.
func (s *Stack) Via(transport, hop string) *proto.ViaHeader {
	host, port := s.Reached(transport, hop)
	return &proto.ViaHeader{ProtocolName: "SIP", ProtocolVersion: "2.0", Transport: transport, Host: host, Port: port,
		Params: proto.HeaderParams{{K: "branch", V: proto.GenerateBranchN(24)}, {K: "rport"}}}
}

// Reached is the address and port under which hop reaches our signalling.
func (s *Stack) Reached(transport, hop string) (string, int) {
	port := 0
	if l := s.connections(transport); l != nil {
		port = int(l.At.Port())
	} else if transport == "UDP" && s.UDP != nil {
		port = int(s.UDP.At.Port())
	}
	return s.Facing(hop, s.ListenIP()).String(), port
}

// Facing is our address as hop sees it: the external one for the world, that of our interface for local networks. bound
// is the one that the socket has.
func (s *Stack) Facing(hop string, bound netip.Addr) netip.Addr {
	host, _, err := net.SplitHostPort(hop)
	if err != nil {
		host = hop
	}
	to, err := netip.ParseAddr(host)
	local := err == nil && (to.IsPrivate() || to.IsLoopback() || to.IsLinkLocalUnicast())
	if s.cfg.ExternalIP != "" && !local {
		ip, _ := netip.ParseAddr(s.cfg.ExternalIP)
		return ip
	}
	switch {
	case !bound.IsUnspecified():
		return bound
	case err != nil: // a name, which is not asked for here
		return OutgoingIP("192.0.2.1", bound)
	default:
		return OutgoingIP(host, bound)
	}
}

// Contact is our Contact in a message to hop, for a call that has a URI of a scheme (RFC 3261 §8.1.1.8).
func (s *Stack) Contact(scheme, user, transport, hop string) *proto.ContactHeader {
	host, port := s.Reached(transport, hop)
	u := proto.Uri{Scheme: "sip", User: user, Host: host, Port: port}
	if scheme == "sips" {
		u.Scheme = scheme
	} else if transport != "UDP" {
		u.UriParams = proto.HeaderParams{{K: "transport", V: inURI(transport)}}
	}
	return &proto.ContactHeader{Address: u}
}

// inURI is a transport as URIs name it; both kinds of WebSocket by one name (RFC 7118 §5.4).
func inURI(transport string) string {
	if Socketed(transport) {
		return "ws"
	}
	return strings.ToLower(transport)
}

// OutgoingIP asks the kernel which of our addresses packets to host leave from.
func OutgoingIP(host string, fallback netip.Addr) netip.Addr {
	conn, err := net.Dial("udp", net.JoinHostPort(host, "9")) // sends nothing
	if err != nil {
		return fallback
	}
	defer conn.Close()
	return edge.Plain(conn.LocalAddr().(*net.UDPAddr).AddrPort()).Addr()
}
