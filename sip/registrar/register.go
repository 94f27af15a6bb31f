package registrar

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	proto "github.com/emiago/sipgo/sip"

	"frontdesk/pbx/directory"
	"frontdesk/pbx/input"
	"frontdesk/sip/edge"
	"frontdesk/sip/stack"
	"frontdesk/sip/trunks"
)

// Register serves REGISTER (RFC 3261 §10.3); ok: it was granted.
func (s *Registrar) Register(ctx context.Context, req *proto.Request, tx *proto.ServerTx) (who Account, ok bool) {
	who, ok = s.Authenticate(ctx, req, tx)
	if !ok {
		return who, false
	}
	if user := strings.ToLower(edge.Unescape(req.To().Address.User)); user != who.username() {
		s.Respond(req, tx, 403, "Forbidden")
		return who, false
	}
	now := time.Now()
	s.Guard.Trust(s.Origin(req).At.Addr(), now.Add(s.cfg.MaxExpires))
	order, r, bad := s.registration(req, who, now)
	if bad {
		s.Refuse(req, tx, r)
		return who, false
	}
	after, err := s.apply(ctx, order, now)
	if err != nil {
		s.registerFailed(req, tx, err)
		return who, false
	}
	headers := append(bindingHeaders(after, now), proto.NewHeader("Supported", "path"))
	if s.Forwarded(req) {
		for _, p := range pathOf(req) { // RFC 3327 §5.3
			headers = append(headers, proto.NewHeader("Path", p))
		}
	}
	s.Respond(req, tx, 200, "OK", headers...)
	s.trunks.Moved(order.Trunk)
	return who, true
}

// SignsOff tells a REGISTER that only takes contacts away.
func SignsOff(req *proto.Request) bool {
	if stack.Joined(req, "Expires") == "0" {
		return true
	}
	c := req.Contact()
	return c != nil && c.Params.GetOr("expires", "") == "0"
}

func (s *Registrar) apply(ctx context.Context, order directory.Registration,
	now time.Time) ([]directory.Binding, error) {
	if len(order.Add) == 0 && len(order.Remove) == 0 && !order.All { // a query
		if order.Trunk != "" {
			return s.dir.TrunkBindings(ctx, order.Trunk, now)
		}
		return s.dir.Bindings(ctx, order.Device, now)
	}
	return s.dir.Register(ctx, order, now)
}

func (s *Registrar) registerFailed(req *proto.Request, tx *proto.ServerTx, err error) {
	var invalid *input.Invalid
	switch {
	case errors.Is(err, directory.ErrNotFound): // the password has just been changed, or the account taken away
		s.Respond(req, tx, 403, "Forbidden")
	case errors.Is(err, directory.ErrOutOfOrder):
		s.Respond(req, tx, 500, "CSeq Out Of Order")
	case errors.As(err, &invalid):
		s.Respond(req, tx, 403, "Too Many Contacts")
	default:
		s.Log.Error("sip: registration not saved", "err", err)
		s.TryAnother(req, tx)
	}
}

// registration reads what a REGISTER wants.
func (s *Registrar) registration(req *proto.Request, who Account,
	now time.Time) (directory.Registration, edge.Refusal, bool) {
	order := directory.Registration{Device: who.Device.ID, Trunk: who.Trunk.ID, Login: who.login(),
		CallID: string(*req.CallID()), CSeq: req.CSeq().SeqNo}
	contacts := req.GetHeaders("Contact")
	if len(contacts) > s.cfg.MaxBindings {
		return order, edge.Refusal{Code: 403, Phrase: "Too Many Contacts"}, true
	}
	for _, h := range contacts {
		c, ok := h.(*proto.ContactHeader)
		if !ok {
			return order, edge.Refusal{Code: 400, Phrase: "Malformed Contact"}, true
		}
		if c.Address.Wildcard {
			if len(contacts) > 1 || stack.Joined(req, "Expires") != "0" { // §10.3 step 6
				return order, edge.Refusal{Code: 400, Phrase: "Contact * Needs Expires 0"}, true
			}
			order.All = true
			return order, edge.Refusal{}, false
		}
		if r, bad := s.bind(&order, req, c, now); bad {
			return order, r, true
		}
	}
	return order, edge.Refusal{}, false
}

