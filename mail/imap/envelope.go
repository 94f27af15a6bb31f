package imap

import (
	stdmime "mime"
	"strings"

	"github.com/emersion/go-message/textproto"

	"frontdesk/mail/mime"
)

// AppendEnvelope appends ENVELOPE of a message with this header (RFC 9051 section 7.5.2).
func AppendEnvelope(b []byte, h textproto.Header) []byte {
	b = append(b, '(')
	date := ""
	if t := mime.Date(h); !t.IsZero() {
		date = t.Format("Mon, 02 Jan 2006 15:04:05 -0700")
	}
	b = append(appendNString(b, date), ' ')
	b = append(appendNString(b, words(mime.Subject(h))), ' ')
	from := mime.Groups(h, "From")
	for _, field := range []struct {
		name   string
		author bool // From stands for it
	}{{"From", false}, {"Sender", true}, {"Reply-To", true}, {"To", false}, {"Cc", false}, {"Bcc", false}} {
		groups := mime.Groups(h, field.name)
		if field.author && !hasAddress(groups) {
			groups = from
		}
		b = append(appendAddresses(b, groups), ' ')
	}
	b = append(appendNString(b, angled(mime.MessageIDs(h, "In-Reply-To"))), ' ')
	ids := mime.MessageIDs(h, "Message-Id")
	b = appendNString(b, angled(ids[:min(1, len(ids))]))
	return append(b, ')')
}

// words is a text as a header has it, in ASCII (RFC 2047).
func words(s string) string { return stdmime.QEncoding.Encode("utf-8", text(s)) }

func angled(ids []string) string {
	if len(ids) == 0 {
		return ""
	}
	return "<" + text(strings.Join(ids, "> <")) + ">"
}

func hasAddress(groups []mime.Group) bool {
	for _, g := range groups {
		if g.Name != "" || len(g.People) > 0 {
			return true
		}
	}
	return false
}

// appendAddresses appends those of a field; a group stands between an address of its name without host, and an empty
// one.
func appendAddresses(b []byte, groups []mime.Group) []byte {
	from := len(b)
	b = append(b, '(')
	for _, g := range groups {
		if g.Name != "" {
			b = appendAddress(b, "", "", g.Name, "")
		}
		for _, p := range g.People {
			if at := strings.LastIndexByte(p.Address, '@'); at >= 0 {
				b = appendAddress(b, words(p.Name), p.Route, p.Address[:at], p.Address[at+1:])
			}
		}
		if g.Name != "" {
			b = appendAddress(b, "", "", "", "")
		}
	}
	if len(b) == from+1 {
		return append(b[:from], "NIL"...)
	}
	return append(b, ')')
}

func appendAddress(b []byte, name, route, local, host string) []byte {
	for i, s := range []string{name, route, local, host} {
		b = appendNString(append(b, "( "[min(i, 1)]), text(s))
	}
	return append(b, ')')
}

// text is a string that IMAP can carry: no string of it may hold NUL (RFC 9051 section 4.3).
func text(s string) string { return strings.ReplaceAll(s, "\x00", "") }
