package trunks

import (
	"fmt"
	"net/netip"
	"strings"

	proto "github.com/emiago/sipgo/sip"

	"frontdesk/pbx/directory"
	"frontdesk/sip/stack"
)

// Reachable tells whether there is a way to a phone or PBX: over a flow of our own, which needs no Path then, or by
// others that live.
func (ts *Trunks) Reachable(b *directory.Binding) bool {
	if f, own := ts.ownFlow(*b); own {
		if !ts.Alive(f) {
			ts.Dead(f)
			return false
		}
		b.Path = nil
		return true
	}
	return ts.cfg.Alive == nil || !throughNode(*b) || ts.cfg.Alive(b.Node)
}

// Along is the way to where a phone or PBX is registered: over its flow, or by the routes in its Path. The host in its
// Contact is never asked for.
func (ts *Trunks) Along(b directory.Binding) (d stack.Way, err error) {
	if err = proto.ParseUri(b.Contact, &d.URI); err != nil {
		return d, err
	}
	transport, flow, _ := strings.Cut(b.Received, ":")
	d.Far, d.Flow, d.Sound = strings.ToUpper(transport), flow, flow
	d.Transport = d.Far
	for _, p := range b.Path {
		uri, err := Route(p)
		if err != nil {
			return d, err
		}
		d.Routes = append(d.Routes, uri)
	}
	if len(d.Routes) > 0 { // who stands there knows the phone's transport
		d.Transport = strings.ToUpper(d.Routes[0].UriParams.GetOr("transport", "UDP"))
		if next, err := netip.ParseAddr(strings.Trim(d.Routes[0].Host, "[]")); err == nil {
			ts.Fellow(next.Unmap())
		}
	}
	return d, nil
}

// ownFlow is the flow in a binding that was made at this node.
func (ts *Trunks) ownFlow(b directory.Binding) (f stack.Flow, own bool) {
	if len(b.Path) != 1 {
		return f, false
	}
	uri, err := Route(b.Path[0])
	if err != nil {
		return f, false
	}
	return ts.FlowIn(uri)
}

// throughNode tells whether a phone is reached through the node that it registered at, and not through a proxy.
func throughNode(b directory.Binding) bool {
	if len(b.Path) != 1 {
		return false
	}
	uri, err := Route(b.Path[0])
	return err == nil && stack.ThroughNode(uri)
}

// Route reads one value of a Path.
func Route(path string) (uri proto.Uri, err error) {
	_, err = proto.ParseAddressValue(path, &uri, &proto.HeaderParams{})
	if err == nil && (uri.Scheme != "sip" || uri.Host == "") {
		err = fmt.Errorf("path %q is no SIP URI", path)
	}
	return uri, err
}
