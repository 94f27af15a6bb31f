package web

import (
	"bytes"
	_ "embed"
	"fmt"
	"html"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

//go:embed docs.html
var docsHead string

// docsGroup is a chapter of the API's page.
type docsGroup struct {
	Tag        string
	Operations []docsOperation
}

type docsOperation struct {
	*huma.Operation
	Body    *huma.Schema
	Answers []docsAnswer
}

type docsAnswer struct {
	Status      string
	Description string
	Schema      *huma.Schema
}

type docsSchema struct {
	Name   string
	Schema *huma.Schema
}

// renderDocs makes the page to read the API: plain HTML, so that it works offline and without scripts.
func renderDocs(api *huma.OpenAPI) []byte {
	p := &docsPage{}
	groups := docsGroups(api)
	p.WriteString(docsHead)
	p.contents(api.Info.Title, groups)
	p.add("<main>\n<h1>%s API</h1>\n<p class=\"info\">%s</p>\n", api.Info.Title, api.Info.Description)
	for _, g := range groups {
		p.add("<h2 id=\"%s\">%s</h2>\n", g.Tag, g.Tag)
		for _, op := range g.Operations {
			p.operation(op)
		}
	}
	p.WriteString("<h2 id=\"types\">Types</h2>\n")
	for _, s := range docsSchemas(api) {
		p.schema(s)
	}
	p.WriteString("</main>\n")
	return p.Bytes()
}

// docsPage writes HTML. It is no html/template: that finds methods by name, for which the linker keeps every method of
// every type in the program, a tenth of it all.
type docsPage struct{ bytes.Buffer }

// add writes markup. The values go into its %s, escaped.
func (p *docsPage) add(markup string, values ...string) {
	escaped := make([]any, len(values))
	for i, v := range values {
		escaped[i] = html.EscapeString(v)
	}
	fmt.Fprintf(p, markup, escaped...)
}

func (p *docsPage) contents(title string, groups []docsGroup) {
	p.add("<nav>\n<strong>%s API</strong>\n<a href=\"/api/v1/openapi.json\">openapi.json</a>\n", title)
	for _, g := range groups {
		p.add("<a href=\"#%s\">%s</a>", url.PathEscape(g.Tag), g.Tag)
	}
	p.WriteString("\n<a href=\"#types\">Types</a>\n</nav>\n")
}

func (p *docsPage) operation(op docsOperation) {
	p.add("<details id=\"%s\"><summary><b>%s</b> <code>%s</code> <span>%s</span></summary><div>\n", op.OperationID,
		op.Method, op.Path, op.Summary)
	if len(op.Parameters) > 0 {
		p.WriteString("<table><tr><th>Parameter<th>In<th>Type<th></tr>\n")
		for _, param := range op.Parameters {
			p.add("<tr><td><code>%s</code>"+star(param.Required)+"<td>%s<td>%s<td>%s</tr>\n", param.Name, param.In,
				typeName(param.Schema), param.Description)
		}
		p.WriteString("</table>")
	}
	if op.Body != nil {
		p.WriteString("<p>Body: ")
		p.kind(op.Body, refName(op.Body))
		p.WriteString("</p>")
	}
	p.WriteString("\n<table><tr><th>Answer<th><th></tr>\n")
	for _, a := range op.Answers {
		p.add("<tr><td>%s<td>%s<td>", a.Status, a.Description)
		p.kind(a.Schema, refName(a.Schema))
		p.WriteString("</tr>\n")
	}
	p.WriteString("</table>\n</div></details>\n")
}

func (p *docsPage) schema(s docsSchema) {
	p.add("<details id=\"type-%s\"><summary><code>%s</code> <span>%s</span></summary><div><table>\n", s.Name, s.Name,
		s.Schema.Description)
	for _, name := range slices.Sorted(maps.Keys(s.Schema.Properties)) {
		property := s.Schema.Properties[name]
		p.add("<tr><td><code>%s</code>"+star(slices.Contains(s.Schema.Required, name))+"<td>", name)
		p.kind(property, typeName(property))
		p.add("<td>%s</tr>\n", property.Description)
	}
	p.WriteString("</table></div></details>\n")
}

// kind names what a value is: by name, with a link, where it is a type of the page's.
func (p *docsPage) kind(s *huma.Schema, name string) {
	if ref := refName(s); ref != "" {
		p.add("<a href=\"#type-%s\">%s</a>", ref, name)
		return
	}
	p.add("%s", typeName(s))
}

// star marks what must be given.
func star(required bool) string {
	if required {
		return " *"
	}
	return ""
}

func docsGroups(api *huma.OpenAPI) []docsGroup {
	byTag := map[string][]docsOperation{}
	for _, p := range slices.Sorted(maps.Keys(api.Paths)) {
		item := api.Paths[p]
		for _, op := range []*huma.Operation{item.Get, item.Post, item.Put, item.Patch, item.Delete} {
			if op != nil {
				byTag[op.Tags[0]] = append(byTag[op.Tags[0]], describe(op))
			}
		}
	}
	var groups []docsGroup
	for _, tag := range slices.Sorted(maps.Keys(byTag)) {
		groups = append(groups, docsGroup{tag, byTag[tag]})
	}
	return groups
}

func describe(op *huma.Operation) docsOperation {
	d := docsOperation{Operation: op}
	if op.RequestBody != nil && op.RequestBody.Content["application/json"] != nil {
		d.Body = op.RequestBody.Content["application/json"].Schema
	}
	for _, status := range slices.Sorted(maps.Keys(op.Responses)) {
		a := docsAnswer{Status: status, Description: op.Responses[status].Description}
		if content := op.Responses[status].Content["application/json"]; content != nil {
			a.Schema = content.Schema
		}
		d.Answers = append(d.Answers, a)
	}
	return d
}

func docsSchemas(api *huma.OpenAPI) []docsSchema {
	all := api.Components.Schemas.Map()
	var list []docsSchema
	for _, name := range slices.Sorted(maps.Keys(all)) {
		list = append(list, docsSchema{name, all[name]})
	}
	return list
}

// refName is the name of the schema that s refers to, "" when it is no reference.
func refName(s *huma.Schema) string {
	if s == nil {
		return ""
	}
	if s.Items != nil && s.Items.Ref != "" {
		return refName(s.Items)
	}
	return strings.TrimPrefix(s.Ref, "#/components/schemas/")
}

// typeName says in words what a value is.
func typeName(s *huma.Schema) string {
	switch {
	case s == nil:
		return ""
	case s.Ref != "":
		return refName(s)
	case s.Items != nil:
		return "list of " + typeName(s.Items)
	case s.Format != "":
		return s.Type + " (" + s.Format + ")"
	case s.Type == "":
		return "anything"
	}
	return s.Type
}
