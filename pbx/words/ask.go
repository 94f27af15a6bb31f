package words

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"time"

	"frontdesk/guard"
	"frontdesk/media/audio"
)

const (
	maxAnswer  = 1 << 20 // bytes
	maxTrouble = 300     // bytes that are shown of a refusal
	maxLine    = 4000    // bytes of what is said at once
)

// client asks models: directly, without a proxy of the environment, and follows no redirect.
func (c Config) client(plain bool) *http.Client {
	transport := &http.Transport{
		DialContext: c.Egress.Dialer(plain).DialContext, TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12},
		TLSHandshakeTimeout: 10 * time.Second, MaxIdleConnsPerHost: 2, IdleConnTimeout: 30 * time.Second,
		MaxResponseHeaderBytes: 64 << 10, ForceAttemptHTTP2: true,
	}
	return &http.Client{Transport: transport, Timeout: c.Wait,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// Refused is an answer that is no success.
type Refused struct {
	Status int
	Text   string // the beginning of what the server says
}

func (e *Refused) Error() string {
	return strings.TrimSpace(fmt.Sprintf("the server answers %d %s: %s", e.Status, http.StatusText(e.Status), e.Text))
}

// hopeless: the same question gets the same answer, whatever an administrator changes.
func hopeless(err error) bool {
	var refused *Refused
	return errors.As(err, &refused) && (refused.Status == http.StatusBadRequest ||
		refused.Status == http.StatusRequestEntityTooLarge || refused.Status == http.StatusUnsupportedMediaType ||
		refused.Status == http.StatusUnprocessableEntity)
}

// ask sends a question to a model, and reads what it answers in JSON.
func (w *Words) ask(ctx context.Context, field string, m Model, kind string, body []byte, answer any) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, m.URL, bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header = http.Header{"Content-Type": {kind}, "Accept": {"application/json"}, "User-Agent": {w.config.Agent}}
	if m.HasKey() {
		key, err := w.config.Seal.Open(purpose(field), m.key)
		if err != nil {
			return fmt.Errorf("its key: %w", err)
		}
		r.Header.Set("Authorization", "Bearer "+string(key))
	}
	client := w.secure
	if r.URL.Scheme == "http" {
		client = w.plain
	}
	response, err := client.Do(r)
	if err != nil {
		return reason(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return reason(err)
	}
	if response.StatusCode != http.StatusOK {
		return &Refused{response.StatusCode, clip(strings.ToValidUTF8(string(text), ""), maxTrouble)}
	}
	if err := json.Unmarshal(text, answer); err != nil {
		return fmt.Errorf("the server answers with something else than was asked for: %w", err)
	}
	return nil
}

// reason is an error without the address that every error of a client begins with, and with what to do.
func reason(err error) error {
	var forbidden *guard.Forbidden
	if errors.As(err, &forbidden) {
		return fmt.Errorf("%w: allow it under calls.words.allow in the configuration file", forbidden)
	}
	var of *url.Error
	if errors.As(err, &of) {
		return of.Err
	}
	return err
}

// hear has a piece of sound recognised.
func (w *Words) hear(ctx context.Context, s Settings, pcm []int16, rate int) (string, error) {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	fields := [][2]string{{"response_format", "json"}, {"model", s.Recogniser.Name}, {"language", s.Language}}
	for _, f := range fields {
		if f[1] == "" {
			continue
		}
		if err := form.WriteField(f[0], f[1]); err != nil {
			return "", err
		}
	}
	file, err := form.CreateFormFile("file", "speech.wav")
	if err == nil {
		_, err = file.Write(audio.WAV(pcm, rate))
	}
	if err == nil {
		err = form.Close()
	}
	if err != nil {
		return "", err
	}
	var said struct {
		Text *string `json:"text"`
	}
	if err := w.ask(ctx, "recogniser", s.Recogniser, form.FormDataContentType(), body.Bytes(), &said); err != nil {
		return "", err
	}
	if said.Text == nil {
		return "", errors.New("the server's answer has no text: is this the address of a recogniser?")
	}
	return clip(clean(*said.Text), maxLine), nil
}

// clean is a text in one line.
func clean(text string) string { return strings.Join(strings.Fields(text), " ") }

// clip shortens a text to at most n bytes without cutting a character.
func clip(text string, n int) string {
	if len(text) <= n {
		return text
	}
	return strings.ToValidUTF8(text[:n], "")
}
