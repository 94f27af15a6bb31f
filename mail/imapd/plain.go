package imapd

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"frontdesk/mail/imap"
)

const (
	handshakeTimeout = 20 * time.Second
	plainTimeout     = time.Minute // from the connection to TLS
	plainCommands    = 20
	plainLine        = 1000 // bytes of each, on average
)

func (s *core) implicitTLS(c net.Conn) (secure net.Conn, greet bool, err error) {
	secure, err = s.handshake(c)
	return secure, true, err
}

func (s *core) handshake(c net.Conn) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(s.ctx, handshakeTimeout)
	defer cancel()
	secure := tls.Server(c, s.tls)
	if err := secure.HandshakeContext(ctx); err != nil {
		return nil, fmt.Errorf("TLS: %w", err)
	}
	return secure, nil
}

// startTLS speaks IMAP until the client asks for TLS: nothing secret is said before.
func (s *core) startTLS(c net.Conn) (secure net.Conn, greet bool, err error) {
	c.SetDeadline(time.Now().Add(plainTimeout))
	d := newPlain(c)
	d.out.Status("*", &imap.Status{Type: "OK", Code: "CAPABILITY " + plainCapabilities, Text: "IMAP server ready"})
	for range plainCommands {
		if err := d.out.Flush(); err != nil {
			return nil, false, err
		}
		begin, err := d.command()
		if err != nil {
			d.out.Flush()
			return nil, false, err
		}
		if !begin {
			continue
		}
		if d.in.Buffered() > 0 { // commands injected before TLS (RFC 8314, CVE-2011-0411)
			return nil, false, errors.New("data between STARTTLS and the handshake")
		}
		c.SetDeadline(time.Time{})
		secure, err = s.handshake(c)
		return secure, false, err
	}
	d.out.Status("*", &imap.Status{Type: "BYE", Text: "Too many commands before STARTTLS"})
	d.out.Flush()
	return nil, false, errors.New("too many commands before STARTTLS")
}

const plainCapabilities = "IMAP4rev1 IMAP4rev2 ID STARTTLS LOGINDISABLED"

// plainDialogue is the conversation in the clear.
type plainDialogue struct {
	in  *imap.Reader
	out *imap.Writer
}

func newPlain(c net.Conn) *plainDialogue {
	out := imap.NewWriter(c)
	return &plainDialogue{in: imap.NewReader(io.LimitReader(c, plainCommands*plainLine), out), out: out}
}

// command answers one; begin is true when TLS is to begin.
func (d *plainDialogue) command() (begin bool, err error) {
	c, err := d.in.Next()
	if err != nil {
		return false, err
	}
	told := c.Bad
	if told == nil {
		told, begin = d.answer(c)
	}
	d.out.Status(c.Tag, told)
	switch {
	case told.Type == "BAD": // HTTP and other protocols end here
		d.out.Status("*", &imap.Status{Type: "BYE", Text: "Not IMAP"})
		return false, errors.New("unknown command before STARTTLS")
	case c.Name == "LOGOUT":
		return false, io.EOF
	}
	return begin, d.out.Flush()
}

func (d *plainDialogue) answer(c *imap.Command) (told *imap.Status, begin bool) {
	switch c.Name {
	case "STARTTLS":
		return &imap.Status{Type: "OK", Text: "Begin TLS negotiation now"}, true
	case "CAPABILITY":
		d.out.Text("* CAPABILITY " + plainCapabilities).End()
	case "NOOP":
	case "ID":
		if err := identify(d.out, c.Args); err != nil {
			return imap.No("CANNOT", "Can't read this ID"), false
		}
	case "LOGOUT":
		d.out.Status("*", &imap.Status{Type: "BYE", Text: "Logging out"})
	case "LOGIN", "AUTHENTICATE":
		return imap.No("PRIVACYREQUIRED", "Use STARTTLS first"), false
	default:
		return imap.Bad("Unknown command"), false
	}
	return &imap.Status{Type: "OK", Text: c.Name + " completed"}, false
}
