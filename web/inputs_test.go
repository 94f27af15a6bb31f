package web

import (
	"cmp"
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"

	"frontdesk/store"
	"frontdesk/store/storetest"
	"frontdesk/web/api"
)

// textInput is one place of the API where a request carries text, made from the API's own description.
type textInput struct {
	op       *huma.Operation
	location string
	schema   *huma.Schema
	path     map[string]string
	query    url.Values
	header   http.Header
	body     any // with hole where the text goes
}

const hole = "the text goes here"

// textInputs are all of them.
func (h *house) textInputs(made map[string]string) (all []textInput) {
	described := h.server.frame.OpenAPI()
	for _, item := range described.Paths {
		for _, op := range []*huma.Operation{item.Get, item.Post, item.Put, item.Patch, item.Delete} {
			if op != nil {
				all = append(all, inputsOf(op, samples{described.Components.Schemas}, made)...)
			}
		}
	}
	slices.SortFunc(all, func(a, b textInput) int {
		return strings.Compare(a.op.OperationID+a.location, b.op.OperationID+b.location)
	})
	return all
}

func inputsOf(op *huma.Operation, s samples, made map[string]string) (all []textInput) {
	var body any
	bodies := map[string]textInput{}
	if op.RequestBody != nil && op.RequestBody.Content["application/json"] != nil {
		schema := op.RequestBody.Content["application/json"].Schema
		body = s.minimal(schema)
		s.holes("body", schema, func(location string, at *huma.Schema,
			v any) {
			bodies[location] = textInput{schema: at, body: v}
		}, 5)
	}
	base := func(location string, schema *huma.Schema, body any) textInput {
		in := textInput{op: op, location: location, schema: schema, path: map[string]string{}, query: url.Values{},
			header: http.Header{}, body: body}
		for _, p := range op.Parameters {
			if p.In == "path" {
				collection, _, _ := strings.Cut(op.Path, "/{")
				in.path[p.Name] = cmp.Or(made[collection], store.NewID())
			}
		}
		return in
	}
	for _, p := range op.Parameters {
		schema := s.of(p.Schema)
		if schema.Type == huma.TypeArray {
			schema = s.of(schema.Items)
		}
		in := base(p.In+"."+p.Name, schema, body)
		switch {
		case p.In == "path":
			in.path[p.Name] = hole
		case p.In == "query":
			in.query.Set(p.Name, hole)
		case p.In == "header":
			in.header.Set(p.Name, hole)
		default:
			continue
		}
		all = append(all, in)
	}
	for location, v := range bodies {
		all = append(all, base(location, v.schema, v.body))
	}
	return all
}

// request carries the text; in JSON the raw one, quotes and all.
func (in textInput) request(c *client, text, raw string) *response {
	c.t.Helper()
	path := in.op.Path
	for name, v := range in.path {
		path = strings.ReplaceAll(path, "{"+name+"}", url.PathEscape(strings.ReplaceAll(v, hole, text)))
	}
	query := url.Values{}
	for name, values := range in.query {
		query.Set(name, strings.ReplaceAll(values[0], hole, text))
	}
	asker := *c
	asker.header = c.header.Clone()
	for name := range in.header {
		asker.header.Set(name, text)
	}
	if in.body == nil {
		return asker.call(in.op.Method, path+"?"+query.Encode(), nil)
	}
	data, err := json.Marshal(in.body)
	if err != nil {
		c.t.Fatal(err)
	}
	return asker.call(in.op.Method, path+"?"+query.Encode(),
		rawBody(strings.ReplaceAll(string(data), `"`+hole+`"`, raw)))
}

// samples makes values of schemas.
type samples struct{ registry huma.Registry }

func (s samples) of(schema *huma.Schema) *huma.Schema {
	for schema != nil && schema.Ref != "" {
		schema = s.registry.SchemaFromRef(schema.Ref)
	}
	return schema
}

// usual are values that make a record possible.
func usual() map[string]string {
	return map[string]string{"name": "Ana", "title": "Roof", "email": "new@acme.test", "address": "sales@acme.test",
		"from": "admin@acme.test", "kind": "", "locale": "en",
		"number": "201", "host": "sip.acme.test", "login": "newcomer", "username": "newphone"}
}

// minimal has only what is required, and what is usual.
func (s samples) minimal(schema *huma.Schema) any {
	schema = s.of(schema)
	switch {
	case schema == nil:
		return nil
	case len(schema.Enum) > 0:
		return schema.Enum[0]
	}
	switch schema.Type {
	case huma.TypeObject:
		object := map[string]any{}
		for name, property := range schema.Properties {
			if known := usual()[name]; known != "" && s.of(property).Type == huma.TypeString {
				object[name] = known
			} else if slices.Contains(schema.Required, name) {
				object[name] = s.minimal(property)
			}
		}
		return object
	case huma.TypeArray:
		return []any{}
	case huma.TypeString:
		if schema.Format == "date-time" {
			return "2026-01-02T03:04:05Z"
		}
		least := 1
		if schema.MinLength != nil {
			least = max(least, *schema.MinLength)
		}
		return strings.Repeat("x", least)
	case huma.TypeBoolean:
		return false
	case huma.TypeInteger, huma.TypeNumber:
		if schema.Minimum != nil {
			return *schema.Minimum
		}
		return 0
	}
	return map[string]any{}
}

