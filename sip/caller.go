package sip

import (
	"slices"
	"strings"

	proto "github.com/emiago/sipgo/sip"

	"frontdesk/media"
	"frontdesk/pbx"
	"frontdesk/pbx/directory"
	"frontdesk/sip/edge"
	"frontdesk/sip/lines"
	"frontdesk/sip/rtp"
	"frontdesk/sip/stack"
)

// caller is who an INVITE is from.
type caller struct {
	party   pbx.Party
	codecs  []media.Codec
	dialled string
	srtp    directory.SRTP
	encrypt rtp.Encryption
	trunk   *lines.Trunk // whose calls this one is counted among
}

func (c caller) release() {
	if c.trunk != nil {
		c.trunk.Calls.Add(-1)
	}
}

// callerFrom counts a call of a trunk in.
func callerFrom(t *lines.Trunk, req *proto.Request) caller {
	t.Calls.Add(1)
	return caller{party: callerOf(t.ID, req), srtp: t.SRTP, codecs: codecsNamed(t.Codecs), dialled: t.Dialled(req), trunk: t}
}

// callerOf is who the trunk says calls: P-Asserted-Identity (RFC 3325) before From, unless the caller wants privacy.
func callerOf(trunk string, req *proto.Request) pbx.Party {
	p := pbx.Party{Kind: pbx.Line, Trunk: trunk, Number: edge.Dialled(req.From().Address), Name: edge.NameOf(req)}
	for _, h := range req.GetHeaders("P-Asserted-Identity") {
		var uri proto.Uri
		name, err := proto.ParseAddressValue(h.Value(), &uri, &proto.HeaderParams{})
		if number := edge.Dialled(uri); err == nil && number != "" {
			p.Number, p.Name = number, edge.DisplayName(name)
			break
		}
	}
	privacy := strings.ToLower(stack.Joined(req, "Privacy"))
	p.Private = strings.Contains(privacy, "id") || strings.Contains(privacy, "user") ||
		strings.Contains(privacy, "header")
	if p.Private || nobody(p.Number) || strings.HasSuffix(req.From().Address.Host, "anonymous.invalid") {
		p.Number, p.Name, p.Private = "", "", true
	}
	return p
}

// nobody tells a word that carriers send in place of a withheld number.
func nobody(number string) bool {
	return slices.Contains([]string{"anonymous", "restricted", "unavailable", "unknown"}, strings.ToLower(number))
}

// codecsNamed are those of a trunk's list that we can negotiate.
func codecsNamed(names []string) (list []media.Codec) {
	for _, n := range names {
		for _, c := range []media.Codec{media.PCMA(), media.PCMU(), media.G722()} {
			if strings.EqualFold(c.Name, n) {
				list = append(list, c)
			}
		}
	}
	return list
}
