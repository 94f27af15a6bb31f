package queue

import (
	"context"
	"errors"
	"fmt"
	"net"
	"regexp"

	"github.com/mjl-/mox/dns"
	"github.com/mjl-/mox/smtp"
	"github.com/mjl-/mox/smtpclient"
	"github.com/mjl-/mox/tlsrpt"
)

// maxHosts of a domain that are tried in one attempt.
const maxHosts = 5

// viaMX tries the domain's servers in their order (RFC 5321 section 5.1) until one takes or refuses the message.
func (q *Queue) viaMX(ctx context.Context, m *message, domain string, rcpts []recipient) []outcome {
	found, err := q.destinations(ctx, domain)
	if err != nil {
		return all(rcpts, *err)
	}
	last := outcome{state: waiting, enhanced: "4.4.1", answer: "none of the domain's servers could be tried"}
	for _, pref := range found.hosts[:min(len(found.hosts), maxHosts)] {
		t, err := q.target(ctx, found, pref.Host)
		if dns.IsNotFound(err) && !found.mx {
			return all(rcpts, outcome{state: failed, enhanced: "5.1.2",
				answer: "there is no such mail domain: " + domain})
		}
		if err != nil {
			last = unreached(target{host: pref.Host}, err)
			continue
		}
		outcomes, err := q.hand(ctx, t, m, rcpts)
		if err == nil {
			return outcomes
		}
		last = unreached(t, err)
	}
	return all(rcpts, last)
}

// cryptographic is the code of what TLS, or who asks for it, prevented (RFC 3463 section 3.8).
const cryptographic = "4.7.5"

// unreached is the outcome when a server could not be brought to hear the message.
func unreached(t target, err error) outcome {
	o := outcome{state: waiting, enhanced: "4.4.1", answer: err.Error(), remote: t.host.String()}
	var e smtpclient.Error
	if errors.As(err, &e) && e.Code != 0 {
		o.code, o.answer, o.enhanced = e.Code, whole(e), enhancedCode(400, detail(e)) // it may take it another time
	}
	if errors.Is(err, errPolicy) {
		o.enhanced = cryptographic
	}
	if errors.Is(err, smtpclient.ErrTLS) {
		o.enhanced, o.answer = cryptographic, "TLS as it is required there did not come about: "+o.answer
	}
	return o
}

// hand gives the message to one server. Its error means that another may be tried: nothing was decided.
func (q *Queue) hand(ctx context.Context, t target, m *message, rcpts []recipient) ([]outcome, error) {
	client, conn, err := q.connect(ctx, t)
	q.connected(t, m)
	if errors.Is(err, smtpclient.ErrTLS) && t.tls == smtpclient.TLSOpportunistic {
		// Broken TLS must not be worse than none (RFC 7435).
		q.log.Info("TLS failed, sending in the clear", "msg", m.id, "remote", t.host.String(), "err", err)
		t.tls = smtpclient.TLSSkip
		client, conn, err = q.connect(ctx, t)
	}
	if err != nil {
		return nil, err
	}
	return q.say(ctx, client, conn, t.host.String(), m, rcpts)
}

// connected passes on how a connection was encrypted. What nobody sent, as reports, is not reported of: two servers
// could tell each other about it for ever.
func (q *Queue) connected(t target, m *message) {
	if q.config.Connected == nil || m.sender == "" {
		return
	}
	for _, r := range []*tlsrpt.Result{t.opts.RecipientDomainResult, t.opts.HostResult} {
		if r != nil {
			q.config.Connected(*r)
		}
	}
}

