package sip

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	proto "github.com/emiago/sipgo/sip"

	"frontdesk/media"
	"frontdesk/pbx"
	"frontdesk/pbx/directory"
	"frontdesk/sip/dialog"
	"frontdesk/sip/stack"
	"frontdesk/sip/trunks"
)

// Dial implements pbx.Dialer for targets with a Device, a Trunk or a Node.
func (s *Server) Dial(ctx context.Context, t pbx.Target, r pbx.Request) (pbx.Leg, error) {
	switch {
	case t.Node != "":
		return s.dialNode(ctx, t, r)
	case s.draining.Load():
		return nil, fmt.Errorf("sip: draining: %w", dialog.ErrFull)
	case t.Device != "":
		return s.dialDevice(ctx, t.Device, r)
	case t.Trunk != "":
		return s.dialTrunk(ctx, t, r, nil)
	default:
		return nil, fmt.Errorf("sip: neither device nor trunk: %w", pbx.ErrNobody)
	}
}

// dialDevice rings every place where the phone is registered now.
func (s *Server) dialDevice(ctx context.Context, id string, r pbx.Request) (pbx.Leg, error) {
	device, list, err := s.dir.Reached(ctx, id, time.Now())
	if errors.Is(err, pbx.ErrNotFound) {
		return nil, pbx.ErrNobody
	}
	if err != nil {
		return nil, fmt.Errorf("sip: device and its bindings: %w", err)
	}
	codecs := media.Common(r.Codecs, s.cfg.Codecs)
	var places []destination
	for _, b := range list {
		if !s.trunks.Reachable(&b) {
			continue
		}
		if d, err := s.toPhone(device, b, r); err == nil {
			places = append(places, d)
		}
	}
	if len(places) == 0 || len(codecs) == 0 {
		return nil, pbx.ErrNobody
	}
	party := pbx.Party{Kind: pbx.Phone, User: device.User, Device: device.ID, Number: device.Username,
		Name: device.Label}
	leg, err := s.callOut(party, codecs, places, nil)
	if err != nil {
		return nil, err
	}
	return leg, nil
}

func (s *Server) toPhone(device directory.Device, b directory.Binding, r pbx.Request) (destination, error) {
	w, err := s.trunks.Along(b)
	d := destination{Way: w, browser: stack.Socketed(w.Far), hops: r.From.Hops}
	if err != nil {
		return d, err
	}
	if d.encrypt, err = s.encrypted(device.SRTP, w.Far); err != nil {
		return d, err
	}
	host, _ := s.Reached(d.Transport, d.Hop())
	d.from = stack.Party{Name: r.Name, URI: proto.Uri{Scheme: "sip", User: stack.Escape(r.Number), Host: host}}
	if r.Number == "" {
		d.from = stack.Anonymous()
	}
	d.to = stack.Party{Name: device.Label, URI: proto.Uri{Scheme: "sip", User: device.Username, Host: host}}
	d.contact = "frontdesk"
	return d, nil
}

// dialTrunk calls a number through a trunk; trace is told of each response, and may be nil.
func (s *Server) dialTrunk(ctx context.Context, t pbx.Target, r pbx.Request,
	trace func(code int, phrase string)) (pbx.Leg, error) {
	trunk, err := s.trunks.Find(ctx, t.Trunk)
	if err != nil {
		return nil, err
	}
	if trunk == nil {
		return nil, fmt.Errorf("sip: trunk %s is not active: %w", t.Trunk, pbx.ErrNobody)
	}
	codecs := media.Common(codecsNamed(trunk.Codecs), r.Codecs)
	if len(codecs) == 0 {
		return nil, fmt.Errorf("sip: trunk %s has no codec in common with the caller: %w", t.Trunk, pbx.ErrNobody)
	}
	ways, err := s.ways(ctx, trunk, t.Number, r)
	for i := range ways {
		if err == nil {
			err = ways[i].encryptFor(s, trunk)
		}
	}
	if err != nil {
		return nil, err
	}
	trunk.Calls.Add(1)
	party := pbx.Party{Kind: pbx.Outside, Trunk: trunk.ID, Number: t.Number}
	leg, err := s.callOut(party, codecs, ways, trace)
	if err != nil {
		trunk.Calls.Add(-1)
		return nil, err
	}
	s.spawn(func() { <-leg.done; trunk.Calls.Add(-1) })
	return leg, nil
}

// ways are one destination, with the others that are tried after it. Errors: pbx.ErrNobody when nobody is registered.
func (s *Server) ways(ctx context.Context, t *trunks.Trunk, number string, r pbx.Request) ([]destination, error) {
	if !t.Registers() {
		if len(t.Places()) == 0 && !s.trunks.Found(ctx, t) {
			return nil, fmt.Errorf("sip: the name %s is not known: %w", t.Server(), pbx.ErrNobody)
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

// toBound are the ways of a call to a PBX that is registered here: the number at the contact that it gave, with all its
// parameters, by which it may know us again.
func (s *Server) toBound(ctx context.Context, t *trunks.Trunk, number string,
	r pbx.Request) (all []destination, err error) {
	list, err := s.trunks.Bound(ctx, t.ID)
	if err != nil {
		return nil, fmt.Errorf("sip: bindings: %w", err)
	}
	for _, b := range list {
		w, err := s.trunks.Along(b)
		if err != nil {
			continue
		}
		d := destination{Way: w}
		d.URI.User, d.URI.Password = stack.Escape(number), ""
		host, _ := s.Reached(d.Transport, d.Hop())
		d.login, d.contact, d.strict, d.waits, d.tried = stack.Credentials{User: t.Username, Password: t.Password},
			t.Contact(), t.Strict, s.cfg.nextPlace, t.Tried
		d.parties(t, number, host, r)
		all = append(all, d)
	}
	return inRank(t, all), nil
}

// inRank has those come last that took no call lately.
func inRank(t *trunks.Trunk, all []destination) []destination {
	rank := t.Ranks()
	slices.SortStableFunc(all, func(a, b destination) int { return cmp.Compare(rank(a.Place()), rank(b.Place())) })
	return all
}

// toTrunk is the way to the servers of a trunk.
func (s *Server) toTrunk(t *trunks.Trunk, number string, r pbx.Request) destination {
	host, port := stack.SplitHost(t.Host)
	d := destination{Way: stack.Way{URI: proto.Uri{Scheme: "sip", User: stack.Escape(number), Host: host, Port: port},
		Transport: t.Wire(), Proxy: t.Proxy}, tcpToo: true,
		login: stack.Credentials{User: t.Username, Password: t.Password}, contact: t.Contact(), strict: t.Strict,
		waits: s.cfg.nextPlace, tried: t.Tried, mayGo: t.MayGo}
	d.parties(t, number, host, r)
	places := t.Places()
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

// parties shows who calls whom as the trunk wants it.
func (d *destination) parties(t *trunks.Trunk, number, host string, r pbx.Request) {
	d.from, d.headers = t.Shown(host, r)
	d.to = stack.Party{URI: proto.Uri{Scheme: "sip", User: stack.Escape(number), Host: host}}
	d.byInfo, d.hops = t.DTMF == directory.DTMFByInfo, r.From.Hops
}
