package crmcore

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// What a record may hold: characters, or members of a list.
const (
	maxName    = 200
	maxTitle   = 300
	maxComment = 20_000
	maxPoints  = 30
)

// checkText bounds a text in characters and refuses what no database or screen can hold.
func checkText(field, s string, low, high int) error {
	n := utf8.RuneCountInString(s)
	switch {
	case !utf8.ValidString(s) || strings.ContainsRune(s, 0):
		return invalid(field, "is not readable text")
	case n < low:
		return invalid(field, "is missing")
	case n > high:
		return invalid(field, fmt.Sprintf("is longer than %d characters", high))
	}
	return nil
}

// field is a text to trim and bound.
type field struct {
	name      string
	value     *string
	low, high int
}

// checkTexts trims and checks several texts.
func checkTexts(fields ...field) error {
	for _, f := range fields {
		*f.value = strings.TrimSpace(*f.value)
		if err := checkText(f.name, *f.value, f.low, f.high); err != nil {
			return err
		}
	}
	return nil
}

// firstOf is the first of joined errors: people mend one thing at a time.
func firstOf(err error) error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		return joined.Unwrap()[0]
	}
	return err
}

func orDefault[T comparable](v, fallback T) T {
	var zero T
	if v == zero {
		return fallback
	}
	return v
}

// now is the time as the database keeps it, so that what is returned equals what will be read.
func now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

func first[T any](n int, all []T) []T { return all[:min(len(all), n)] }
