package trunks

import (
	"fmt"
	"slices"
	"strings"

	proto "github.com/emiago/sipgo/sip"

	"frontdesk/pbx"
	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/directory"
	"frontdesk/sip/edge"
	"frontdesk/sip/stack"
)

// Shown is how a call of ours tells the trunk who calls. Withheld, the number stands only where the carrier itself
// reads it (RFC 3325 §9).
func (t *Trunk) Shown(host string, r pbx.Request) (from stack.Party, headers []proto.Header) {
	uri := func(user string) proto.Uri { return proto.Uri{Scheme: "sip", User: stack.Escape(user), Host: host} }
	from = stack.Party{Name: r.Name, URI: uri(r.Number)}
	if t.Shows == directory.ByAccount && t.Username != "" {
		from.URI = uri(t.Username)
	}
	private, asserted := r.From.Private || r.Number == "", r.Number
	if private {
		from, asserted = stack.Anonymous(), t.CallerID
		headers = append(headers, proto.NewHeader("Privacy", "id"))
	}
	if asserted == "" {
		return from, headers
	}
	of := fmt.Sprintf("<%s>", ptr(uri(asserted)))
	switch t.Shows {
	case directory.ByFrom:
	case directory.ByRPID:
		privacy := "off"
		if private {
			privacy = "full"
		}
		headers = append(headers, proto.NewHeader("Remote-Party-ID", of+";party=calling;screen=yes;privacy="+privacy))
	default:
		headers = append(headers, proto.NewHeader("P-Asserted-Identity", of))
	}
	return from, headers
}

func ptr(u proto.Uri) *proto.Uri { return &u }

// Caller is who the trunk says calls: what it asserts before From, unless the caller wants privacy.
func (t *Trunk) Caller(req *proto.Request) pbx.Party {
	p := pbx.Party{Kind: pbx.Outside, Trunk: t.ID, Number: edge.Dialled(req.From().Address), Name: edge.NameOf(req)}
	hidden := false
	for _, h := range req.GetHeaders(t.asserts()) {
		var uri proto.Uri
		params := proto.HeaderParams{}
		name, err := proto.ParseAddressValue(h.Value(), &uri, &params)
		if number := edge.Dialled(uri); err == nil && number != "" {
			p.Number, p.Name = number, edge.DisplayName(name)
			hidden = strings.EqualFold(params.GetOr("privacy", ""), "full")
			break
		}
	}
	privacy := strings.ToLower(stack.Joined(req, "Privacy"))
	p.Private = hidden || strings.Contains(privacy, "id") || strings.Contains(privacy, "user") ||
		strings.Contains(privacy, "header")
	p.Verified = t.verified(req, p.Number)
	if p.Private || nobody(p.Number) || strings.HasSuffix(req.From().Address.Host, "anonymous.invalid") {
		p.Number, p.Name, p.Private = "", "", true
	}
	return p
}

// verified is the carrier's word on a number, of a trunk whose word is believed: verstat, a parameter of the number in
// what it asserts, else in From where that is the same number (3GPP TS 24.229 §7.2A.20, ATIS-1000074 §5.3).
func (t *Trunk) verified(req *proto.Request, number string) dialplan.Verified {
	if !t.Verifies {
		return ""
	}
	from := req.From()
	all := []told{{from.Address, from.Params}}
	for _, h := range req.GetHeaders(t.asserts()) {
		var one told
		if _, err := proto.ParseAddressValue(h.Value(), &one.uri, &one.params); err == nil {
			all = append([]told{one}, all...)
		}
	}
	for _, one := range all {
		switch said, says := one.verstat(); {
		case edge.Dialled(one.uri) != number || !says:
		case strings.HasPrefix(said, "tn-validation-passed"): // -A, -B and -C say how well it is known
			return dialplan.Passed
		case strings.HasPrefix(said, "tn-validation-failed"):
			return dialplan.Forged
		default:
			return dialplan.Unverified
		}
	}
	return dialplan.Unverified
}

// told is an address as a header has it.
type told struct {
	uri    proto.Uri
	params proto.HeaderParams
}

// verstat of the number, in small letters. In a SIP URI it stands where a tel URI has it, in the user part; some
// carriers put it behind.
func (a told) verstat() (value string, says bool) {
	user := a.uri.User
	if a.uri.Scheme == "tel" {
		user = a.uri.Raw()
	}
	_, ofNumber, _ := strings.Cut(user, ";")
	for param := range strings.SplitSeq(ofNumber, ";") {
		if name, value, _ := strings.Cut(param, "="); strings.EqualFold(name, "verstat") {
			return strings.ToLower(value), true
		}
	}
	for _, all := range []proto.HeaderParams{a.uri.UriParams, a.params} {
		if value, says = all.Get("verstat"); says {
			return strings.ToLower(value), true
		}
	}
	return "", false
}

// asserts is the header that tells who calls; none, where From does.
func (t *Trunk) asserts() string {
	switch t.Believed() {
	case directory.ByRPID:
		return "Remote-Party-ID"
	case directory.ByFrom:
		return ""
	default:
		return "P-Asserted-Identity"
	}
}

// nobody tells a word that carriers send in place of a withheld number.
func nobody(number string) bool {
	return slices.Contains([]string{"anonymous", "restricted", "unavailable", "unknown"}, strings.ToLower(number))
}
