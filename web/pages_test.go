package web

import (
	"bytes"
	"compress/gzip"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"frontdesk/store/storetest"
	"frontdesk/web/api"
)

func serveFiles(files fstest.MapFS, path string, header http.Header) *httptest.ResponseRecorder {
	r := httptest.NewRequest("GET", path, nil)
	for name, values := range header {
		r.Header[name] = values
	}
	w := httptest.NewRecorder()
	readWorkplace(files).ServeHTTP(w, r)
	return w
}

func TestWorkplace(t *testing.T) {
	script := strings.Repeat("console.log(1);\n", 200)
	files := fstest.MapFS{
		"index.html":          {Data: []byte("<!doctype html><title>Workplace</title>")},
		"assets/app-1a2b3.js": {Data: []byte(script)},
		"favicon.svg":         {Data: []byte("<svg/>")},
	}
	for _, c := range []struct{ path, body, cache string }{
		{"/", "Workplace", "no-cache"},
		{"/deals/42", "Workplace", "no-cache"},
		{"/contacts/a.b", "Workplace", "no-cache"},
		{"/favicon.svg", "<svg/>", "no-cache"},
		{"/assets/app-1a2b3.js", script, "public, max-age=31536000, immutable"},
	} {
		w := serveFiles(files, c.path, nil)
		if w.Code != 200 || !strings.Contains(w.Body.String(), c.body) || w.Header().Get("Cache-Control") != c.cache {
			t.Errorf("%s: %d %q %.60q", c.path, w.Code, w.Header().Get("Cache-Control"), w.Body)
		}
	}
	if w := serveFiles(files, "/assets/app-old.js", nil); w.Code != http.StatusNotFound {
		t.Errorf("an old script: %d", w.Code)
	}
	for _, path := range []string{"/.well-known/caldav", "/.well-known/autoconfig/mail/config-v1.1.xml",
		"/mail/config-v1.1.xml", "/Autodiscover/Autodiscover.xml", "/autodiscover/autodiscover.json",
		"/.env", "/robots.txt", "/favicon.ico"} {
		if w := serveFiles(files, path, nil); w.Code != http.StatusNotFound ||
			strings.Contains(w.Body.String(), "Workplace") {
			t.Errorf("%s: %d %.60q", path, w.Code, w.Body)
		}
	}
	w := serveFiles(files, "/assets/app-1a2b3.js", http.Header{"Accept-Encoding": {"gzip"}})
	gz, err := gzip.NewReader(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	if data, err := io.ReadAll(gz); err != nil || string(data) != script {
		t.Errorf("unzipped to %d bytes, %v", len(data), err)
	}
	if w := serveFiles(files, "/", http.Header{"If-None-Match": {w.Header().Get("ETag")}}); w.Code != 200 {
		t.Errorf("another file's tag: %d", w.Code)
	}
	if w := serveFiles(files, "/assets/app-1a2b3.js",
		http.Header{"If-None-Match": {w.Header().Get("ETag")}}); w.Code != http.StatusNotModified {
		t.Errorf("the same tag: %d", w.Code)
	}
}

// What is packed in the program goes out as it is, and unpacked to whoever can't unpack it.
func TestPackedWorkplace(t *testing.T) {
	script := strings.Repeat("console.log(1);\n", 200)
	packed := zip([]byte(script))
	files := fstest.MapFS{"assets/app-1a2b3.js.gz": {Data: packed}}
	for accepts, want := range map[string]string{"gzip, br": string(packed), "br": script} {
		w := serveFiles(files, "/assets/app-1a2b3.js", http.Header{"Accept-Encoding": {accepts}})
		encoded := w.Header().Get("Content-Encoding") == "gzip"
		if w.Code != http.StatusOK || w.Body.String() != want || encoded != (want != script) ||
			!strings.Contains(w.Header().Get("Content-Type"), "javascript") || w.Header().Get("Vary") == "" {
			t.Errorf("%s: %d %v, %d bytes", accepts, w.Code, w.Header(), w.Body.Len())
		}
	}
	if w := serveFiles(files, "/assets/app-1a2b3.js.gz", nil); w.Code == http.StatusOK {
		t.Error("the packed file has an address of its own")
	}
}

func TestWorkplaceNotBuilt(t *testing.T) {
	w := serveFiles(fstest.MapFS{".gitkeep": {}}, "/", nil)
	if w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), "make") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// Pages and answers carry the headers that keep browsers to what this server sends; the API's page needs no other site.
func TestHeaders(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	r := h.client().call("GET", "/api/docs", nil).want(http.StatusOK)
	if csp := r.header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'self'") ||
		strings.Contains(csp, "unsafe-eval' ") {
		t.Errorf("policy %q", csp)
	}
	page := string(r.body)
	for _, part := range []string{"/api/v1/contacts", "post-login", "type-Contact", "RFC 9457"} {
		if !strings.Contains(page, part) {
			t.Errorf("the API's page lacks %s", part)
		}
	}
	if strings.Contains(page, "<script") || strings.Contains(page, "//cdn") {
		t.Error("the API's page needs scripts")
	}
	if r := h.client().call("GET", "/api/v1/openapi.json", nil).want(http.StatusOK); !strings.Contains(string(r.body),
		`"openapi": "3.1.0"`) || r.header.Get("X-Request-Id") == "" {
		t.Errorf("the document: %.80s", r.body)
	}
}

func TestCompression(t *testing.T) {
	big := strings.Repeat("text ", 1000)
	for _, c := range []struct {
		name, kind, body string
		zipped           bool
	}{
		{"large text", "application/json", big, true},
		{"small text", "application/json", "{}", false},
		{"picture", "image/png", big, false},
		{"stream", "text/event-stream", big, false},
	} {
		handler := compressed(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", c.kind)
			w.WriteHeader(http.StatusAccepted)
			io.WriteString(w, c.body)
		}))
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Set("Accept-Encoding", "br, gzip")
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if zipped := w.Header().Get("Content-Encoding") == "gzip"; zipped != c.zipped || w.Code != http.StatusAccepted {
			t.Errorf("%s: zipped %v, status %d", c.name, zipped, w.Code)
		}
		if !c.zipped && w.Body.String() != c.body {
			t.Errorf("%s: altered", c.name)
		}
	}
}

func TestPanicsAreProblems(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	w := httptest.NewRecorder()
	recovered(h.server, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("test") })).ServeHTTP(w,
		httptest.NewRequest("GET", "/", nil))
	if w.Code != http.StatusInternalServerError || !strings.Contains(w.Body.String(), `"status":500`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// The log names who asked for what, but holds no secret.
func TestAccessLog(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	c := h.asSeller()
	var out bytes.Buffer
	h.server.log = slog.New(slog.NewJSONHandler(&out, nil))
	w := httptest.NewRecorder()
	r := c.request("GET", "/api/v1/me?token=very-secret", nil)
	r.RequestURI = ""
	h.server.Handler().ServeHTTP(w, r)
	line := out.String()
	for _, part := range []string{`"path":"/api/v1/me"`, `"status":200`, h.seller.ID, w.Header().Get("X-Request-Id")} {
		if !strings.Contains(line, part) {
			t.Errorf("%s lacks %s", line, part)
		}
	}
	if strings.Contains(line, "very-secret") ||
		strings.Contains(line, strings.TrimPrefix(c.cookie, api.SessionCookie+"=")) {
		t.Errorf("a secret is in %s", line)
	}
}
