// Package imap is how IMAP is written (RFC 3501 and 9051): commands with their literals as they are read from a
// connection, responses as they are written to it, and what is said of a message there. What commands do is not here.
package imap

import "fmt"

// Status is how a command ends (RFC 9051 section 7.1). As an error it is what the client is told.
type Status struct {
	Type string // OK, NO, BAD, BYE
	Code string // without brackets, or ""
	Text string
}

func (s *Status) Error() string {
	if s.Code != "" {
		return fmt.Sprintf("%s [%s] %s", s.Type, s.Code, s.Text)
	}
	return s.Type + " " + s.Text
}

// Bad is the answer to a command that can't be read, or not now.
func Bad(text string) *Status { return &Status{Type: "BAD", Text: text} }

// No is the answer to a command that can't be done.
func No(code, text string) *Status { return &Status{Type: "NO", Code: code, Text: text} }
