package webrtc

import (
	"slices"
	"sync"
	"time"

	pion "github.com/pion/webrtc/v4"

	"frontdesk/media"
	"frontdesk/webrtc/peer"
	"frontdesk/webrtc/sfu"
)

// subscriber is the receiving side of a meeting's leg: it keeps what the browser is offered equal to what is played to
// it. One goroutine negotiates: an offer is outstanding at a time, and changes meanwhile go into the next one together.
type subscriber struct {
	leg    *base
	kick   chan struct{} // something changed
	answer chan string   // the browser's, to the offer that is out
	move   chan struct{} // the tab has a new socket
	quit   chan struct{}

	share *sfu.Share

	mu      sync.Mutex
	want    []*sfu.Down
	asking  bool           // an offer is out
	heights map[string]int // of pictures on the screen, by leg; see show
	stuck   bool           // the browser gets nothing: the next offer restarts ICE
	over    bool

	// Owned by run.
	peer  *peer.Peer // nil until there is something to offer
	have  []*sfu.Down
	lines map[*sfu.Down]*pion.RTPTransceiver // that carry them
}

const (
	coalesce   = 20 * time.Millisecond // joining plays many tracks at once
	answerTime = 10 * time.Second      // then the offer is sent again
)

func newSubscriber(leg *base) *subscriber {
	s := &subscriber{leg: leg, kick: make(chan struct{}, 1), answer: make(chan string, 1), move: make(chan struct{}, 1),
		quit: make(chan struct{}), share: sfu.NewShare(), lines: map[*sfu.Down]*pion.RTPTransceiver{}}
	leg.end.subs.Store(s, nil)
	leg.end.tasks.Go(s.run)
	return s
}

// again is a fresh subscriber for a new tab, to which the same is played. The old one is closed.
func (s *subscriber) again() *subscriber {
	fresh := newSubscriber(s.leg)
	s.mu.Lock()
	heights := s.heights
	s.mu.Unlock()
	fresh.show(heights)
	for _, d := range s.close() {
		fresh.add(d.Track)
	}
	return fresh
}

// close stops everything and returns what was played.
func (s *subscriber) close() []*sfu.Down {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over {
		return nil
	}
	s.over = true
	for _, d := range s.want {
		d.Detach()
	}
	close(s.quit)
	return s.want
}

// add plays a track; one that is played already is left as it is.
func (s *subscriber) add(t *media.Track) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over || s.find(t) >= 0 {
		return
	}
	s.want = append(s.want, sfu.NewDown(s.leg.end.counters, t, s.leg.end.source(t), s.share))
	s.changed()
}

func (s *subscriber) remove(t *media.Track) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if i := s.find(t); i >= 0 && !s.over {
		s.want[i].Detach()
		s.want = append(s.want[:i:i], s.want[i+1:]...)
		s.changed()
	}
}

// find holds mu.
func (s *subscriber) find(t *media.Track) int {
	for i, d := range s.want {
		if d.Track == t {
			return i
		}
	}
	return -1
}

func (s *subscriber) changed() { signal(s.kick) }

// moved sends an offer that is out once more: the socket it went over may be gone.
func (s *subscriber) moved() { signal(s.move) }

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default: // it knows
	}
}

// restart offers anew with fresh ICE credentials (RFC 8445 §2.4): nothing comes through to the browser any more.
func (s *subscriber) restart() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stuck = true
	s.changed()
}

// answered takes the browser's answer to the offer that is out.
func (s *subscriber) answered(sdp string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over || !s.asking {
		return taken("no offer waits for an answer")
	}
	s.asking = false
	s.answer <- sdp // has room: asking was set
	return nil
}

// run negotiates until close.
func (s *subscriber) run() {
	defer s.drop()
	for s.changes() {
		sdp, err := s.offer()
		if err != nil {
			s.leg.log.Error("could not offer what is played", "error", err)
			continue
		}
		if sdp != "" && !s.settled(sdp) {
			return
		}
	}
}

// changes waits until there is something to offer; false: closed.
func (s *subscriber) changes() bool {
	select {
	case <-s.kick:
	case <-s.quit:
		return false
	}
	select {
	case <-time.After(coalesce):
		return true
	case <-s.quit:
		return false
	}
}

// settled sends the offer until it is answered; false: closed.
func (s *subscriber) settled(sdp string) bool {
	for {
		s.ask(sdp)
		select {
		case answer := <-s.answer:
			if s.accept(answer) {
				return true
			}
		case <-s.move:
		case <-time.After(answerTime):
		case <-s.quit:
			return false
		}
	}
}

// offerEvent is the data of meet.offer.
type offerEvent struct {
	Leg    string       `json:"leg"`
	SDP    string       `json:"sdp"`
	Tracks []offerTrack `json:"tracks"`
}

type offerTrack struct {
	Mid  string     `json:"mid"`
	Leg  string     `json:"leg"`
	Kind media.Kind `json:"kind"`
}

func (s *subscriber) ask(sdp string) {
	s.mu.Lock()
	s.asking = true
	s.mu.Unlock()
	event := offerEvent{Leg: s.leg.id, SDP: sdp, Tracks: []offerTrack{}}
	for _, d := range s.have {
		event.Tracks = append(event.Tracks, offerTrack{Mid: s.lines[d].Mid(), Leg: d.StreamID(),
			Kind: d.Track.Codec.Kind()})
	}
	s.leg.end.wire.Send(s.leg.user, s.leg.tab(), "meet.offer", event)
}

