package sip

import "strings"

// replaces names a dialog as who sends it sees us: to is our tag, from that of the peer (RFC 3891 §6.1).
type replaces struct {
	callID, to, from string
	early            bool // only while it rings
}

// parseReplaces reads the value of a Replaces header; not ok when it lacks what it must have.
func parseReplaces(value string) (r replaces, ok bool) {
	callID, params, _ := strings.Cut(value, ";")
	r.callID = strings.TrimSpace(callID)
	for p := range strings.SplitSeq(params, ";") {
		name, v, _ := strings.Cut(strings.TrimSpace(p), "=")
		switch strings.ToLower(name) {
		case "to-tag":
			r.to = v
		case "from-tag":
			r.from = v
		case "early-only":
			r.early = true
		}
	}
	return r, r.callID != "" && r.to != "" && r.from != ""
}
