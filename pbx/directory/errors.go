package directory

import (
	"errors"
	"fmt"

	"frontdesk/store"
)

var (
	// ErrNotFound: no such trunk, number, extension, device or meeting.
	ErrNotFound = store.ErrNotFound
	// ErrOutOfOrder: a REGISTER that is older than the one already served (RFC 3261 §10.3 step 7).
	ErrOutOfOrder = errors.New("registration out of order")
	// ErrInUse: what shall be deleted is still used by something else.
	ErrInUse = errors.New("still in use")
	// ErrChanged: it was changed by somebody else since it was read.
	ErrChanged = errors.New("changed by somebody else meanwhile: load it again")
)

// Invalid says what is wrong with the input, for the person who gave it.
type Invalid struct {
	Field   string // as in JSON
	Problem string // a sentence that says what to do
}

func (e *Invalid) Error() string { return fmt.Sprintf("%s: %s", e.Field, e.Problem) }

func invalid(field, format string, args ...any) error {
	return &Invalid{Field: field, Problem: fmt.Sprintf(format, args...)}
}
