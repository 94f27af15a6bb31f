package sip

import (
	"net"
	"net/netip"
	"strings"

	proto "github.com/emiago/sipgo/sip"

	"frontdesk/sip/edge"
)

// finish adds what every request of ours has, and binds it to our socket.
func (s *Stack) finish(req *proto.Request, transport string) {
	hops := proto.MaxForwardsHeader(70)
	req.AppendHeader(&hops)
	if s.cfg.UserAgent != "" {
		req.AppendHeader(proto.NewHeader("User-Agent", s.cfg.UserAgent))
	}
	req.SetTransport(transport)
	if transport == "UDP" && s.udp != nil {
		req.Laddr = s.udp.Local
	}
	req.SetBody(nil)
}

// via is ours, with a new branch, as hop (host:port) sees us.
func (s *Stack) via(transport, hop string) *proto.ViaHeader {
	host, port := s.reached(transport, hop)
	return &proto.ViaHeader{ProtocolName: "SIP", ProtocolVersion: "2.0", Transport: transport, Host: host, Port: port,
		Params: proto.HeaderParams{{K: "branch", V: proto.GenerateBranchN(24)}, {K: "rport"}}}
}

// reached is the address and port under which hop reaches our signalling.
func (s *Stack) reached(transport, hop string) (string, int) {
	port := 0
	switch {
	case transport == "UDP" && s.udp != nil:
		port = int(s.udp.At.Port())
	case transport == "TCP" && s.tcp != nil:
		port = int(s.tcp.At.Port())
	}
	return s.facing(hop, s.listenIP()).String(), port
}

// facing is our address as hop sees it: the external one for the world, that of our interface for local networks. bound is the one
// that the socket has.
func (s *Stack) facing(hop string, bound netip.Addr) netip.Addr {
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
		return outgoingIP("192.0.2.1", bound)
	default:
		return outgoingIP(host, bound)
	}
}

// contact is our Contact in a message to hop.
func (s *Stack) contact(user, transport, hop string) *proto.ContactHeader {
	host, port := s.reached(transport, hop)
	u := proto.Uri{Scheme: "sip", User: user, Host: host, Port: port}
	if transport != "UDP" {
		u.UriParams = proto.HeaderParams{{K: "transport", V: strings.ToLower(transport)}}
	}
	return &proto.ContactHeader{Address: u}
}

// outgoingIP asks the kernel which of our addresses packets to host leave from.
func outgoingIP(host string, fallback netip.Addr) netip.Addr {
	conn, err := net.Dial("udp", net.JoinHostPort(host, "9")) // sends nothing
	if err != nil {
		return fallback
	}
	defer conn.Close()
	return edge.Plain(conn.LocalAddr().(*net.UDPAddr).AddrPort()).Addr()
}
