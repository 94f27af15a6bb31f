package web

import (
	"context"
	"fmt"
	"net/http"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"frontdesk/store"
	"frontdesk/web/api"
	"frontdesk/web/provision"
)

// outer wraps the handlers with what concerns every request: the log, panics, headers, cross-site requests,
// compression.
func (s *Server) outer(next http.Handler) http.Handler {
	cross := http.NewCrossOriginProtection()
	if s.cfg.URL != "" {
		cross.AddTrustedOrigin(s.origins[0]) // checked by setOrigin
	}
	cross.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		api.WriteProblem(w, http.StatusForbidden, "This request came from another site.")
	}))
	return s.logged(recovered(s, headers(cross.Handler(compressed(next)))))
}

// seen is a ResponseWriter that remembers how the answer went.
type seen struct {
	http.ResponseWriter
	status int
	bytes  int64
}

func (w *seen) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *seen) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *seen) Write(data []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(data)
	w.bytes += int64(n)
	return n, err
}

// Flush sends what was written; what fails shows at the next Write.
func (w *seen) Flush() { http.NewResponseController(w.ResponseWriter).Flush() }

// logged gives each request an id and writes its line; never its query, which may hold a token.
func (s *Server) logged(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begin := time.Now()
		// a browser's name is shown to people, whatever bytes it has
		v := &api.Visit{ID: store.NewID(), Host: store.Text(r.Host), Agent: store.Text(r.UserAgent()),
			Method: r.Method, URI: r.URL.RequestURI()}
		v.IP, v.HTTPS = s.proxies.client(r)
		sw := &seen{ResponseWriter: w}
		sw.Header().Set("X-Request-Id", v.ID)
		r = r.WithContext(context.WithValue(r.Context(), api.VisitKey{}, v))
		defer func() { s.line(r, sw, v, time.Since(begin)) }()
		next.ServeHTTP(sw, r)
	})
}

func (s *Server) line(r *http.Request, w *seen, v *api.Visit, took time.Duration) {
	_, pattern := s.mux.Handler(r)
	s.metrics.requests.WithLabelValues(pattern, fmt.Sprintf("%dxx", w.status/100)).Observe(took.Seconds())
	log := s.log.Debug
	if strings.HasPrefix(r.URL.Path, "/api/") {
		log = s.log.Info
	}
	path := r.URL.Path
	if strings.HasPrefix(path, provision.Path) { // what follows is a secret
		path = provision.Path
	}
	log("request", "request", v.ID, "method", r.Method, "path", api.Cut(path, 400), "status", w.status, "bytes",
		w.bytes,
		"ms", took.Milliseconds(), "ip", v.IP, "user", v.User)
}

// recovered answers 500 where a handler panicked, and logs it in full.
func recovered(s *Server, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if p == http.ErrAbortHandler {
				panic(p)
			}
			id := api.VisitOf(r.Context()).ID
			s.log.Error("panic", "request", id, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			api.WriteProblem(w, http.StatusInternalServerError,
				"Something failed here. It is in the server's log as request "+id+".")
		}()
		next.ServeHTTP(w, r)
	})
}

// policy keeps the pages to what this server sends. Styles: Mantine sets them in elements. blob: is for media and
// workers made in the page, wasm-unsafe-eval for the background blur. Pictures over https are for mails whose reader
// asked for them: a mail's frame inherits this policy and adds a stricter one of its own until then.
const policy = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src " +
	"'self' data: blob: https:; " +
	"media-src 'self' blob:; worker-src 'self' blob:; connect-src 'self'; frame-src 'self'; object-src 'none'; " +
	"base-uri 'none'; " +
	"form-action 'self'; frame-ancestors 'none'"

func headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(self), microphone=(self), display-capture=(self), geolocation=()")
		if api.VisitOf(r.Context()).HTTPS {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		if strings.HasPrefix(r.URL.Path, "/api/") {
			h.Set("Cache-Control", "no-store")
		}
		next.ServeHTTP(w, r)
	})
}

// serveMade serves what is made when somebody asks for it first.
func serveMade(contentType string, made func() ([]byte, error)) http.HandlerFunc {
	once := sync.OnceValues(made)
	return func(w http.ResponseWriter, _ *http.Request) {
		data, err := once()
		if err != nil {
			api.WriteProblem(w, http.StatusInternalServerError, err.Error())
			return
		}
		w.Header().Set("Content-Type", contentType)
		w.Write(data) // to a client that may be gone
	}
}
