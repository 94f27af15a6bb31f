package desk

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"frontdesk/mail"
)

// Errors of Unsubscribe.
var (
	ErrNoList    = errors.New("this mail says no way to leave its list that can be gone for you")
	ErrListSilly = errors.New("the sender's server did not take it: try again later, or open the sender's page")
)

// unsubscribeTime is how long a list's server may take.
const unsubscribeTime = 15 * time.Second

// Unsubscribe leaves the list that a message of the user's came by: by one click (RFC 8058), else by a mail from the
// mailbox that it came to. Only a list that is who it says is told: to others it would say that somebody reads here.
func (d *Desk) Unsubscribe(ctx context.Context, user, id string) error {
	m, err := d.box.Message(ctx, user, id, false)
	if err != nil {
		return err
	}
	switch {
	case !m.Verdict.Verified || m.Verdict.Junk:
		return ErrNoList
	case m.Leave.Post != "":
		return d.click(ctx, m.Leave.Post)
	case m.Leave.Mail != "":
		return d.writeOff(ctx, user, m)
	}
	return ErrNoList
}

// click posts what RFC 8058 section 3.1 asks for: without cookies, log-ins or anything else that tells who we are, and
// goes nowhere else from there.
func (d *Desk) click(ctx context.Context, address string) error {
	ctx, cancel := context.WithTimeout(ctx, unsubscribeTime)
	defer cancel()
	form := url.Values{"List-Unsubscribe": {"One-Click"}}.Encode()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(form))
	if err != nil {
		return ErrNoList
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("User-Agent", d.config.Agent)
	client := http.Client{
		Transport: &http.Transport{DialContext: d.config.Egress.Dialer(false).DialContext, DisableKeepAlives: true,
			TLSClientConfig: &tls.Config{RootCAs: d.config.Roots}},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	answer, err := client.Do(r)
	if err != nil {
		d.log.Info("leave a list", "host", r.URL.Host, "err", err)
		return ErrListSilly
	}
	defer answer.Body.Close()
	io.CopyN(io.Discard, answer.Body, 64<<10)
	if answer.StatusCode >= 400 {
		d.log.Info("leave a list", "host", r.URL.Host, "status", answer.StatusCode)
		return ErrListSilly
	}
	return nil
}

func (d *Desk) writeOff(ctx context.Context, user string, m mail.Message) error {
	box, err := d.box.Mailbox(ctx, m.Mailbox)
	if err != nil {
		return err
	}
	subject := cmp.Or(m.Leave.Subject, "unsubscribe")
	_, err = d.queue.SubmitDraft(ctx, user, mail.Draft{From: box.Address, To: []string{m.Leave.Mail}, Subject: subject,
		Text: cmp.Or(m.Leave.Body, subject)})
	if err != nil {
		return fmt.Errorf("leave a list by mail: %w", err)
	}
	return nil
}
