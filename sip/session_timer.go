package sip

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	proto "github.com/emiago/sipgo/sip"

	"frontdesk/pbx"
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

// renew takes a refresh: the timer that req asks for replaces the present one.
func (s *sessionTimer) renew(l *Leg, req *proto.Request, res *proto.Response) {
	s.stop()
	l.session = newSessionTimer(req)
	l.session.answer(res)
	l.session.run(l)
}

// run waits for the next refresh; §10 says how long before the end a BYE is due.
func (s *sessionTimer) run(l *Leg) {
	if s == nil {
		return
	}
	early := min(32, s.seconds/3)
	s.timer = l.after(time.Duration(s.seconds-early)*time.Second, func() {
		if l.session == s {
			l.log.Info("sip: session not refreshed, call ends")
			l.phase.hangup(pbx.CauseMediaLost)
		}
	})
}

func (s *sessionTimer) stop() {
	if s != nil && s.timer != nil {
		s.timer.Stop()
	}
}
