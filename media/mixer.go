package media

import (
	"slices"
	"sync"

	"github.com/pion/rtp"
)

// Mixer adds up the sound of several parties for those who have one line only. It decodes opus, G.722 and G.711; what
// comes in other codecs is not in the sum. All is added up at Rate, so that those who speak G.722 hear each other and
// the browsers with all that it carries. One goroutine does it, while there is a Line.
type Mixer struct {
	mu     sync.Mutex
	lines  []*Line
	inputs map[*Track]*input
	stop   chan struct{} // closed to end the running loop; nil when none runs
	loops  sync.WaitGroup
}

// input is a track that some line hears.
type input struct {
	*jitter
	frame [frameSamples]int16 // of this moment
}

// Line is what one party hears: the sum of some tracks, as one track.
type Line struct {
	mixer *Mixer
	track *Track
	encoder

	// Under mixer.mu.
	tracks  []*Track // in the sum
	packet  Packet
	payload [frameBytes]byte
	sum     [frameSamples]int32
	pcm     [frameSamples]int16
}

// NewMixer makes a mixer without lines.
func NewMixer() *Mixer { return &Mixer{inputs: map[*Track]*input{}} }

// Line adds one that hears nothing yet, in PCMA, PCMU or G722.
func (m *Mixer) Line(id string, codec Codec) *Line {
	l := &Line{mixer: m, track: NewTrack(id, codec, nil), encoder: newEncoder(codec)}
	l.packet = Packet{Header: rtp.Header{Version: 2, SSRC: l.track.source, Marker: true}, Payload: l.payload[:]}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.lines = append(m.lines, l)
	if m.stop == nil {
		stop := make(chan struct{})
		m.stop = stop
		m.loops.Go(func() { pace(stop, m.tick) })
	}
	return l
}

// Track is the sum, to be played to the party.
func (l *Line) Track() *Track { return l.track }

// Hear says which tracks the line is the sum of.
func (l *Line) Hear(tracks []*Track) {
	m := l.mixer
	m.mu.Lock()
	defer m.mu.Unlock()
	if !slices.Contains(m.lines, l) {
		return
	}
	l.tracks = l.tracks[:0:0]
	for _, t := range tracks {
		if m.input(t) != nil {
			l.tracks = append(l.tracks, t)
		}
	}
	m.tidy()
}

// Close ends the line; with the last one the mixer's goroutine ends.
func (l *Line) Close() {
	m := l.mixer
	m.mu.Lock()
	m.lines = slices.DeleteFunc(m.lines, func(x *Line) bool { return x == l })
	m.tidy()
	last := len(m.lines) == 0 && m.stop != nil
	if last {
		close(m.stop)
		m.stop = nil
	}
	m.mu.Unlock()
	if last {
		m.loops.Wait()
	}
}

// input is the track's, made when it is new; nil when we don't understand its codec. It holds mu.
func (m *Mixer) input(t *Track) *input {
	in := m.inputs[t]
	if in == nil {
		in = &input{jitter: newJitter(t.Codec)}
		if in.decode == nil {
			return nil
		}
		m.inputs[t] = in
		t.Attach(in.jitter)
	}
	return in
}

// tidy lets go of the tracks that no line hears any more. It holds mu.
func (m *Mixer) tidy() {
	for t, in := range m.inputs {
		if !slices.ContainsFunc(m.lines, func(l *Line) bool { return slices.Contains(l.tracks, t) }) {
			t.Detach(in.jitter)
			delete(m.inputs, t)
		}
	}
}

// tick plays frame n to every line.
func (m *Mixer) tick(n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, in := range m.inputs {
		in.pull(in.frame[:])
	}
	for _, l := range m.lines {
		l.play(n)
	}
}

// play writes the sum as it is now. It holds mu.
func (l *Line) play(n int) {
	clear(l.sum[:])
	for _, t := range l.tracks {
		for i, s := range l.mixer.inputs[t].frame {
			l.sum[i] += int32(s)
		}
	}
	for i, s := range l.sum {
		l.pcm[i] = saturate(int(s))
	}
	l.encode(l.payload[:], l.pcm[:])
	l.packet.Header.Timestamp = uint32(n) * l.track.Codec.frame()
	l.track.WriteRTP(&l.packet)
	l.packet.Header.SequenceNumber++
	l.packet.Header.Marker = false
}
