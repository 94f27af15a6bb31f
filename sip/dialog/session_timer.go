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

// maxSession is the longest.
const maxSession = 1 << 20

// SessionTimer ends a call whose peer promised to refresh it and doesn't, or has us refresh it where the peer leaves
// that to us (RFC 4028). We ask for no timer ourselves.
type SessionTimer struct {
	seconds int
	ours    bool // we refresh
	ends    time.Time
	timer   *time.Timer
}

// NewSessionTimer reads what the INVITE or UPDATE req asks for, of a peer that takes the methods of allow; nil when
// there is no timer, or the peer would have us refresh and takes no UPDATE: we may decline that.
func NewSessionTimer(req *proto.Request, allow string) *SessionTimer {
	seconds, refresher := sessionExpires(req)
	ours := refresher == "uas"
	if seconds == 0 || ours && !stack.Lists(allow, "UPDATE") || !stack.Lists(stack.Joined(req, "Supported"), "timer") {
		return nil
	}
	return &SessionTimer{seconds: seconds, ours: ours}
}

func sessionExpires(m proto.Message) (seconds int, refresher string) {
	value, params, _ := strings.Cut(stack.Joined(m, "Session-Expires"), ";")
	seconds, err := strconv.Atoi(strings.TrimSpace(value))
	if err != nil || seconds < 0 || seconds > maxSession {
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
	if s.ours {
		res.AppendHeader(proto.NewHeader("Session-Expires", fmt.Sprintf("%d;refresher=uas", s.seconds)))
		return
	}
	res.AppendHeader(proto.NewHeader("Session-Expires", fmt.Sprintf("%d;refresher=uac", s.seconds)))
	res.AppendHeader(proto.NewHeader("Require", "timer"))
}

// Start begins to wait for the next refresh: ours at half of the interval, the peer's well before its end (§10); after
// is how its owner has something done later, second how long one is.
func (s *SessionTimer) Start(second time.Duration, after func(time.Duration, func()) *time.Timer,
	refresh, lapsed func()) {
	if s == nil {
		return
	}
	s.ends = time.Now().Add(time.Duration(s.seconds) * second)
	if s.ours {
		s.timer = after(time.Duration(s.seconds)*second/2, refresh)
		return
	}
	early := min(32, s.seconds/3)
	s.timer = after(time.Duration(s.seconds-early)*second, lapsed)
}

// Again has a refresh of ours tried again later; false: the session ends before.
func (s *SessionTimer) Again(in time.Duration, after func(time.Duration, func()) *time.Timer, refresh func()) bool {
	if time.Until(s.ends) <= in {
		return false
	}
	s.timer = after(in, refresh)
	return true
}

// Ask writes the timer into a refresh of ours.
func (s *SessionTimer) Ask(req *proto.Request) {
	req.AppendHeader(proto.NewHeader("Session-Expires", fmt.Sprintf("%d;refresher=uac", s.seconds)))
	req.AppendHeader(proto.NewHeader("Supported", "timer"))
}

// Agreed is the timer that goes on after the answer to a refresh of ours; nil: none. Of an interval that is too brief
// for the peer (422) it is a longer one, to be asked for at once.
func (s *SessionTimer) Agreed(res *proto.Response) (next *SessionTimer, atOnce bool) {
	if res.StatusCode == 422 {
		least, err := strconv.Atoi(strings.TrimSpace(stack.Joined(res, "Min-SE")))
		if err != nil || least <= s.seconds || least > maxSession {
			return nil, false
		}
		return &SessionTimer{seconds: least, ours: true, ends: s.ends}, true
	}
	seconds, refresher := sessionExpires(res)
	if seconds == 0 {
		return nil, false
	}
	return &SessionTimer{seconds: seconds, ours: refresher != "uas"}, false
}

// Stop ends the waiting, if there is any.
func (s *SessionTimer) Stop() {
	if s != nil && s.timer != nil {
		s.timer.Stop()
	}
}
