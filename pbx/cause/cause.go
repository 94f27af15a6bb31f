// Package cause is the words for why a leg or call ended.
package cause

// Cause says why a leg or call ended. Edges map it to and from their wire codes.
type Cause string

const (
	None        Cause = ""            // not ended
	Normal      Cause = "normal"      // somebody hung up after the answer
	Busy        Cause = "busy"        //
	Declined    Cause = "declined"    // the person said no
	NoAnswer    Cause = "no_answer"   // rang out
	CallBack    Cause = "callback"    // the caller is to be called back by a queue
	Cancelled   Cause = "cancelled"   // the caller gave up while it rang
	Elsewhere   Cause = "elsewhere"   // another device of the group answered
	Unavailable Cause = "unavailable" // nobody online
	NotFound    Cause = "not_found"   // no such number
	Forbidden   Cause = "forbidden"   // policy says no
	Limits      Cause = "limits"      // what calls outside may cost is used up
	Unwanted    Cause = "unwanted"    // the number called asked not to be called
	NoCodec     Cause = "no_codec"    // no common codec
	Overload    Cause = "overload"    // limits reached
	MediaLost   Cause = "media_lost"  // the network went away mid-call
	Draining    Cause = "draining"    // this node takes no new calls
	CutOff      Cause = "cut_off"     // our own process died
	Failed      Cause = "failed"      // anything else
)
