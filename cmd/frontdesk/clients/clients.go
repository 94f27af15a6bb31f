// Package clients is the mail server of those whom the demo company writes to.
package clients

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-message"
	gomail "github.com/emersion/go-message/mail"
	"github.com/emersion/go-smtp"

	"frontdesk/guard"
	"frontdesk/mail/mime"
	"frontdesk/mail/smtpd"
)

// Config says who is who.
type Config struct {
	Domain  string                      // where the clients have their mail
	Company string                      // whose people they answer
	Name    func(address string) string // of a client
}

// Clients are those whom the demo company writes to: its mail goes to their server as to a provider, and after a moment
// each of them answers into the company's MX. They answer people only, and nobody for ever: see answer.
type Clients struct {
	config   Config
	ids      *regexp.Regexp // Message-IDs of answers, see turnOf
	listener net.Listener
	server   *smtp.Server
	post     func(context.Context, smtpd.PostOptions) error
	often    *guard.Rates[[2]string] // answers of a client to a person
	log      func(msg string, args ...any)

	ctx     context.Context
	cancel  context.CancelFunc
	serving sync.WaitGroup
}

const (
	thinks  = 2 * time.Second // before a client answers
	maxMail = 64 << 20        // bytes of a mail that clients take
	quotes  = 4 << 10         // bytes of it that their answers carry along
	answers = 3               // in one conversation
	hourly  = 20              // answers to one person, whatever the conversations
)

// New starts their server; Close ends it.
func New(config Config, post func(context.Context, smtpd.PostOptions) error,
	log func(msg string, args ...any)) (*Clients, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("the demo clients' mail server: %w", err)
	}
	c := &Clients{config: config, ids: answerIDs(config.Domain), listener: l, post: post, log: log,
		often: guard.NewRates[[2]string](guard.Rate{Burst: hourly, Every: time.Hour / hourly}, 1000)}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	c.server = smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session,
		error) {
		return &session{clients: c}, nil
	}))
	c.server.Domain, c.server.MaxMessageBytes, c.server.MaxRecipients, c.server.EnableSMTPUTF8 = "mx."+config.Domain,
		maxMail, 100, true
	c.server.ReadTimeout, c.server.WriteTimeout = time.Minute, time.Minute
	c.serving.Go(func() { c.server.Serve(l) }) // it ends when Close closes it
	return c, nil
}

// Address of the server.
func (c *Clients) Address() string { return c.listener.Addr().String() }

// Close ends it.
func (c *Clients) Close() {
	c.cancel()
	c.server.Close()
	c.listener.Close()
	c.serving.Wait()
}

// session is one connection to the clients' mail server.
type session struct {
	clients *Clients
	from    string
	to      []string
}

// Reset forgets a mail.
func (s *session) Reset() { s.from, s.to = "", nil }

// Logout has nothing to do.
func (s *session) Logout() error { return nil }

// Mail is MAIL FROM.
func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	s.from = from
	return nil
}

// Rcpt takes mail for the demo's clients, whoever they are; nobody@ is the one who does not exist.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	local, domain, _ := strings.Cut(strings.ToLower(to), "@")
	switch {
	case domain != s.clients.config.Domain:
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 7, 1},
			Message: "mail of this demo goes to its own clients only, who are at " + s.clients.config.Domain}
	case local == "nobody":
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "there is no such mailbox"}
	}
	s.to = append(s.to, to)
	return nil
}

// Data is the message.
func (s *session) Data(r io.Reader) error {
	m, err := mime.Parse(r)
	if err != nil {
		return err
	}
	for _, client := range s.to {
		if answer, due := s.clients.answer(strings.ToLower(client), strings.ToLower(s.from), m); due {
			s.clients.serving.Go(func() { s.clients.send(answer) })
		}
	}
	return nil
}

// send hands an answer to the company after a moment.
func (c *Clients) send(o smtpd.PostOptions) {
	select {
	case <-time.After(thinks):
	case <-c.ctx.Done():
		return
	}
	ctx, cancel := context.WithTimeout(c.ctx, time.Minute)
	defer cancel()
	if err := c.post(ctx, o); err != nil && c.ctx.Err() == nil {
		c.log("a demo client's answer", "from", o.From, "to", o.To, "err", err)
	}
}

