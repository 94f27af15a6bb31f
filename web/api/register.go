package api

import (
	"cmp"
	"context"
	"net/http"
	"reflect"
	"strconv"

	"github.com/danielgtaylor/huma/v2"
)

// result describes the body of an answer.
type result[T any] struct{ Body T }

// answer carries one, of whatever operation.
type answer struct{ Body any }

// Add registers an operation that answers with a body.
func Add[I, O any](f *Frame, r Route, handle func(context.Context, *I) (O, error)) {
	op := r.operation()
	f.describe(&op, reflect.TypeFor[result[O]]())
	register(f, op, reflect.TypeFor[I](), func(ctx context.Context, in any) (*answer, error) {
		out, err := handle(ctx, in.(*I))
		if err != nil {
			return nil, f.Problem(ctx, err)
		}
		return &answer{out}, nil
	})
}

// describe says what the body of an operation's answer is like, which its type does not tell huma.
func (f *Frame) describe(op *huma.Operation, result reflect.Type) {
	body, _ := result.FieldByName("Body")
	status := cmp.Or(op.DefaultStatus, http.StatusOK)
	if op.Responses == nil {
		op.Responses = map[string]*huma.Response{}
	}
	op.Responses[strconv.Itoa(status)] = &huma.Response{Content: map[string]*huma.MediaType{"application/json": {
		Schema: huma.SchemaFromField(f.OpenAPI().Components.Schemas, body, result.Name()+body.Name)}}}
}

// DocumentForm describes a multipart/form-data body of a POST that is registered. Told of it before, huma would read
// the body itself.
func (f *Frame) DocumentForm(path string, form *huma.Schema) {
	f.OpenAPI().Paths[Prefix+path].Post.RequestBody = &huma.RequestBody{
		Required: true, Content: map[string]*huma.MediaType{"multipart/form-data": {Schema: form}},
	}
}

// Do registers an operation that answers with nothing but its success.
func Do[I any](f *Frame, r Route, handle func(context.Context, *I) error) {
	register(f, r.operation(), reflect.TypeFor[I](), func(ctx context.Context, in any) (*struct{}, error) {
		if err := handle(ctx, in.(*I)); err != nil {
			return nil, f.Problem(ctx, err)
		}
		return nil, nil
	})
}

// Raw registers an operation whose answer is more than a JSON body: headers, a stream.
func Raw[I, O any](f *Frame, r Route, handle func(context.Context, *I) (*O, error)) {
	register(f, r.operation(), reflect.TypeFor[I](), func(ctx context.Context, in any) (*O, error) {
		out, err := handle(ctx, in.(*I))
		if err != nil {
			return nil, f.Problem(ctx, err)
		}
		return out, nil
	})
}
