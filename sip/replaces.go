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

// matching finds the leg of a dialog at this node (RFC 3891 §3) and calls one of its functions: found from that leg's
// goroutine. A dialog that another node has is not found.
func (c *core) matching(r replaces, found func(*Leg), none func()) {
	l := c.find(dialogKey(r.callID, r.to))
	if l == nil || !l.box.post(func() {
		if l.finished || l.dialog == nil || l.dialog.remote.Tag != r.from {
			none()
			return
		}
		found(l)
	}) {
		none()
	}
}
