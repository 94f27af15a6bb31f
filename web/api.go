package web

import (
	"context"
	"encoding/json"
	"net/http"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

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

// result carries the body of an answer.
type result[T any] struct{ Body T }

// add registers an operation that answers with a body.
func add[I, O any](s *Server, r route, handle func(context.Context, *I) (O, error)) {
	huma.Register(s.api, r.operation(), func(ctx context.Context, in *I) (*result[O], error) {
		out, err := handle(ctx, in)
		if err != nil {
			return nil, s.problem(ctx, err)
		}
		return &result[O]{out}, nil
	})
}

// documentForm describes a multipart/form-data body of a POST that is registered. Told of it before, huma would read the body itself.
func (s *Server) documentForm(path string, form *huma.Schema) {
	s.api.OpenAPI().Paths[prefix+path].Post.RequestBody = &huma.RequestBody{
		Required: true, Content: map[string]*huma.MediaType{"multipart/form-data": {Schema: form}},
	}
}

// do registers an operation that answers with nothing but its success.
func do[I any](s *Server, r route, handle func(context.Context, *I) error) {
	huma.Register(s.api, r.operation(), func(ctx context.Context, in *I) (*struct{}, error) {
		if err := handle(ctx, in); err != nil {
			return nil, s.problem(ctx, err)
		}
		return nil, nil
	})
}

// raw registers an operation whose answer is more than a JSON body: headers, a stream.
func raw[I, O any](s *Server, r route, handle func(context.Context, *I) (*O, error)) {
	huma.Register(s.api, r.operation(), func(ctx context.Context, in *I) (*O, error) {
		out, err := handle(ctx, in)
		if err != nil {
			return nil, s.problem(ctx, err)
		}
		return out, nil
	})
}

// Page is one part of a list; Next is the `after` of the following part, "" at the end.
type Page[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next" doc:"Give it as ?after= to read on; empty at the end"`
}

// list is a whole short list, in the form of a page.
func list[T any](items []T, err error) (Page[T], error) { return Page[T]{Items: items}, err }

// Paging is the part of a request that asks for a page.
type Paging struct {
	After string `query:"after" maxLength:"400" doc:"The next of the page before"`
	Limit int    `query:"limit" default:"50" minimum:"1" maximum:"200"`
}

// ByID is a request for one record.
type ByID struct {
	ID string `path:"id" maxLength:"400"`
}

// none is a request without parameters.
type none struct{}

// newAPI makes the empty API on mux. Responses carry no $schema member, and lists are never null.
func newAPI(mux *http.ServeMux, version string) huma.API {
	config := huma.DefaultConfig("Frontdesk", version)
	config.Info.Description = description
	config.CreateHooks = nil
	config.OpenAPIPath, config.DocsPath, config.SchemasPath = "", "", ""
	config.Components.Schemas = huma.NewMapRegistry("#/components/schemas/", schemaName)
	config.Transformers = append(config.Transformers, func(_ huma.Context, _ string, v any) (any, error) { return noNulls(v), nil })
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"session": {Type: "apiKey", In: "cookie", Name: sessionCookie, Description: "Set by POST /api/v1/login"},
		"token":   {Type: "http", Scheme: "bearer", Description: "An API token, made in the settings"},
	}
	return humago.New(mux, config)
}

const description = `Everything the workplace does is done with these operations.

Log in with POST /api/v1/login (a cookie) or send "Authorization: Bearer TOKEN". Errors are problems of RFC 9457. Lists come in pages:
give the "next" of one as "after" of the following request. Times are RFC 3339; one that has not come is 0001-01-01T00:00:00Z.
Live signalling is the WebSocket at /api/v1/live, events for integrations are at /api/v1/events.`

// schemaName tells apart the types that several rooms call by one name.
func schemaName(t reflect.Type, hint string) string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	name := huma.DefaultSchemaNamer(t, hint)
	if better, ok := map[string]string{
		"frontdesk/pbx/ledger.Record": "Call", "frontdesk/pbx/ledger.Step": "CallStep", "frontdesk/pbx.View": "CallView",
		"frontdesk/mail.Domain": "MailDomain", "frontdesk/mail/queue.Item": "QueueItem",
		"frontdesk/sip.Status": "TrunkStatus", "frontdesk/sip.Step": "TrunkStep",
	}[t.PkgPath()+"."+t.Name()]; ok {
		return better
	}
	return strings.NewReplacer("PageRecord", "PageCall", "PageView", "PageCallView", "PageDomain", "PageMailDomain", "PageItem", "PageQueueItem", "PageStatus", "PageTrunkStatus").Replace(name)
}

// noNulls makes empty lists of the nil ones in v, which is copied where it has to be.
func noNulls(v any) any {
	if v == nil {
		return nil
	}
	p := reflect.New(reflect.TypeOf(v)).Elem()
	p.Set(reflect.ValueOf(v))
	fill(p)
	return p.Interface()
}

func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			fill(v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				fill(v.Field(i))
			}
		}
	case reflect.Slice:
		fillSlice(v)
	}
}

func fillSlice(v reflect.Value) {
	if v.Type() == reflect.TypeFor[json.RawMessage]() {
		return
	}
	if v.IsNil() {
		v.Set(reflect.MakeSlice(v.Type(), 0, 0))
	}
	if k := v.Type().Elem().Kind(); k == reflect.Struct || k == reflect.Pointer {
		for i := range v.Len() {
			fill(v.Index(i))
		}
	}
}

// denull removes null from the types of all lists of the document, as noNulls does from the answers.
func denull(schemas map[string]*huma.Schema) {
	for _, schema := range schemas {
		denullOne(schema)
	}
}

func denullOne(s *huma.Schema) {
	if s == nil {
		return
	}
	if s.Type == huma.TypeArray {
		s.Nullable = false
	}
	denullOne(s.Items)
	denull(s.Properties)
}

// OpenAPI is the description of the API (OpenAPI 3.1, JSON, indented) without a server behind it.
func OpenAPI() ([]byte, error) {
	s := &Server{mux: http.NewServeMux()}
	s.api = newAPI(s.mux, "1")
	s.routes()
	return s.document()
}

func (s *Server) document() ([]byte, error) {
	denull(s.api.OpenAPI().Components.Schemas.Map())
	data, err := json.MarshalIndent(s.api.OpenAPI(), "", " ")
	return append(data, '\n'), err
}
