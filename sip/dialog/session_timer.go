package dialog

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	proto "github.com/emiago/sipgo/sip"

	"frontdesk/sip/edge"
	"frontdesk/sip/stack"
)

// minSession is the shortest session interval we take, in seconds (RFC 4028 §5).
const minSession = 90

// SessionTimer ends a call whose peer promised to refresh it and doesn't (RFC 4028). Only the peer refreshes: we ask
// for no timer.
type SessionTimer struct {
	seconds int
	timer   *time.Timer
}

// NewSessionTimer reads what the INVITE or UPDATE req asks for; nil when there is no timer, or the peer would have us
// refresh, which we may decline.
func NewSessionTimer(req *proto.Request) *SessionTimer {
	seconds, refresher := sessionExpires(req)
	if seconds == 0 || refresher == "uas" || !stack.Lists(stack.Joined(req, "Supported"), "timer") {
		return nil
	}
	return &SessionTimer{seconds: seconds}
}

func sessionExpires(m proto.Message) (seconds int, refresher string) {
	value, params, _ := strings.Cut(stack.Joined(m, "Session-Expires"), ";")
	seconds, err := strconv.Atoi(strings.TrimSpace(value))
	if err != nil || seconds < 0 || seconds > 1<<20 {
		return 0, ""
	}
	for p := range strings.SplitSeq(params, ";") {
		if k, v, _ := strings.Cut(strings.TrimSpace(p), "="); strings.EqualFold(k, "refresher") {
			refresher = strings.ToLower(strings.TrimSpace(v))
		}
	}
	return seconds, refresher
}

// TooBrief refuses an interval below our minimum (§6).
func TooBrief(req *proto.Request) (edge.Refusal, bool) {
	seconds, _ := sessionExpires(req)
	if seconds == 0 || seconds >= minSession || !stack.Lists(stack.Joined(req, "Supported"), "timer") {
		return edge.Refusal{}, false
	}
	return edge.Refusal{Code: 422, Phrase: "Session Interval Too Small",
		Headers: []proto.Header{proto.NewHeader("Min-SE", strconv.Itoa(minSession))}}, true
}

// Answer writes the timer into our 2xx.
func (s *SessionTimer) Answer(res *proto.Response) {
	if s == nil {
		return
	}
	res.AppendHeader(proto.NewHeader("Session-Expires", fmt.Sprintf("%d;refresher=uac", s.seconds)))
	res.AppendHeader(proto.NewHeader("Require", "timer"))
}

// Start begins to wait for the next refresh, which is due well before the interval ends (§10); after is how its owner
// has something done later.
func (s *SessionTimer) Start(after func(time.Duration, func()) *time.Timer, lapsed func()) {
	if s == nil {
		return
	}
	early := min(32, s.seconds/3)
	s.timer = after(time.Duration(s.seconds-early)*time.Second, lapsed)
}

// Stop ends the waiting, if there is any.
func (s *SessionTimer) Stop() {
	if s != nil && s.timer != nil {
		s.timer.Stop()
	}
}
