// Package registrar takes the registrations of phones, and of PBXs that log in as a trunk of ours (RFC 3261 §10).
package registrar

import (
	"time"

	"frontdesk/pbx/directory"
	"frontdesk/sip/stack"
	"frontdesk/sip/trunks"
)

// Config of a registrar.
type Config struct {
	Node        string        // of the bindings it saves
	MinExpires  time.Duration // of a registration
	MaxExpires  time.Duration
	MaxBindings int  // contacts of one device
	SHA256      bool // challenge with it, too
}

// Registrar saves where phones and PBXs are, in the directory.
type Registrar struct {
	*stack.Stack
	cfg    Config
	dir    *directory.Directory
	trunks *trunks.Trunks
}

// New makes one that answers over the stack.
func New(s *stack.Stack, dir *directory.Directory, l *trunks.Trunks, cfg Config) *Registrar {
	return &Registrar{Stack: s, cfg: cfg, dir: dir, trunks: l}
}
