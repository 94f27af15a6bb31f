package xmltest

import "testing"

// What is missing, too many, out of order, unknown or of another form is told.
func TestCheck(t *testing.T) {
	schema := Element{Name: "a", In: []Element{{Name: "b", Min: 1, Max: 1, Text: `\d+`, Attr: map[string]string{"x": "y"}},
		{Name: "c", Text: ".*"}}}
	for document, fine := range map[string]bool{
		`<a><b x="y">1</b></a>`:               true,
		`<a> <b x="y">1</b><c/><c>z</c></a>`:  true,
		`<a><b>1</b></a>`:                     false,
		`<a><b x="y">z</b></a>`:               false,
		`<a><c/><b x="y">1</b></a>`:           false,
		`<a><b x="y">1</b><d/></a>`:           false,
		`<a><b x="y">1</b>text</a>`:           false,
		`<a><b x="y">1</b><b x="y">1</b></a>`: false,
		`<a></a>`:                             false,
		`<z><b x="y">1</b></z>`:               false,
		`<a><b x="y">1</b>`:                   false,
	} {
		if err := Check([]byte(document), schema); (err == nil) != fine {
			t.Errorf("%s: %v", document, err)
		}
	}
}
