package webrtc

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"frontdesk/media"
	"frontdesk/pbx"
	"frontdesk/webrtc/relay"
)

const (
	maxData     = 128 << 10 // bytes of an operation's data: an SDP and its JSON escapes
	maxDialled  = 128       // bytes of a number, extension or meeting
	maxTransfer = 40 * time.Second
)

// with reads the data of an operation into what it takes.
func with[T any](do func(context.Context, caller, T) (any, error)) operation {
	return func(ctx context.Context, who caller, data json.RawMessage) (any, error) {
		var in T
		if len(data) > maxData {
			return nil, badRequest("data is larger than 128 KiB")
		}
		if err := json.Unmarshal(data, &in); err != nil {
			return nil, badRequest("data: " + err.Error())
		}
		return do(ctx, who, in)
	}
}

// The data of operations and of their answers.
type (
	legSDP struct {
		Leg string `json:"leg"`
		SDP string `json:"sdp"`
	}
	legOn struct {
		Leg  string     `json:"leg"`
		Kind media.Kind `json:"kind"`
		On   bool       `json:"on"`
	}
	placeIn struct {
		To     string `json:"to"`
		SDP    string `json:"sdp"`
		Anyway bool   `json:"anyway"`
	}
	fetchIn struct {
		Call string `json:"call"`
		SDP  string `json:"sdp"`
	}
	placeOut struct {
		Call string `json:"call"`
		Leg  string `json:"leg"`
		SDP  string `json:"sdp"`
	}
	sdpOut struct {
		SDP string `json:"sdp"`
	}
	digitIn struct {
		Leg  string `json:"leg"`
		Key  string `json:"key"`
		Sent bool   `json:"sent"`
	}
	transferIn struct {
		Leg  string `json:"leg"`
		To   string `json:"to"`
		With string `json:"with"` // another leg of the user, instead of To
	}
	iceOut struct {
		ICE []relay.ICEServer `json:"ice"`
	}
	takenEvent struct {
		Leg    string `json:"leg"`
		Socket string `json:"socket"`
	}
	none struct{}
)

// claim tells all tabs of the user which of them has the leg.
func (e *Endpoint) claim(who caller, leg string) {
	e.wire.Send(who.user, "", "call.taken", takenEvent{Leg: leg, Socket: who.socket})
}

func (e *Endpoint) callAnswer(_ context.Context, who caller, in legSDP) (any, error) {
	c, err := e.findCall(who.user, in.Leg)
	if err != nil {
		return nil, err
	}
	c.negotiation.Lock()
	defer c.negotiation.Unlock()
	if c.taken() {
		return nil, taken("the call is answered already: use call.attach")
	}
	sdp, err := c.connect(in.SDP, who.socket)
	if err != nil {
		return nil, err
	}
	c.accept()
	e.claim(who, c.id)
	return sdpOut{sdp}, nil
}

func (e *Endpoint) callAttach(_ context.Context, who caller, in legSDP) (any, error) {
	c, err := e.findCall(who.user, in.Leg)
	if err != nil {
		return nil, err
	}
	c.negotiation.Lock()
	defer c.negotiation.Unlock()
	if !c.taken() {
		return nil, taken("the call still rings: use call.answer")
	}
	if in.SDP == "" {
		return none{}, c.goOn(who)
	}
	sdp, err := c.connect(in.SDP, who.socket)
	if err != nil {
		return nil, err
	}
	e.claim(who, c.id)
	return sdpOut{sdp}, nil
}

// goOn serves a page that has a new socket and its old peer connection. What it was asked for meanwhile is asked again.
func (c *callLeg) goOn(who caller) error {
	if err := c.move(who.socket); err != nil {
		return err
	}
	c.mu.Lock()
	if c.up != nil {
		c.align()
	}
	c.mu.Unlock()
	c.end.claim(who, c.id)
	return nil
}

func (e *Endpoint) callOffer(_ context.Context, who caller, in legSDP) (any, error) {
	c, err := e.findCall(who.user, in.Leg)
	if err != nil {
		return nil, err
	}
	c.negotiation.Lock()
	defer c.negotiation.Unlock()
	sdp, err := c.renegotiate(in.SDP)
	if err != nil {
		return nil, err
	}
	return sdpOut{sdp}, nil
}

