package media

import (
	"slices"
	"sync"

	"github.com/pion/rtp"
)

// Mixer adds up the sound of several parties for those who can hear one track only. It decodes opus, G.722 and G.711;
// what comes in other codecs is not in the sum. All is added up at Rate, so that those who speak G.722 hear each
// other and the browsers with all that it carries. One goroutine does it, while there is a Mix.
type Mixer struct {
	mu     sync.Mutex
	mixes  []*Mix
	inputs map[*Track]*input
	stop   chan struct{} // closed to end the running loop; nil when none runs
	loops  sync.WaitGroup
}

// input is a track that some mix has.
type input struct {
	*jitter
	frame [frameSamples]int16 // of this moment
}

// Mix is what one party hears: the sum of some tracks, as one track.
type Mix struct {
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

// NewMixer makes a mixer without mixes.
func NewMixer() *Mixer { return &Mixer{inputs: map[*Track]*input{}} }

// Mix adds one that hears nothing yet, in PCMA, PCMU or G722.
func (m *Mixer) Mix(id string, codec Codec) *Mix {
	x := &Mix{mixer: m, track: NewTrack(id, codec, nil), encoder: newEncoder(codec)}
	x.packet = Packet{Header: rtp.Header{Version: 2, SSRC: x.track.source, Marker: true}, Payload: x.payload[:]}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.mixes = append(m.mixes, x)
	if m.stop == nil {
		stop := make(chan struct{})
		m.stop = stop
		m.loops.Go(func() { pace(stop, m.tick) })
	}
	return x
}

// Track is the sum, to be played to the party.
func (x *Mix) Track() *Track { return x.track }

// Hear says which tracks the mix is the sum of.
func (x *Mix) Hear(tracks []*Track) {
	m := x.mixer
	m.mu.Lock()
	defer m.mu.Unlock()
	if !slices.Contains(m.mixes, x) {
		return
	}
	x.tracks = x.tracks[:0:0]
	for _, t := range tracks {
		if m.input(t) != nil {
			x.tracks = append(x.tracks, t)
		}
	}
	m.tidy()
}

// Hears tells whether a track is in the sum.
func (x *Mix) Hears(t *Track) bool {
	x.mixer.mu.Lock()
	defer x.mixer.mu.Unlock()
	return slices.Contains(x.tracks, t)
}

// Close ends the mix; with the last one the mixer's goroutine ends.
func (x *Mix) Close() {
	m := x.mixer
	m.mu.Lock()
	m.mixes = slices.DeleteFunc(m.mixes, func(other *Mix) bool { return other == x })
	m.tidy()
	last := len(m.mixes) == 0 && m.stop != nil
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

// tidy lets go of the tracks that no mix has any more. It holds mu.
func (m *Mixer) tidy() {
	for t, in := range m.inputs {
		if !slices.ContainsFunc(m.mixes, func(x *Mix) bool { return slices.Contains(x.tracks, t) }) {
			t.Detach(in.jitter)
			delete(m.inputs, t)
		}
	}
}

// tick plays frame n to every mix.
func (m *Mixer) tick(n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, in := range m.inputs {
		in.pull(in.frame[:])
	}
	for _, x := range m.mixes {
		x.play(n)
	}
}

// play writes the sum as it is now. It holds mu.
func (x *Mix) play(n int) {
	clear(x.sum[:])
	for _, t := range x.tracks {
		for i, s := range x.mixer.inputs[t].frame {
			x.sum[i] += int32(s)
		}
	}
	for i, s := range x.sum {
		x.pcm[i] = saturate(int(s))
	}
	x.encode(x.payload[:], x.pcm[:])
	x.packet.Header.Timestamp = uint32(n) * x.track.Codec.frame()
	x.track.WriteRTP(&x.packet)
	x.packet.Header.SequenceNumber++
	x.packet.Header.Marker = false
}
