package call

import (
	"errors"

	"frontdesk/store"
)

var (
	// ErrNotFound: no such call.
	ErrNotFound = store.ErrNotFound
	// ErrNobody: the target of Dial has nothing that could ring.
	ErrNobody = errors.New("nobody is there to ring")
)
