package pbx

import (
	"strings"

	"frontdesk/pbx/call"
)

// supervisePrefix, how, a colon and the id of a call are what is dialled to supervise it: on the node that runs it.
const supervisePrefix = "supervise:"

// Supervise is what is dialled to supervise a call.
func Supervise(how, call string) string { return supervisePrefix + how + ":" + call }

func supervised(dialled string) (how, call string, ok bool) {
	rest, ok := strings.CutPrefix(dialled, supervisePrefix)
	how, call, _ = strings.Cut(rest, ":")
	return how, call, ok
}

// supervise brings a leg into a call of this node that it supervises.
func (x *Exchange) supervise(leg Leg, how, id string) {
	x.mu.Lock()
	c := x.calls[id]
	x.mu.Unlock()
	if c == nil || !c.Supervise(leg, how) {
		call.Refuse(leg, CauseNotFound)
	}
}