// bind adds one contact to the order, or its removal.
func (s *Registrar) bind(order *directory.Registration, req *proto.Request, c *proto.ContactHeader,
	now time.Time) (edge.Refusal, bool) {
	if c.Address.Scheme != "sip" && c.Address.Scheme != "sips" || c.Address.Host == "" {
		return edge.Refusal{Code: 400, Phrase: "Contact Is No SIP URI"}, true
	}
	uri := c.Address.String()
	expires, ok := stack.Expiry(c.Params.GetOr("expires", stack.Joined(req, "Expires")))
	if !ok {
		expires = s.cfg.MaxExpires
	}
	switch {
	case expires == 0:
		order.Remove = append(order.Remove, uri)
		return edge.Refusal{}, false
	case expires < s.cfg.MinExpires:
		brief := proto.NewHeader("Min-Expires", strconv.Itoa(int(s.cfg.MinExpires/time.Second)))
		return edge.Refusal{Code: 423, Phrase: "Interval Too Brief", Headers: []proto.Header{brief}}, true
	}
	b := directory.Binding{Contact: uri, Received: s.Origin(req).String(), Path: pathOf(req), CallID: order.CallID,
		CSeq: order.CSeq, Node: s.cfg.Node, Agent: stack.Cut(stack.Joined(req, "User-Agent"), 100),
		Expires: now.Add(min(expires, s.cfg.MaxExpires))}
	if r, bad := checkPath(b.Path); bad {
		return r, true
	}
	switch {
	case !s.Forwarded(req):
		b.Path = s.ownPath(req)
	case len(b.Path) == 0: // only the proxy knows the way to the phone
		b.Received = edge.PlaceOf(req).String()
	}
	order.Add = append(order.Add, b)
	return edge.Refusal{}, false
}

// maxPath is through how many proxies a phone may be reached.
const maxPath = 10

func checkPath(path []string) (edge.Refusal, bool) {
	if len(path) > maxPath {
		return edge.Refusal{Code: 400, Phrase: "Path Is Too Long"}, true
	}
	for _, p := range path {
		if _, err := trunks.Route(p); err != nil {
			return edge.Refusal{Code: 400, Phrase: "Malformed Path"}, true
		}
	}
	return edge.Refusal{}, false
}

// ownPath is the way to a phone that registers straight at this node: over the flow that its REGISTER came by.
func (s *Registrar) ownPath(req *proto.Request) []string {
	route, ok := s.FlowBy(req)
	if !ok {
		return nil
	}
	return []string{"<" + route.String() + ">"}
}

// Lost takes away the registration of a phone that closed its connection.
func (s *Registrar) Lost(ctx context.Context, at edge.Place) {
	if err := s.dir.UnbindAt(ctx, at.String()); err != nil {
		s.Log.Warn("sip: registration of a lost phone not removed", "at", at, "err", err)
	}
}

// pathOf is the way back to a phone, the nearest proxy first (RFC 3327).
func pathOf(req *proto.Request) (path []string) {
	for _, h := range req.GetHeaders("Path") {
		path = append(path, stack.Values(h.Value())...)
	}
	return path
}

func bindingHeaders(list []directory.Binding, now time.Time) (hs []proto.Header) {
	for _, b := range list {
		left := int(b.Expires.Sub(now).Round(time.Second) / time.Second)
		hs = append(hs, proto.NewHeader("Contact", fmt.Sprintf("<%s>;expires=%d", b.Contact, left)))
	}
	return append(hs, proto.NewHeader("Date", now.UTC().Format("Mon, 02 Jan 2006 15:04:05 GMT")))
}
