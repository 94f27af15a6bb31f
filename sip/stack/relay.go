package stack

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	proto "github.com/emiago/sipgo/sip"

	"frontdesk/sip/edge"
)

// Phones that register straight at a node are reached through that node only: behind NAT nobody else gets through to
// them, and a TCP connection has one end here. So the node saves itself as the phone's Path, and passes on what the
// others send along it, as a proxy that keeps no state (RFC 3261 §16.11): what it has to know stands in signed tokens.
// It stays in the route of the call. Sound takes no part.

// passage is what the Routes of a request say about how it goes on from here.
type passage struct {
	kind   byte
	phone  Flow
	node   edge.Place // whose call it is
	routes int        // how many of the Routes are ours
}

// maxOwn is how many Routes in a row can be ours: one for each side of a call.
const maxOwn = 2

// errForged is a token that is not ours, or belongs to another call.
var errForged = errors.New("route with an invalid flow token")

// passage reads the tokens in the Routes of req; nil without any.
func (s *Stack) passage(req *proto.Request) (*passage, error) {
	var p *passage
	for _, h := range req.GetHeaders("Route") {
		r, ok := h.(*proto.RouteHeader)
		if !ok || !strings.HasPrefix(r.Address.User, sealed) || p != nil && p.routes == maxOwn {
			break
		}
		next, ok := s.read(r.Address.User, req)
		switch {
		case !ok && p == nil:
			return nil, errForged
		case !ok:
			return p, nil
		case p == nil:
			p = next
		}
		p.routes++
	}
	return p, nil
}

// read opens a token of a Route: one out of a Path, or one of this call.
func (s *Stack) read(token string, req *proto.Request) (*passage, bool) {
	if b, ok := s.open(token, ""); ok && b[0] == toPhone {
		p := &passage{kind: toPhone}
		p.phone, _ = takeFlow(b[1:])
		p.node = listens(req)
		return p, true
	}
	id := req.CallID()
	if id == nil {
		return nil, false
	}
	b, ok := s.open(token, string(*id))
	if !ok || b[0] != fromNode && b[0] != fromPhone {
		return nil, false
	}
	p := &passage{kind: b[0]}
	p.phone, b = takeFlow(b[1:])
	p.node, _ = takePlace(b)
	return p, true
}

// listens is where the sender of req takes requests: its address, with the port that it writes.
func listens(req *proto.Request) edge.Place {
	p := edge.PlaceOf(req)
	if v := req.Via(); v != nil && p.Transport != "UDP" {
		port := v.Port
		if port == 0 {
			port = proto.DefaultPort(p.Transport)
		}
		p.At = netip.AddrPortFrom(p.At.Addr(), uint16(port))
	}
	return p
}

// allowed: out of a Path only a call begins; all else is within a call.
func (p *passage) allowed(req *proto.Request) bool {
	if p.kind != toPhone {
		return edge.ToTag(req) != ""
	}
	return req.IsInvite() || req.IsAck() || req.IsCancel()
}

// relay passes req on.
func (s *Stack) relay(req *proto.Request, tx *proto.ServerTx, p *passage) {
	if !p.allowed(req) {
		s.TurnAway(req, tx, edge.Refusal{Code: 403, Phrase: "Forbidden"})
		return
	}
	var err error
	if p.kind == fromPhone {
		err = s.toNode(s.onward(req, p, p.node), p.node)
	} else {
		s.Fellow(edge.SourceOf(req).Addr())
		err = s.toFlow(s.onward(req, p, p.phone.Place), p.phone)
	}
	switch {
	case errors.Is(err, errFlow):
		s.TurnAway(req, tx, edge.Refusal{Code: 430, Phrase: "Flow Failed"}) // RFC 5626 §5.3.1
	case err != nil:
		s.Log.Info("sip: not passed on", "method", req.Method, "sip_call", string(*req.CallID()), "err", err)
		s.TurnAway(req, tx, edge.Refusal{Code: 502, Phrase: "Bad Gateway"})
	default:
		s.stats.relayed.Inc()
		tx.Terminate()
	}
}

// Fellow lifts the rate from another node of ours: it proved to be one by a token, or our database names it.
func (s *Stack) Fellow(addr netip.Addr) {
	s.Guard.Fellow(addr, time.Now().Add(time.Hour))
}

// onward is the request as it leaves for to (RFC 3261 §16.6).
func (s *Stack) onward(req *proto.Request, p *passage, to edge.Place) *proto.Request {
	out := req.Clone()
	out.SetTransport(to.Transport)
	out.SetDestination(to.At.String())
	for range p.routes {
		out.RemoveHeader("Route")
	}
	hops := proto.MaxForwardsHeader(70)
	if h := req.MaxForwards(); h != nil {
		hops = *h - 1 // 0 was refused
		out.RemoveHeader("Max-Forwards")
	}
	out.AppendHeader(&hops)
	if p.kind == toPhone && req.IsInvite() {
		s.record(out, p)
	}
	via := s.Via(to.Transport, to.At.String())
	via.Params = proto.HeaderParams{{K: "branch",
		V: proto.RFC3261BranchMagicCookie + s.seal(appendPlace([]byte{back}, edge.PlaceOf(req)), transaction(req))},
		{K: "rport"}}
	out.PrependHeader(via)
	return out
}

