package call

import "frontdesk/pbx/cause"

// Cause says why a leg or call ended: the edges find all that they speak of in this package.
type Cause = cause.Cause

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
