package dialplan

// Ring rings users together, with all their phones.
type Ring struct {
	Users   []string
	Devices map[string][]string // ids of the users' desk phones
	Seconds int
	Desk    bool     // desk phones alone, of who is in a call: it is the one that he goes on with
	Rests   []string // users who are left out, for they don't want to be rung with others now

	// where it leads when nobody takes the call, by the most telling of the reasons
	NoAnswer, Busy, Declined, Offline Step
}

// Outcomes of Ring.
func (Ring) Outcomes() []Outcome { return rings() }

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
