package webrtc

import "frontdesk/pbx"

// Error is the answer to an operation that could not be done. Code is for programs, Message for people.
type Error struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

func (e *Error) Error() string { return e.Message }

// The codes of Error, as docs/live-protocol.md lists them.
const (
	CodeBadRequest = "bad_request" // the data is not what the operation wants
	CodeBadSDP     = "bad_sdp"     // the session description is unusable
	CodeNoCodec    = "no_codec"    // nothing in the offer that the other side speaks
	CodeNotFound   = "not_found"   // no such leg of this user
	CodeTaken      = "taken"       // another tab was faster, or the leg is not in a state for this
	CodeInside     = "inside"      // the user is in this meeting already
	CodeNoRoom     = "no_room"     // there is no such meeting
	CodeNotInvited = "not_invited" // to this meeting: ask those inside, by meet.knock
	CodeNoRight    = "no_right"    // to supervise this call
	CodeTurnedAway = "turned_away" // those inside the meeting did not let the user in
	CodeFull       = "full"        // the meeting takes nobody more
	CodeLimit      = "limit"       // too many legs, or too fast
	CodeDraining   = "draining"    // this node takes no new calls
	CodeRefused    = "refused"     // the call control said no; Message has the cause
	CodeUnreached  = "unreached"   // the node that runs the call can't be asked just now
	CodeFailed     = "failed"      // our fault; see the log
)

func badRequest(message string) error { return &Error{CodeBadRequest, message} }
func badSDP(message string) error     { return &Error{CodeBadSDP, "session description: " + message} }
func noCodec() error {
	return &Error{CodeNoCodec, "the browser offers no codec that the other side speaks"}
}
func notFound() error              { return &Error{CodeNotFound, "no such leg, or it is over"} }
func taken(message string) error   { return &Error{CodeTaken, message} }
func limited(message string) error { return &Error{CodeLimit, message} }
func draining() error {
	return &Error{CodeDraining, "this server is being stopped: try again in a moment"}
}
func refused(cause pbx.Cause) error { return &Error{CodeRefused, "refused: " + string(cause)} }
