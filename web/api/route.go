package api

import (
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"frontdesk/store"
)

// prefix of every operation of the API.
const Prefix = "/api/v1"

// access says who may use an operation.
type access int

const (
	Anyone access = iota // no log-in needed
	Users                // any user
	Admins               // users of role admin
)

// Route is one operation: "GET /contacts" and what it is for.
type Route struct {
	Tag     string
	Access  access
	Pattern string // method and path below prefix
	Summary string
	Status  int     // of success; 0: 200, or 204 without a body
	Body    int64   // most bytes of the request's body; 0: 1 MiB
	Streams string  // media type of an answer that is no JSON
	Person  bool    // no API token will do: who holds one must not be able to make another, or a log-in
	Audit   Audited // what kind of act it is, of those that are written down
	Enrols  bool    // also for who has no second factor yet and needs one
	Calls   bool    // part of a running call: it goes before other screens
}

func (r Route) operation() huma.Operation {
	class := store.Screens
	if r.Calls {
		class = store.Calls
	}
	method, path, _ := strings.Cut(r.Pattern, " ")
	op := huma.Operation{
		OperationID:   operationID(method, path),
		Method:        method,
		Path:          Prefix + path,
		Summary:       r.Summary,
		Tags:          []string{r.Tag},
		DefaultStatus: r.Status,
		MaxBodyBytes:  r.Body,
		Metadata: map[string]any{"access": r.Access, "personal": r.Person, "class": class,
			"audit": r.Audit, "enrols": r.Enrols},
		Errors: r.errors(strings.Contains(path, "{")),
	}
	if r.Streams != "" {
		content := map[string]*huma.MediaType{r.Streams: {Schema: &huma.Schema{Type: huma.TypeString}}}
		op.Responses = map[string]*huma.Response{"200": {Description: "OK", Content: content}}
	}
	if r.Access != Anyone {
		op.Security = []map[string][]string{{"session": {}}, {"token": {}}}
	}
	return op
}

// errors are the statuses the operation may fail with, besides those of a malformed request.
func (r Route) errors(one bool) []int {
	var codes []int
	if r.Access != Anyone {
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
