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
	Asks     bool   // it shall subscribe to its voice messages
	Keys     []directory.Key
	PickUp   string // the code before an extension that takes a call which rings there; "" for none
	Self     string // where it fetches its settings from then on; ends with a slash
	Book     string // its phone book
}

// maker is how the phones of one make are told.
type maker struct {
	file    func(mac string) string // that it asks for
	kind    string                  // Content-Type
	whole   bool                    // its link names the file
	forgets bool                    // it keeps nothing that its file leaves out, so each fetch brings a new password
	write   func(Profile) []byte
	book    func([]Entry) []byte
}

// makers are those whose phones can be set up, by the names of directory.Makes.
func makers() map[string]maker {
	const text, xml = "text/plain; charset=utf-8", "application/xml; charset=utf-8"
	return map[string]maker{
		"yealink": {file: func(mac string) string { return mac + ".cfg" }, kind: text, write: yealink, book: bookOfYealink},
		"snom":    {file: func(mac string) string { return "snom-" + mac + ".xml" }, kind: xml, whole: true, write: snom, book: bookOfSnom},
		"grandstream": {file: func(mac string) string { return "cfg" + mac + ".xml" }, kind: xml, write: grandstream,
			book: bookOfGrandstream},
		"fanvil":   {file: func(mac string) string { return mac + ".cfg" }, kind: xml, write: fanvil, book: bookOfYealink},
		"cisco":    {file: func(mac string) string { return mac + ".xml" }, kind: xml, whole: true, write: cisco, book: bookOfCisco},
		"poly":     {file: func(mac string) string { return mac + "-settings.cfg" }, kind: xml, forgets: true, write: poly, book: bookOfPoly},
		"linphone": {file: func(string) string { return "linphone.xml" }, kind: xml, whole: true, write: linphone, book: bookOfYealink},
	}
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
