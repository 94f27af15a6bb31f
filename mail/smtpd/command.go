package smtpd

import (
	"io"
	"regexp"
	"strings"
)

// command shows a command to go-smtp, or answers it when it is the line's, or malformed.
func (l *line) command(text string) error {
	if strings.ContainsFunc(text, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }) {
		l.answer(reply(500, status{5, 5, 2}, "Unknown command"))
		return nil
	}
	verb, arg, _ := strings.Cut(text, " ")
	switch strings.ToUpper(verb) {
	case "STARTTLS":
		return l.startTLS(arg)
	case "BDAT":
		return l.refuseChunk()
	case "EHLO":
		return l.hello(text, arg, true)
	case "HELO":
		return l.hello(text, arg, false)
	case "MAIL", "RCPT":
		return l.envelope(text)
	}
	l.rest = []byte(text + "\r\n")
	return nil
}

// refuseChunk is the answer to BDAT (RFC 3030), which we don't offer: a chunk's text would have to be checked across
// its borders, while go-smtp reads it in another goroutine. The chunk is not a command, so nothing more is read.
func (l *line) refuseChunk() error {
	l.answer(reply(502, status{5, 5, 1}, "No chunks here, use DATA"))
	return io.EOF
}

func (l *line) hello(text, name string, extended bool) error {
	if !isHostname(name) {
		l.answer(reply(501, status{5, 5, 4}, "Your host name is needed"))
		return nil
	}
	l.extended = extended
	l.rest = []byte(text + "\r\n")
	return nil
}

var (
	brackets   = regexp.MustCompile(`(?i)^(?:MAIL +FROM|RCPT +TO): *<`)
	postmaster = regexp.MustCompile(`(?i)^(RCPT +TO: *<(?:postmaster|abuse))>`)
)

// envelope wants the brackets that go-smtp doesn't insist on, and gives the only recipients that may lack a domain
// (RFC 5321 section 4.5.1) ours.
func (l *line) envelope(text string) error {
	if !brackets.MatchString(text) {
		l.answer(reply(501, status{5, 5, 4}, "An <address> is needed"))
		return nil
	}
	l.rest = []byte(postmaster.ReplaceAllString(text, "${1}@"+l.core.config.Hostname+">") + "\r\n")
	return nil
}

// startTLS carries the connection on inside TLS. go-smtp sees the end of this one and then another, so that all that
// was said before is forgotten (RFC 3207 section 4.2).
func (l *line) startTLS(arg string) error {
	switch {
	case l.tls() != nil || l.core.config.TLS == nil:
		l.answer(reply(502, status{5, 5, 1}, "Not now"))
		return nil
	case arg != "":
		l.answer(reply(501, status{5, 5, 4}, "STARTTLS has no argument"))
		return nil
	case l.in.Buffered() > 0:
		// Commands sent in the clear before the handshake would count as sent inside it (CVE-2011-0411).
		l.answer(reply(554, status{5, 5, 1}, "Nothing may follow STARTTLS before its answer"))
		return io.EOF
	}
	l.answer(reply(220, status{2, 0, 0}, "Go ahead"))
	if l.out.Flush() == nil {
		l.upgrade()
	}
	return io.EOF
}

func (l *line) upgrade() {
	secure := newLine(l.core, l.door, l.inbox, l.raw)
	secure.leave, secure.log, secure.greeted = l.leave, l.log, true
	secure.mistakes, secure.unknown = l.mistakes, l.unknown
	if secure.encrypt() == nil {
		l.closed = l.inbox.Admit(secure)
	}
}
