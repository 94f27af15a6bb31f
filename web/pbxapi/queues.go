package pbxapi

import (
	"context"

	"frontdesk/pbx/dialplan"
	"frontdesk/web/api"
)

// QueueInput is a queue to be made or changed.
type QueueInput struct {
	Name       string             `json:"name" minLength:"1" maxLength:"100"`
	Strategy   dialplan.Strategy  `json:"strategy" enum:"together,in_order,round_robin,longest_idle,random" doc:"Which of the free agents is rung"`
	Agents     []string           `json:"agents" minItems:"1" maxItems:"200" doc:"Ids of users"`
	Seconds    int                `json:"seconds,omitempty" minimum:"0" maximum:"120" doc:"How long an agent is rung; 20 when left out"`
	WrapUp     int                `json:"wrap_up,omitempty" minimum:"0" maximum:"3600" doc:"Seconds that an agent has after a call before the next"`
	Priority   int                `json:"priority,omitempty" minimum:"0" maximum:"10" doc:"For agents of several queues, the callers of the highest come first"`
	MaxWaiting int                `json:"max_waiting,omitempty" minimum:"0" maximum:"1000" doc:"Callers who wait at once; 0: no limit"`
	MaxWait    int                `json:"max_wait,omitempty" minimum:"0" maximum:"7200" doc:"Seconds that a caller waits at most; 600 when left out"`
	Announce   int                `json:"announce,omitempty" minimum:"0" maximum:"600" doc:"Every so many seconds a caller is told his place and how long he may have to wait; 0: never"`
	Language   string             `json:"language,omitempty" enum:"en,ro,ru" default:"en" doc:"In which he is told"`
	Music      string             `json:"music,omitempty" maxLength:"40" doc:"Id of the prompt that who waits hears; left out: the company's hold music"`
	Callback   QueueCallbackInput `json:"callback,omitempty"`
	Leads      QueueLeadsInput    `json:"leads,omitempty"`
}

// QueueCallbackInput is whether who waits may hang up and be called when it is his turn.
type QueueCallbackInput struct {
	Offered bool `json:"offered,omitempty" doc:"A caller who presses 1 keeps his place and is called when it is his turn"`
	Tries   int  `json:"tries,omitempty" minimum:"0" maximum:"10" doc:"So often he is called before somebody is left a task; 3 when left out"`
	Minutes int  `json:"minutes,omitempty" minimum:"0" maximum:"240" doc:"Between two times; 10 when left out"`
}

// QueueLeadsInput are where callers go whom no agent takes; what is left out ends the call.
type QueueLeadsInput struct {
	Full   *DestinationInput `json:"full,omitempty" doc:"Too many wait already"`
	Waited *DestinationInput `json:"waited,omitempty" doc:"One has waited too long"`
	Nobody *DestinationInput `json:"nobody,omitempty" doc:"No agent is logged in"`
}

func (in QueueInput) queue(id string) dialplan.Queue {
	q := dialplan.Queue{ID: id, Name: in.Name, Strategy: in.Strategy, Agents: in.Agents, Seconds: in.Seconds,
		WrapUp: in.WrapUp, Priority: in.Priority, MaxWaiting: in.MaxWaiting, MaxWait: in.MaxWait, Announce: in.Announce,
		Language: in.Language, Music: in.Music, Callback: dialplan.QueueCallback(in.Callback),
		Leads: dialplan.QueueLeads{Full: in.Leads.Full.lead(), Waited: in.Leads.Waited.lead(),
			Nobody: in.Leads.Nobody.lead()}}
	if q.Seconds == 0 {
		q.Seconds = 20
	}
	if q.MaxWait == 0 {
		q.MaxWait = 600
	}
	return q
}

// lead is the destination of an input that may be left out.
func (in *DestinationInput) lead() *dialplan.Destination {
	if in == nil {
		return nil
	}
	to := in.destination()
	return &to
}

type (
	queueCreate struct{ Body QueueInput }
	queuePut    struct {
		api.ByID
		Body QueueInput
	}
)

func (o *Operations) listQueues(ctx context.Context, _ *api.None) (api.Page[dialplan.Queue], error) {
	return api.List(o.directory.Queues(ctx))
}

func (o *Operations) createQueue(ctx context.Context, in *queueCreate) (dialplan.Queue, error) {
	return o.saveQueue(ctx, in.Body.queue(""))
}

func (o *Operations) putQueue(ctx context.Context, in *queuePut) (dialplan.Queue, error) {
	return o.saveQueue(ctx, in.Body.queue(in.ID))
}

func (o *Operations) saveQueue(ctx context.Context, q dialplan.Queue) (dialplan.Queue, error) {
	if err := api.CheckActive(ctx, o.core, "agents", q.Agents...); err != nil {
		return q, err
	}
	for field, to := range map[string]*dialplan.Destination{"full": q.Leads.Full, "waited": q.Leads.Waited,
		"nobody": q.Leads.Nobody} {
		if to != nil {
			if err := o.checkActive(ctx, "leads."+field, *to); err != nil {
				return q, err
			}
		}
	}
	err := o.directory.SaveQueue(ctx, &q)
	o.live.Hub.Changed("queue")
	return q, err
}

func (o *Operations) deleteQueue(ctx context.Context, in *api.ByID) error {
	defer o.live.Hub.Changed("queue")
	return o.directory.DeleteQueue(ctx, in.ID)
}
