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

// lampTag is both tags of the dialogs that lamps are told of. They name a call, not somebody's leg of it: whoever takes
// one by INVITE with Replaces is asked by the exchange whether he may.
const lampTag = "lamp"

// lampSuffix ends their Call-IDs, so that none is taken for that of a real dialog.
const lampSuffix = "@lamp.invalid"

// Lamp is the dialog by which lamps know a call: as Replaces names it, either way round.
func Lamp(call string) Replaces {
	return Replaces{CallID: call + lampSuffix, To: lampTag, From: lampTag}
}

// Call is the call of a lamp's dialog; not ok: it is another dialog.
func (r Replaces) Call() (id string, ok bool) {
	id, ok = strings.CutSuffix(r.CallID, lampSuffix)
	return id, ok && id != "" && r.To == lampTag && r.From == lampTag
}
