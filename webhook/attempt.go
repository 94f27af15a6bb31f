package webhook

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"

	"frontdesk/guard"
)

const (
	maxAnswer = 500      // bytes that are kept of an answer
	maxRead   = 64 << 10 // and read of it, for the connection to be used again
)

// client speaks to receivers: directly, without a proxy of the environment, and follows no redirect.
func (c Config) client(plain bool) *http.Client {
	transport := &http.Transport{
		DialContext:         c.Egress.Dialer(plain).DialContext,
		TLSClientConfig:     &tls.Config{RootCAs: c.Roots, MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout: c.Timeout, MaxIdleConnsPerHost: atOnce, MaxIdleConns: 100,
		IdleConnTimeout: 30 * time.Second, MaxResponseHeaderBytes: 64 << 10, ForceAttemptHTTP2: true,
	}
	return &http.Client{Transport: transport, Timeout: c.Timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// outcome of an attempt.
type outcome struct {
	status  int
	trouble Trouble // "": it arrived
	answer  string
	took    int64 // milliseconds
}

// attempt sends a delivery once.
func (w *Webhooks) attempt(ctx context.Context, h Webhook, d Delivery) (o outcome) {
	began := time.Now()
	defer func() {
		o.took = time.Since(began).Milliseconds()
		result := string(o.trouble)
		if result == "" {
			result = string(Delivered)
		}
		w.metrics.attempts.WithLabelValues(result).Inc()
	}()
	request, err := w.request(ctx, h, d, began)
	if err != nil {
		return outcome{trouble: Other, answer: err.Error()}
	}
	client := w.secure
	if request.URL.Scheme == "http" {
		client = w.plain
	}
	response, err := client.Do(request)
	if err != nil {
		return outcome{trouble: troubleOf(err), answer: reason(err)}
	}
	defer response.Body.Close()
	return read(response)
}

// request is signed as Standard Webhooks says.
func (w *Webhooks) request(ctx context.Context, h Webhook, d Delivery, now time.Time) (*http.Request, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, h.URL, strings.NewReader(d.body))
	if err != nil {
		return nil, err
	}
	at := strconv.FormatInt(now.Unix(), 10)
	signature, err := sign(h.secret, d.ID+"."+at+"."+d.body)
	if err != nil {
		return nil, err
	}
	r.Header = http.Header{"Content-Type": {"application/json"}, "User-Agent": {w.config.Agent}, "Webhook-Id": {d.ID},
		"Webhook-Timestamp": {at}, "Webhook-Signature": {signature}}
	return r, nil
}

func read(r *http.Response) outcome {
	head, _ := io.ReadAll(io.LimitReader(r.Body, maxAnswer)) // what came of it is enough
	io.Copy(io.Discard, io.LimitReader(r.Body, maxRead))
	o := outcome{status: r.StatusCode, answer: strings.ToValidUTF8(string(head), "")}
	switch r.StatusCode / 100 {
	case 2:
	case 3:
		o.trouble, o.answer = Redirect, r.Header.Get("Location")
		o.answer = o.answer[:min(len(o.answer), maxAnswer)]
	default:
		o.trouble = Status
	}
	return o
}

// troubleOf tells what an error means for who has to mend it.
func troubleOf(err error) Trouble {
	var forbidden *guard.Forbidden
	var name *net.DNSError
	var certificate *tls.CertificateVerificationError
	var timeout net.Error
	switch {
	case errors.As(err, &forbidden) && forbidden.Plain:
		return Plain
	case errors.As(err, &forbidden):
		return Private
	case errors.As(err, &certificate):
		return Certificate
	case errors.As(err, &name) && !name.IsTimeout:
		return Name
	case errors.Is(err, syscall.ECONNREFUSED):
		return Refused
	case errors.As(err, &timeout) && timeout.Timeout():
		return Timeout
	}
	return Other
}

// reason is an error without the method and address that every error of a client begins with.
func reason(err error) string {
	var of *url.Error
	if errors.As(err, &of) {
		err = of.Err
	}
	text := err.Error()
	return text[:min(len(text), maxAnswer)]
}
