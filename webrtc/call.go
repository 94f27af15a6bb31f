package webrtc

import (
	pion "github.com/pion/webrtc/v4"

	"frontdesk/media"
	"frontdesk/pbx"
	"frontdesk/webrtc/peer"
	"frontdesk/webrtc/sfu"
)

// callLeg is a browser in a phone call: one peer connection, one audio line each way.
type callLeg struct {
	base
	arriving bool        // the browser placed the call
	request  pbx.Request // of a dialled leg

	// Under base.mu.
	offers   []media.Codec // see Offer
	answered bool
	codec    media.Codec  // what both speak, once settled
	up       *sfu.Up      // nil until settled
	lines    section      // what the browser was told it may send and will get: its first format is the one it sends
	line     *line        // nil until there is a peer
	playing  *media.Track // nil when nothing

	decided chan<- pbx.Cause // takes whether who comes to supervise may, once; nil: that is known, or never asked
}

func (e *Endpoint) newCall(user, socket, call string) *callLeg {
	return &callLeg{base: e.newBase(user, socket, call)}
}

// judged is where to tell whether he may come in, the first time; nil: nobody asks.
func (c *callLeg) judged() chan<- pbx.Cause {
	c.mu.Lock()
	defer c.mu.Unlock()
	asks := c.decided
	c.decided = nil
	return asks
}

// findCall is the call leg of that user.
func (e *Endpoint) findCall(user, id string) (*callLeg, error) {
	if c, ok := e.find(user, id).(*callLeg); ok {
		return c, nil
	}
	return nil, notFound()
}

func (c *callLeg) kind() string { return calling }

// Offer implements pbx.Leg.
func (c *callLeg) Offer() []media.Codec {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.offers
}

// Ring implements pbx.Leg.
func (c *callLeg) Ring(early bool) {
	if c.arriving && !c.ended() {
		c.end.wire.Send(c.user, "", "call.ring", ringEvent{Leg: c.id, Early: early})
	}
}

// ringEvent is the data of call.ring.
type ringEvent struct {
	Leg   string `json:"leg"`
	Early bool   `json:"early"`
}

// Answer implements pbx.Leg. On a leg that is answered already it changes the codec.
func (c *callLeg) Answer(codec media.Codec) {
	if c.takes(codec) {
		if asks := c.judged(); asks != nil {
			asks <- pbx.CauseNone
		}
	}
}

// takes has the leg answered in a codec; false: it is over.
func (c *callLeg) takes(codec media.Codec) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over || c.line == nil {
		return false
	}
	c.answered = true
	c.settle(codec)
	return true
}

// settle makes codec the one of the leg. It holds mu.
func (c *callLeg) settle(codec media.Codec) {
	if c.up != nil && c.codec.Is(codec) {
		return
	}
	if c.up != nil {
		c.events.push(pbx.TrackRemoved{Track: c.up.Track})
		c.up.Close()
	}
	c.codec, c.up = codec, sfu.NewAudio(c.id+"/audio", codec)
	c.events.push(pbx.TrackAdded{Track: c.up.Track})
	c.align()
}

// align makes the current peer connection fit the settled codec, with the browser's help where it speaks another. It
// holds mu.
func (c *callLeg) align() {
	if types, ok := c.lines.payloads(c.codec); ok {
		c.peer.Reader(c.lines.mid, "").Point(c.up, types, 0)
	}
	if !c.lines.formats[0].Is(c.codec) {
		c.end.wire.Send(c.user, c.socket, "call.reoffer", legRef{Leg: c.id})
	}
}

// Moved implements pbx.Mover: the tabs show the leg in the call that it is in now.
func (c *callLeg) Moved(call string) {
	c.setCall(call)
	c.end.wire.Send(c.user, "", "call.leg", legEvent{Call: call, Leg: c.id, State: "active"})
}

// Hangup implements pbx.Leg.
func (c *callLeg) Hangup(cause pbx.Cause) {
	p, first := c.finish()
	if !first {
		return
	}
	c.log.Info("leg over", "call", c.callID(), "cause", cause)
	c.release()
	if asks := c.judged(); asks != nil { // the answer to that tells it
		c.goes(p, cause)
		asks <- cause
		return
	}
	c.gone(p, "call.gone", cause)
}

// release lets go of the tracks.
func (c *callLeg) release() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.line != nil {
		c.line.stop(nil)
	}
	if c.up != nil {
		c.up.Close()
	}
}

// Play implements pbx.Leg.
func (c *callLeg) Play(t *media.Track) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over {
		return
	}
	c.playing = t
	if c.line != nil && !c.line.play(c.lines, t) {
		c.log.Warn("the browser does not take this codec", "codec", t.Codec.Name)
	}
}

// Stop implements pbx.Leg.
func (c *callLeg) Stop(t *media.Track) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if t == nil || c.playing != t {
		return
	}
	c.playing = nil
	if c.line != nil {
		c.line.stop(t)
	}
}

// accept is the browser's answer to a ringing leg.
func (c *callLeg) accept() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over {
		return
	}
	c.answered = true
	c.settle(c.lines.formats[0].Codec)
	c.events.push(pbx.Answered{Codec: c.codec})
}

// taken tells whether a tab has the leg: who places a call has it from the start.
func (c *callLeg) taken() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.arriving || c.peer != nil
}

// hangupCause is why a leg ends whose user hangs up.
func (c *callLeg) hangupCause() pbx.Cause {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.answered:
		return pbx.CauseNormal
	case c.arriving:
		return pbx.CauseCancelled
	}
	return pbx.CauseDeclined
}

