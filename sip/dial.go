package sip

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	proto "github.com/emiago/sipgo/sip"

	"frontdesk/media"
	"frontdesk/pbx"
	"frontdesk/pbx/directory"
	"frontdesk/sip/edge"
	"frontdesk/sip/stack"
)

// Dial implements pbx.Dialer for targets with a Device, a Trunk or a Node.
func (s *Server) Dial(ctx context.Context, t pbx.Target, r pbx.Request) (pbx.Leg, error) {
	switch {
	case t.Node != "":
		return s.dialNode(ctx, t, r)
	case s.draining.Load():
		return nil, fmt.Errorf("sip: draining: %w", errFull)
	case t.Device != "":
		return s.dialDevice(ctx, t.Device, r)
	case t.Trunk != "":
		return s.dialTrunk(ctx, t, r)
	default:
		return nil, fmt.Errorf("sip: neither device nor trunk: %w", pbx.ErrNobody)
	}
}

// dialDevice rings every place where the phone is registered now.
func (s *Server) dialDevice(ctx context.Context, id string, r pbx.Request) (pbx.Leg, error) {
	device, err := s.dir.Device(ctx, id)
	if errors.Is(err, pbx.ErrNotFound) {
		return nil, pbx.ErrNobody
	}
	if err != nil {
		return nil, fmt.Errorf("sip: device: %w", err)
	}
	list, err := s.dir.Bindings(ctx, id, time.Now())
	if err != nil {
		return nil, fmt.Errorf("sip: bindings: %w", err)
	}
	codecs := media.Common(r.Codecs, s.cfg.Codecs)
	var places []destination
	for _, b := range list {
		if !s.reachable(&b) {
			continue
		}
		if d, err := s.toPhone(device, b, r); err == nil {
			places = append(places, d)
		}
	}
	if len(places) == 0 || len(codecs) == 0 {
		return nil, pbx.ErrNobody
	}
	party := pbx.Party{Kind: pbx.Phone, User: device.User, Device: device.ID, Number: device.Username, Name: device.Label}
	leg, err := s.callOut(party, codecs, places, nil)
	if err != nil {
		return nil, err
	}
	return leg, nil
}

// reachable tells whether there is a way to a phone or PBX: over a flow of our own, which needs no Path then, or by others that live.
func (c *core) reachable(b *directory.Binding) bool {
	if f, own := c.ownFlow(*b); own {
		if !c.Alive(f) {
			c.Dead(f)
			return false
		}
		b.Path = nil
		return true
	}
	return c.cfg.Alive == nil || !throughNode(*b) || c.cfg.Alive(b.Node)
}

// along is the way to where a phone or PBX is registered: over its flow, or by the routes in its Path. The host in its Contact is never asked for.
func (c *core) along(b directory.Binding) (d destination, err error) {
	if err = proto.ParseUri(b.Contact, &d.uri); err != nil {
		return d, err
	}
	transport, flow, _ := strings.Cut(b.Received, ":")
	d.transport, d.flow, d.sound = strings.ToUpper(transport), flow, flow
	for _, p := range b.Path {
		uri, err := route(p)
		if err != nil {
			return d, err
		}
		d.routes = append(d.routes, uri)
	}
	if len(d.routes) > 0 { // who stands there knows the phone's transport
		d.transport = strings.ToUpper(d.routes[0].UriParams.GetOr("transport", "UDP"))
		if next, err := netip.ParseAddr(strings.Trim(d.routes[0].Host, "[]")); err == nil {
			c.Fellow(next.Unmap())
		}
	}
	return d, nil
}

func (s *Server) toPhone(device directory.Device, b directory.Binding, r pbx.Request) (destination, error) {
	d, err := s.along(b)
	if err != nil {
		return d, err
	}
	host, _ := s.Reached(d.transport, d.hop())
	d.from = party{name: r.Name, uri: proto.Uri{Scheme: "sip", User: stack.Escape(r.Number), Host: host}}
	if r.Number == "" {
		d.from = anonymous()
	}
	d.to = party{name: device.Label, uri: proto.Uri{Scheme: "sip", User: device.Username, Host: host}}
	d.contact = "frontdesk"
	return d, nil
}

