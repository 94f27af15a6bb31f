package web

import (
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"frontdesk/store"
)

// prefix of every operation of the API.
const prefix = "/api/v1"

// access says who may use an operation.
type access int

const (
	anyone access = iota // no log-in needed
	users                // any user
	admins               // users of role admin
)

// route is one operation: "GET /contacts" and what it is for.
type route struct {
	tag     string
	access  access
	pattern string // method and path below prefix
	summary string
	status  int    // of success; 0: 200, or 204 without a body
	body    int64  // most bytes of the request's body; 0: 1 MiB
	streams string // media type of an answer that is no JSON
	person  bool   // no API token will do: who holds one must not be able to make another, or a log-in
	calls   bool   // part of a running call: it goes before other screens
}

func (r route) operation() huma.Operation {
	class := store.Screens
	if r.calls {
		class = store.Calls
	}
	method, path, _ := strings.Cut(r.pattern, " ")
	op := huma.Operation{
		OperationID:   operationID(method, path),
		Method:        method,
		Path:          prefix + path,
		Summary:       r.summary,
		Tags:          []string{r.tag},
		DefaultStatus: r.status,
		MaxBodyBytes:  r.body,
		Metadata:      map[string]any{"access": r.access, "personal": r.person, "class": class},
		Errors:        r.errors(strings.Contains(path, "{")),
	}
	if r.streams != "" {
		content := map[string]*huma.MediaType{r.streams: {Schema: &huma.Schema{Type: huma.TypeString}}}
		op.Responses = map[string]*huma.Response{"200": {Description: "OK", Content: content}}
	}
	if r.access != anyone {
		op.Security = []map[string][]string{{"session": {}}, {"token": {}}}
	}
	return op
}

// errors are the statuses the operation may fail with, besides those of a malformed request.
func (r route) errors(one bool) []int {
	var codes []int
	if r.access != anyone {
		codes = append(codes, http.StatusUnauthorized, http.StatusForbidden)
	}
	if one {
		codes = append(codes, http.StatusNotFound)
	}
	return codes
}

// operationID of "GET /contacts/{id}/timeline" is "get-contacts-id-timeline".
func operationID(method, path string) string {
	id := strings.Map(func(r rune) rune {
		switch r {
		case '/', '.':
			return '-'
		case '{', '}':
			return -1
		}
		return r
	}, path)
	return strings.ToLower(method) + id
}
