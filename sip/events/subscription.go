package events

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"time"

	proto "github.com/emiago/sipgo/sip"

	"frontdesk/pbx/directory"
	"frontdesk/sip/dialog"
	"frontdesk/sip/edge"
	"frontdesk/sip/stack"
)

// Allowed is the value of our Allow-Events header.
const Allowed = "dialog, message-summary, presence"

// event is what an event package promises (RFC 6665 §5.4).
type event struct {
	name        string
	contentType string
	own         bool // it is about the phone's own user, whomever it names
}

// watched is what a subscription is about: a user, or a slot for parked calls.
type watched struct {
	user string
	slot int64
}

// subscription is what one phone asked to be told (RFC 6665). Changes that come while a NOTIFY is under way are told
// together by the next.
type subscription struct {
	stack    *stack.Stack
	cfg      Config
	left     func(*subscription)                       // it is over
	body     func(ctx context.Context) ([]byte, error) // how what it watches stands
	device   directory.Device                          // who asked
	event    event
	id       string // of the Event header
	resource string // as it was named
	key      string // of the dialog
	from     edge.Place
	order    uint64 // in which they came

	mu      sync.Mutex
	at      watched
	dialog  *dialog.Dialog
	until   time.Time
	lapse   *time.Timer
	version int
	telling bool // a goroutine sends NOTIFYs
	again   bool // there is something new for it
	over    string
}

func (s *subscription) watched() watched {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.at
}

func (s *subscription) watch(at watched) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at = at
}

// follows takes a further request of the dialog; false when it is older than the last one (RFC 3261 §12.2.2).
func (s *subscription) follows(req *proto.Request) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if req.CSeq().SeqNo <= s.dialog.RemoteSeq {
		return false
	}
	s.dialog.RemoteSeq = req.CSeq().SeqNo
	s.dialog.Follow(req)
	return true
}

// lasts has it end when it is not refreshed in time.
func (s *subscription) lasts(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.until = time.Now().Add(d)
	if s.lapse != nil {
		s.lapse.Stop()
	}
	s.lapse = time.AfterFunc(d, func() { s.end("timeout") })
}

// end tells the phone that it is told nothing more, and why (§4.1.3).
func (s *subscription) end(reason string) {
	s.mu.Lock()
	if s.over == "" {
		s.over = reason
	}
	s.mu.Unlock()
	s.left(s)
	s.poke()
}

// forget ends it without a word: the phone is not there.
func (s *subscription) forget() {
	s.left(s)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.over, s.again = "gone", false
	if s.lapse != nil {
		s.lapse.Stop()
	}
}

// poke tells the phone how what it watches stands now. It does not block.
func (s *subscription) poke() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.again = s.over != "gone"
	if s.telling || !s.again || s.cfg.Ctx.Err() != nil && s.over == "" {
		return
	}
	s.telling = true
	s.cfg.Spawn(s.tell)
}

// tell sends NOTIFYs until there is nothing new.
func (s *subscription) tell() {
	for s.turn() {
		if err := s.notify(); err != nil {
			s.stack.Log.Info("sip: a phone is told nothing more", "device", s.device.ID, "event", s.event.name,
				"err", err)
			s.forget()
		}
	}
}

// turn takes what is to be told; false when there is nothing.
func (s *subscription) turn() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.telling, s.again = s.again, false
	return s.telling
}

// notify tells how it stands. An error ends the subscription (§4.2.2).
func (s *subscription) notify() error {
	ctx, cancel := context.WithTimeout(s.cfg.Life, stack.Final)
	defer cancel()
	asked, done := context.WithTimeout(ctx, 5*time.Second)
	body, err := s.body(asked)
	done()
	if err != nil { // the phone keeps what it knows
		s.stack.Log.Warn("sip: what a phone watches is not known", "event", s.event.name, "err", err)
	}
	over := false
	res, err := s.stack.Ask(ctx, &stack.Login{}, func() *proto.Request {
		req, last := s.request(body)
		over = last
		return req
	})
	switch {
	case err != nil:
		return err
	case over:
		s.forget()
	case !res.IsSuccess():
		return fmt.Errorf("%d %s", res.StatusCode, res.Reason)
	}
	return nil
}

// request makes a NOTIFY; last: it is the final one.
func (s *subscription) request(body []byte) (req *proto.Request, last bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dialog.LocalSeq++
	req = s.dialog.Request(s.stack, proto.NOTIFY, s.dialog.LocalSeq)
	event := s.event.name
	if s.id != "" {
		event += ";id=" + s.id
	}
	state := "active;expires=" + strconv.Itoa(int(max(0, time.Until(s.until))/time.Second))
	if s.over != "" {
		state = "terminated;reason=" + s.over
	}
	req.AppendHeader(proto.NewHeader("Event", event))
	req.AppendHeader(proto.NewHeader("Subscription-State", state))
	req.AppendHeader(proto.NewHeader("Allow-Events", Allowed))
	req.AppendHeader(s.stack.Contact(s.dialog.Target.Scheme, "", s.dialog.Transport, s.dialog.NextHop()))
	if len(body) > 0 {
		req.AppendHeader(proto.NewHeader("Content-Type", s.event.contentType))
		req.SetBody(body)
	}
	return req, s.over != ""
}

// next is the version of the next description.
func (s *subscription) next() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.version++
	return s.version - 1
}
