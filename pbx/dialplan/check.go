package dialplan

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"frontdesk/pbx/input"
)

// What an admin makes is checked against the plan as it is; each check brings the thing into its form. Errors:
// *input.Invalid.

// longestHunt is how long a caller is rung for at most, all steps together.
const longestHunt = 150

// CheckGroup validates a hunt group.
func (p *Plan) CheckGroup(g *HuntGroup) error {
	g.Name = strings.TrimSpace(g.Name)
	rounds := len(Arrange(g.Strategy, g.Members, Turn{}))
	switch {
	case g.Name == "" || len(g.Name) > 100:
		return input.Refuse("name", "give the group a name of at most 100 characters")
	case len(g.Members) > 50:
		return input.Refuse("members", "choose 1 to 50 people")
	case g.Seconds < 5 || g.Seconds > 120:
		return input.Refuse("seconds", "a step rings 5 to 120 seconds")
	case rounds*g.Seconds > longestHunt && g.Strategy != Together:
		return input.Refuse("seconds",
			"%d people one after another for %d seconds each: a caller would be rung for %d "+
				"seconds, and more than %d is too long: choose fewer people, fewer seconds, or ring them together",
			rounds, g.Seconds, rounds*g.Seconds, longestHunt)
	}
	if err := checkTeam(g.Strategy, "members", g.Members); err != nil || g.Otherwise == nil {
		return err
	}
	if err := p.checkOnward("otherwise", g.Otherwise); err != nil {
		return err
	}
	return p.checkCircle(*g)
}

// checkTeam validates who is rung by a strategy.
func checkTeam(s Strategy, field string, users []string) error {
	switch {
	case !slices.Contains(strategies[:], s):
		return input.Refuse("strategy", "must be together, in_order, round_robin, longest_idle or random")
	case len(users) == 0:
		return input.Refuse(field, "choose at least one person")
	}
	for i, user := range users {
		if slices.Contains(users[:i], user) {
			return input.Refuse(field, "somebody is there twice")
		}
	}
	return nil
}

// checkCircle refuses a group that leads back to itself: calls would go round.
func (p *Plan) checkCircle(g HuntGroup) error {
	passed := map[string]bool{}
	for to := g.Otherwise; to != nil && to.Kind == ToGroup && !passed[to.HuntGroup]; {
		if to.HuntGroup == g.ID {
			return input.Refuse("otherwise.hunt_group", "that leads back to this group: choose something else")
		}
		passed[to.HuntGroup] = true
		to = p.groups[to.HuntGroup].Otherwise
	}
	return nil
}

// CheckQueue validates a queue.
func (p *Plan) CheckQueue(q *Queue) error {
	q.Name = strings.TrimSpace(q.Name)
	switch {
	case q.Name == "" || len(q.Name) > 100:
		return input.Refuse("name", "give the queue a name of at most 100 characters")
	case len(q.Agents) > 200:
		return input.Refuse("agents", "choose 1 to 200 people")
	case q.Seconds < 5 || q.Seconds > 120:
		return input.Refuse("seconds", "an agent is rung 5 to 120 seconds")
	case q.WrapUp < 0 || q.WrapUp > 3600:
		return input.Refuse("wrap_up", "an agent has at most 3600 seconds after a call")
	case q.Priority < 0 || q.Priority > 10:
		return input.Refuse("priority", "must be 0 to 10")
	case q.MaxWaiting < 0 || q.MaxWaiting > 1000:
		return input.Refuse("max_waiting", "at most 1000 callers; 0 sets no limit")
	case q.MaxWait < 10 || q.MaxWait > 7200:
		return input.Refuse("max_wait", "a caller waits 10 to 7200 seconds")
	case q.Announce != 0 && (q.Announce < 15 || q.Announce > 600):
		return input.Refuse("announce", "every 15 to 600 seconds; 0 for never")
	}
	if err := cmp.Or(q.Callback.check(), checkTeam(q.Strategy, "agents", q.Agents)); err != nil {
		return err
	}
	for name, to := range q.Leads.All() {
		field := "leads." + name
		if to.Kind == ToQueue && to.Queue == q.ID && q.ID != "" {
			return input.Refuse(field+".queue", "that leads back to this queue: choose something else")
		}
		if err := p.checkOnward(field, to); err != nil {
			return err
		}
	}
	return nil
}

// keypad has the keys of a telephone.
const keypad = "0123456789*#"

// CheckMenu validates a menu or announcement. Its prompt is not looked up.
func (p *Plan) CheckMenu(m *Menu) error {
	m.Wait = cmp.Or(m.Wait, 5)
	switch {
	case strings.TrimSpace(m.Name) == "":
		return input.Refuse("name", "give it a name")
	case m.Prompt == "":
		return input.Refuse("prompt", "choose what it says")
	case m.Wait < 1 || m.Wait > 60:
		return input.Refuse("wait", "1 to 60 seconds")
	case m.Repeats < 0 || m.Repeats > 9:
		return input.Refuse("repeats", "0 to 9 times")
	case m.Direct && len(m.Keys) == 0:
		return input.Refuse("direct", "only a menu with keys takes extensions")
	}
	seen := ""
	for i := range m.Keys {
		k := &m.Keys[i]
		if len(k.Key) != 1 || !strings.Contains(keypad, k.Key) || strings.Contains(seen, k.Key) {
			return input.Refuse(fmt.Sprintf("keys[%d].key", i), "each key once: 0 to 9, * or #")
		}
		seen += k.Key
		if err := p.checkOnward(fmt.Sprintf("keys[%d].to", i), &k.To); err != nil {
			return err
		}
	}
	if m.Keys == nil {
		m.Keys = []MenuKey{}
	}
	if m.Otherwise == nil {
		return nil
	}
	return p.checkOnward("otherwise", m.Otherwise)
}

// Check validates a voicemail box. Its greeting is not looked up.
func (b *VoicemailBox) Check() error {
	b.Seconds = cmp.Or(b.Seconds, 180)
	switch {
	case strings.TrimSpace(b.Name) == "":
		return input.Refuse("name", "give it a name")
	case len(b.Users) == 0 || len(b.Users) > 50:
		return input.Refuse("users", "choose 1 to 50 users who get the messages")
	case b.Seconds < 10 || b.Seconds > 600:
		return input.Refuse("seconds", "10 to 600 seconds")
	case b.Keeper != "" && !slices.Contains(b.Users, b.Keeper):
		return input.Refuse("keeper", "choose one of those who get the messages")
	}
	return nil
}
