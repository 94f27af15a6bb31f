package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"frontdesk/store"
)

const NotText = "has a NUL character or bytes that are not UTF-8: take them out"

// texts refuses, before anything else looks at it, a request with bytes that are no text in its path, query, headers or
// JSON, and names the field. What is a person's to mend is told, not mended in silence as what comes from wires is.
func (f *Frame) texts(ctx huma.Context, next func(huma.Context)) {
	field, ok := badParameter(ctx)
	if !ok {
		field, ok = badBody(ctx)
	}
	if ok {
		huma.WriteErr(f.API, ctx, 422, field+" "+NotText, &huma.ErrorDetail{Message: NotText, Location: field})
		return
	}
	next(ctx)
}

// badParameter finds a parameter that the operation reads and that is no text.
func badParameter(ctx huma.Context) (field string, bad bool) {
	u := ctx.URL()
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil { // huma would take what came before the bad escape
		return "query", true
	}
	for _, p := range ctx.Operation().Parameters {
		values := []string{ctx.Param(p.Name)}
		switch p.In {
		case "query":
			values = query[p.Name]
		case "header":
			values = []string{ctx.Header(p.Name)}
		}
		for _, v := range values {
			if !store.IsText(v) {
				return p.In + "." + p.Name, true
			}
		}
	}
	return "", false
}

// badBody finds a text of a JSON body that is none. It reads the body for those after it; what is wrong with it
// otherwise is theirs to tell.
func badBody(ctx huma.Context) (field string, bad bool) {
	op := ctx.Operation()
	if op.RequestBody == nil || op.RequestBody.Content["application/json"] == nil {
		return "", false
	}
	if err := ctx.SetReadDeadline(time.Now().Add(op.BodyReadTimeout)); err != nil {
		return "", false // only what is no connection has no deadline
	}
	r, _ := humago.Unwrap(ctx)
	data, err := io.ReadAll(io.LimitReader(r.Body, op.MaxBodyBytes))
	r.Body = body{io.MultiReader(bytes.NewReader(data), failing{err}, r.Body), r.Body}
	return BadJSON("body", data)
}

// body is what was read of one already, and its rest.
type body struct {
	io.Reader
	io.Closer
}

// failing gives the error that reading ended with to who reads again; nil is the end.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) {
	if f.err == nil {
		return 0, io.EOF
	}
	return 0, f.err
}

// BadJSON finds the first string of a JSON document that is no text; encoding/json would take it, with U+FFFD for the
// bytes.
func BadJSON(root string, data []byte) (field string, bad bool) {
	if utf8.Valid(data) && !bytes.Contains(data, []byte(`\u0000`)) {
		return "", false
	}
	walk := jsonWalk{data: data, in: json.NewDecoder(bytes.NewReader(data))}
	err := walk.value(root, 0)
	return walk.found, errors.Is(err, errNotText)
}

var errNotText = errors.New(NotText)

// jsonWalk knows at each token of a document what path leads there.
type jsonWalk struct {
	data  []byte
	in    *json.Decoder
	found string
}

// token is the next one; errNotText when it is a string that is none.
func (w *jsonWalk) token(path string) (json.Token, error) {
	begin := w.in.InputOffset()
	token, err := w.in.Token()
	if err != nil {
		return nil, err
	}
	text, isText := token.(string)
	if isText && (strings.IndexByte(text, 0) >= 0 || !utf8.Valid(w.data[begin:w.in.InputOffset()])) {
		w.found = path
		return nil, errNotText
	}
	return token, nil
}

// maxNesting is deeper than any input of ours; what lies deeper is named as no text.
const maxNesting = 32

func (w *jsonWalk) value(path string, depth int) error {
	token, err := w.token(path)
	switch {
	case err != nil:
		return err
	case depth > maxNesting:
		w.found = path
		return errNotText
	case token == json.Delim('['):
		for i := 0; w.in.More(); i++ {
			if err := w.value(fmt.Sprintf("%s[%d]", path, i), depth+1); err != nil {
				return err
			}
		}
	case token == json.Delim('{'):
		for w.in.More() {
			key, err := w.token(path)
			if err != nil {
				return err
			}
			if err := w.value(fmt.Sprint(path, ".", Cut(fmt.Sprint(key), 100)), depth+1); err != nil {
				return err
			}
		}
	default:
		return nil
	}
	_, err = w.in.Token() // the end of the list or object
	return err
}
