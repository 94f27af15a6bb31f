package pbxapi

import (
	"context"
	"slices"

	"frontdesk/pbx/directory"
)

// orders are in which order the next call would ring hunt groups, by their ids: those together who ring together.
type orders map[string][][]string

func (o *Operations) orders(ctx context.Context, first directory.Step) (orders, error) {
	all := orders{}
	for _, node := range directory.Chart(first) {
		if group, ok := node.Step.(directory.Hunt); ok {
			turn, err := o.exchange.Turn(ctx, group)
			if err != nil {
				return nil, err
			}
			all[group.Group] = directory.Arrange(expected(group.Strategy), group.Members, turn)
		}
	}
	return all, nil
}

// expected is a strategy as far as it can be foreseen: of chance, anybody may be the first.
func expected(s directory.Strategy) directory.Strategy {
	if s == directory.Random {
		return directory.Together
	}
	return s
}

// of are the users whom a step rings.
func (o orders) of(s directory.Step) [][]string {
	switch s := s.(type) {
	case directory.Ring:
		return [][]string{s.Users}
	case directory.Hunt:
		return o[s.Group]
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
