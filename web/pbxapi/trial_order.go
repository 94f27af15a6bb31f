package pbxapi

import (
	"context"
	"slices"

	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/queue"
)

// orders are in which order the next call would ring hunt groups and the agents of queues, by their ids: those
// together who ring together.
type orders map[string][][]string

func (o *Operations) orders(ctx context.Context, first dialplan.Step) (orders, error) {
	all := orders{}
	for _, node := range dialplan.Chart(first) {
		switch s := node.Step.(type) {
		case dialplan.Hunt:
			turn, err := o.exchange.Turn(ctx, s)
			if err != nil {
				return nil, err
			}
			all[s.Group] = dialplan.Arrange(expected(s.Strategy), s.Members, turn)
		case dialplan.Enqueue:
			agents, err := o.exchange.Agents(ctx, s.Agents)
			if err != nil {
				return nil, err
			}
			all[s.Queue] = dialplan.Arrange(dialplan.Together, loggedIn(agents), dialplan.Turn{})
		}
	}
	return all, nil
}

// expected is a strategy as far as it can be foreseen: of chance, anybody may be the first.
func expected(s dialplan.Strategy) dialplan.Strategy {
	if s == dialplan.Random {
		return dialplan.Together
	}
	return s
}

// of are the users whom a step rings.
func (o orders) of(s dialplan.Step) [][]string {
	switch s := s.(type) {
	case dialplan.Ring:
		return [][]string{s.Users}
	case dialplan.Hunt:
		return o[s.Group]
	case dialplan.Enqueue:
		return o[s.Queue]
	}
	return nil
}

// firstFree are those of the first round with somebody who can take the call.
func firstFree(rounds [][]string, there func(user string) (away, busy bool)) (users []string) {
	for _, round := range rounds {
		users = slices.DeleteFunc(slices.Clone(round), func(user string) bool {
			away, busy := there(user)
			return away || busy
		})
		if len(users) > 0 {
			break
		}
	}
	return users
}

// loggedIn are the agents who take calls.
func loggedIn(agents []queue.Agent) (users []string) {
	for _, a := range agents {
		if a.LoggedIn && !a.Paused {
			users = append(users, a.User)
		}
	}
	return users
}

// waits is what comes of waiting in a queue whose agents don't take the call.
func (o orders) waits(s dialplan.Step) dialplan.Outcome {
	if len(o.of(s)) == 0 {
		return dialplan.Nobody
	}
	return dialplan.Waited
}
