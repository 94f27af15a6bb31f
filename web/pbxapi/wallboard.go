package pbxapi

import (
	"context"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"frontdesk/pbx"
	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/queue"
	"frontdesk/web/api"
)

// LiveQueue is a queue as it is now.
type LiveQueue struct {
	ID      string         `json:"id"`
	Name    string         `json:"name"`
	Waiting int            `json:"waiting" doc:"Callers, with those who are to be called back"`
	Callers []queue.Caller `json:"callers" doc:"The first of them, who has waited longest first"`
	Agents  []LiveAgent    `json:"agents"`
}

// LiveAgent is an agent as he is now.
type LiveAgent struct {
	User     string    `json:"user"`
	State    string    `json:"state" enum:"offline,paused,rung,talking,busy,wrap_up,free" doc:"offline: not logged in; talking: with a caller of a queue; busy: in another call; wrap_up: has time after a call"`
	LoggedIn bool      `json:"logged_in"`
	Paused   bool      `json:"paused"`
	Since    time.Time `json:"since" doc:"Of having logged in or out, or been paused; of wrap_up until when it lasts"`
}

// shownCallers are named of each queue.
const shownCallers = 50

// AgentInput is what an agent changes; what is left out stays.
type AgentInput struct {
	LoggedIn *bool `json:"logged_in,omitempty" doc:"In all his queues. Who logs in is not paused"`
	Paused   *bool `json:"paused,omitempty"`
}

type agentPut struct {
	api.ByID
	Body AgentInput
}

// liveQueues are those of which one is an agent; admins see all.
func (o *Operations) liveQueues(ctx context.Context, _ *api.None) (api.Page[LiveQueue], error) {
	user := api.UserOf(ctx)
	all, err := o.directory.Queues(ctx)
	if err != nil {
		return api.Page[LiveQueue]{}, err
	}
	there, err := o.presence(ctx)
	busy := func(user string) bool { _, busy := there(user); return busy }
	live := []LiveQueue{}
	for _, q := range all {
		if err != nil {
			break
		}
		if !api.IsAdmin(user) && !slices.Contains(q.Agents, user.ID) {
			continue
		}
		var one LiveQueue
		one, err = o.liveQueue(ctx, q, busy)
		live = append(live, one)
	}
	return api.List(live, err)
}

func (o *Operations) liveQueue(ctx context.Context, q dialplan.Queue, busy func(string) bool) (LiveQueue, error) {
	callers, waiting, err := o.exchange.Waiting(ctx, q.ID, shownCallers)
	if err != nil {
		return LiveQueue{}, err
	}
	known, err := o.exchange.Agents(ctx, q.Agents)
	live := LiveQueue{ID: q.ID, Name: q.Name, Waiting: waiting, Callers: append([]queue.Caller{}, callers...),
		Agents: []LiveAgent{}}
	for _, user := range q.Agents {
		a := queue.Agent{User: user}
		if at := slices.IndexFunc(known, func(a queue.Agent) bool { return a.User == user }); at >= 0 {
			a = known[at]
		}
		live.Agents = append(live.Agents, liveAgent(a, busy(user), time.Now()))
	}
	return live, err
}

type callbackOf struct {
	api.ByID
	Call string `path:"call" maxLength:"40" doc:"Of the caller"`
}

// cancelCallback is for the queue's agents, and for admins.
func (o *Operations) cancelCallback(ctx context.Context, in *callbackOf) error {
	user := api.UserOf(ctx)
	all, err := o.directory.Queues(ctx)
	if err != nil {
		return err
	}
	of := func(q dialplan.Queue) bool {
		return q.ID == in.ID && (api.IsAdmin(user) || slices.Contains(q.Agents, user.ID))
	}
	if !slices.ContainsFunc(all, of) {
		return pbx.ErrNotFound
	}
	return o.exchange.CancelCallback(ctx, in.ID, in.Call)
}

// liveAgent says what an agent does.
func liveAgent(a queue.Agent, busy bool, now time.Time) LiveAgent {
	is := LiveAgent{User: a.User, State: "free", LoggedIn: a.LoggedIn, Paused: a.Paused, Since: a.Since}
	switch {
	case a.Talks != "":
		is.State = "talking"
	case a.Rung != "":
		is.State = "rung"
	case busy:
		is.State = "busy"
	case !a.LoggedIn:
		is.State = "offline"
	case a.Paused:
		is.State = "paused"
	case a.FreeAt.After(now):
		is.State, is.Since = "wrap_up", a.FreeAt
	}
	return is
}

// putAgent is for the agent, and for admins.
func (o *Operations) putAgent(ctx context.Context, in *agentPut) error {
	if user := api.UserOf(ctx); in.ID != user.ID && !api.IsAdmin(user) {
		return huma.Error403Forbidden("Only an administrator logs others in or out.")
	}
	if err := api.CheckActive(ctx, o.core, "id", in.ID); err != nil {
		return err
	}
	queues, err := o.directory.Queues(ctx)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(queues, func(q dialplan.Queue) bool { return slices.Contains(q.Agents, in.ID) }) {
		return huma.Error409Conflict("Is an agent of no queue: an administrator adds agents under Settings → " +
			"Telephony.")
	}
	return o.exchange.SetAgent(ctx, in.ID, in.Body.LoggedIn, in.Body.Paused)
}
