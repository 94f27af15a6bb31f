package webhook

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
)

// receiver is another program, with a certificate of its own.
type receiver struct {
	*httptest.Server
	t      *testing.T
	secret string
	mu     sync.Mutex
	answer func(attempt int, m message) int // status; attempt counts from 1, of this delivery
	tries  map[string]int                   // by Webhook-Id
	got    []message                        // what it answered 2xx to
}

func newReceiver(t *testing.T) *receiver {
	r := &receiver{t: t, tries: map[string]int{}, answer: func(int, message) int { return 204 }}
	r.Server = httptest.NewTLSServer(r)
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) roots() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(r.Certificate())
	return pool
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	r.mu.Lock()
	defer r.mu.Unlock()
	id := req.Header.Get("Webhook-Id")
	if err != nil || req.Header.Get("Webhook-Signature") != r.signature(id, req.Header.Get("Webhook-Timestamp"), body) {
		r.t.Errorf("not signed: %v %v", req.Header, err)
	}
	var m message
	if err := json.Unmarshal(body, &m); err != nil {
		r.t.Errorf("%s: %v", body, err)
	}
	r.tries[id]++
	status := r.answer(r.tries[id], m)
	if status/100 == 2 {
		r.got = append(r.got, m)
	}
	w.Header().Set("Location", "https://elsewhere.example/")
	w.WriteHeader(status)
	if status >= 500 {
		io.WriteString(w, strings.Repeat("out of order \xff", 100))
	}
}

// signature is what Standard Webhooks wants, made without our code.
func (r *receiver) signature(id, at string, body []byte) string {
	key, err := base64.StdEncoding.DecodeString(r.secret[len("whsec_"):])
	if err != nil || len(key) < 24 {
		r.t.Errorf("secret %q: %v", r.secret, err)
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(id + "." + at + "." + string(body)))
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// answers says what is answered from now on.
func (r *receiver) answers(answer func(attempt int, m message) int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = answer
}

// keys are what the events that arrived are about, sorted.
func (r *receiver) keys() (keys []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, m := range r.got {
		var key string
		if err := json.Unmarshal(m.Data, &key); err != nil {
			r.t.Errorf("%s: %v", m.Data, err)
		}
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// ids are those under which something was sent.
func (r *receiver) ids() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.tries)
}

// attempts are how many there were in all.
func (r *receiver) attempts() (n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, tries := range r.tries {
		n += tries
	}
	return n
}
