package stack

import (
	"net/netip"
	"strings"

	proto "github.com/emiago/sipgo/sip"

	"frontdesk/sip/edge"
)

// Way is how a message gets to somebody outside of a dialog.
type Way struct {
	URI       proto.Uri
	Transport string // UDP, TCP, TLS
	Far       string // the transport that a phone registered over, past proxies; empty: Transport
	Flow      string // host:port where a phone is behind its NAT; empty: as uri or routes say
	Sound     string // host:port that the sound is for, when that is not the next hop
	Routes    []proto.Uri
	Proxy     string // outbound proxy, host or host:port, which Flow is the address of; empty: none
}

// RouteHeaders are those of a request outside of a dialog (RFC 3261 §8.1.2).
func (w Way) RouteHeaders() (list []*proto.RouteHeader) {
	for _, r := range w.Routes {
		list = append(list, &proto.RouteHeader{Address: r})
	}
	if w.Proxy != "" {
		host, port := SplitHost(w.Proxy)
		list = append(list, &proto.RouteHeader{Address: proto.Uri{Scheme: "sip", Host: host, Port: port,
			UriParams: proto.HeaderParams{{K: "lr"}}}})
	}
	return list
}

// Hop is the host:port that it leaves for.
func (w Way) Hop() string {
	switch {
	case len(w.Routes) > 0:
		return HostPort(w.Routes[0], w.Transport)
	case w.Flow != "":
		return w.Flow
	default:
		return HostPort(w.URI, w.Transport)
	}
}

func (w Way) Place() edge.Place {
	at, _ := netip.ParseAddrPort(w.Flow)
	return edge.Place{Transport: w.Transport, At: at}
}

// Party is a From or To.
type Party struct {
	Name string
	URI  proto.Uri
	Tag  string
}

func (p Party) From() *proto.FromHeader {
	return &proto.FromHeader{DisplayName: quotable(p.Name), Address: p.URI, Params: tagParam(p.Tag)}
}

func (p Party) To() *proto.ToHeader {
	return &proto.ToHeader{DisplayName: quotable(p.Name), Address: p.URI, Params: tagParam(p.Tag)}
}

func tagParam(tag string) proto.HeaderParams {
	if tag == "" {
		return nil
	}
	return proto.HeaderParams{{K: "tag", V: tag}}
}

// quotable drops what can't stand inside quotes of a display name.
func quotable(name string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == '"' || r == '\\' || r == 0x7F {
			return -1
		}
		return r
	}, name)
}

// Anonymous is the From of a caller who withholds its number (RFC 3323 §4.1).
func Anonymous() Party {
	return Party{Name: "Anonymous", URI: proto.Uri{Scheme: "sip", User: "anonymous", Host: "anonymous.invalid"}}
}

// Outside makes a request outside a dialog.
func (s *Stack) Outside(method proto.RequestMethod, w Way, from, to Party, callID string, seq uint32) *proto.Request {
	id := proto.CallIDHeader(callID)
	from.Tag = s.CallerTag(callID)
	req := proto.NewRequest(method, w.URI)
	req.AppendHeader(s.Via(w.Transport, w.Hop()))
	for _, r := range w.RouteHeaders() {
		req.AppendHeader(r)
	}
	req.AppendHeader(from.From())
	req.AppendHeader(to.To())
	req.AppendHeader(&id)
	req.AppendHeader(&proto.CSeqHeader{SeqNo: seq, MethodName: method})
	s.Finish(req, w.Transport)
	if len(w.Routes) == 0 && w.Flow != "" {
		req.SetDestination(w.Flow)
	}
	return req
}
