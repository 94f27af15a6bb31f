package web

import (
	"bytes"
	_ "embed"
	"html/template"
	"maps"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

//go:embed docs.html
var docsPage string

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
func renderDocs(api *huma.OpenAPI) ([]byte, error) {
	page, err := template.New("docs").Funcs(template.FuncMap{"type": typeName, "ref": refName, "needs": slices.Contains[[]string]}).Parse(docsPage)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = page.Execute(&out, map[string]any{"Info": api.Info, "Groups": docsGroups(api), "Schemas": docsSchemas(api)})
	return out.Bytes(), err
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
