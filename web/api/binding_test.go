package api

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

type kind string

type paged struct {
	Limit int `query:"limit" default:"50" minimum:"1" maximum:"200"`
}

// order is an input of everything that ours have.
type order struct {
	paged
	Shelf string    `path:"shelf" maxLength:"3"`
	Kind  kind      `query:"kind" enum:"book,map"`
	Loud  bool      `query:"loud"`
	Since time.Time `query:"since"`
	Last  string    `header:"Last-Event-ID"`
	Parts []string  `query:"parts" maxItems:"2"`
	Each  []string  `query:"each,explode"`
	Body  struct {
		Title string `json:"title" maxLength:"5"`
		Tries int    `json:"tries,omitempty" default:"3"`
		Cover struct {
			Tone string `json:"tone,omitempty" default:"red"`
		} `json:"cover,omitzero"`
	}
}

// ask registers order at a new API and sends it one request.
func ask(t *testing.T, target, body string) (got *order, status int, answer string) {
	t.Helper()
	mux := http.NewServeMux()
	f := &Frame{API: newAPI(mux, "test")}
	op := huma.Operation{OperationID: "order", Method: "POST", Path: "/{shelf}", MaxBodyBytes: 100,
		Metadata: map[string]any{}}
	register(f, op, reflect.TypeFor[order](), func(_ context.Context, in any) (*struct{}, error) {
		got = in.(*order)
		return nil, nil
	})
	r := httptest.NewRequest("POST", target, strings.NewReader(body))
	r.Header.Set("Last-Event-ID", "7")
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, r)
	return got, w.Code, w.Body.String()
}

func TestRequestBecomesInput(t *testing.T) {
	in, status, answer := ask(t, "/abc?kind=map&loud=true&since=2026-01-02T03:04:05Z&parts=a,b&each=x,y&each=z",
		`{"title":"Maps"}`)
	if status != http.StatusNoContent {
		t.Fatal(status, answer)
	}
	got, _ := json.Marshal(in)
	const want = `{"Limit":50,"Shelf":"abc","Kind":"map","Loud":true,"Since":"2026-01-02T03:04:05Z","Last":"7",` +
		`"Parts":["a","b"],"Each":["x,y","z"],"Body":{"title":"Maps","tries":3,"cover":{"tone":"red"}}}`
	if string(got) != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}

func TestWrongRequestIsToldWhatIsWrong(t *testing.T) {
	for _, c := range []struct {
		target, body string
		status       int
		says         []string
	}{
		{"/abc", ``, 400, []string{"request body is required"}},
		{"/abc", `{"title"`, 400, []string{`"location":"body"`}},
		{"/abc", `{"title":"` + strings.Repeat("x", 100) + `"}`, 413, []string{"limit=100"}},
		{"/abc", `{"title":1}`, 422, []string{"expected string", "body.title"}},
		{"/abc", `{"title":"Longer"}`, 422, []string{"expected length <= 5"}},
		{"/abc", `{"other":"x"}`, 422, []string{"unexpected property", "required property title"}},
		{"/abcd?limit=0&kind=pen", `{"title":"Longer"}`, 422,
			[]string{"path.shelf", "query.limit", "query.kind", "body.title"}},
		{"/abc?limit=x&loud=perhaps&since=now", `{"title":"a"}`, 422,
			[]string{"invalid integer", "invalid boolean", "invalid date/time"}},
		{"/abc?parts=a,b,c", `{"title":"a"}`, 422, []string{"query.parts"}},
	} {
		in, status, answer := ask(t, c.target, c.body)
		if status != c.status || in != nil {
			t.Errorf("%s %s: %d, input %v", c.target, c.body, status, in)
		}
		for _, s := range c.says {
			if !strings.Contains(answer, s) {
				t.Errorf("%s %s: %q is not in %s", c.target, c.body, s, answer)
			}
		}
	}
}
