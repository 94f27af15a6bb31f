package dialplan

import (
	"cmp"
	"maps"
	"slices"

	"frontdesk/pbx/input"
)

// Queue is where callers wait for one of several agents.
type Queue struct {
	ID         string        `json:"id"`
	Name       string        `json:"name"`
	Strategy   Strategy      `json:"strategy" enum:"together,in_order,round_robin,longest_idle,random" doc:"Which of the free agents is rung"`
	Agents     []string      `json:"agents" doc:"Ids of users"`
	Seconds    int           `json:"seconds" doc:"How long an agent is rung"`
	WrapUp     int           `json:"wrap_up" doc:"Seconds that an agent has after a call before the next"`
	Priority   int           `json:"priority" doc:"For agents of several queues, the callers of the highest come first"`
	MaxWaiting int           `json:"max_waiting" doc:"Callers who wait at once; 0: no limit"`
	MaxWait    int           `json:"max_wait" doc:"Seconds that a caller waits at most"`
	Announce   int           `json:"announce" doc:"Every so many seconds a caller is told his place and how long he may have to wait; 0: never"`
	Language   string        `json:"language" enum:"en,ro,ru" doc:"In which he is told"`
	Music      string        `json:"music,omitempty" doc:"Id of the prompt that who waits hears; left out: the company's hold music"`
	Callback   QueueCallback `json:"callback"`
	Leads      QueueLeads    `json:"leads"`
}

// QueueCallback is whether who waits may hang up and be called when it is his turn.
type QueueCallback struct {
	Offered bool `json:"offered" doc:"A caller who presses 1 keeps his place and is called when it is his turn"`
	Tries   int  `json:"tries" doc:"So often he is called before somebody is left a task"`
	Minutes int  `json:"minutes" doc:"Between two times"`
}

// check validates it; what is left out is usual.
func (c *QueueCallback) check() error {
	c.Tries, c.Minutes = cmp.Or(c.Tries, 3), cmp.Or(c.Minutes, 10)
	switch {
	case c.Tries < 1 || c.Tries > 10:
		return input.Refuse("callback.tries", "a caller is called back 1 to 10 times")
	case c.Minutes < 1 || c.Minutes > 240:
		return input.Refuse("callback.minutes", "1 to 240 minutes later")
	}
	return nil
}

// QueueLeads are where callers go whom no agent takes; what is left out ends the call.
type QueueLeads struct {
	Full   *Destination `json:"full,omitempty" doc:"Too many wait already"`
	Waited *Destination `json:"waited,omitempty" doc:"One has waited too long"`
	Nobody *Destination `json:"nobody,omitempty" doc:"No agent is logged in"`
}

// All that are there, by the field that they stand in.
func (l QueueLeads) All() map[string]*Destination {
	all := map[string]*Destination{"full": l.Full, "waited": l.Waited, "nobody": l.Nobody}
	maps.DeleteFunc(all, func(_ string, to *Destination) bool { return to == nil })
	return all
}

// What comes of waiting for an agent.
const (
	Full   Outcome = "full"   // too many wait already
	Waited Outcome = "waited" // for too long
	Nobody Outcome = "nobody" // is logged in
)

// Enqueue has a caller wait in a queue until an agent takes the call.
type Enqueue struct {
	Queue    string // id
	Name     string
	Agents   []string
	Limit    int // of callers, 0: none
	Seconds  int // that an agent is rung
	WrapUp   int
	MaxWait  int
	Announce int    // seconds between two announcements, 0: none
	Language string // of them
	Music    string // prompt that is heard meanwhile; "": what ships
	Callback QueueCallback

	Full, Waited, Nobody Step
}

// Outcomes of Enqueue.
func (Enqueue) Outcomes() []Outcome { return []Outcome{Full, Waited, Nobody, Failed} }

// After Enqueue.
func (e Enqueue) After(o Outcome) Step {
	switch o {
	case Full:
		return e.Full
	case Nobody:
		return e.Nobody
	}
	return e.Waited
}

// rings tells whether a queue rings a user, or leads on to him.
func (q Queue) rings(user string) bool {
	for _, to := range q.Leads.All() {
		if to.rings(user) {
			return true
		}
	}
	return slices.Contains(q.Agents, user)
}

// Give takes a user out of the queue; where it leads on to him, it leads to the heir, who is its agent where it would
// have none. False: nothing changes.
func (q *Queue) Give(user, heir string) (given bool) {
	if !q.rings(user) {
		return false
	}
	q.Agents = slices.DeleteFunc(q.Agents, func(agent string) bool { return agent == user })
	if len(q.Agents) == 0 {
		q.Agents = []string{heir}
	}
	for _, to := range q.Leads.All() {
		to.Give(user, heir)
	}
	return true
}
