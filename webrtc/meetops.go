package webrtc

import (
	"context"
	"strings"

	"frontdesk/media"
	"frontdesk/pbx"
)

type joinIn struct {
	Room string `json:"room"`
	SDP  string `json:"sdp"`

	Again bool `json:"again"` // even if another tab of the user is in already
}

// inside tells whether a tab of the user is in the meeting. A leg that its page left makes room for the one that comes.
func (e *Endpoint) inside(user, meeting string) (there bool) {
	for _, l := range e.legs(user) {
		m, meets := l.(*meetLeg)
		switch {
		case !meets || m.callID() != "meet:"+meeting:
		case m.abandoned():
			m.Hangup(pbx.CauseElsewhere)
		default:
			there = true
		}
	}
	return there
}

// entered waits until the leg is let in, or tells why it was not.
func (m *meetLeg) entered(ctx context.Context) error {
	select {
	case <-m.in:
		if m.why() == pbx.CauseNone { // else he was put out in the same moment
			return nil
		}
	case <-ctx.Done():
		m.Hangup(pbx.CauseFailed)
	case <-m.out:
	}
	switch cause := m.why(); cause {
	case pbx.CauseNotFound:
		return &Error{CodeNoRoom, "there is no such meeting: it was removed, or its address is not whole"}
	case pbx.CauseForbidden:
		return &Error{CodeNotInvited, "you are not invited to this meeting: ask those inside to let you in"}
	case pbx.CauseOverload:
		return &Error{CodeFull, "the meeting is full: somebody has to leave first"}
	case pbx.CauseDraining:
		return draining()
	default:
		return refused(cause)
	}
}

// legLeft: the tab's page is closed, or loaded again.
func (e *Endpoint) legLeft(_ context.Context, who caller, in legRef) (any, error) {
	if c, err := e.findCall(who.user, in.Leg); err == nil {
		c.left(who.socket, c.lost)
		return none{}, nil
	}
	m, err := e.findMeet(who.user, in.Leg)
	if err != nil {
		return nil, err
	}
	m.left(who.socket, m.lost)
	return none{}, nil
}

func (e *Endpoint) meetPublish(_ context.Context, who caller, in legSDP) (any, error) {
	m, err := e.findMeet(who.user, in.Leg)
	if err != nil {
		return nil, err
	}
	m.negotiation.Lock()
	defer m.negotiation.Unlock()
	sdp, err := m.republish(in.SDP)
	if err != nil {
		return nil, err
	}
	return sdpOut{sdp}, nil
}

func (e *Endpoint) meetAttach(_ context.Context, who caller, in legSDP) (any, error) {
	m, err := e.findMeet(who.user, in.Leg)
	if err != nil {
		return nil, err
	}
	m.negotiation.Lock()
	defer m.negotiation.Unlock()
	// a page with a new socket and its old peer connections; an offer that is out comes again by itself
	if in.SDP == "" {
		if err := m.move(who.socket); err != nil {
			return nil, err
		}
		m.subscription().moved()
		e.claim(who, m.id)
		return none{}, nil
	}
	sdp, err := m.connect(in.SDP, who.socket, true)
	if err != nil {
		return nil, err
	}
	e.claim(who, m.id)
	return sdpOut{sdp}, nil
}

type viewIn struct {
	Leg     string         `json:"leg"`
	Heights map[string]int `json:"heights"` // of the others' pictures on the screen, by their leg
}

// mostTiles that a browser may speak of.
const mostTiles = 100

// meetView: the sizes in which the browser shows the others. It gets no larger pictures than it has room for.
func (e *Endpoint) meetView(_ context.Context, who caller, in viewIn) (any, error) {
	m, err := e.findMeet(who.user, in.Leg)
	switch {
	case err != nil:
		return nil, err
	case len(in.Heights) > mostTiles:
		return nil, badRequest("heights: too many")
	}
	m.subscription().show(in.Heights)
	return none{}, nil
}

// meetRestart: nothing comes through to the browser any more; an offer with other ICE credentials follows.
func (e *Endpoint) meetRestart(_ context.Context, who caller, in legRef) (any, error) {
	m, err := e.findMeet(who.user, in.Leg)
	if err != nil {
		return nil, err
	}
	m.subscription().restart()
	return none{}, nil
}

func (e *Endpoint) meetAnswer(_ context.Context, who caller, in legSDP) (any, error) {
	m, err := e.findMeet(who.user, in.Leg)
	if err != nil {
		return nil, err
	}
	if len(in.SDP) > maxSDP {
		return nil, badSDP("larger than 64 KiB")
	}
	return none{}, m.subscription().answered(in.SDP)
}

func (e *Endpoint) meetMute(_ context.Context, who caller, in legOn) (any, error) {
	m, err := e.findMeet(who.user, in.Leg)
	switch {
	case err != nil:
		return nil, err
	case in.Kind != media.Audio && in.Kind != media.Video:
		return nil, badRequest("kind: want audio or video")
	}
	return none{}, m.tell(pbx.Muted{Kind: in.Kind, On: in.On})
}

func (e *Endpoint) meetLeave(_ context.Context, who caller, in legRef) (any, error) {
	m, err := e.findMeet(who.user, in.Leg)
	if err != nil {
		return nil, err
	}
	m.Hangup(pbx.CauseNormal)
	return none{}, nil
}

// subscription is the receiving side as it is now.
func (m *meetLeg) subscription() *subscriber {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.sub
}

// meetCall has a number called into the meeting.
func (e *Endpoint) meetCall(ctx context.Context, who caller, in transferIn) (any, error) {
	in.To = strings.TrimSpace(in.To)
	if in.To == "" || len(in.To) > maxDialled {
		return nil, badRequest("to: want a number")
	}
	m, err := e.findMeet(who.user, in.Leg)
	if err != nil {
		return nil, err
	}
	return awaited(ctx, func(done func(pbx.Cause)) error { return m.tell(pbx.CallAsked{To: in.To, Done: done}) })
}

type removeIn struct {
	Leg  string `json:"leg"`
	Whom string `json:"whom"` // leg or call of somebody from outside
}

// meetRemove ends the call of somebody who is in the meeting by phone, or is being called in.
func (e *Endpoint) meetRemove(_ context.Context, who caller, in removeIn) (any, error) {
	m, err := e.findMeet(who.user, in.Leg)
	if err != nil {
		return nil, err
	}
	return none{}, m.tell(pbx.RemoveAsked{Whom: in.Whom})
}

type admitIn struct {
	Leg  string `json:"leg"`
	User string `json:"user"` // who knocks
	On   bool   `json:"on"`   // let in; else turned away
}

// Admitted tells of which meeting meet.admit answered a knock.
type Admitted struct {
	Room string `json:"room"`
}

// meetAdmit answers who asks to be let into the meeting. That he is invited then is for the caller to write down.
func (e *Endpoint) meetAdmit(_ context.Context, who caller, in admitIn) (any, error) {
	m, err := e.findMeet(who.user, in.Leg)
	switch {
	case err != nil:
		return nil, err
	case in.User == "" || len(in.User) > maxDialled:
		return nil, badRequest("user: want who asks to be let in")
	case !m.isIn():
		return nil, notFound()
	}
	return Admitted{Room: strings.TrimPrefix(m.callID(), "meet:")},
		m.tell(pbx.KnockAnswered{User: in.User, Admit: in.On})
}

// isIn tells whether the leg was let into its meeting.
func (m *meetLeg) isIn() bool {
	select {
	case <-m.in:
		return true
	default:
		return false
	}
}