// say gives the message to the server at the other end of a connection.
func (q *Queue) say(ctx context.Context, client *smtpclient.Client, conn net.Conn, host string, m *message,
	rcpts []recipient) ([]outcome, error) {
	defer client.Close()
	content, err := q.blobs.Open(ctx, m.blob)
	if err != nil {
		return nil, err
	}
	defer content.Close()
	s, err := q.speak(ctx, client, m, rcpts, content)
	if err != nil {
		return nil, err
	}
	for i := range s.refused {
		s.refused[i].remote = host
	}
	if len(s.rcpts) == 0 {
		return s.refused, nil
	}
	proven := &proof{content: s.content, prove: func() error { return q.prove(ctx, m) }, conn: conn}
	defer context.AfterFunc(ctx, proven.end)()
	answers, err := client.DeliverMultiple(ctx, s.sender, s.addresses, s.size, proven, s.eightbit, s.utf8, false)
	return append(results(host, s.rcpts, answers, err), s.refused...), nil
}

func (q *Queue) connect(ctx context.Context, t target) (*smtpclient.Client, net.Conn, error) {
	if t.dialer == nil {
		t.dialer = &net.Dialer{}
	}
	conn, _, err := smtpclient.Dial(ctx, q.log, t.dialer, t.host, t.ips, t.port, map[string][]net.IP{}, nil)
	if err != nil {
		return nil, nil, err
	}
	ours, err := dns.ParseDomain(q.config.Hostname)
	if err == nil {
		var client *smtpclient.Client
		client, err = smtpclient.New(ctx, q.log, conn, t.tls, t.verify, ours, t.host.Domain, t.opts)
		if err == nil {
			return client, conn, nil
		}
	}
	conn.Close()
	return nil, nil, err
}

// results translates a server's answers. One that concerns the whole message holds for those who got none of their own.
func results(host string, rcpts []recipient, answers []smtpclient.Response, err error) []outcome {
	outcomes := make([]outcome, len(rcpts))
	for i, r := range rcpts {
		var own smtpclient.Error
		if i < len(answers) {
			own = smtpclient.Error(answers[i])
		}
		switch {
		case own.Code/100 == 2 && err == nil:
			outcomes[i] = outcome{state: sent, code: own.Code, enhanced: "2.0.0", answer: whole(own)}
		case own.Code >= 400:
			outcomes[i] = refusal(own)
		default:
			outcomes[i] = refusal(err)
		}
		outcomes[i].rcpt, outcomes[i].remote = r, host
	}
	return outcomes
}

// refusal is the outcome of an error: final only when the server said so.
func refusal(err error) outcome {
	o := outcome{state: waiting, enhanced: "4.4.2", answer: "no answer"}
	var e smtpclient.Error
	switch {
	case errors.As(err, &e):
		if e.Permanent {
			o.state = failed
		}
		o.code, o.answer, o.enhanced = e.Code, whole(e), enhancedCode(e.Code, detail(e))
		if e.Line == "" && e.Err != nil {
			o.answer = e.Err.Error()
		}
	case err != nil:
		o.answer = err.Error()
	}
	if o.code == smtp.C552MailboxFull {
		o.state = waiting // for historic reasons 552 is a 452 (RFC 5321 section 4.5.3.1.10)
	}
	return o
}

// maxAnswer is how much of a server's answer is kept, in bytes.
const maxAnswer = 4000

// whole is an answer with all its lines, as they came but for the codes that each repeats.
func whole(e smtpclient.Error) string {
	answer := e.Line
	for _, line := range e.MoreLines {
		answer += "\n" + repeated.ReplaceAllString(line, "")
	}
	return answer[:min(len(answer), maxAnswer)]
}

var repeated = regexp.MustCompile(`^\d{3}([ -]|$)([245]\.\d{1,3}\.\d{1,3} )?`)

// detail is the end of the enhanced code in an answer, also of a server that gives some without having announced them.
func detail(e smtpclient.Error) string {
	if found := coded.FindStringSubmatch(e.Line); e.Secode == "" && found != nil {
		return found[1]
	}
	return e.Secode
}

var coded = regexp.MustCompile(`^\d{3}[ -][245]\.(\d{1,3}\.\d{1,3})(?: |$)`)

// enhancedCode is the code of a server that gave one, or a general one.
func enhancedCode(code int, rest string) string {
	if rest == "" {
		rest = "0.0"
	}
	class := max(code/100, 4)
	return fmt.Sprintf("%d.%s", min(class, 5), rest)
}
