package api

import "github.com/danielgtaylor/huma/v2"

// StreamOutput is the answer of an operation that streams; it documents no body.
type StreamOutput struct {
	Body func(huma.Context)
}
