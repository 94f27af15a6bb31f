package smtpd

import (
	"crypto/tls"
	"fmt"
	"net/netip"
	"strings"
	"time"
)

// protocol is the word for Received (RFC 3848, RFC 6531).
func (s *session) protocol() string {
	if !s.line.extended {
		return "SMTP"
	}
	word := "ESMTP"
	if s.mail.utf8 {
		word = "UTF8SMTP"
	}
	if s.line.tls() != nil {
		word += "S"
	}
	if s.user != "" {
		word += "A"
	}
	return word
}

// received is our trace field (RFC 5321 section 4.4). The recipient is named only when there is one, or Bcc would show.
func (s *session) received(now time.Time) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Received: from %s ([%s])\r\n\tby %s with %s id %s", s.helo(), literal(s.ip),
		s.core.config.Hostname, s.protocol(), s.mail.id)
	if state := s.line.tls(); state != nil {
		fmt.Fprintf(&b, "\r\n\t(%s %s)", strings.ReplaceAll(tls.VersionName(state.Version), " ", ""),
			tls.CipherSuiteName(state.CipherSuite))
	}
	if len(s.mail.to) == 1 {
		fmt.Fprintf(&b, "\r\n\tfor <%s>", s.mail.to[0])
	}
	fmt.Fprintf(&b, ";\r\n\t%s\r\n", now.Format(time.RFC1123Z))
	return b.String()
}

func literal(ip netip.Addr) string {
	if ip.Is6() {
		return "IPv6:" + ip.String()
	}
	return ip.String()
}
