package rtp

import (
	"slices"
	"strings"
)

// Web is what a description says of sound as browsers have it: who signs the checks that find the way (ICE, RFC 8839),
// and whose certificate the handshake shows (DTLS-SRTP, RFC 5763).
type Web struct {
	ufrag, pwd string
	print      string // SHA-256 of its certificate, as fingerprint writes it
	setup      string // who begins the handshake (RFC 4145 §4)
	mid        string // name of the medium (RFC 5888)
	bundled    bool   // the name is in a group of those that share a way (RFC 9143)
	mux        bool   // RTCP comes on the port of RTP (RFC 5761)
}

// meetable tells whether we can meet who wrote it: it takes our half of everything.
func (w *Web) meetable() bool {
	return w.ufrag != "" && w.pwd != "" && w.print != "" && w.mux && w.setup != "passive"
}

// attribute reads one line; false for one that is about something else.
func (w *Web) attribute(name, value string) bool {
	switch name {
	case "ice-ufrag":
		w.ufrag = value
	case "ice-pwd":
		w.pwd = value
	case "fingerprint":
		if hash, print, _ := strings.Cut(value, " "); strings.EqualFold(hash, "sha-256") {
			w.print = strings.ToUpper(strings.TrimSpace(print))
		}
	case "setup":
		w.setup = value
	case "mid":
		w.mid = value
	case "rtcp-mux":
		w.mux = true
	default:
		return false
	}
	return true
}

// inherit takes from the session what the medium does not say itself.
func (w *Web) inherit(session Web, bundle []string) {
	if w.ufrag == "" {
		w.ufrag, w.pwd = session.ufrag, session.pwd
	}
	if w.print == "" {
		w.print = session.print
	}
	if w.setup == "" {
		w.setup = session.setup
	}
	w.bundled = w.mid != "" && slices.Contains(bundle, w.mid)
}
