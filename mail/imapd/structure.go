package imapd

import (
	"maps"
	stdmime "mime"
	"net/url"
	"regexp"
	"strings"

	"github.com/emersion/go-imap/v2"

	"frontdesk/mail/mime"
)

// envelope is ENVELOPE of a message. go-imap has no word for the routes of old addresses: routes, unless nil, gets what
// must be said in place of what go-imap says, in the order of the fields.
func envelope(n *mime.Node, routes *[]replacement) *imap.Envelope {
	from := mime.Groups(n.Header, "From")
	field := func(key string) []imap.Address { return addresses(mime.Groups(n.Header, key), routes) }
	author := func(key string) []imap.Address { // From stands for it (RFC 9051 section 7.5.2)
		if list := field(key); len(list) > 0 {
			return list
		}
		return addresses(from, routes)
	}
	e := &imap.Envelope{
		Date: mime.Date(n.Header), Subject: mime.Subject(n.Header), From: addresses(from, routes),
		Sender: author("Sender"), ReplyTo: author("Reply-To"), To: field("To"), Cc: field("Cc"), Bcc: field("Bcc"),
		InReplyTo: mime.MessageIDs(n.Header, "In-Reply-To"),
	}
	if ids := mime.MessageIDs(n.Header, "Message-Id"); len(ids) > 0 {
		e.MessageID = ids[0]
	}
	return e
}

// maxRouted is how long the texts of an envelope may be together for its routes to be told: it must be in the head of
// the response, also in quoted-printable.
const maxRouted = 1000

// routedEnvelope is envelope with the routes, where they can be told.
func routedEnvelope(n *mime.Node) (*imap.Envelope, []replacement) {
	var routes []replacement
	e := envelope(n, &routes)
	size := len(e.Subject)
	for _, list := range [][]imap.Address{e.From, e.Sender, e.ReplyTo, e.To, e.Cc, e.Bcc} {
		for _, a := range list {
			size += len(a.Name) + len(a.Mailbox) + len(a.Host) + len("(NIL NIL NIL NIL)")
		}
	}
	if len(routes) > 0 && size > maxRouted {
		return envelope(n, nil), nil
	}
	return e, routes
}

// addresses are those of a field; a group stands between an address of its name without host, and an empty one (RFC
// 9051 section 7.5.2).
func addresses(groups []mime.Group, routes *[]replacement) (out []imap.Address) {
	for _, g := range groups {
		if g.Name != "" {
			out = append(out, imap.Address{Mailbox: g.Name})
		}
		for _, p := range g.People {
			if at := strings.LastIndexByte(p.Address, '@'); at >= 0 {
				out = append(out, imap.Address{Name: p.Name, Mailbox: routed(p.Address[:at], p.Route, routes),
					Host: p.Address[at+1:]})
			}
		}
		if g.Name != "" {
			out = append(out, imap.Address{})
		}
	}
	return out
}

// routed is what go-imap writes as the local part of an address: the mark that is replaced, where there is a route.
func routed(local, route string, routes *[]replacement) string {
	if routes == nil || !plainText.MatchString(route) || !plainText.MatchString(local) {
		return local
	}
	mark := route + ":" + local
	*routes = append(*routes, replacement{`NIL "` + mark + `" `, `"` + route + `" "` + local + `" `})
	return mark
}

// plainText can be written in quotes as it is.
var plainText = regexp.MustCompile(`^[ !#-\[\]-~]+$`)

// structure is BODYSTRUCTURE of a message or part. go-imap's writer panics unless every multipart has a part and every
// part its extension data, and it lets a NUL pass, which no string of IMAP may hold (RFC 9051 section 4.3).
func structure(n *mime.Node) imap.BodyStructure {
	if n.Multipart() {
		return multipart(n)
	}
	return single(n)
}

func multipart(n *mime.Node) *imap.BodyStructureMultiPart {
	_, minor, _ := strings.Cut(n.Type, "/")
	m := &imap.BodyStructureMultiPart{Subtype: text(minor), Extended: &imap.BodyStructureMultiPartExt{
		Params: params(n.Params, asWord), Disposition: disposition(n), Language: language(n),
		Location: text(n.Header.Get("Content-Location"))}}
	for _, part := range n.Parts {
		m.Children = append(m.Children, structure(part))
	}
	if len(m.Children) == 0 { // the grammar wants one
		m.Children = []imap.BodyStructure{single(&mime.Node{Type: "text/plain", Encoding: "7bit"})}
	}
	return m
}

func single(n *mime.Node) *imap.BodyStructureSinglePart {
	major, minor, _ := strings.Cut(n.Type, "/")
	p := &imap.BodyStructureSinglePart{
		Type: text(major), Subtype: text(minor), Params: params(n.Params, asWord), ID: text(n.Header.Get("Content-Id")),
		Description: text(n.Header.Get("Content-Description")), Encoding: text(n.Encoding),
		Size: uint32(n.End - n.Body),
		Extended: &imap.BodyStructureSinglePartExt{Disposition: disposition(n), Language: language(n),
			Location: text(n.Header.Get("Content-Location"))},
	}
	switch {
	case major == "text":
		p.Text = &imap.BodyStructureText{NumLines: n.Lines}
	case n.Type == "message/rfc822" && len(n.Parts) == 1:
		p.MessageRFC822 = &imap.BodyStructureMessageRFC822{Envelope: envelope(n.Parts[0], nil),
			BodyStructure: structure(n.Parts[0]), NumLines: n.Lines}
	case n.Type == "message/rfc822", n.Type == "message/global": // not read in place: the grammar wants an envelope
		p.Type, p.Subtype = "application", "octet-stream"
	}
	return p
}

// text is a string that IMAP can carry.
func text(s string) string { return strings.ReplaceAll(s, "\x00", "") }

// params are the parameters as a client wants them: not as they stand in the message, but so that each can read them.
func params(list map[string]string, encode func(key, value string) (string, string)) map[string]string {
	clean := make(map[string]string, len(list))
	for key, value := range list {
		if value = text(value); strings.ContainsFunc(value, func(r rune) bool { return r >= 0x80 }) {
			key, value = encode(key, value)
		}
		clean[text(key)] = value
	}
	return clean
}

// asWord is how most programs write a name in Content-Type (RFC 2047).
func asWord(key, value string) (string, string) { return key, stdmime.BEncoding.Encode("utf-8", value) }

// asExtended is how it stands in Content-Disposition (RFC 2231 section 4).
func asExtended(key, value string) (string, string) {
	return key + "*", "utf-8''" + strings.ReplaceAll(url.QueryEscape(value), "+", "%20")
}

func disposition(n *mime.Node) *imap.BodyStructureDisposition {
	if n.Disposition == "" {
		return nil
	}
	list := maps.Clone(n.DispositionParams)
	if name := n.FileName(); name != "" && list["filename"] != "" {
		list["filename"] = name
	}
	return &imap.BodyStructureDisposition{Value: text(n.Disposition), Params: params(list, asExtended)}
}

func language(n *mime.Node) (list []string) {
	for _, tag := range strings.Split(n.Header.Get("Content-Language"), ",") {
		if tag = text(strings.TrimSpace(tag)); tag != "" {
			list = append(list, tag)
		}
	}
	return list
}
