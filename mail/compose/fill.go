package compose

import (
	"html"
	"regexp"
	"slices"
	"strings"
)

// place is {{name}}, or {{name|words where there is nothing}}.
var place = regexp.MustCompile(`\{\{\s*([\p{L}\d_. -]{1,100}?)\s*(?:\|([^{}|]{0,200}))?\}\}`)

// Filled is a template with what is known in its places.
type Filled struct {
	Subject string   `json:"subject"`
	HTML    string   `json:"html"`
	Unknown []string `json:"unknown"` // places that nothing is known for: they stand as they were
}

// Places are the names that a template asks for, in lower case, each once.
func (t Template) Places() (names []string) {
	for _, found := range place.FindAllStringSubmatch(t.Subject+" "+t.HTML, -1) {
		if name := key(found[1]); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

func key(name string) string { return strings.ToLower(html.UnescapeString(name)) }

// Fill puts values, by their names in lower case, into the places of a template; "" is as good as none.
func (t Template) Fill(values map[string]string) Filled {
	f := Filled{Unknown: []string{}}
	put := func(text string, write func(string) string) string {
		return place.ReplaceAllStringFunc(text, func(at string) string {
			found := place.FindStringSubmatch(at)
			name := key(found[1])
			if value := values[name]; value != "" {
				return write(value)
			}
			if strings.Contains(at, "|") {
				return strings.TrimSpace(found[2])
			}
			if !slices.Contains(f.Unknown, name) {
				f.Unknown = append(f.Unknown, name)
			}
			return at
		})
	}
	f.Subject = put(t.Subject, func(value string) string { return strings.Join(strings.Fields(value), " ") })
	f.HTML = put(t.HTML, func(value string) string {
		return strings.ReplaceAll(html.EscapeString(value), "\n", "<br>")
	})
	return f
}
