package api

import (
	"context"

	"github.com/danielgtaylor/huma/v2"
)

// result carries the body of an answer.
type result[T any] struct{ Body T }

// Add registers an operation that answers with a body.
func Add[I, O any](f *Frame, r Route, handle func(context.Context, *I) (O, error)) {
	huma.Register(f.API, r.operation(), func(ctx context.Context, in *I) (*result[O], error) {
		out, err := handle(ctx, in)
		if err != nil {
			return nil, f.Problem(ctx, err)
		}
		return &result[O]{out}, nil
	})
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
	huma.Register(f.API, r.operation(), func(ctx context.Context, in *I) (*struct{}, error) {
		if err := handle(ctx, in); err != nil {
			return nil, f.Problem(ctx, err)
		}
		return nil, nil
	})
}

// Raw registers an operation whose answer is more than a JSON body: headers, a stream.
func Raw[I, O any](f *Frame, r Route, handle func(context.Context, *I) (*O, error)) {
	huma.Register(f.API, r.operation(), func(ctx context.Context, in *I) (*O, error) {
		out, err := handle(ctx, in)
		if err != nil {
			return nil, f.Problem(ctx, err)
		}
		return out, nil
	})
}
