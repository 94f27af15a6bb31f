// Package input says what is wrong with what people and programs send.
package input

import "fmt"

// Invalid says what is wrong with the input, for the person who gave it.
type Invalid struct {
	Field   string // as in JSON
	Problem string // a sentence that says what to do
}

func (e *Invalid) Error() string { return fmt.Sprintf("%s: %s", e.Field, e.Problem) }

// Refuse is such an error; the problem is a format with its arguments.
func Refuse(field, problem string, args ...any) error {
	return &Invalid{Field: field, Problem: fmt.Sprintf(problem, args...)}
}
