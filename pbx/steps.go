package pbx

import (
	"slices"

	"frontdesk/pbx/ledger"
)

// begins notes a step of a hunt in the record of its call.
func (h *hunt) begins(s ledger.Step) {
	if at := h.record.Begin(s); at >= 0 {
		h.open = append(h.open, at)
	}
}

// ends notes why nobody took the call in the steps that go on.
func (h *hunt) ends(why Cause) {
	for _, at := range h.open {
		h.record.End(at, string(why), "")
	}
	h.open, h.why = nil, CauseNone
}

// taken notes who took the call: of several steps that ring together the others end because of that.
func (h *hunt) taken(by Party) {
	for _, at := range h.open {
		if s := h.record.Steps[at]; slices.Contains(s.Users, by.User) || s.Trunk != "" && s.Trunk == by.Trunk {
			h.record.End(at, ledger.Answered, by.User)
		}
	}
	h.ends(CauseElsewhere)
}

// ledgerOf is where the hunt's call is written down.
func (c *Call) ledgerOf(h *hunt) *ledger.Entry {
	if h.visit != nil {
		return h.visit.ledger
	}
	return c.ledger
}
