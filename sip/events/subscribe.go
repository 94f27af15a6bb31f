package events

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	proto "github.com/emiago/sipgo/sip"

	"frontdesk/pbx"
	"frontdesk/pbx/directory"
	"frontdesk/sip/dialog"
	"frontdesk/sip/edge"
	"frontdesk/sip/stack"
)

// Subscribe serves SUBSCRIBE (RFC 6665 §4.2.1), which begins a subscription, refreshes it or ends it. Only registered
// phones are told anything.
func (n *Notifier) Subscribe(ctx context.Context, req *proto.Request, tx *proto.ServerTx) {
	who, ok := n.registrar.Authenticate(ctx, req, tx)
	if !ok {
		return
	}
	if who.IsTrunk() {
		n.Refuse(req, tx, edge.Refusal{Code: 403, Phrase: "Forbidden"})
		return
	}
	order, r, bad := n.read(req)
	if bad {
		n.Refuse(req, tx, r)
		return
	}
	if !n.Initial(req) {
		n.refresh(req, tx, who.Device, order)
		return
	}
	if err := n.begin(ctx, req, tx, who.Device, order); err != nil {
		n.Log.Error("sip: subscription refused", "err", err)
		n.TryAnother(req, tx)
	}
}

// order is what a SUBSCRIBE asks for.
type order struct {
	kind    kind
	id      string        // of the Event header
	expires time.Duration // 0: it ends, or is told once
}

func (n *Notifier) read(req *proto.Request) (o order, r edge.Refusal, bad bool) {
	event := stack.Joined(req, "Event")
	name, params, _ := strings.Cut(event, ";")
	k, known := kinds()[strings.ToLower(strings.TrimSpace(name))]
	if !known {
		return o, edge.Refusal{Code: 489, Phrase: "Bad Event",
			Headers: []proto.Header{proto.NewHeader("Allow-Events", Allowed)}}, true
	}
	for p := range strings.SplitSeq(params, ";") {
		if v, ok := strings.CutPrefix(strings.TrimSpace(p), "id="); ok {
			o.id = v
		}
	}
	if accept := stack.Joined(req, "Accept"); accept != "" && !accepts(accept, k.contentType) {
		return o, edge.Refusal{Code: 406, Phrase: "Not Acceptable",
			Headers: []proto.Header{proto.NewHeader("Accept", k.contentType)}}, true
	}
	if req.Contact() == nil {
		return o, edge.Refusal{Code: 400, Phrase: "Contact Is Missing"}, true
	}
	o.kind = k
	var given bool
	if o.expires, given = stack.Expiry(stack.Joined(req, "Expires")); !given {
		o.expires = n.cfg.MaxExpires
	}
	o.expires = min(o.expires, n.cfg.MaxExpires)
	if o.expires > 0 && o.expires < n.cfg.MinExpires {
		brief := proto.NewHeader("Min-Expires", strconv.Itoa(int(n.cfg.MinExpires/time.Second)))
		return o, edge.Refusal{Code: 423, Phrase: "Interval Too Brief", Headers: []proto.Header{brief}}, true
	}
	return o, r, false
}

// accepts tells whether an Accept header lets a type through; its parameters don't matter here.
func accepts(accept, contentType string) bool {
	for v := range strings.SplitSeq(accept, ",") {
		v, _, _ = strings.Cut(v, ";")
		switch v = strings.ToLower(strings.TrimSpace(v)); {
		case v == contentType, v == "*/*", v == "application/*":
			return true
		}
	}
	return false
}

// begin starts a subscription: the answer comes first, then a NOTIFY with how it stands (§4.2.1.2).
func (n *Notifier) begin(ctx context.Context, req *proto.Request, tx *proto.ServerTx, d directory.Device,
	o order) error {
	places, err := n.dir.Bindings(ctx, d.ID, time.Now())
	if err != nil {
		return err
	}
	if len(places) == 0 { // it has signed off, or not registered yet
		n.Refuse(req, tx, edge.Refusal{Code: 480, Phrase: "Temporarily Unavailable",
			Headers: []proto.Header{proto.NewHeader("Retry-After", "5")}})
		return nil
	}
	resource := edge.Dialled(req.Recipient)
	at, err := n.find(ctx, d, o.kind.event, resource)
	if errors.Is(err, pbx.ErrNotFound) {
		n.Refuse(req, tx, edge.Refusal{Code: 404, Phrase: "Not Found"})
		return nil
	}
	if err != nil {
		return err
	}
	s := &subscription{stack: n.Stack, cfg: n.cfg, left: n.table.leave, device: d, event: o.kind.event, id: o.id,
		resource: resource, at: at, from: n.Origin(req), dialog: dialog.FromRequest(req, edge.ToTag(req)),
		key: dialog.Key(string(*req.CallID()), edge.ToTag(req))}
	s.body = func(ctx context.Context) ([]byte, error) { return o.kind.body(ctx, n, s) }
	displaced, ok := n.table.enter(s)
	if !ok {
		n.Refuse(req, tx, edge.Refusal{Code: 403, Phrase: "Too Many Subscriptions"})
		return nil
	}
	if displaced != nil {
		displaced.forget()
	}
	n.grant(req, tx, s, o.expires)
	return nil
}

// refresh prolongs a subscription, or ends it.
func (n *Notifier) refresh(req *proto.Request, tx *proto.ServerTx, d directory.Device, o order) {
	s := n.table.find(dialog.Key(string(*req.CallID()), edge.ToTag(req)))
	if s == nil || s.device.ID != d.ID || s.event != o.kind.event || s.id != o.id {
		n.TurnAway(req, tx, edge.UnknownDialog())
		return
	}
	if !s.follows(req) {
		n.Respond(req, tx, 500, "CSeq Out Of Order")
		return
	}
	n.grant(req, tx, s, o.expires)
}

// grant answers with the time that a subscription has, and tells how it stands.
func (n *Notifier) grant(req *proto.Request, tx *proto.ServerTx, s *subscription, expires time.Duration) {
	n.Respond(req, tx, 200, "OK", proto.NewHeader("Expires", strconv.Itoa(int(expires/time.Second))),
		n.Contact(req.Recipient.Scheme, "", req.Transport(), req.Source()))
	if expires == 0 {
		s.end("timeout")
		return
	}
	s.lasts(expires)
	s.poke()
}

// find tells what a phone watches: its own user's messages, or whose extension or phone it names, or a slot, which is
// named as one dials to take the call out of it. pbx.ErrNotFound.
func (n *Notifier) find(ctx context.Context, d directory.Device, e event, resource string) (watched, error) {
	if e.own {
		return watched{user: d.User}, nil
	}
	plan, err := n.dir.Plan(ctx)
	if err != nil {
		return watched{}, err
	}
	if user := plan.UserOf(resource); user != "" {
		return watched{user: user}, nil
	}
	if slot, ok := plan.SlotOf(resource); ok {
		return watched{slot: slot}, nil
	}
	other, err := n.dir.Digest(ctx, strings.ToLower(resource))
	return watched{user: other.User}, err
}
