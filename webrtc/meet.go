package webrtc

import (
	"strconv"
	"sync"

	"github.com/pion/interceptor"
	"github.com/pion/interceptor/pkg/report"
	"github.com/pion/interceptor/pkg/twcc"
	"github.com/pion/sdp/v3"
	pion "github.com/pion/webrtc/v4"

	"frontdesk/media"
	"frontdesk/pbx"
	"frontdesk/webrtc/peer"
	"frontdesk/webrtc/sfu"
)

// meetLeg is a browser in a meeting: one peer connection on which it publishes, offered by it, and one on which it gets
// the others' tracks, offered by us. Each side only ever answers on the other's, so offers never cross.
type meetLeg struct {
	base

	in    chan struct{} // closed when it is let in
	out   chan struct{} // closed when it is over
	enter func()        // closes in, once

	// Under base.mu.
	cause pbx.Cause          // why it is over
	ups   map[string]*sfu.Up // by name: audio0, video0, video1 …
	sub   *subscriber
}

func (e *Endpoint) newMeet(user, socket, meeting string) *meetLeg {
	m := &meetLeg{base: e.newBase(user, socket, "meet:"+meeting), ups: map[string]*sfu.Up{}, in: make(chan struct{}),
		out: make(chan struct{})}
	m.enter = sync.OnceFunc(func() { close(m.in) })
	m.sub = newSubscriber(&m.base)
	return m
}

// findMeet is the meeting leg of that user.
func (e *Endpoint) findMeet(user, id string) (*meetLeg, error) {
	if m, ok := e.find(user, id).(*meetLeg); ok {
		return m, nil
	}
	return nil, notFound()
}

func (m *meetLeg) kind() string { return meeting }

func (m *meetLeg) socketGone(socket string) { m.leave(socket, m.lost) }

// Offer implements pbx.Leg.
func (m *meetLeg) Offer() []media.Codec { return []media.Codec{media.Opus()} }

// Ring implements pbx.Leg: there is nothing to ring.
func (m *meetLeg) Ring(bool) {}

// Answer implements pbx.Leg: it is let in. Tracks keep their codecs.
func (m *meetLeg) Answer(media.Codec) { m.enter() }

// why it is over.
func (m *meetLeg) why() pbx.Cause {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.cause
}

// Play implements pbx.Leg.
func (m *meetLeg) Play(t *media.Track) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.over {
		m.sub.add(t)
	}
}

// Stop implements pbx.Leg.
func (m *meetLeg) Stop(t *media.Track) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sub.remove(t)
}

// Hangup implements pbx.Leg.
func (m *meetLeg) Hangup(cause pbx.Cause) {
	p, first := m.finish()
	if !first {
		return
	}
	m.log.Info("leg over", "call", m.callID(), "cause", cause)
	m.mu.Lock()
	m.cause = cause
	m.mu.Unlock()
	close(m.out)
	m.release()
	m.gone(p, "meet.gone", cause)
}

// release lets go of the tracks.
func (m *meetLeg) release() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sub.close()
	for _, u := range m.ups {
		m.end.disown(u)
		u.Close()
	}
}

// lost is called when media did not come, or not come back, in time.
func (m *meetLeg) lost() { m.Hangup(pbx.CauseMediaLost) }

// flowing: what was asked for while nothing could flow is asked again.
func (m *meetLeg) flowing(p *peer.Peer, live bool) {
	m.flow(p, live, m.lost)
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, u := range m.ups {
		if live {
			u.Refresh()
		}
	}
}

// parseMeet wants only lines that the browser sends on, or stopped to.
func parseMeet(text string) (*offer, error) {
	o, err := parseOffer(text)
	if err != nil {
		return nil, err
	}
	for _, s := range o.sections {
		if s.receives && !s.sends {
			return nil, badSDP("this connection is for what the browser sends: no recvonly lines")
		}
	}
	return o, nil
}

// connect makes a new publishing connection of an offer, and with again a new receiving one.
func (m *meetLeg) connect(text, socket string, again bool) (string, error) {
	o, err := parseMeet(text)
	if err != nil {
		return "", err
	}
	if err := m.end.paced(m.user); err != nil {
		return "", err
	}
	p, err := m.newPeer(o)
	if err != nil {
		return "", err
	}
	answer, err := answered(p, o, func() error { return preferRED(p, o) })
	if err == nil {
		err = m.install(p, o, socket, again)
	}
	if err != nil {
		p.Close()
	}
	return answer, err
}

// sent is the format in which a line's media comes: opus and VP8 are all we forward.
func (s section) sent() (format, bool) {
	if s.kind == media.Video {
		return s.find(media.VP8())
	}
	return s.find(media.Opus())
}

// newPeer registers what the browser offers of what we know, under its own payload types.
func (m *meetLeg) newPeer(o *offer) (*peer.Peer, error) {
	engine := &pion.MediaEngine{}
	for _, s := range o.sections {
		if err := registerSent(engine, s); err != nil {
			return nil, badSDP(err.Error())
		}
	}
	reports, congestion, err := feedback()
	if err != nil {
		return nil, err
	}
	return m.end.net.New("publish", engine, m.flowing, reports, congestion)
}

