package smtpd

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/textproto"
	"os"
	"strings"
	"time"
)

// PostOptions say what Post sends.
type PostOptions struct {
	Server  string // host:port of an MX
	From    string
	To      string
	Subject string
	Text    string
	Message []byte // as it stands, in place of one of Subject and Text
	Helo    string // the name we claim; "" is this host's
	TLS     bool   // fail where STARTTLS isn't offered; otherwise it is used when offered
}

// Post delivers one mail the way another mail server does, and tells every step as it happens: what was said, and what
// the server answered. It is for trying an installation, so it believes any certificate.
func Post(ctx context.Context, o PostOptions, progress func(step string)) error {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", o.Server)
	if err != nil {
		return fmt.Errorf("no connection to %s: %w", o.Server, err)
	}
	defer context.AfterFunc(ctx, func() { conn.SetDeadline(time.Now()) })()
	p := &poster{progress: progress, conn: conn, text: textproto.NewConn(conn)}
	defer func() { p.text.Close() }()
	progress("connected to " + conn.RemoteAddr().String())
	if _, err := p.answer(220); err != nil {
		return err
	}
	return p.deliver(o)
}

type poster struct {
	progress func(string)
	conn     net.Conn
	text     *textproto.Conn
}

func (p *poster) deliver(o PostOptions) error {
	helo := o.Helo
	if helo == "" {
		helo, _ = os.Hostname()
	}
	offered, err := p.say(250, "EHLO %s", helo)
	if err != nil {
		return err
	}
	if err := p.secure(o, offered, helo); err != nil {
		return err
	}
	for _, step := range []struct {
		code int
		line string
	}{{250, "MAIL FROM:<" + o.From + ">"}, {250, "RCPT TO:<" + o.To + ">"}, {354, "DATA"}} {
		if _, err := p.say(step.code, "%s", step.line); err != nil {
			return err
		}
	}
	if err := p.content(o, helo); err != nil {
		return err
	}
	_, err = p.say(221, "QUIT")
	return err
}

func (p *poster) secure(o PostOptions, offered, helo string) error {
	if !strings.Contains(strings.ToUpper(offered), "STARTTLS") {
		if o.TLS {
			return errors.New("the server offers no STARTTLS: set a certificate for it")
		}
		return nil
	}
	if _, err := p.say(220, "STARTTLS"); err != nil {
		return err
	}
	host, _, _ := net.SplitHostPort(o.Server)
	conn := tls.Client(p.conn, &tls.Config{ServerName: host, InsecureSkipVerify: true}) // any certificate: see Post
	if err := conn.Handshake(); err != nil {
		return fmt.Errorf("TLS: %w", err)
	}
	state := conn.ConnectionState()
	p.progress(fmt.Sprintf("encrypted: %s %s", tls.VersionName(state.Version), tls.CipherSuiteName(state.CipherSuite)))
	p.text = textproto.NewConn(conn)
	_, err := p.say(250, "EHLO %s", helo)
	return err
}

// content sends the message and its final dot.
func (p *poster) content(o PostOptions, helo string) error {
	message := o.Message
	if message == nil {
		message = compose(o, helo)
	}
	p.progress(fmt.Sprintf("> a message of %d bytes", len(message)))
	w := p.text.DotWriter()
	if _, err := w.Write(message); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	_, err := p.answer(250)
	return err
}

func compose(o PostOptions, helo string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "From: <%s>\r\nTo: <%s>\r\nSubject: %s\r\nDate: %s\r\nMessage-ID: <%s@%s>\r\n", o.From, o.To,
		mime.QEncoding.Encode("utf-8", strings.Join(strings.Fields(o.Subject), " ")), time.Now().Format(time.RFC1123Z),
		strings.ToLower(rand.Text()), helo)
	b.WriteString("MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n" +
		"Content-Transfer-Encoding: quoted-printable\r\n\r\n")
	w := quotedprintable.NewWriter(&b)
	w.Write([]byte(strings.ReplaceAll(o.Text, "\r\n", "\n"))) // a bytes.Buffer takes everything
	w.Close()
	return append(b.Bytes(), "\r\n"...)
}

// say sends a line and wants an answer of that code.
func (p *poster) say(code int, format string, args ...any) (string, error) {
	line := fmt.Sprintf(format, args...)
	if strings.ContainsAny(line, "\r\n") {
		return "", fmt.Errorf("%q has a line break", line)
	}
	p.progress("> " + line)
	if err := p.text.PrintfLine("%s", line); err != nil {
		return "", err
	}
	return p.answer(code)
}

func (p *poster) answer(want int) (string, error) {
	code, text, err := p.text.ReadResponse(want)
	if err != nil && code == 0 {
		return "", fmt.Errorf("the server hung up: %w", err)
	}
	for line := range strings.Lines(text) {
		p.progress(fmt.Sprintf("< %d %s", code, strings.TrimRight(line, "\r\n")))
	}
	if err != nil {
		return "", fmt.Errorf("refused: %d %s", code, text)
	}
	return text, nil
}