// holes gives for each text in values of a schema one that has the hole there.
func (s samples) holes(location string, schema *huma.Schema, found func(location string, at *huma.Schema, v any),
	deep int) {
	schema = s.of(schema)
	if schema == nil || deep == 0 {
		return
	}
	switch schema.Type {
	case huma.TypeString:
		found(location, schema, hole)
	case huma.TypeArray:
		s.holes(location+"[0]", schema.Items, func(l string, at *huma.Schema, v any) { found(l, at, []any{v}) }, deep-1)
	case huma.TypeObject:
		for name, property := range schema.Properties {
			s.holes(location+"."+name, property, func(l string, at *huma.Schema, v any) {
				object := s.minimal(schema).(map[string]any)
				object[name] = v
				found(l, at, object)
			}, deep-1)
		}
		if items, ok := schema.AdditionalProperties.(*huma.Schema); ok {
			s.holes(location+".key", items, func(l string, at *huma.Schema,
				v any) {
				found(l, at, map[string]any{"key": v})
			}, deep-1)
		}
	}
}

// Whatever bytes are no text, in whatever input, logged in or not: 422, and which input. None gets to a database.
func TestWhatIsNoTextIsRefused(t *testing.T) {
	h := newHouse(t, storetest.SQLite(t))
	c := h.asAdmin()
	all := h.textInputs(nil)
	if len(all) < 150 {
		t.Fatalf("only %d inputs were found", len(all))
	}
	for _, in := range all {
		dirty := []string{"J\xfcrgen", "a\x00b"}
		raws := []string{"\"J\xfcrgen\"", `"a\u0000b"`}
		for i := range dirty {
			if strings.HasPrefix(in.location, "header.") && strings.Contains(dirty[i], "\x00") {
				continue // no header has it (RFC 9110 section 5.5)
			}
			r := in.request(c, dirty[i], raws[i])
			if r.status != http.StatusUnprocessableEntity ||
				!strings.Contains(string(r.body), `"location":"`+in.location+`"`) {
				t.Errorf("%s, %s is %q: %d %.200s", in.op.OperationID, in.location, dirty[i], r.status, r.body)
			}
		}
	}
}

// Any text at all, of any length, in whatever input: none is a fault of ours, on either database.
func TestAnyTextIsNoFault(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := newHouse(t, db)
		c := h.asAdmin()
		for _, in := range h.textInputs(h.makeAll(c)) {
			if in.op.OperationID == "get-events" || strings.Contains(in.op.OperationID, "password") ||
				in.op.OperationID == "post-login" {
				continue // the first never ends, the others are slow by design
			}
			text := anyText(textLength(in.schema))
			raw, err := json.Marshal(text)
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasPrefix(in.location, "header.") {
				text = "x"
			}
			if r := in.request(c, text, string(raw)); r.status >= 500 && r.status != http.StatusNotImplemented {
				t.Errorf("%s, %s: %d %.200s, with %.100q", in.op.OperationID, in.location, r.status, r.body, text)
			}
		}
	})
}

// makeAll makes one of everything that takes no more than the usual, and tells their ids by their collections' paths.
func (h *house) makeAll(c *client) map[string]string {
	h.t.Helper()
	c.call("POST", "/api/v1/mail/domains", map[string]any{"name": "acme.test"}).want(http.StatusCreated)
	c.call("POST", "/api/v1/mail/mailboxes", map[string]any{"address": "admin@acme.test", "name": "A",
		"users": []string{h.admin.ID}}).want(http.StatusCreated)
	made := map[string]string{}
	described := h.server.frame.OpenAPI()
	for path, item := range described.Paths {
		if item.Post == nil || strings.Contains(path, "{") || item.Post.RequestBody == nil ||
			item.Post.RequestBody.Content["application/json"] == nil {
			continue
		}
		var record struct{ ID string }
		r := c.call("POST", path,
			samples{described.Components.Schemas}.minimal(item.Post.RequestBody.Content["application/json"].Schema))
		if json.Unmarshal(r.body, &record); r.status == http.StatusCreated && record.ID != "" {
			made[path] = record.ID
		}
	}
	for _, must := range []string{"contacts", "companies", "leads", "meetings", "trunks", "departments", "users"} {
		if made[api.Prefix+"/"+must] == "" {
			h.t.Errorf("no %s could be made: what the usual is has changed", must)
		}
	}
	return made
}

// textLength is as much as a schema lets through, but no more than a few thousand.
func textLength(schema *huma.Schema) int {
	if schema != nil && schema.MaxLength != nil {
		return min(*schema.MaxLength, 3000)
	}
	return 3000
}

// anyText has characters of all kinds, which no engine can pack.
func anyText(n int) string {
	var b strings.Builder
	for length := 0; length < n; length++ {
		switch r := rune(rand.IntN(0x30000)); {
		case r == 0 || r >= 0xd800 && r < 0xe000:
			b.WriteByte('-')
		case rand.IntN(3) == 0:
			b.WriteRune(r)
		default:
			b.WriteRune(1 + r%0x7e)
		}
	}
	return b.String()
}

// A browser may call itself anything; nobody could mend that.
func TestLoginOfAnyBrowser(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := newHouse(t, db)
		c := h.client()
		c.header.Set("User-Agent", "Br\xf6wser 1.0 "+strings.Repeat("é", 300))
		c.call("POST", "/api/v1/login", Credentials{"seller", sellerPassword}).want(http.StatusOK)
		var agent string
		if err := db.QueryRow(t.Context(), `SELECT agent FROM session`).Scan(&agent); err != nil ||
			!store.IsText(agent) || !strings.HasPrefix(agent, "Br") {
			t.Errorf("%q, %v", agent, err)
		}
	})
}
