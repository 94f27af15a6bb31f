package web

import (
	"net/http"
	"strings"

	"github.com/klauspost/compress/gzhttp"
)

const compressFrom = 1400 // bytes; less fits a packet anyway

// compressed sends answers of text compressed to those who can read it. What streams or is already encoded passes as it
// is.
func compressed(next http.Handler) http.Handler {
	wrap, err := gzhttp.NewWrapper(gzhttp.MinSize(compressFrom), gzhttp.ContentTypeFilter(compressible),
		gzhttp.EnableZstd(false))
	if err != nil {
		panic(err) // the options are constant, and good
	}
	packed := wrap(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// a live socket takes the connection over, which the wrapper does not let through
		if r.Header.Get("Upgrade") != "" {
			next.ServeHTTP(w, r)
			return
		}
		packed.ServeHTTP(w, r)
	})
}

func compressible(contentType string) bool {
	kind, _, _ := strings.Cut(contentType, ";")
	if kind == "text/event-stream" {
		return false
	}
	return strings.HasPrefix(kind, "text/") || strings.HasSuffix(kind, "json") || strings.HasSuffix(kind, "xml") ||
		kind == "application/javascript"
}
