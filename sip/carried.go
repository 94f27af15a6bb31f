package sip

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	proto "github.com/emiago/sipgo/sip"

	"frontdesk/media"
	"frontdesk/pbx"
	"frontdesk/sip/edge"
	"frontdesk/sip/stack"
)

// A caller whose call belongs to another node is called on there, in his name: a signed header says who he is and what
// he dialled.

// carriedHeader holds the token. Nobody else can write one, so it may come from anywhere.
const carriedHeader = "X-Frontdesk-Caller"

// carriedFor is how long a token may be used: the call is made at once.
const carriedFor = 30 * time.Second

// carriedCaller is what the token says.
type carriedCaller struct {
	Node    string    `json:"node"` // that it is for
	Until   int64     `json:"until"`
	Party   pbx.Party `json:"party"`
	Dialled string    `json:"dialled"`
}

// dialNode calls a number on another node in the name of r.From.
func (s *Server) dialNode(_ context.Context, t pbx.Target, r pbx.Request) (pbx.Leg, error) {
	at, ok := "", false
	if s.cfg.NodeAt != nil {
		at, ok = s.cfg.NodeAt(t.Node)
	}
	transport, addr, _ := strings.Cut(at, ":")
	codecs := media.Common(r.Codecs, s.cfg.Codecs)
	if !ok || addr == "" || len(codecs) == 0 {
		return nil, fmt.Errorf("sip: node %s: %w", t.Node, pbx.ErrNobody)
	}
	payload, err := json.Marshal(carriedCaller{Node: t.Node, Until: time.Now().Add(carriedFor).Unix(), Party: r.From,
		Dialled: t.Number})
	if err != nil {
		return nil, err
	}
	host, port := stack.SplitHost(addr)
	uri := func(user string) proto.Uri {
		return proto.Uri{Scheme: "sip", User: stack.Escape(user), Host: host, Port: port}
	}
	d := destination{Way: stack.Way{URI: uri(t.Number), Transport: strings.ToUpper(transport)}, tcpToo: true,
		contact: "frontdesk",
		from:    stack.Party{Name: r.Name, URI: uri(r.Number)}, to: stack.Party{URI: uri(t.Number)},
		headers: []proto.Header{proto.NewHeader(carriedHeader, s.SealFor("caller", payload, ""))}}
	if r.Number == "" || r.From.Private {
		d.from = stack.Anonymous()
	}
	leg, err := s.callOut(pbx.Party{Kind: pbx.Outside, Number: t.Number}, codecs, []destination{d}, nil)
	if err != nil {
		return nil, err
	}
	return leg, nil
}

// carriedHere is the caller that another node of ours calls for; false when the request is an ordinary one, or the
// token is none for us.
func (s *Server) carriedHere(req *proto.Request) (caller, bool) {
	h := req.GetHeader(carriedHeader)
	if h == nil {
		return caller{}, false
	}
	payload, ok := s.OpenFor("caller", h.Value(), "")
	var c carriedCaller
	if !ok || json.Unmarshal(payload, &c) != nil || c.Node != s.cfg.Node || time.Now().Unix() > c.Until {
		s.Log.Warn("sip: a call in another's name with a token that does not count", "from", req.Source())
		return caller{}, false
	}
	s.Fellow(edge.SourceOf(req).Addr())
	return caller{party: c.Party, codecs: s.cfg.Codecs, dialled: c.Dialled}, true
}
