package web

import (
	"context"

	"github.com/danielgtaylor/huma/v2"
)

// result carries the body of an answer.
type result[T any] struct{ Body T }

// add registers an operation that answers with a body.
func add[I, O any](f *frame, r route, handle func(context.Context, *I) (O, error)) {
	huma.Register(f.API, r.operation(), func(ctx context.Context, in *I) (*result[O], error) {
		out, err := handle(ctx, in)
		if err != nil {
			return nil, f.problem(ctx, err)
		}
		return &result[O]{out}, nil
	})
}

// documentForm describes a multipart/form-data body of a POST that is registered. Told of it before, huma would read the body itself.
func (f *frame) documentForm(path string, form *huma.Schema) {
	f.OpenAPI().Paths[prefix+path].Post.RequestBody = &huma.RequestBody{
		Required: true, Content: map[string]*huma.MediaType{"multipart/form-data": {Schema: form}},
	}
}

// do registers an operation that answers with nothing but its success.
func do[I any](f *frame, r route, handle func(context.Context, *I) error) {
	huma.Register(f.API, r.operation(), func(ctx context.Context, in *I) (*struct{}, error) {
		if err := handle(ctx, in); err != nil {
			return nil, f.problem(ctx, err)
		}
		return nil, nil
	})
}

// raw registers an operation whose answer is more than a JSON body: headers, a stream.
func raw[I, O any](f *frame, r route, handle func(context.Context, *I) (*O, error)) {
	huma.Register(f.API, r.operation(), func(ctx context.Context, in *I) (*O, error) {
		out, err := handle(ctx, in)
		if err != nil {
			return nil, f.problem(ctx, err)
		}
		return out, nil
	})
}
