package smtpd

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"frontdesk/store"
)

// command dispatches a verb. The answers to those not known say so without repeating what a stranger wrote.
func (s *session) command(verb, arg string) reply {
	switch verb {
	case "EHLO":
		return s.ehlo(arg, true)
	case "HELO":
		return s.ehlo(arg, false)
	case "STARTTLS":
		return s.starttls(arg)
	case "AUTH":
		return s.auth(arg)
	case "MAIL":
		return s.mailFrom(arg)
	case "RCPT":
		return s.rcptTo(arg)
	case "DATA":
		return s.data(arg)
	case "BDAT":
		return s.bdat(arg)
	case "RSET":
		s.mail.drop()
		return answer(250, "2.0.0", "Forgotten")
	case "NOOP":
		return answer(250, "2.0.0", "Still here")
	case "VRFY":
		return answer(252, "2.5.0", "Send it and see")
	case "HELP":
		return answer(214, "2.0.0", "See RFC 5321")
	case "EXPN":
		return answer(502, "5.5.1", "Not here")
	case "QUIT":
		return answer(221, "2.0.0", "Goodbye").closing()
	}
	return answer(500, "5.5.2", "Unknown command")
}

// ehlo also resets a transaction (RFC 5321 section 4.1.4).
func (s *session) ehlo(arg string, extended bool) reply {
	name, err := parseHelo(arg)
	if err != nil {
		return answer(501, "5.5.4", "Your host name is needed")
	}
	s.mail.drop()
	s.helo, s.extended = name, extended
	if !extended {
		return reply{code: 250, text: s.server.config.Hostname}
	}
	lines := []string{s.server.config.Hostname + " greets you", "PIPELINING", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES", "CHUNKING"}
	if limit := s.server.config.Limits.MessageBytes; limit > 0 {
		lines = append(lines, fmt.Sprintf("SIZE %d", limit))
	}
	switch secure := s.tls() != nil; {
	case !secure && s.server.config.TLS != nil:
		lines = append(lines, "STARTTLS")
	case secure && s.door.gate.logins() && s.user == "":
		lines = append(lines, "AUTH PLAIN LOGIN")
	}
	last := len(lines) - 1
	for _, line := range lines[:last] {
		fmt.Fprintf(s.w, "250-%s\r\n", line)
	}
	return reply{code: 250, text: lines[last]}
}

func (s *session) starttls(arg string) reply {
	switch {
	case s.tls() != nil || s.server.config.TLS == nil:
		return answer(502, "5.5.1", "Not now")
	case arg != "":
		return answer(501, "5.5.4", "STARTTLS has no argument")
	case s.r.Buffered() > 0:
		// Commands sent in the clear before the handshake would count as sent inside it (CVE-2011-0411).
		return answer(554, "5.5.1", "Nothing may follow STARTTLS before its answer").closing()
	}
	return answer(220, "2.0.0", "Go ahead")
}

func (s *session) mailFrom(arg string) reply {
	rest, ok := cutFold(arg, "FROM:")
	switch {
	case s.helo == "":
		return answer(503, "5.5.1", "Say EHLO first")
	case s.mail.open:
		return answer(503, "5.5.1", "One mail at a time")
	case s.door.gate.logins() && s.tls() == nil:
		return answer(530, "5.7.0", "STARTTLS first")
	case s.door.gate.logins() && s.user == "":
		return answer(530, "5.7.0", "Log in first")
	case !ok:
		return answer(501, "5.5.4", "MAIL FROM:<address> is needed")
	}
	from, err := parsePath(rest)
	if err != nil || from.address == "postmaster" {
		return badPath(err)
	}
	if r := s.mailParams(from.params); !r.ok() {
		return r
	}
	if !s.mail.utf8 && !ascii(from.address) {
		return answer(553, "5.6.7", "SMTPUTF8 is needed for that address")
	}
	if !s.server.guard.mail(s.ip) {
		s.server.metrics.refused.WithLabelValues("rate").Inc()
		return answer(450, "4.7.1", "Too much mail from your address, slow down")
	}
	r := s.door.gate.sender(s.server.ctx, s, from.address)
	if r.ok() {
		s.mail.open, s.mail.id, s.mail.from = true, store.NewID(), from.address
	}
	return r
}

func badPath(err error) reply {
	switch {
	case errors.Is(err, errParams):
		return answer(501, "5.5.4", "Malformed parameters")
	case errors.Is(err, errAddress):
		return answer(553, "5.1.7", "That is not a mail address")
	}
	return answer(501, "5.5.4", "An <address> is needed")
}

// mailParams takes the parameters of MAIL FROM (RFC 1870, 6152, 6531, 4954).
func (s *session) mailParams(params map[string]string) reply {
	s.mail = transaction{}
	for name, value := range params {
		var r reply
		switch name {
		case "SIZE":
			r = s.announced(value)
		case "BODY":
			r = known(value, "7BIT", "8BITMIME")
		case "SMTPUTF8":
			s.mail.utf8 = true
		case "AUTH": // who first submitted it: of no use to us
		default:
			r = answer(555, "5.5.4", "Unknown parameter")
		}
		if !r.ok() {
			return r
		}
	}
	return reply{}
}

func (s *session) announced(value string) reply {
	size, err := parseSize(value)
	if err != nil {
		return answer(501, "5.5.4", "SIZE is a number")
	}
	if limit := s.server.config.Limits.MessageBytes; limit > 0 && size > limit {
		return answer(552, "5.3.4", "At most %d bytes", limit)
	}
	s.mail.size = size
	return reply{}
}

func known(value string, allowed ...string) reply {
	for _, a := range allowed {
		if strings.EqualFold(value, a) {
			return reply{}
		}
	}
	return answer(501, "5.5.4", "Unknown value")
}

func (s *session) rcptTo(arg string) reply {
	rest, ok := cutFold(arg, "TO:")
	switch limit := s.server.config.Limits.Recipients; {
	case !s.mail.open || s.mail.chunks != nil:
		return answer(503, "5.5.1", "MAIL FROM first")
	case !ok:
		return answer(501, "5.5.4", "RCPT TO:<address> is needed")
	case limit > 0 && len(s.mail.to) >= limit:
		return answer(452, "4.5.3", "At most %d recipients at a time", limit)
	}
	to, err := parsePath(rest)
	switch {
	case err != nil || to.address == "":
		return badPath(err)
	case len(to.params) > 0:
		return answer(555, "5.5.4", "Unknown parameter")
	case !s.mail.utf8 && !ascii(to.address):
		return answer(553, "5.6.7", "SMTPUTF8 is needed for that address")
	case to.address == "postmaster":
		to.address += "@" + s.server.config.Hostname
	}
	r := s.door.gate.recipient(s.server.ctx, s, to.address)
	if r.ok() {
		s.mail.to = append(s.mail.to, to.address)
	} else if r.code == 550 {
		s.unknown++
	}
	return r
}

func (s *session) data(arg string) reply {
	switch {
	case arg != "":
		return answer(501, "5.5.4", "DATA has no argument")
	case !s.mail.open || s.mail.chunks != nil:
		return answer(503, "5.5.1", "MAIL FROM first")
	case len(s.mail.to) == 0:
		return answer(554, "5.5.1", "No valid recipients")
	}
	defer s.mail.drop()
	defer s.receive()()
	if err := s.write(reply{code: 354, text: "Go on, end with a dot"}); err != nil {
		return answer(421, "4.4.2", "Connection lost").closing()
	}
	if err := s.w.Flush(); err != nil {
		return answer(421, "4.4.2", "Connection lost").closing()
	}
	message := new(spool)
	defer message.Close()
	if err := copyData(message, s.r, s.sizeLimit()); err != nil {
		return s.refuse(err)
	}
	return s.accept(message)
}

func (s *session) sizeLimit() int64 {
	if limit := s.server.config.Limits.MessageBytes; limit > 0 {
		return limit
	}
	return 1 << 40
}

// receive gives the transfer its time and keeps Close from interrupting it.
func (s *session) receive() (done func()) {
	s.raw.busy.Store(true)
	s.raw.limit(time.Now().Add(s.server.config.Transfer))
	return func() {
		s.raw.limit(time.Time{})
		s.raw.busy.Store(false)
	}
}

// refuse answers a message that could not be read. After those that are no longer in step it hangs up.
func (s *session) refuse(err error) reply {
	s.server.metrics.refused.WithLabelValues("data").Inc()
	s.log.Info("message refused", "msg", s.mail.id, "from", s.mail.from, "err", err)
	switch {
	case errors.Is(err, errTooLarge):
		return answer(552, "5.3.4", "At most %d bytes", s.sizeLimit())
	case errors.Is(err, errBareLineEnd):
		return answer(550, "5.5.2", "Lines must end in CR LF, and nothing else may").closing()
	case errors.Is(err, errNUL), errors.Is(err, errLongLine):
		return answer(550, "5.6.0", "Not a mail: %v", err).closing()
	case errors.Is(err, errFlood):
		return answer(552, "5.3.4", "Far too large").closing()
	}
	return answer(451, "4.3.0", "The message could not be received, please try again").closing()
}

func (s *session) accept(message *spool) reply {
	began := time.Now()
	r := s.door.gate.accept(s.server.ctx, s, message)
	s.server.metrics.message(s.door.name, r.code, time.Since(began))
	return r
}

// chunks is a message that arrives by BDAT (RFC 3030).
type chunks struct {
	message spool
	text    chunkChecker
	err     error // of an earlier chunk
}

func (s *session) bdat(arg string) reply {
	sizeText, last, _ := strings.Cut(strings.TrimSpace(arg), " ")
	size, err := parseSize(sizeText + "")
	if sizeText == "" || err != nil || last != "" && !strings.EqualFold(last, "LAST") {
		return answer(501, "5.5.4", "BDAT size [LAST] is needed").closing() // the chunk that follows has no known end
	}
	if !s.mail.open || len(s.mail.to) == 0 {
		return s.skip(size, answer(503, "5.5.1", "RCPT TO first"))
	}
	defer s.receive()()
	if s.mail.chunks == nil {
		s.mail.chunks = &chunks{}
		s.mail.chunks.text.w = &s.mail.chunks.message
	}
	c := s.mail.chunks
	if c.message.size+size > s.sizeLimit() {
		s.mail.drop()
		return s.skip(size, answer(552, "5.3.4", "At most %d bytes", s.sizeLimit()))
	}
	if _, err := io.CopyN(&c.text, s.r, size); err != nil {
		defer s.mail.drop()
		return s.refuse(err).closing()
	}
	if last == "" {
		return answer(250, "2.0.0", "%d bytes", size)
	}
	return s.bdatLast(c)
}

func (s *session) bdatLast(c *chunks) reply {
	defer s.mail.drop()
	if err := c.text.end(); err != nil {
		return s.refuse(err)
	}
	return s.accept(&c.message)
}

// skip reads over a chunk that isn't wanted, so that what follows is commands again.
func (s *session) skip(size int64, r reply) reply {
	if size > 4*s.sizeLimit() {
		return r.closing()
	}
	defer s.receive()()
	if _, err := io.CopyN(io.Discard, s.r, size); err != nil {
		return r.closing()
	}
	return r
}

// drop ends a transaction.
func (t *transaction) drop() {
	if t.chunks != nil {
		t.chunks.message.Close()
	}
	*t = transaction{}
}

func cutFold(text, prefix string) (string, bool) {
	if len(text) < len(prefix) || !strings.EqualFold(text[:len(prefix)], prefix) {
		return "", false
	}
	return text[len(prefix):], true
}

func ascii(text string) bool {
	return !bytes.ContainsFunc([]byte(text), func(r rune) bool { return r >= 0x80 })
}
