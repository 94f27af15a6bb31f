package sip

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

// sessionTimer ends a call whose peer promised to refresh it and doesn't (RFC 4028). Only the peer refreshes: we ask
// for no timer.
type sessionTimer struct {
	seconds int
	timer   *time.Timer
}

// newSessionTimer reads what the INVITE or UPDATE req asks for; nil when there is no timer, or the peer would have us
// refresh, which we may decline.
func newSessionTimer(req *proto.Request) *sessionTimer {
	seconds, refresher := sessionExpires(req)
	if seconds == 0 || refresher == "uas" || !stack.Lists(stack.Joined(req, "Supported"), "timer") {
		return nil
	}
	return &sessionTimer{seconds: seconds}
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

// tooBrief refuses an interval below our minimum (§6).
func tooBrief(req *proto.Request) (edge.Refusal, bool) {
	seconds, _ := sessionExpires(req)
	if seconds == 0 || seconds >= minSession || !stack.Lists(stack.Joined(req, "Supported"), "timer") {
		return edge.Refusal{}, false
	}
	return edge.Refusal{Code: 422, Phrase: "Session Interval Too Small",
		Headers: []proto.Header{proto.NewHeader("Min-SE", strconv.Itoa(minSession))}}, true
}

// answer writes the timer into our 2xx.
func (s *sessionTimer) answer(res *proto.Response) {
	if s == nil {
		return
	}
	res.AppendHeader(proto.NewHeader("Session-Expires", fmt.Sprintf("%d;refresher=uac", s.seconds)))
	res.AppendHeader(proto.NewHeader("Require", "timer"))
}

func (s *sessionTimer) stop() {
	if s != nil && s.timer != nil {
		s.timer.Stop()
	}
}
