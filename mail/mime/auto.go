package mime

import (
	"strings"

	"github.com/emersion/go-message/textproto"
)

// IsAuto tells by its header whether a machine sent the message: such a one is never answered and never makes a lead.
// RFC 3834 section 2, RFC 2369, RFC 3464 and RFC 8098, and what Exchange and old list servers write.
func IsAuto(h textproto.Header) bool {
	submitted := word(h.Get("Auto-Submitted"))
	reported := strings.HasPrefix(word(h.Get("Content-Type")), "multipart/report")
	returned := h.Has("Return-Path") && strings.TrimSpace(h.Get("Return-Path")) == "<>"
	if submitted != "" && submitted != "no" || reported || returned {
		return true
	}
	switch word(h.Get("Precedence")) {
	case "bulk", "junk", "list", "auto_reply":
		return true
	}
	for _, key := range []string{"List-Id", "List-Unsubscribe", "X-Auto-Response-Suppress", "X-Autoreply", "X-Autorespond"} {
		if h.Has(key) {
			return true
		}
	}
	return false
}

// word is the first word of a value, before parameters and comments, in lower case.
func word(value string) string {
	word, _, _ := strings.Cut(strings.TrimSpace(value), ";")
	fields := strings.Fields(word)
	if len(fields) == 0 {
		return ""
	}
	return strings.ToLower(fields[0])
}
