package imapd

import (
	"runtime/debug"

	"github.com/emersion/go-imap/v2"
)

// errBug is the answer to a command that met a bug of ours.
var errBug = no(imap.ResponseCodeServerBug, "Internal error")

// rescue, deferred, makes a panic the error of one command: the connection and what else it does go on. It must not be
// used while a FETCH response is being written, for its line couldn't be ended.
func (s *session) rescue(doing string, err *error) {
	if v := recover(); v != nil {
		s.log.Error("imap "+doing, "panic", v, "stack", string(debug.Stack()))
		*err = errBug
	}
}