// lost is called when media did not come, or not come back, in time.
func (c *callLeg) lost() { c.Hangup(pbx.CauseMediaLost) }

func (c *callLeg) flowing(p *peer.Peer, live bool) { c.flow(p, live, c.lost) }

// socketGone: a leg that rings lives in all tabs, and ends some time after the last one.
func (c *callLeg) socketGone(socket string) {
	c.leave(socket, c.lost)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.peer == nil && !c.over && !c.end.wire.Online(c.user) {
		c.await(c.end.config.Grace, c.unheard)
	}
}

// unheard ends a ringing leg that no tab shows.
func (c *callLeg) unheard() {
	c.mu.Lock()
	ringing := c.peer == nil
	c.mu.Unlock()
	if ringing && !c.end.wire.Online(c.user) {
		c.Hangup(pbx.CauseUnavailable)
	}
}

// wanted are the formats to answer an offer with, best first: one where the other side's codec is known, with that of
// sounds which are made here; else all in common.
func (c *callLeg) wanted(s section) []format {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.up != nil:
		return s.sounding(s.choose([]media.Codec{c.codec}))
	case c.arriving || len(c.request.Codecs) == 0:
		return s.sounding(s.choose(c.end.codecs))
	}
	common := s.choose(media.Common(c.request.Codecs, c.end.codecs))
	return s.sounding(common[:min(1, len(common))])
}

// connect makes a new peer connection of an offer, puts it in the place of the one before, and returns the answer.
func (c *callLeg) connect(text, socket string) (string, error) {
	s, o, err := parseCall(text)
	if err != nil {
		return "", err
	}
	formats := c.wanted(s)
	if len(formats) == 0 {
		return "", noCodec()
	}
	if err := c.end.paced(c.user); err != nil {
		return "", err
	}
	p, err := c.newPeer(s)
	if err != nil {
		return "", err
	}
	line := &line{id: c.id, by: p}
	sdp, err := answered(p, o, func() error { return c.prepare(p, line, s, formats) })
	if err == nil {
		err = c.install(p, line, s.only(formats), socket)
	}
	if err != nil {
		p.Close()
	}
	return sdp, err
}

// parseCall wants exactly one audio line, both ways.
func parseCall(text string) (section, *offer, error) {
	o, err := parseOffer(text)
	if err != nil {
		return section{}, nil, err
	}
	s := o.sections[0]
	if len(o.sections) != 1 || s.kind != media.Audio || !s.sends || !s.receives {
		return section{}, nil, badSDP("a call wants one audio line, sendrecv")
	}
	return s, o, nil
}

// newPeer registers what the browser offers of what we know, under its own payload types.
func (c *callLeg) newPeer(s section) (*peer.Peer, error) {
	engine := &pion.MediaEngine{}
	for _, f := range s.withEvents(s.sounding(s.choose(c.end.codecs))) {
		if err := engine.RegisterCodec(f.parameters(media.Audio), pion.RTPCodecTypeAudio); err != nil {
			return nil, badSDP(err.Error())
		}
	}
	return c.end.net.New("call", engine, c.flowing)
}

// prepare puts the line on the connection and restricts it to formats.
func (c *callLeg) prepare(p *peer.Peer, l *line, s section, formats []format) error {
	sender, err := p.Conn.AddTrack(l)
	if err != nil {
		return err
	}
	p.Reports().Read(func() { c.end.tasks.Go(func() { discard(sender) }) })
	return prefer(p, s, formats)
}

// discard has pion read the reports on what we send, which otherwise would pile up, until the connection closes.
func discard(sender *pion.RTPSender) {
	buf := make([]byte, peer.MTU)
	for {
		if _, _, err := sender.Read(buf); err != nil {
			return
		}
	}
}

// prefer restricts the answer to formats and the events that belong to them, in this order.
func prefer(p *peer.Peer, s section, formats []format) error {
	var list []pion.RTPCodecParameters
	for _, f := range s.withEvents(formats) {
		list = append(list, f.parameters(s.kind))
	}
	t := p.Transceiver(s.mid)
	if t == nil {
		return badSDP("the media line is not the one of before")
	}
	return t.SetCodecPreferences(list)
}

// install makes p the peer connection of the leg, and lets the tracks go on over it.
func (c *callLeg) install(p *peer.Peer, l *line, s section, socket string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over {
		return notFound()
	}
	c.adopt(p, socket, c.lost)
	if c.offers == nil { // arriving
		c.offers = media.Common(s.codecs(), c.end.codecs)
	}
	if c.line != nil {
		c.line.stop(nil)
	}
	c.line, c.lines = l, s
	c.resume()
	return nil
}

// resume lets the tracks go on over the peer connection as it is negotiated now. It holds mu.
func (c *callLeg) resume() {
	if c.up != nil {
		c.align()
	}
	if c.playing != nil {
		c.line.play(c.lines, c.playing)
	}
}

// renegotiate answers a new offer on the peer connection there is.
func (c *callLeg) renegotiate(text string) (string, error) {
	s, o, err := parseCall(text)
	if err != nil {
		return "", err
	}
	formats := c.wanted(s)
	if len(formats) == 0 {
		return "", noCodec()
	}
	c.mu.Lock()
	p := c.peer
	c.mu.Unlock()
	if p == nil {
		return "", taken("the leg has no peer connection yet: use call.answer")
	}
	sdp, err := answered(p, o, func() error { return prefer(p, s, formats) })
	if err != nil {
		return "", err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over || c.peer != p {
		return "", notFound()
	}
	c.lines = s.only(formats)
	c.resume()
	return sdp, nil
}
