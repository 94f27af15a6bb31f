package directory

import (
	"errors"

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
