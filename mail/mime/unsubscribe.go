package mime

import (
	"net/url"
	"strings"

	"github.com/emersion/go-message/textproto"
)

// Leave is how a reader leaves the list that a message came by (RFC 2369 section 3.2).
type Leave struct {
	Post string // https address that takes one click (RFC 8058); "" without
	Link string // page to open
	Mail string // address to write to
	Subject,
	Body string // of that mail
}

// maxLeave is how long an address may be.
const maxLeave = 2000

// LeaveOf reads how to leave. An address counts for one click only where List-Unsubscribe-Post says so.
func LeaveOf(h textproto.Header) (l Leave) {
	post := strings.EqualFold(strings.ReplaceAll(h.Get("List-Unsubscribe-Post"), " ", ""), "List-Unsubscribe=One-Click")
	for piece := range strings.SplitSeq(h.Get("List-Unsubscribe"), "<") {
		text, _, closed := strings.Cut(piece, ">")
		u, err := url.Parse(strings.Join(strings.Fields(text), ""))
		if !closed || err != nil || len(text) > maxLeave {
			continue
		}
		switch u.Scheme {
		case "https":
			if post && l.Post == "" && u.Host != "" {
				l.Post = u.String()
			}
			fallthrough
		case "http":
			if l.Link == "" && u.Host != "" {
				l.Link = u.String()
			}
		case "mailto":
			address, err := url.PathUnescape(u.Opaque)
			if lower, _, bad := SplitAddress(address); err == nil && bad == nil && l.Mail == "" {
				l.Mail, l.Subject, l.Body = lower, u.Query().Get("subject"), u.Query().Get("body")
			}
		}
	}
	return l
}