// record keeps us in the way of the call: a route for each side, under the address that this side reaches (RFC 5658).
func (s *Stack) record(out *proto.Request, p *passage) {
	token := func(kind byte) string {
		return s.seal(appendPlace(appendFlow([]byte{kind}, p.phone), p.node), string(*out.CallID()))
	}
	host, port := s.Reached(p.phone.Transport, p.phone.At.String())
	for _, u := range []proto.Uri{s.ClusterURI(token(fromNode)),
		routeURI(token(fromPhone), host, port, p.phone.Transport)} {
		out.PrependHeader(&proto.RecordRouteHeader{Address: u})
	}
}

func routeURI(user, host string, port int, transport string) proto.Uri {
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	return proto.Uri{Scheme: "sip", User: user, Host: host, Port: port,
		UriParams: proto.HeaderParams{{K: "transport", V: inURI(transport)}, {K: "lr"}}}
}

// ClusterURI is this node as the others reach it.
func (s *Stack) ClusterURI(user string) proto.Uri {
	return routeURI(user, s.Cluster.At.Addr().String(), int(s.Cluster.At.Port()), s.Cluster.Transport)
}

// errFlow: the phone's connection is gone.
var errFlow = errors.New("flow is gone")

// FlowBy is the route over the flow that req came by, for the Path of a phone that registers straight at this node; not
// ok over a connection that we opened.
func (s *Stack) FlowBy(req *proto.Request) (route proto.Uri, ok bool) {
	f := Flow{Place: edge.PlaceOf(req)}
	if f.Transport != "UDP" {
		f.Serial = s.connections(f.Transport).Serial(f.At)
	}
	if !s.Alive(f) {
		return route, false
	}
	return s.ClusterURI(s.seal(appendFlow([]byte{toPhone}, f), "")), true
}

// FlowIn is the flow that a route of this node out of a Path names.
func (s *Stack) FlowIn(route proto.Uri) (f Flow, own bool) {
	payload, ok := s.open(route.User, "")
	if !ok || payload[0] != toPhone {
		return f, false
	}
	f, _ = takeFlow(payload[1:])
	return f, true
}

// ThroughNode tells whether a route out of a Path leads over a flow of a node of ours.
func ThroughNode(route proto.Uri) bool { return strings.HasPrefix(route.User, sealed) }

// toFlow sends over the phone's own flow: never over a new connection.
func (s *Stack) toFlow(m proto.Message, f Flow) error {
	if !s.Alive(f) {
		s.Dead(f)
		return errFlow
	}
	if err := s.deliver(m, f.Place); err != nil {
		s.Dead(f)
		return fmt.Errorf("%w: %v", errFlow, err)
	}
	return nil
}

func (s *Stack) Dead(f Flow) {
	if s.above.Lost != nil {
		s.above.Lost(f.Place)
	}
}

// Alive tells whether messages can be sent over f.
func (s *Stack) Alive(f Flow) bool {
	if f.Transport == "UDP" {
		return s.UDP != nil
	}
	return f.Serial != 0 && s.connections(f.Transport).Serial(f.At) == f.Serial
}

// toNode sends to another node, over a new connection where it must.
func (s *Stack) toNode(out *proto.Request, to edge.Place) error {
	if to.Transport == "UDP" {
		return s.deliver(out, to)
	}
	return s.Write(out)
}

// deliver sends to an address from our listener, or over the connection that there is.
func (s *Stack) deliver(m proto.Message, to edge.Place) error {
	if to.Transport == "UDP" {
		if s.UDP == nil {
			return errors.New("no UDP here")
		}
		_, err := s.UDP.Conn.WriteToUDPAddrPort([]byte(m.String()), to.At)
		return err
	}
	return s.over(m, to.Transport, to.At.String())
}

// relayBack passes on an answer to a request that we passed on: the branch of our Via tells where it goes. False for
// any other.
func (s *Stack) relayBack(res *proto.Response) bool {
	vias := res.GetHeaders("Via")
	if len(vias) < 2 {
		return false
	}
	token, ok := strings.CutPrefix(res.Via().Params.GetOr("branch", ""), proto.RFC3261BranchMagicCookie)
	if !ok || !strings.HasPrefix(token, sealed) {
		return false
	}
	res.RemoveHeader("Via")
	b, ok := s.open(token, transaction(res))
	if !ok || b[0] != back {
		return true // forged
	}
	to, _ := takePlace(b[1:])
	if err := s.deliver(res, to); err != nil {
		s.Log.Debug("sip: answer not passed on", "sip_call", res.CallID(), "err", err)
	}
	return true
}

// findCluster finds the address that the other nodes reach us at: the one set, else the one bound, else that of our way
// out.
func (s *Stack) findCluster() edge.Place {
	p := edge.Place{Transport: "UDP"}
	port := uint16(0)
	if s.UDP != nil {
		port = s.UDP.At.Port()
	} else {
		p.Transport, port = "TCP", s.TCP.At.Port()
	}
	addr := s.ListenIP()
	if set, err := netip.ParseAddr(s.cfg.Cluster); err == nil {
		addr = set
	} else if addr.IsUnspecified() {
		addr = OutgoingIP("192.0.2.1", addr)
	}
	if external, err := netip.ParseAddr(s.cfg.ExternalIP); err == nil && addr.IsUnspecified() {
		addr = external
	}
	p.At = netip.AddrPortFrom(addr, port)
	return p
}
