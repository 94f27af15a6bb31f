package dialplan

import (
	"slices"
	"strconv"
)

// UserOf is the user whom an extension rings alone, "" for none.
func (p *Plan) UserOf(extension string) string {
	if e := p.extensions[extension]; e.Kind == "user" {
		return e.User
	}
	return ""
}

// SlotOf is the slot of a parked call that one dials to take it from there; not ok: something else is dialled.
func (p *Plan) SlotOf(dialled string) (slot int64, ok bool) {
	f, argument := p.codes.feature(dialled)
	if f != Park {
		return 0, false
	}
	slot, err := strconv.ParseInt(argument, 10, 32)
	return slot, err == nil && slot > 0
}

// CodeOf is what is dialled for a feature; "": nothing is.
func (p *Plan) CodeOf(f Feature) string { return p.codes[f] }

// mates are the users who share a group with a user: each may take a call that rings another.
func (p *Plan) mates(user string) map[string]bool {
	var groups [][]string
	for _, g := range p.groups {
		groups = append(groups, g.Members)
	}
	for _, n := range p.numbers {
		groups = append(groups, n.Timed.people(n.Destination)...)
	}
	for _, e := range p.extensions {
		groups = append(groups, e.Timed.people(e.Destination)...)
	}
	all := map[string]bool{}
	for _, users := range groups {
		if slices.Contains(users, user) {
			for _, mate := range users {
				all[mate] = true
			}
		}
	}
	return all
}

// MayPickUp tells whether a user may take a call that rings some users: one of them is himself, or of a group of his.
func (p *Plan) MayPickUp(user string, rung []string) bool {
	if user == "" {
		return false
	}
	mates := p.mates(user)
	return slices.ContainsFunc(rung, func(other string) bool { return other == user || mates[other] })
}

// IsAgent tells whether a user is an agent of any queue.
func (p *Plan) IsAgent(user string) bool {
	for _, q := range p.queues {
		if slices.Contains(q.Agents, user) {
			return true
		}
	}
	return false
}

// BoxesOf are the ids of the voicemail boxes of a user, in order.
func (p *Plan) BoxesOf(user string) (ids []string) {
	for id, b := range p.boxes {
		if slices.Contains(b.Users, user) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// UsersOfBox are those who get what callers leave in a box.
func (p *Plan) UsersOfBox(id string) []string { return p.boxes[id].Users }

// Box is a voicemail box; the zero one where there is none of the id.
func (p *Plan) Box(id string) VoicemailBox { return p.boxes[id] }

// Greets is the voicemail box whose greeting a user may change by phone: the one that is his alone, otherwise the first
// of those that he keeps.
func (p *Plan) Greets(user string) (box VoicemailBox, may bool) {
	if own, has := p.OwnBox(user); has && own.greetedBy(user) {
		return own, true
	}
	for _, id := range p.BoxesOf(user) {
		if b := p.boxes[id]; b.greetedBy(user) {
			return b, true
		}
	}
	return box, false
}

// OwnBox is the voicemail box that is a user's alone, otherwise the first of those that he shares.
func (p *Plan) OwnBox(user string) (own VoicemailBox, has bool) {
	ids := p.BoxesOf(user)
	for _, id := range ids {
		if len(p.boxes[id].Users) == 1 {
			return p.boxes[id], true
		}
	}
	if len(ids) == 0 {
		return own, false
	}
	return p.boxes[ids[0]], true
}
