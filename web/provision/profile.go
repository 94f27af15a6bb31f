// Package provision sets desk phones up: the files of settings that they fetch, each make its own, and the phone book.
//
// A phone gets a link that counts once, and with it its password. In the file stands the address that it fetches its
// settings from later, which tell no password again.
package provision

import (
	"strings"
	"unicode"

	"frontdesk/pbx/directory"
)

// Profile is what a phone is told, whatever its make.
type Profile struct {
	Name     string // of its user
	Username string
	Password string // "" leaves the one it has
	Host     string // of the registrar
	Port     string
	Over     string // udp, tcp, tls
	SRTP     directory.SRTP
	MAC      string // lower case, digits only
	File     string // the name of its file of settings
	Asks     bool   // it shall subscribe to its voice messages
	Keys     []directory.Key
	PickUp   string // the code before an extension that takes a call which rings there; "" for none
	Self     string // where it fetches its settings from then on; ends with a slash
	Book     string // its phone book
}

// plain is a text on one line, without what a line of settings can't hold.
func plain(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\r' || r == '\t':
			return ' '
		case unicode.IsControl(r) || r == unicode.ReplacementChar:
			return -1
		}
		return r
	}, s))
}

// label is what stands beside a key.
func label(k directory.Key) string {
	if k.Label == "" {
		return k.Number
	}
	return plain(k.Label)
}

func flag(b bool) string {
	if b {
		return "1"
	}
	return "0"
}

// choose is a maker's word for a transport.
func choose(over, udp, tcp, tls string) string {
	switch over {
	case "tcp":
		return tcp
	case "tls":
		return tls
	}
	return udp
}

// secured is a maker's word for how the sound is encrypted.
func secured(s directory.SRTP, off, offered, required string) string {
	switch s {
	case directory.SRTPOff:
		return off
	case directory.SRTPRequired:
		return required
	}
	return offered
}
