package web

import (
	"compress/gzip"
	"io"
	"net/http"
	"strings"
)

const compressFrom = 1400 // bytes; less fits a packet anyway

// compressed sends answers of text compressed to those who can read it. What streams or is already encoded passes as it is.
func compressed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") || r.Header.Get("Upgrade") != "" || r.Method == http.MethodHead {
			next.ServeHTTP(w, r)
			return
		}
		gz := &gzipWriter{ResponseWriter: w}
		defer gz.finish()
		next.ServeHTTP(gz, r)
	})
}

// gzipWriter holds the beginning of an answer back until it is clear whether compressing it is worth while.
type gzipWriter struct {
	http.ResponseWriter
	status int
	held   []byte
	out    io.Writer    // nil while undecided
	gz     *gzip.Writer // nil when the answer goes as it is
}

func (w *gzipWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *gzipWriter) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
}

func (w *gzipWriter) Write(data []byte) (int, error) {
	if w.out != nil {
		return w.out.Write(data)
	}
	w.held = append(w.held, data...)
	if len(w.held) < compressFrom && !w.stream() {
		return len(data), nil
	}
	return len(data), w.decide()
}

// FlushError sends what is held; a stream is thereby never compressed.
func (w *gzipWriter) FlushError() error {
	if w.out == nil {
		if err := w.begin(false); err != nil {
			return err
		}
	}
	if w.gz != nil {
		w.gz.Flush()
	}
	return http.NewResponseController(w.ResponseWriter).Flush()
}

func (w *gzipWriter) stream() bool {
	return strings.HasPrefix(w.Header().Get("Content-Type"), "text/event-stream")
}

func (w *gzipWriter) decide() error {
	return w.begin(len(w.held) >= compressFrom && !w.stream() && w.Header().Get("Content-Encoding") == "" && compressible(w.Header().Get("Content-Type")))
}

// begin writes the header and what is held.
func (w *gzipWriter) begin(zip bool) error {
	w.out = w.ResponseWriter
	if zip {
		w.Header().Set("Content-Encoding", "gzip")
		w.Header().Add("Vary", "Accept-Encoding")
		w.Header().Del("Content-Length")
		w.gz = gzip.NewWriter(w.ResponseWriter)
		w.out = w.gz
	}
	if w.status != 0 {
		w.ResponseWriter.WriteHeader(w.status)
	}
	held := w.held
	w.held = nil
	if len(held) == 0 {
		return nil
	}
	_, err := w.out.Write(held)
	return err
}

func (w *gzipWriter) finish() {
	if w.out == nil {
		w.begin(false) // to a client that may be gone
	}
	if w.gz != nil {
		w.gz.Close()
	}
}

func compressible(contentType string) bool {
	kind, _, _ := strings.Cut(contentType, ";")
	return strings.HasPrefix(kind, "text/") || strings.HasSuffix(kind, "json") || strings.HasSuffix(kind, "xml") || kind == "application/javascript"
}