// accept applies the answer; a bad one is asked for again.
func (s *subscriber) accept(answer string) bool {
	err := s.peer.Conn.SetRemoteDescription(pion.SessionDescription{Type: pion.SDPTypeAnswer, SDP: answer})
	if err != nil {
		s.leg.log.Warn("the browser's answer is unusable", "error", err)
	}
	return err == nil
}

// offer brings the connection in line with what is wanted; "" when it is so already.
func (s *subscriber) offer() (string, error) {
	s.mu.Lock()
	want, stuck := append([]*sfu.Down(nil), s.want...), s.stuck && s.peer != nil
	s.stuck = false
	s.mu.Unlock()
	added, removed := diff(want, s.have), diff(s.have, want)
	if len(added)+len(removed) == 0 && !stuck {
		return "", nil
	}
	if err := s.connect(); err != nil {
		return "", err
	}
	for _, d := range removed {
		if line := s.lines[d]; line != nil {
			s.peer.Reports().Hear(ssrcOf(line.Sender()), nil)
			if err := s.peer.Conn.RemoveTrack(line.Sender()); err != nil {
				return "", err
			}
			delete(s.lines, d)
		}
	}
	for _, d := range added {
		if err := s.put(d); err != nil {
			return "", err
		}
	}
	s.have = want
	return s.peer.Offer(stuck)
}

// diff lists what is in a but not in b.
func diff(a, b []*sfu.Down) []*sfu.Down {
	var list []*sfu.Down
	for _, d := range a {
		if !slices.Contains(b, d) {
			list = append(list, d)
		}
	}
	return list
}

// put gives d a line of the connection, one that is free if there is.
func (s *subscriber) put(d *sfu.Down) error {
	sender, err := s.reuse(d)
	if err != nil {
		return err
	}
	d.Carried(s.peer)
	for _, t := range s.peer.Conn.GetTransceivers() {
		if t.Sender() == sender {
			s.lines[d] = t
		}
	}
	s.peer.Reports().Hear(ssrcOf(sender), d.Report)
	s.peer.Reports().Read(func() { s.leg.end.tasks.Go(func() { d.Reports(sender) }) })
	return nil
}

func (s *subscriber) reuse(d *sfu.Down) (*pion.RTPSender, error) {
	for _, t := range s.peer.Conn.GetTransceivers() {
		if t.Sender() == nil && t.Kind() == d.Kind() {
			return s.peer.Conn.AddTrack(d) // takes the first such line
		}
	}
	t, err := s.peer.Conn.AddTransceiverFromTrack(d,
		pion.RTPTransceiverInit{Direction: pion.RTPTransceiverDirectionSendonly})
	if err != nil {
		return nil, err
	}
	return t.Sender(), nil
}

func ssrcOf(sender *pion.RTPSender) uint32 { return uint32(sender.GetParameters().Encodings[0].SSRC) }

// connect makes the peer connection, the first time.
func (s *subscriber) connect() error {
	if s.peer != nil {
		return nil
	}
	engine, err := playEngine()
	if err != nil {
		return err
	}
	s.peer, err = s.leg.end.net.New("subscribe", engine, s.flowing)
	return err
}

// flowing: a browser that just connected has seen no keyframe.
func (s *subscriber) flowing(_ *peer.Peer, live bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range s.want {
		if live {
			d.Track.RequestKeyframe(0)
		}
	}
}

// allot chooses the sizes of the videos that the browser gets.
func (s *subscriber) allot(now time.Time) {
	s.mu.Lock()
	want, heights := s.want, s.heights // both are only ever replaced, or added to
	s.mu.Unlock()
	s.share.Allot(want, heights, now)
}

// show notes how high the pictures of the others are on the browser's screen, in its pixels, by leg.
func (s *subscriber) show(heights map[string]int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.heights = heights
}

func (s *subscriber) drop() {
	s.leg.end.subs.Delete(s)
	if s.peer != nil {
		s.peer.Close()
	}
}

// playEngine knows what can be played in a meeting: browsers' opus and VP8, and phones' codecs as they are.
func playEngine() (*pion.MediaEngine, error) {
	engine := &pion.MediaEngine{}
	for _, kind := range []pion.RTPCodecType{pion.RTPCodecTypeAudio, pion.RTPCodecTypeVideo} {
		if err := engine.RegisterHeaderExtension(pion.RTPHeaderExtensionCapability{URI: sfu.TransportCC},
			kind); err != nil {
			return nil, err
		}
	}
	congestion := pion.RTCPFeedback{Type: "transport-cc"}
	red := media.Codec{Name: sfu.RED, Clock: 48000, Channels: 2, Fmtp: "111/111"}
	audio := []format{{media.Opus(), 111}, {red, 63}, {media.PCMU(), 0}, {media.PCMA(), 8}, {media.G722(), 9}}
	for _, f := range audio {
		if err := engine.RegisterCodec(f.parameters(media.Audio, congestion), pion.RTPCodecTypeAudio); err != nil {
			return nil, err
		}
	}
	feedback := []pion.RTCPFeedback{congestion, {Type: "nack"}, {Type: "nack", Parameter: "pli"},
		{Type: "ccm", Parameter: "fir"}}
	video, again := format{media.VP8(), 96}, format{media.Codec{Name: "rtx", Clock: 90000, Fmtp: "apt=96"}, 97}
	if err := engine.RegisterCodec(video.parameters(media.Video, feedback...), pion.RTPCodecTypeVideo); err != nil {
		return nil, err
	}
	return engine, engine.RegisterCodec(again.parameters(media.Video), pion.RTPCodecTypeVideo)
}
