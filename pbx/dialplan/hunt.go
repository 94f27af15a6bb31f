package dialplan

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"time"
)

// Strategy is in which order a hunt group is rung.
type Strategy string

const (
	Together    Strategy = "together"     // all at once
	InOrder     Strategy = "in_order"     // one after another, as they stand in the list
	RoundRobin  Strategy = "round_robin"  // one after another; each call begins with the next one
	LongestIdle Strategy = "longest_idle" // one after another, first whose last call ended longest ago
	Random      Strategy = "random"       // one after another, as chance has it
)

// Strategies are all.
var strategies = [...]Strategy{Together, InOrder, RoundRobin, LongestIdle, Random}

// HuntGroup is people who are rung for all numbers that lead there.
type HuntGroup struct {
	ID        string       `json:"id"`
	Name      string       `json:"name"`
	Strategy  Strategy     `json:"strategy" enum:"together,in_order,round_robin,longest_idle,random"`
	Members   []string     `json:"members" doc:"Ids of users"`
	Seconds   int          `json:"seconds" doc:"How long each step rings"`
	Otherwise *Destination `json:"otherwise,omitempty" doc:"Where a call goes that nobody takes; left out: it ends"`
}

// Hunt rings a hunt group. In which order is known when it begins: Rings says it.
type Hunt struct {
	Group    string // id
	Name     string
	Strategy Strategy
	Members  []string
	Devices  map[string][]string // ids of the members' desk phones
	Rests    []string            // members who are left out, for they don't want to be rung with others now
	Seconds  int

	Otherwise Step // nobody took the call
}

// Outcomes of Hunt.
func (Hunt) Outcomes() []Outcome { return rings() }

// After Hunt.
func (h Hunt) After(Outcome) Step { return h.Otherwise }

// Turn is what the order of a call depends on besides the group.
type Turn struct {
	Number int64                // of the call, among those that went round
	Talked map[string]time.Time // when the last call of a member ended; of who has none, the zero time
	Chance uint64
}

// Rings are the steps that ring the group, one after the other.
func (h Hunt) Rings(t Turn) (steps []Step) {
	for _, users := range Arrange(h.Strategy, h.Members, t) {
		r := Ring{Users: users, Devices: map[string][]string{}, Seconds: h.Seconds}
		for _, user := range users {
			if devices := h.Devices[user]; len(devices) > 0 {
				r.Devices[user] = devices
			}
		}
		steps = append(steps, r)
	}
	return steps
}

// Arrange puts people into the order in which they are rung: those together that ring together.
func Arrange(s Strategy, members []string, t Turn) (rounds [][]string) {
	if len(members) == 0 {
		return nil
	}
	if s == Together {
		return [][]string{members}
	}
	order := slices.Clone(members)
	switch s {
	case RoundRobin:
		first := int(uint64(t.Number) % uint64(len(members)))
		order = slices.Concat(members[first:], members[:first])
	case LongestIdle:
		slices.SortStableFunc(order, func(a, b string) int {
			return cmp.Compare(t.Talked[a].UnixMicro(), t.Talked[b].UnixMicro())
		})
	case Random:
		dice := rand.New(rand.NewPCG(t.Chance, t.Chance))
		dice.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
	}
	for i := range order {
		rounds = append(rounds, order[i:i+1:i+1])
	}
	return rounds
}

// rings tells whether a group rings a user, or leads on to him.
func (g HuntGroup) rings(user string) bool {
	return slices.Contains(g.Members, user) || g.Otherwise != nil && g.Otherwise.rings(user)
}

// Give has the heir rung instead of the user; false: nothing changes.
func (g *HuntGroup) Give(user, heir string) (given bool) {
	if !g.rings(user) {
		return false
	}
	g.Members = replaced(g.Members, user, heir)
	if g.Otherwise != nil {
		g.Otherwise.Give(user, heir)
	}
	return true
}
