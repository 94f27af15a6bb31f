package pbxapi

import (
	"context"

	"frontdesk/pbx/dialplan"
	"frontdesk/web/api"
)

// DestinationInput is where the calls of a number go.
type DestinationInput struct {
	Ties        []string `json:"ties,omitempty" maxItems:"3" enum:"spoke,missed,deal" doc:"Before all others, in this order: who last spoke with the client, who missed his last call, whose open deal he has"`
	Responsible bool     `json:"responsible,omitempty" doc:"First the client's responsible user"`
	Kind        string   `json:"kind" enum:"user,group,hunt_group,queue,meeting,menu,voicemail,refuse" doc:"menu: a voice menu or announcement; refuse: turned away, of closed alone"`
	User        string   `json:"user,omitempty"`
	Users       []string `json:"users,omitempty" maxItems:"100"`
	HuntGroup   string   `json:"hunt_group,omitempty" maxLength:"40" doc:"Id"`
	Queue       string   `json:"queue,omitempty" maxLength:"40" doc:"Id"`
	Meeting     string   `json:"meeting,omitempty"`
	Menu        string   `json:"menu,omitempty" maxLength:"40" doc:"Id of a voice menu or announcement"`
	Voicemail   string   `json:"voicemail,omitempty" maxLength:"40" doc:"Id of a voicemail box"`
	Seconds     int      `json:"seconds,omitempty" minimum:"0" maximum:"300" doc:"How long each step rings; 25 when left out"`

	Then *OnwardInput `json:"then,omitempty" doc:"Of user and group: where calls go that nobody takes; left out: the caller hears that nobody answers"`
}

func (in DestinationInput) destination() dialplan.Destination {
	to := dialplan.Destination{Ties: in.Ties, Responsible: in.Responsible,
		Kind: in.Kind, User: in.User, Users: in.Users,
		HuntGroup: in.HuntGroup, Queue: in.Queue, Meeting: in.Meeting, Menu: in.Menu, Voicemail: in.Voicemail,
		Seconds: in.Seconds}
	if in.Then != nil {
		to.Then = new(in.Then.destination())
	}
	return to
}

// OnwardInput is where calls go that nobody has taken, or that a machine has answered.
type OnwardInput struct {
	Kind      string   `json:"kind" enum:"user,group,hunt_group,queue,meeting,menu,voicemail,refuse" doc:"refuse: hung up"`
	User      string   `json:"user,omitempty"`
	Users     []string `json:"users,omitempty" maxItems:"100"`
	HuntGroup string   `json:"hunt_group,omitempty" maxLength:"40"`
	Queue     string   `json:"queue,omitempty" maxLength:"40"`
	Meeting   string   `json:"meeting,omitempty" maxLength:"40"`
	Menu      string   `json:"menu,omitempty" maxLength:"40"`
	Voicemail string   `json:"voicemail,omitempty" maxLength:"40"`
	Seconds   int      `json:"seconds,omitempty" minimum:"0" maximum:"300"`
}

func (in OnwardInput) destination() dialplan.Destination {
	return dialplan.Destination{Kind: in.Kind, User: in.User, Users: in.Users, HuntGroup: in.HuntGroup, Queue: in.Queue,
		Meeting: in.Meeting, Menu: in.Menu, Voicemail: in.Voicemail, Seconds: in.Seconds}
}

// TimedInput is where calls go outside of working hours.
type TimedInput struct {
	Schedule string            `json:"schedule,omitempty" maxLength:"40" doc:"Id of working hours; left out: the same at any time"`
	Closed   *DestinationInput `json:"closed,omitempty" doc:"Where calls go outside of them"`
}

func (in TimedInput) timed() dialplan.Timed {
	if in.Closed == nil {
		return dialplan.Timed{Schedule: in.Schedule}
	}
	closed := in.Closed.destination()
	return dialplan.Timed{Schedule: in.Schedule, Closed: &closed}
}

// NumberInput is a number's trunk and destination.
type NumberInput struct {
	Trunk       string           `json:"trunk" doc:"Id"`
	Label       string           `json:"label,omitempty" maxLength:"200"`
	Destination DestinationInput `json:"destination"`
	TimedInput
	Doubts *DoubtsInput `json:"doubts,omitempty" doc:"Where calls go whose number the carrier does not vouch for; left out: as all others"`
}

