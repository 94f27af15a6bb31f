package dialplan

import "slices"

// Number is a rented number (DID) and where its calls go.
type Number struct {
	E164        string      `json:"e164"`
	Trunk       string      `json:"trunk"`
	Label       string      `json:"label"`
	Destination Destination `json:"destination"`
	Timed
	Doubts *Doubts `json:"doubts,omitempty"`
}

// Doubts have calls lead elsewhere whose number the carrier does not vouch for. A call of which it says nothing that is
// believed is none of them.
type Doubts struct {
	Of string      `json:"of" enum:"failed,unverified" doc:"failed: calls whose number failed the check; unverified: those too that could not be checked"`
	To Destination `json:"to"`
}

func (d *Doubts) hold(v Verified) bool {
	return d != nil && (v == Forged || v == Unverified && d.Of == "unverified")
}

// Give has the heir rung instead of the user, whatever the call; false: nothing changes.
func (n *Number) Give(user, heir string) (given bool) {
	given = n.Timed.Give(&n.Destination, user, heir)
	return n.Doubts != nil && n.Doubts.To.Give(user, heir) || given
}

// Extension is a short internal number.
type Extension struct {
	Number string `json:"number"`
	Destination
	Timed
}

// Destination of a number, an extension or a hunt group.
type Destination struct {
	Ties        []string `json:"ties,omitempty"` // before all others, in this order, who is tied to the client: TieSpoke …
	Responsible bool     `json:"responsible"`    // first the client's responsible user
	// user, group, hunt_group, queue, meeting, menu, voicemail; refuse, of what is closed alone
	Kind      string   `json:"kind"`
	User      string   `json:"user,omitempty"`
	Users     []string `json:"users,omitempty"`      // group
	HuntGroup string   `json:"hunt_group,omitempty"` // id
	Queue     string   `json:"queue,omitempty"`      // id
	Meeting   string   `json:"meeting,omitempty"`
	Menu      string   `json:"menu,omitempty"`
	Voicemail string   `json:"voicemail,omitempty"` // id of the box
	Seconds   int      `json:"seconds"`             // how long each step rings, default 25

	Then *Destination `json:"then,omitempty"` // of user and group: where calls go that nobody takes
}

// Kinds of destinations that more than one place names.
const (
	ToGroup = "hunt_group"
	ToQueue = "queue"
	Refused = "refuse" // turns calls away, of what is closed alone
)

// each tells do of a destination, and of what follows it.
func (to Destination) each(do func(Destination)) {
	do(to)
	if to.Then != nil {
		to.Then.each(do)
	}
}

// names tells whether a destination itself rings a user.
func (to Destination) names(user string) bool {
	return to.Kind == "user" && to.User == user || to.Kind == "group" && slices.Contains(to.Users, user)
}

// rings tells whether a destination rings a user, or what follows it does.
func (to Destination) rings(user string) bool {
	return to.names(user) || to.Then != nil && to.Then.rings(user)
}

// Give has the heir rung instead of the user; false: nothing changes. What was the user's own number becomes a group of
// one: the heir calls with his own.
func (to *Destination) Give(user, heir string) (given bool) {
	then := to.Then != nil && to.Then.Give(user, heir)
	if !to.names(user) {
		return then
	}
	users := []string{heir}
	for _, id := range to.Users {
		if id != user && id != heir && to.Kind == "group" {
			users = append(users, id)
		}
	}
	to.Kind, to.User, to.Users = "group", "", users
	return true
}

// Timed has a number or extension lead elsewhere while a schedule is closed.
type Timed struct {
	Schedule string       `json:"schedule,omitempty"` // id; empty: it leads to the same at any time
	Closed   *Destination `json:"closed,omitempty"`   // there with a schedule
}

// people are those who are rung together, at whatever time.
func (t Timed) people(to Destination) [][]string {
	if t.Closed == nil {
		return [][]string{to.Users}
	}
	return [][]string{to.Users, t.Closed.Users}
}

// Give has the heir rung instead of the user, at whatever time; false: nothing changes.
func (t Timed) Give(to *Destination, user, heir string) (given bool) {
	given = to.Give(user, heir)
	return t.Closed != nil && t.Closed.Give(user, heir) || given
}

// replaced are users with the heir in a user's place, once.
func replaced(users []string, user, heir string) []string {
	at := slices.Index(users, user)
	switch {
	case at < 0:
	case slices.Contains(users, heir):
		return slices.Delete(users, at, at+1)
	default:
		users[at] = heir
	}
	return users
}
