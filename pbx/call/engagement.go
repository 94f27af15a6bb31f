package call

// Engagement is how a user takes part in a call, as the lamps of his colleagues show it.
type Engagement struct {
	Call   string          `json:"call"`
	State  EngagementState `json:"state"`
	Number string          `json:"number,omitempty"` // of who calls him, while he is rung
	Name   string          `json:"name,omitempty"`
}

// EngagementState is how far a call is for one of its users.
type EngagementState string

// The states: the later, the more of a user they take.
const (
	EngagedRinging EngagementState = "ringing" // he is rung, and not busy by that
	EngagedCalling EngagementState = "calling" // he calls, and nobody has answered
	EngagedTalking EngagementState = "talking"
)

// Busy tells whether it leaves a user free for other calls.
func (e Engagement) Busy() bool { return e.State != EngagedRinging }

// Engaged are the users of a call and how each takes part in it; whoever is in it by several legs does what takes most.
func (v View) Engaged() map[string]Engagement {
	all := map[string]Engagement{}
	if v.State == StateEnded {
		return all
	}
	for _, leg := range v.Legs {
		state, takes := engagement(leg.State)
		if leg.User == "" || !takes ||
			all[leg.User].State != "" && all[leg.User].rank() >= (Engagement{State: state}).rank() {
			continue
		}
		e := Engagement{Call: v.Call, State: state}
		if state == EngagedRinging {
			e.Number, e.Name = v.From, v.FromName
		}
		all[leg.User] = e
	}
	return all
}

func engagement(leg string) (state EngagementState, takes bool) {
	switch leg {
	case LegRinging:
		return EngagedRinging, true
	case LegCalling:
		return EngagedCalling, true
	case LegActive:
		return EngagedTalking, true
	}
	return "", false
}

func (e Engagement) rank() int {
	switch e.State {
	case EngagedRinging:
		return 1
	case EngagedCalling:
		return 2
	}
	return 3
}