// anonymous is the From of a caller who withholds its number (RFC 3323 §4.1).
func anonymous() party {
	return party{name: "Anonymous", uri: proto.Uri{Scheme: "sip", User: "anonymous", Host: "anonymous.invalid"}}
}

// dialTrunk calls a number through a trunk.
func (s *Server) dialTrunk(ctx context.Context, t pbx.Target, r pbx.Request) (pbx.Leg, error) {
	line, err := s.trunks.find(ctx, t.Trunk)
	if err != nil {
		return nil, err
	}
	if line == nil {
		return nil, fmt.Errorf("sip: trunk %s is not active: %w", t.Trunk, pbx.ErrNobody)
	}
	codecs := media.Common(codecsNamed(line.Codecs), r.Codecs)
	if len(codecs) == 0 {
		return nil, fmt.Errorf("sip: trunk %s has no codec in common with the caller: %w", t.Trunk, pbx.ErrNobody)
	}
	ways, err := s.ways(ctx, line, t.Number, r)
	if err != nil {
		return nil, err
	}
	line.calls.Add(1)
	party := pbx.Party{Kind: pbx.Line, Trunk: line.ID, Number: t.Number}
	leg, err := s.callOut(party, codecs, ways, nil)
	if err != nil {
		line.calls.Add(-1)
		return nil, err
	}
	s.spawn(func() { <-leg.done; line.calls.Add(-1) })
	return leg, nil
}

// ways are one destination, with the others that are tried after it. Errors: pbx.ErrNobody when nobody is registered.
func (s *Server) ways(ctx context.Context, t *trunk, number string, r pbx.Request) ([]destination, error) {
	if !t.Registers() {
		if len(t.places()) == 0 && !s.found(ctx, t) {
			return nil, fmt.Errorf("sip: the name %s is not known: %w", t.Host, pbx.ErrNobody)
		}
		return []destination{s.toTrunk(t, number, r)}, nil
	}
	all, err := s.toBound(ctx, t, number, r)
	if err == nil && len(all) == 0 {
		err = fmt.Errorf("sip: no PBX is registered as %s: %w", t.InUsername, pbx.ErrNobody)
	}
	if err != nil {
		return nil, err
	}
	first := all[0]
	first.others = all[1:]
	return []destination{first}, nil
}

// found looks once more for the servers of a trunk that had none at the last reload.
func (s *Server) found(ctx context.Context, t *trunk) bool {
	targets, _ := s.Locate(ctx, t.Host, t.wire())
	t.moved(&trunk{targets: targets})
	return len(targets) > 0
}

// toTrunk is the way to the servers of a trunk.
func (s *Server) toTrunk(t *trunk, number string, r pbx.Request) destination {
	host, port := stack.SplitHost(t.Host)
	d := destination{uri: proto.Uri{Scheme: "sip", User: stack.Escape(number), Host: host, Port: port}, transport: t.wire(), tcpToo: true,
		login: stack.Credentials{User: t.Username, Password: t.Password}, contact: t.contact(), strict: t.Strict, waits: s.cfg.nextPlace, tried: t.tried, mayGo: t.mayGo}
	d.parties(t, number, host, r)
	places := t.places()
	if len(places) == 0 {
		return d
	}
	for _, p := range places[1:] {
		d.others = append(d.others, d.at(p))
	}
	first := d.at(places[0])
	first.others = d.others
	return first
}

// at is the same at another place.
func (d destination) at(p edge.Place) destination {
	d.transport, d.flow, d.others = p.Transport, p.At.String(), nil
	return d
}

// parties shows the caller as carriers want it: the number in From and P-Asserted-Identity; withheld, only the latter (RFC 3325 §9).
func (d *destination) parties(t *trunk, number, host string, r pbx.Request) {
	d.from = party{name: r.Name, uri: proto.Uri{Scheme: "sip", User: stack.Escape(r.Number), Host: host}}
	d.to = party{uri: proto.Uri{Scheme: "sip", User: stack.Escape(number), Host: host}}
	asserted := r.Number
	if r.From.Private || r.Number == "" {
		d.from = anonymous()
		d.headers = append(d.headers, proto.NewHeader("Privacy", "id"))
		asserted = t.CallerID
	}
	if asserted != "" {
		d.headers = append(d.headers, proto.NewHeader("P-Asserted-Identity", fmt.Sprintf("<sip:%s@%s>", stack.Escape(asserted), host)))
	}
}
