package api

import (
	"strings"
	"testing"
)

func TestBadJSON(t *testing.T) {
	for _, c := range []struct{ name, data, want string }{
		{"clean", `{"a":"é","b":["x",{"c":"y"}]}`, ""},
		{"an escaped backslash before u0000", `{"a":"\\u0000"}`, ""},
		{"half a surrogate pair is not bytes", `{"a":"\ud800"}`, ""},
		{"a byte", "{\"a\":\"J\xfcrgen\"}", "body.a"},
		{"NUL", `{"a":1,"b":["x",{"c":"y\u0000"}]}`, "body.b[1].c"},
		{"in a key", "{\"J\xfc\":1}", "body"},
		{"alone", "\"\xff\"", "body"},
		{"what is no JSON is another's to tell", "{\"a\":\xff", ""},
	} {
		if got, bad := BadJSON("body", []byte(c.data)); got != c.want || bad != (c.want != "") {
			t.Errorf("%s: %q %v, want %q", c.name, got, bad, c.want)
		}
	}
}

func FuzzBadJSON(f *testing.F) {
	f.Add([]byte(`{"a":["b\u0000"]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		field, bad := BadJSON("body", data)
		if bad && !strings.HasPrefix(field, "body") {
			t.Errorf("%q in %q", field, data)
		}
	})
}
