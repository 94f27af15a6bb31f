package web

import "github.com/danielgtaylor/huma/v2"

// streamOutput is the answer of an operation that streams; it documents no body.
type streamOutput struct {
	Body func(huma.Context)
}
