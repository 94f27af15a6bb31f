package directory

import "time"

// Queue is where callers wait for one of several agents.
type Queue struct {
	ID         string     `json:"id"`
	Name       string     `json:"name"`
	Strategy   Strategy   `json:"strategy" enum:"together,in_order,round_robin,longest_idle,random" doc:"Which of the free agents is rung"`
	Agents     []string   `json:"agents" doc:"Ids of users"`
	Seconds    int        `json:"seconds" doc:"How long an agent is rung"`
	WrapUp     int        `json:"wrap_up" doc:"Seconds that an agent has after a call before the next"`
	Priority   int        `json:"priority" doc:"For agents of several queues, the callers of the highest come first"`
	MaxWaiting int        `json:"max_waiting" doc:"Callers who wait at once; 0: no limit"`
	MaxWait    int        `json:"max_wait" doc:"Seconds that a caller waits at most"`
	Leads      QueueLeads `json:"leads"`
}

// QueueLeads are where callers go whom no agent takes; what is left out ends the call.
type QueueLeads struct {
	Full   *Destination `json:"full,omitempty" doc:"Too many wait already"`
	Waited *Destination `json:"waited,omitempty" doc:"One has waited too long"`
	Nobody *Destination `json:"nobody,omitempty" doc:"No agent is logged in"`
}

// all of them, by the field that they stand in.
func (l *QueueLeads) all() map[string]**Destination {
	return map[string]**Destination{"full": &l.Full, "waited": &l.Waited, "nobody": &l.Nobody}
}

// What comes of waiting for an agent.
const (
	Full   Outcome = "full"   // too many wait already
	Waited Outcome = "waited" // for too long
	Nobody Outcome = "nobody" // is logged in
)

// Enqueue has a caller wait in a queue until an agent takes the call.
type Enqueue struct {
	Queue   string // id
	Name    string
	Agents  []string
	Limit   int // of callers, 0: none
	Seconds int // that an agent is rung
	WrapUp  int
	MaxWait int

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

func (p *Plan) enqueue(id string, facts Facts) Step {
	q, exists := p.queues[id]
	if facts.chained++; !exists || facts.chained > maxChained {
		return facts.then
	}
	leads := func(to *Destination) Step {
		if to == nil {
			return facts.then
		}
		return p.destination(*to, facts)
	}
	return Enqueue{Queue: q.ID, Name: q.Name, Agents: q.Agents, Limit: q.MaxWaiting, Seconds: q.Seconds, WrapUp: q.WrapUp,
		MaxWait: q.MaxWait, Full: leads(q.Leads.Full), Waited: leads(q.Leads.Waited), Nobody: leads(q.Leads.Nobody)}
}

// Queues are those with agents who may be rung at a time: who does not want to be called then is left out.
func (p *Plan) Queues(at time.Time) (all []Queue) {
	for _, q := range p.queues {
		q.Agents = p.together(q.Agents, q.Seconds, Facts{at: at}).Users
		all = append(all, q)
	}
	return all
}
