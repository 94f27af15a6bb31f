package imapd

import (
	stdmime "mime"
	"strings"

	"github.com/emersion/go-imap/v2"

	"frontdesk/mail/mime"
)

// envelope is ENVELOPE of a message.
func envelope(n *mime.Node) *imap.Envelope {
	m := mime.ReadHeader(n.Header)
	return &imap.Envelope{
		Date: m.Date, Subject: m.Subject, From: addresses(m.From), Sender: addresses(m.Sender), ReplyTo: addresses(m.ReplyTo), To: addresses(m.To),
		Cc: addresses(m.Cc), Bcc: addresses(mime.People(n.Header, "Bcc")), InReplyTo: m.InReplyTo, MessageID: m.MessageID,
	}
}

func addresses(list []mime.Person) (out []imap.Address) {
	for _, p := range list {
		if at := strings.LastIndexByte(p.Address, '@'); at >= 0 {
			out = append(out, imap.Address{Name: p.Name, Mailbox: p.Address[:at], Host: p.Address[at+1:]})
		}
	}
	return out
}

// structure is BODYSTRUCTURE of a message or part.
func structure(n *mime.Node) imap.BodyStructure {
	major, minor, _ := strings.Cut(n.Type, "/")
	if n.Multipart() {
		m := &imap.BodyStructureMultiPart{Subtype: minor, Extended: &imap.BodyStructureMultiPartExt{
			Params: n.Params, Disposition: disposition(n), Language: language(n), Location: n.Header.Get("Content-Location")}}
		for _, part := range n.Parts {
			m.Children = append(m.Children, structure(part))
		}
		if len(m.Children) == 0 { // the grammar wants one
			m.Children = []imap.BodyStructure{&imap.BodyStructureSinglePart{Type: "text", Subtype: "plain", Encoding: "7bit", Text: &imap.BodyStructureText{}}}
		}
		return m
	}
	p := &imap.BodyStructureSinglePart{
		Type: major, Subtype: minor, Params: n.Params, ID: n.Header.Get("Content-Id"), Description: n.Header.Get("Content-Description"), Encoding: n.Encoding, Size: uint32(n.End - n.Body),
		Extended: &imap.BodyStructureSinglePartExt{Disposition: disposition(n), Language: language(n), Location: n.Header.Get("Content-Location")},
	}
	switch {
	case major == "text":
		p.Text = &imap.BodyStructureText{NumLines: n.Lines}
	case n.Type == "message/rfc822" && len(n.Parts) == 1:
		p.MessageRFC822 = &imap.BodyStructureMessageRFC822{Envelope: envelope(n.Parts[0]), BodyStructure: structure(n.Parts[0]), NumLines: n.Lines}
	case major == "message": // not read in place: the grammar wants an envelope of message/rfc822
		p.Type, p.Subtype = "application", "octet-stream"
	}
	return p
}

func disposition(n *mime.Node) *imap.BodyStructureDisposition {
	kind, params, err := stdmime.ParseMediaType(n.Header.Get("Content-Disposition"))
	if kind == "" || err != nil {
		return nil
	}
	return &imap.BodyStructureDisposition{Value: kind, Params: params}
}

func language(n *mime.Node) (list []string) {
	for _, tag := range strings.Split(n.Header.Get("Content-Language"), ",") {
		if tag = strings.TrimSpace(tag); tag != "" {
			list = append(list, tag)
		}
	}
	return list
}
