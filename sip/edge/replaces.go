package edge

import "strings"

// Replaces names a dialog as who sends it sees us: To is our tag, From that of the peer (RFC 3891 §6.1).
type Replaces struct {
	CallID, To, From string
	Early            bool // only while it rings
}

// ParseReplaces reads the value of a Replaces header; not ok when it lacks what it must have.
func ParseReplaces(value string) (r Replaces, ok bool) {
	callID, params, _ := strings.Cut(value, ";")
	r.CallID = strings.TrimSpace(callID)
	for p := range strings.SplitSeq(params, ";") {
		name, v, _ := strings.Cut(strings.TrimSpace(p), "=")
		switch strings.ToLower(name) {
		case "to-tag":
			r.To = v
		case "from-tag":
			r.From = v
		case "early-only":
			r.Early = true
		}
	}
	return r, r.CallID != "" && r.To != "" && r.From != ""
}
