package pbx

// Cause says why a leg or call ended. Edges map it to and from their wire codes.
type Cause string

const (
	CauseNone        Cause = ""            // not ended
	CauseNormal      Cause = "normal"      // somebody hung up after the answer
	CauseBusy        Cause = "busy"        //
	CauseDeclined    Cause = "declined"    // the person said no
	CauseNoAnswer    Cause = "no_answer"   // rang out
	CauseCancelled   Cause = "cancelled"   // the caller gave up while it rang
	CauseElsewhere   Cause = "elsewhere"   // another device of the group answered
	CauseUnavailable Cause = "unavailable" // nobody online
	CauseNotFound    Cause = "not_found"   // no such number
	CauseForbidden   Cause = "forbidden"   // policy says no
	CauseNoCodec     Cause = "no_codec"    // no common codec
	CauseOverload    Cause = "overload"    // limits reached
	CauseMediaLost   Cause = "media_lost"  // the network went away mid-call
	CauseDraining    Cause = "draining"    // this node takes no new calls
	CauseCutOff      Cause = "cut_off"     // our own process died
	CauseFailed      Cause = "failed"      // anything else
)