func registerSent(engine *pion.MediaEngine, s section) error {
	f, ok := s.sent()
	if !ok {
		return nil // the line is refused
	}
	kind, feedback := pion.RTPCodecTypeAudio, []pion.RTCPFeedback{{Type: "transport-cc"}}
	if s.kind == media.Video {
		kind = pion.RTPCodecTypeVideo
		feedback = append(feedback, pion.RTCPFeedback{Type: "nack"}, pion.RTCPFeedback{Type: "nack", Parameter: "pli"},
			pion.RTCPFeedback{Type: "ccm", Parameter: "fir"})
	}
	if err := engine.RegisterCodec(f.parameters(s.kind, feedback...), kind); err != nil {
		return err
	}
	if red, ok := s.red(f); ok {
		if err := engine.RegisterCodec(red.parameters(s.kind, feedback...), kind); err != nil {
			return err
		}
	}
	if rtx, ok := s.rtx(f); ok {
		if err := engine.RegisterCodec(rtx.parameters(s.kind), kind); err != nil {
			return err
		}
	}
	uris := []string{sdp.SDESMidURI, sfu.TransportCC}
	if s.kind == media.Video {
		uris = append(uris, sdp.SDESRTPStreamIDURI, sdp.SDESRepairRTPStreamIDURI)
	}
	for _, uri := range uris {
		if err := engine.RegisterHeaderExtension(pion.RTPHeaderExtensionCapability{URI: uri}, kind); err != nil {
			return err
		}
	}
	return nil
}

// preferRED has the browser send its sound redundant where it can: it does when that is named first.
func preferRED(p *peer.Peer, o *offer) error {
	for _, s := range o.sections {
		f, _ := s.sent()
		red, ok := s.red(f)
		t := p.Transceiver(s.mid)
		if !ok || t == nil {
			continue
		}
		congestion := pion.RTCPFeedback{Type: "transport-cc"}
		list := []pion.RTPCodecParameters{red.parameters(s.kind, congestion), f.parameters(s.kind, congestion)}
		if err := t.SetCodecPreferences(list); err != nil {
			return err
		}
	}
	return nil
}

// feedback tells the browser what arrived: reports and congestion feedback. Only receiving costs it. Lost packets are
// asked for by asker, which sees what a retransmission brought.
func feedback() (reports, congestion interceptor.Factory, err error) {
	if reports, err = report.NewReceiverInterceptor(); err != nil {
		return nil, nil, err
	}
	congestion, err = twcc.NewSenderInterceptor()
	return reports, congestion, err
}

// install makes p the publishing connection, and lets the tracks go on over it.
func (m *meetLeg) install(p *peer.Peer, o *offer, socket string, again bool) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.over {
		return notFound()
	}
	m.adopt(p, socket, m.lost)
	m.publish(p, o)
	if again {
		m.sub = m.sub.again()
	}
	return nil
}

// publish matches the lines of an offer with the tracks there are: lines of a kind keep their order. It holds mu.
func (m *meetLeg) publish(p *peer.Peer, o *offer) {
	count, named := map[media.Kind]int{}, map[string]bool{}
	for _, s := range o.sections {
		name := string(s.kind) + strconv.Itoa(count[s.kind])
		count[s.kind]++
		if f, ok := s.sent(); ok && s.sends {
			named[name] = true
			m.feed(p, s, f, name)
		}
	}
	for name, u := range m.ups {
		if !named[name] {
			m.withdraw(name, u)
		}
	}
}

// feed lets the track of that name come from a line of p.
func (m *meetLeg) feed(p *peer.Peer, s section, f format, name string) {
	u := m.ups[name]
	if u == nil {
		u = m.newUp(s, f, name)
		m.ups[name] = u
		m.end.own(u)
		m.events.push(pbx.TrackAdded{Track: u.Track})
	}
	var readers []*sfu.Reader
	for n, rid := range s.sizes() {
		if n < u.Sizes() {
			r := p.Reader(s.mid, rid)
			if types, ok := s.payloads(u.Track.Codec); ok {
				r.Point(u, types, n)
			}
			readers = append(readers, r)
		}
	}
	u.Asks(func() {
		for _, r := range readers {
			r.AskKeyframe()
		}
	})
}

func (m *meetLeg) newUp(s section, f format, name string) *sfu.Up {
	if s.kind == media.Video {
		return sfu.NewVideo(m.end.counters, m.id+"/"+name, f.Codec, len(s.sizes()))
	}
	return sfu.NewAudio(m.id+"/"+name, f.Codec)
}

func (m *meetLeg) withdraw(name string, u *sfu.Up) {
	delete(m.ups, name)
	m.end.disown(u)
	u.Close()
	m.events.push(pbx.TrackRemoved{Track: u.Track})
}

// republish answers a changed offer on the publishing connection there is.
func (m *meetLeg) republish(text string) (string, error) {
	o, err := parseMeet(text)
	if err != nil {
		return "", err
	}
	m.mu.Lock()
	p := m.peer
	m.mu.Unlock()
	if p == nil {
		return "", taken("the leg has no peer connection yet: wait for the answer to meet.join")
	}
	answer, err := answered(p, o, func() error { return nil })
	if err != nil {
		return "", err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.over || m.peer != p {
		return "", notFound()
	}
	m.publish(p, o)
	return answer, nil
}
