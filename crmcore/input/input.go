// Package input checks what people and programs send, and tells them what is wrong with it.
package input

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Invalid says which field of an input can't be accepted and why, in words for the person who typed it.
type Invalid struct {
	Field   string // json name, "phones[1]" for a member of a list
	Problem string
}

func (e *Invalid) Error() string { return e.Field + ": " + e.Problem }

// Refuse is such an error.
func Refuse(field, problem string) error { return &Invalid{Field: field, Problem: problem} }

// What a record may hold: characters, or members of a list.
const (
	MaxName    = 200
	MaxTitle   = 300
	MaxComment = 20_000
	MaxPoints  = 30
)

// Text bounds a text in characters and refuses what no database or screen can hold.
func Text(field, s string, low, high int) error {
	n := utf8.RuneCountInString(s)
	switch {
	case !utf8.ValidString(s) || strings.ContainsRune(s, 0):
		return Refuse(field, "is not readable text")
	case n < low:
		return Refuse(field, "is missing")
	case n > high:
		return Refuse(field, fmt.Sprintf("is longer than %d characters", high))
	}
	return nil
}

// Bounded is a text of an input, and how long it may be.
type Bounded struct {
	name      string
	value     *string
	low, high int // characters
}

// Bound names a text to trim and check.
func Bound(name string, value *string, low, high int) Bounded { return Bounded{name, value, low, high} }

// Texts trims and checks several texts.
func Texts(fields ...Bounded) error {
	for _, f := range fields {
		*f.value = strings.TrimSpace(*f.value)
		if err := Text(f.name, *f.value, f.low, f.high); err != nil {
			return err
		}
	}
	return nil
}

// First is the first of joined errors: people mend one thing at a time.
func First(err error) error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return joined.Unwrap()[0]
	}
	return err
}