func (e *Endpoint) callDecline(_ context.Context, who caller, in legRef) (any, error) {
	c, err := e.findCall(who.user, in.Leg)
	if err != nil {
		return nil, err
	}
	if c.taken() {
		return nil, taken("the call is answered already: use call.hangup")
	}
	c.Hangup(pbx.CauseDeclined)
	return none{}, nil
}

func (e *Endpoint) callHangup(_ context.Context, who caller, in legRef) (any, error) {
	c, err := e.findCall(who.user, in.Leg)
	if err != nil {
		return nil, err
	}
	c.Hangup(c.hangupCause())
	return none{}, nil
}

func (e *Endpoint) callHold(_ context.Context, who caller, in legOn) (any, error) {
	return e.tellCall(who, in.Leg, pbx.Held{On: in.On})
}

func (e *Endpoint) callMute(_ context.Context, who caller, in legOn) (any, error) {
	if in.Kind != media.Audio {
		return nil, badRequest("kind: want audio")
	}
	return e.tellCall(who, in.Leg, pbx.Muted{Kind: in.Kind, On: in.On})
}

func (e *Endpoint) tellCall(who caller, leg string, event pbx.Event) (any, error) {
	c, err := e.findCall(who.user, leg)
	if err != nil {
		return nil, err
	}
	return none{}, c.tell(event)
}

func (e *Endpoint) callDigit(_ context.Context, who caller, in digitIn) (any, error) {
	keys := []rune(in.Key)
	if len(keys) != 1 || !media.IsKey(keys[0]) {
		return nil, badRequest("key: want one of 0-9*#A-D")
	}
	return e.tellCall(who, in.Leg, pbx.Digit{Key: keys[0], InBand: in.Sent})
}

func (e *Endpoint) callTransfer(ctx context.Context, who caller, in transferIn) (any, error) {
	in.To = strings.TrimSpace(in.To)
	if (in.To == "") == (in.With == "") || len(in.To) > maxDialled || len(in.With) > maxDialled {
		return nil, badRequest("to: want a number or an extension, or in with another leg of yours")
	}
	c, err := e.findCall(who.user, in.Leg)
	if err != nil {
		return nil, err
	}
	return awaited(ctx, func(done func(pbx.Cause)) error {
		return c.tell(pbx.TransferAsked{To: in.To, With: in.With, Done: done})
	})
}

func (e *Endpoint) callMerge(ctx context.Context, who caller, in transferIn) (any, error) {
	if in.With == "" || len(in.With) > maxDialled {
		return nil, badRequest("with: want another leg of yours")
	}
	c, err := e.findCall(who.user, in.Leg)
	if err != nil {
		return nil, err
	}
	return awaited(ctx, func(done func(pbx.Cause)) error {
		return c.tell(pbx.TransferAsked{With: in.With, Stays: true, Done: done})
	})
}

func (e *Endpoint) callTakeBack(_ context.Context, who caller, in legRef) (any, error) {
	return e.tellCall(who, in.Leg, pbx.TakenBack{})
}

// recordIn is what a party wants of the recording of its call.
type recordIn struct {
	legRef
	Do string `json:"do"`
}

func (e *Endpoint) callRecord(_ context.Context, who caller, in recordIn) (any, error) {
	return e.tellCall(who, in.Leg, pbx.RecordAsked{Do: in.Do})
}

// awaited asks for something and waits for its result.
func awaited(ctx context.Context, ask func(done func(pbx.Cause)) error) (any, error) {
	ctx, cancel := context.WithTimeout(ctx, maxTransfer)
	defer cancel()
	result := make(chan pbx.Cause, 1)
	done := func(cause pbx.Cause) {
		select {
		case result <- cause:
		default: // only the first counts
		}
	}
	if err := ask(done); err != nil {
		return nil, err
	}
	select {
	case cause := <-result:
		if cause != pbx.CauseNone {
			return nil, refused(cause)
		}
		return none{}, nil
	case <-ctx.Done():
		return nil, refused(pbx.CauseNoAnswer)
	}
}

func (e *Endpoint) callICE(_ context.Context, who caller, _ none) (any, error) {
	return iceOut{e.ICEServers(who.user)}, nil
}