// DoubtsInput is where calls go whose number the carrier does not vouch for (STIR/SHAKEN).
type DoubtsInput struct {
	Of string      `json:"of" enum:"failed,unverified" doc:"failed: calls whose number failed the check; unverified: those too that could not be checked"`
	To OnwardInput `json:"to"`
}

func (in *DoubtsInput) doubts() *dialplan.Doubts {
	if in == nil {
		return nil
	}
	return &dialplan.Doubts{Of: in.Of, To: in.To.destination()}
}

// ExtensionInput is an extension's destination.
type ExtensionInput struct {
	DestinationInput
	TimedInput
}

type (
	NumberPath struct {
		E164 string `path:"e164" maxLength:"30"`
	}
	numberPut struct {
		NumberPath
		Body NumberInput
	}
	ExtensionPath struct {
		Number string `path:"number" maxLength:"20"`
	}
	extensionPut struct {
		ExtensionPath
		Body ExtensionInput
	}
	outboundPut struct{ Body dialplan.OutboundPolicy }
)

func (o *Operations) listNumbers(ctx context.Context, _ *api.None) (api.Page[dialplan.Number], error) {
	return api.List(o.directory.Numbers(ctx))
}

func (o *Operations) putNumber(ctx context.Context, in *numberPut) (dialplan.Number, error) {
	n := dialplan.Number{E164: in.E164, Trunk: in.Body.Trunk, Label: in.Body.Label,
		Destination: in.Body.Destination.destination(), Timed: in.Body.timed(), Doubts: in.Body.Doubts.doubts()}
	if err := o.checkRung(ctx, n.Destination, n.Timed); err != nil {
		return n, err
	}
	if n.Doubts != nil {
		if err := o.checkActive(ctx, "doubts.to", n.Doubts.To); err != nil {
			return n, err
		}
	}
	err := o.directory.SaveNumber(ctx, &n)
	return n, err
}

// checkRung fails when a number or extension rings somebody who is not here, or not any more.
func (o *Operations) checkRung(ctx context.Context, to dialplan.Destination, t dialplan.Timed) error {
	if err := o.checkActive(ctx, "destination", to); err != nil || t.Schedule == "" || t.Closed == nil {
		return err
	}
	return o.checkActive(ctx, "closed", *t.Closed)
}

func (o *Operations) checkActive(ctx context.Context, field string, to dialplan.Destination) error {
	switch to.Kind {
	case "user":
		return api.CheckActive(ctx, o.core, field+".user", to.User)
	case "group":
		return api.CheckActive(ctx, o.core, field+".users", to.Users...)
	}
	return nil
}

func (o *Operations) deleteNumber(ctx context.Context, in *NumberPath) error {
	return o.directory.DeleteNumber(ctx, in.E164)
}

func (o *Operations) listExtensions(ctx context.Context, _ *api.None) (api.Page[dialplan.Extension], error) {
	return api.List(o.directory.Extensions(ctx))
}

func (o *Operations) putExtension(ctx context.Context, in *extensionPut) (dialplan.Extension, error) {
	e := dialplan.Extension{Number: in.Number, Destination: in.Body.destination(), Timed: in.Body.timed()}
	if err := o.checkRung(ctx, e.Destination, e.Timed); err != nil {
		return e, err
	}
	err := o.directory.SaveExtension(ctx, &e)
	return e, err
}

func (o *Operations) deleteExtension(ctx context.Context, in *ExtensionPath) error {
	return o.directory.DeleteExtension(ctx, in.Number)
}

func (o *Operations) getOutbound(ctx context.Context, _ *api.None) (dialplan.OutboundPolicy, error) {
	return o.directory.Policy(ctx)
}

func (o *Operations) putOutbound(ctx context.Context, in *outboundPut) (dialplan.OutboundPolicy, error) {
	if err := o.directory.SavePolicy(ctx, in.Body); err != nil {
		return in.Body, err
	}
	return o.directory.Policy(ctx)
}
