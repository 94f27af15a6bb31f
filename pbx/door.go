// Package pbx is call control: the calls of this node, what happens in them, and the record of every call. It knows
// neither SIP nor WebRTC: the edges present their parties as Legs and offer Dialers to reach more.
//
// A call is call.Call, in a room of its own; here are its acts (act_*.go), the exchange that has the calls of this node
// (exchange.go), its meetings (lobby.go), and who lets callers in (arrive.go).
package pbx

import (
	"frontdesk/pbx/call"
	"frontdesk/pbx/cause"
	"frontdesk/pbx/dialplan"
)

// The edges find all that they speak of in this package.
type (
	Config   = call.Config
	Hooks    = call.Hooks
	Dialers  = call.Dialers
	Dialer   = call.Dialer
	Target   = call.Target
	Request  = call.Request
	Leg      = call.Leg
	Mover    = call.Mover
	View     = call.View
	LegView  = call.LegView
	Parked   = call.Parked
	Transfer = call.Transfer

	Engagement      = call.Engagement
	EngagementState = call.EngagementState

	Event          = call.Event
	Ringing        = call.Ringing
	Answered       = call.Answered
	TrackAdded     = call.TrackAdded
	TrackRemoved   = call.TrackRemoved
	Held           = call.Held
	Muted          = call.Muted
	Digit          = call.Digit
	TransferAsked  = call.TransferAsked
	TakenBack      = call.TakenBack
	RecordAsked    = call.RecordAsked
	CallAsked      = call.CallAsked
	SuperviseAsked = call.SuperviseAsked
	RemoveAsked    = call.RemoveAsked
	KnockAnswered  = call.KnockAnswered
	Gone           = call.Gone

	Party     = dialplan.Party
	PartyKind = dialplan.PartyKind
	Cause     = cause.Cause
)

const (
	Browser = dialplan.Browser
	Phone   = dialplan.Phone
	Outside = dialplan.Outside
)

const (
	EngagedRinging = call.EngagedRinging
	EngagedCalling = call.EngagedCalling
	EngagedTalking = call.EngagedTalking
)

const (
	CauseNone        = cause.None
	CauseNormal      = cause.Normal
	CauseBusy        = cause.Busy
	CauseDeclined    = cause.Declined
	CauseNoAnswer    = cause.NoAnswer
	CauseCallBack    = cause.CallBack
	CauseCancelled   = cause.Cancelled
	CauseElsewhere   = cause.Elsewhere
	CauseUnavailable = cause.Unavailable
	CauseNotFound    = cause.NotFound
	CauseForbidden   = cause.Forbidden
	CauseLimits      = cause.Limits
	CauseUnwanted    = cause.Unwanted
	CauseNoCodec     = cause.NoCodec
	CauseOverload    = cause.Overload
	CauseMediaLost   = cause.MediaLost
	CauseDraining    = cause.Draining
	CauseCutOff      = cause.CutOff
	CauseFailed      = cause.Failed
)

var (
	// ErrNotFound: no such call.
	ErrNotFound = call.ErrNotFound
	// ErrNobody: the target of Dial has nothing that could ring.
	ErrNobody = call.ErrNobody
)
