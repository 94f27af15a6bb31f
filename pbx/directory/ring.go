package directory

import (
	"slices"

	"frontdesk/pbx/cause"
)

// Ring rings users together, with all their phones.
type Ring struct {
	Users   []string
	Devices map[string][]string // ids of the users' desk phones
	Seconds int

	// where it leads when nobody takes the call, by the most telling of the reasons
	NoAnswer, Busy, Declined, Offline Step
}

// After Ring.
func (r Ring) After(o Outcome) Step {
	switch o {
	case NoAnswer:
		return r.NoAnswer
	case Busy:
		return r.Busy
	case Declined:
		return r.Declined
	}
	return r.Offline
}

// OnlyUser is whom a program rings where that is one user alone, "" otherwise.
func OnlyUser(first Step) string {
	_, first = Decided(first)
	r, ok := first.(Ring)
	if !ok || len(r.Users) != 1 || r.NoAnswer != nil || r.Busy != nil || r.Declined != nil || r.Offline != nil {
		return ""
	}
	return r.Users[0]
}

// Ring rings users with their desk phones; then follows, whatever nobody takes the call for.
func (p *Plan) Ring(users []string, seconds int, then Step) Ring {
	r := Ring{Users: users, Devices: map[string][]string{}, Seconds: seconds, NoAnswer: then, Busy: then,
		Declined: then, Offline: then}
	for _, user := range users {
		if devices := p.devices[user]; len(devices) > 0 {
			r.Devices[user] = devices
		}
	}
	return r
}

// ringAll rings one group after the other; nil without any. A group that rings already does not ring again at once.
func (p *Plan) ringAll(groups [][]string, seconds int) (first Step) {
	for i, users := range slices.Backward(groups) {
		again := i > 0 && slices.Equal(users, groups[i-1]) || i == 2 && slices.Equal(users, groups[0])
		if len(users) > 0 && !again {
			first = p.Ring(users, seconds, first)
		}
	}
	return first
}

func (p *Plan) meeting(id string) Step {
	if _, exists := p.meetings[id]; !exists {
		return Refuse{cause.NotFound}
	}
	return Join{id}
}

func (p *Plan) destination(to Destination, facts Facts) Step {
	switch to.Kind {
	case "meeting":
		return p.meeting(to.Meeting)
	case "user":
		to.Users = []string{to.User}
	case refused:
		return Refuse{cause.Unavailable}
	}
	groups := [][]string{to.Users}
	if to.Responsible && len(facts.Users) > 0 {
		groups = [][]string{facts.Users[:1], facts.Users[1:], to.Users}
	}
	return orUnavailable(p.ringAll(groups, to.Seconds))
}

// orUnavailable refuses where nothing could ring.
func orUnavailable(first Step) Step {
	if first == nil {
		return Refuse{cause.Unavailable}
	}
	return first
}
