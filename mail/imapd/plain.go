package imapd

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"
)

const (
	handshakeTimeout = 20 * time.Second
	plainTimeout     = time.Minute // from the connection to TLS
	plainCommands    = 20
	plainLine        = 1000 // bytes
)

func (s *core) implicitTLS(c net.Conn) (*conn, error) {
	return s.handshake(c, false)
}

func (s *core) handshake(c net.Conn, greeted bool) (*conn, error) {
	ctx, cancel := context.WithTimeout(s.ctx, handshakeTimeout)
	defer cancel()
	secure := tls.Server(c, s.tls)
	if err := secure.HandshakeContext(ctx); err != nil {
		return nil, fmt.Errorf("TLS: %w", err)
	}
	return newConn(secure, s.metrics.desynced, greeted), nil
}

// startTLS speaks IMAP until the client asks for TLS: nothing secret is said before.
func (s *core) startTLS(c net.Conn) (*conn, error) {
	c.SetDeadline(time.Now().Add(plainTimeout))
	d := &plainDialogue{in: bufio.NewReaderSize(io.LimitReader(c, plainCommands*plainLine), plainLine), out: c}
	d.say("* OK [CAPABILITY %s] IMAP server ready", plainCapabilities)
	for range plainCommands {
		begin, err := d.command()
		if err != nil {
			return nil, err
		}
		if !begin {
			continue
		}
		if d.in.Buffered() > 0 { // commands injected before TLS (RFC 8314, CVE-2011-0411)
			return nil, errors.New("data between STARTTLS and the handshake")
		}
		c.SetDeadline(time.Time{})
		return s.handshake(c, true)
	}
	d.say("* BYE too many commands before STARTTLS")
	return nil, errors.New("too many commands before STARTTLS")
}

const plainCapabilities = "IMAP4rev1 IMAP4rev2 ID STARTTLS LOGINDISABLED"

// plainDialogue is the conversation in the clear.
type plainDialogue struct {
	in  *bufio.Reader
	out io.Writer
}

func (d *plainDialogue) say(format string, args ...any) {
	fmt.Fprintf(d.out, format+"\r\n", args...) // an error comes back with the next read
}

// command answers one; begin is true when TLS is to begin.
func (d *plainDialogue) command() (begin bool, err error) {
	raw, err := d.in.ReadSlice('\n')
	if err != nil {
		return false, err
	}
	line := strings.TrimRight(string(raw), "\r\n")
	tag, rest, _ := strings.Cut(line, " ")
	verb, args, _ := strings.Cut(rest, " ")
	if !isTag(tag) || strings.HasSuffix(line, "+}") {
		d.say("* BYE syntax error")
		return false, fmt.Errorf("syntax error before STARTTLS")
	}
	if strings.EqualFold(verb, "ID") {
		_, err := io.WriteString(d.out, identify(tag, args))
		return false, err
	}
	return d.answer(tag, strings.ToUpper(verb))
}

func (d *plainDialogue) answer(tag, verb string) (begin bool, err error) {
	switch verb {
	case "STARTTLS":
		d.say("%s OK Begin TLS negotiation now", tag)
		return true, nil
	case "CAPABILITY":
		d.say("* CAPABILITY %s", plainCapabilities)
		d.say("%s OK CAPABILITY completed", tag)
	case "NOOP":
		d.say("%s OK NOOP completed", tag)
	case "LOGOUT":
		d.say("* BYE Logging out")
		d.say("%s OK LOGOUT completed", tag)
		return false, io.EOF
	case "LOGIN", "AUTHENTICATE":
		d.say("%s NO [PRIVACYREQUIRED] Use STARTTLS first", tag)
	default: // HTTP and other protocols end here
		d.say("%s BAD Unknown command", tag)
		d.say("* BYE Unknown command")
		return false, fmt.Errorf("unknown command before STARTTLS")
	}
	return false, nil
}