// answer is what a client writes back. None is due to a machine, to a bounce (RFC 3834 section 2), to who isn't of the
// company, as when it sends a client's mail on, and to who was answered enough.
func (c *Clients) answer(client, sender string, m *mime.Message) (o smtpd.PostOptions, due bool) {
	to := sender
	if len(m.From) > 0 {
		to = strings.ToLower(m.From[0].Address)
	}
	turn := c.turnOf(m)
	if sender == "" || m.Auto || !strings.HasSuffix(sender, "@"+c.config.Company) ||
		!strings.HasSuffix(to, "@"+c.config.Company) || turn >= answers {
		return o, false
	}
	if !c.often.Allow([2]string{client, to}) {
		return o, false
	}
	raw, err := c.writes(client, to, turn, m)
	if err != nil {
		c.log("a demo client's answer can't be written", "from", client, "to", to, "err", err)
	}
	return smtpd.PostOptions{From: client, To: to, Helo: "mx." + c.config.Domain, Message: raw}, err == nil
}

// answerIDs are Message-IDs of answers: each tells which one of its conversation it is, so that the count survives a
// restart.
func answerIDs(domain string) *regexp.Regexp {
	return regexp.MustCompile(`\.turn(\d+)@` + regexp.QuoteMeta(domain) + `$`)
}

// turnOf is how many answers of clients the mail comes after.
func (c *Clients) turnOf(m *mime.Message) (turn int) {
	for _, list := range [][]string{m.References, m.InReplyTo} {
		for _, id := range list {
			if found := c.ids.FindStringSubmatch(id); found != nil {
				n, _ := strconv.Atoi(found[1]) // too many digits are as good as none
				turn = max(turn, n)
			}
		}
	}
	return turn
}

// What a client has to say, turn by turn.
var says = [answers]string{
	"thank you for your mail, this suits us.\nWhat would the delivery cost, and when could it be here?",
	"that is fine with us. Please send the contract, we sign it this week.",
	"we have everything now. Thank you, and until soon!",
}

// writes is the answer as it goes over the wire: in the same thread (RFC 5322 section 3.6.4), with what it
// answers quoted below.
func (c *Clients) writes(client, to string, turn int, m *mime.Message) ([]byte, error) {
	var h gomail.Header
	h.SetDate(time.Now())
	h.SetMessageID(fmt.Sprintf("%s.turn%d@%s", strings.ToLower(rand.Text()), turn+1, c.config.Domain))
	h.SetAddressList("From", []*gomail.Address{{Name: c.config.Name(client), Address: client}})
	h.SetAddressList("To", []*gomail.Address{{Name: nameIn(m, to), Address: to}})
	h.SetSubject(answered(m.Subject))
	if m.MessageID != "" {
		h.SetMsgIDList("In-Reply-To", []string{m.MessageID})
		h.SetMsgIDList("References", append(m.References[max(0, len(m.References)-20):], m.MessageID))
	}
	h.Set("Mime-Version", "1.0")
	h.SetContentType("text/plain", map[string]string{"charset": "utf-8"})
	h.Set("Content-Transfer-Encoding", "quoted-printable")
	var out bytes.Buffer
	w, err := message.CreateWriter(&out, h.Header)
	if err != nil {
		return nil, err
	}
	body := fmt.Sprintf("Hello,\n\n%s\n\nKind regards\n%s\n\n%s", says[turn], c.config.Name(client), quote(m, to))
	_, err = io.WriteString(w, strings.ReplaceAll(body, "\n", "\r\n"))
	return out.Bytes(), errors.Join(err, w.Close())
}

func answered(subject string) string {
	if len(subject) >= 3 && strings.EqualFold(subject[:3], "re:") {
		return subject
	}
	return "Re: " + subject
}

func nameIn(m *mime.Message, address string) string {
	if len(m.From) > 0 && strings.EqualFold(m.From[0].Address, address) {
		return m.From[0].Name
	}
	return ""
}

func quote(m *mime.Message, from string) string {
	text := strings.TrimSpace(strings.ReplaceAll(m.Text, "\r", ""))
	text = strings.ToValidUTF8(text[:min(len(text), quotes)], "")
	return fmt.Sprintf("On %s, %s wrote:\n> %s\n", time.Now().Format("Mon, 2 Jan 2006 at 15:04"), from,
		strings.ReplaceAll(text, "\n", "\n> "))
}
