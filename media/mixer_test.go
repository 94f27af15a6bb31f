package media

import (
	"bytes"
	"errors"
	"io"
	"math"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/opus/pkg/oggreader"
	"github.com/pion/rtp"
)

// opusPackets are the packets of a file of one second, made by opusenc from a tone.
func opusPackets(t testing.TB, name string) (all [][]byte) {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	pages, _, err := oggreader.NewWith(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	for n := 0; ; n++ {
		packets, _, err := pages.ParseNextPage()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		if n > 0 { // after the tags
			all = append(all, packets...)
		}
	}
}

// share is which part of the sound's energy is a tone of hz.
func share(pcm []int16, hz float64) float64 {
	var re, im, energy float64
	for i, s := range pcm {
		sin, cos := math.Sincos(2 * math.Pi * hz * float64(i) / Rate)
		re, im, energy = re+float64(s)*cos, im+float64(s)*sin, energy+float64(s)*float64(s)
	}
	if energy == 0 {
		return 0
	}
	return (re*re + im*im) * 2 / float64(len(pcm)) / energy
}

// loud is the level in dB of full scale.
func loud(pcm []int16) float64 {
	energy := 0.0
	for _, s := range pcm {
		energy += float64(s) * float64(s)
	}
	return 10 * math.Log10(energy/float64(len(pcm))/(math.MaxInt16*math.MaxInt16)+1e-10)
}

func TestOpusIsDecoded(t *testing.T) {
	for name, want := range map[string]struct{ hz, share, low, high float64 }{
		"tone440.opus":   {440, 0.99, -16, -14}, // CELT
		"speech440.opus": {440, 0.99, -16, -14}, // SILK
		"tone6000.opus":  {6000, 0.99, -16, -14},
		"tone10000.opus": {6000, 0, -200, -50}, // above half of Rate: nothing may be left of it, nor folded down
	} {
		d, pcm := NewDecoder(Opus()), []int16{}
		var out [longest]int16
		for _, packet := range opusPackets(t, name) {
			pcm = append(pcm, out[:d.Decode(out[:], packet)]...)
		}
		pcm = pcm[len(pcm)/4 : len(pcm)*3/4] // without the edges of the tone
		if got, level := share(pcm, want.hz), loud(pcm); got < want.share || level < want.low || level > want.high {
			t.Errorf("%s: share %.3f, level %.1f dB", name, got, level)
		}
	}
}

// What G.711 carries passes as it is, and nothing that it can't carry is left or folded down.
func TestG711Band(t *testing.T) {
	for hz, want := range map[float64][2]float64{100: {-0.5, 0.5}, 1000: {-0.5, 0.5}, 3300: {-1, 0.5},
		4700: {-200, -45}, 6000: {-200, -45}, 7900: {-200, -45}} {
		sent := sines(8000, 0.5, hz)
		heard := through(PCMA(), sent)
		if got := loud(heard[Rate/10:]) - loud(sent[Rate/10:]); got < want[0] || got > want[1] {
			t.Errorf("%.0f Hz comes out at %.1f dB", hz, got)
		} else {
			t.Logf("%.0f Hz comes out at %.1f dB", hz, got)
		}
	}
}

// speaker sends a tone in one of the codecs until stopped.
type speaker struct {
	track   *Track
	payload func(n int) []byte
}

func phoneSpeaker(codec Codec, hz float64, amplitude float64) speaker {
	e := newEncoder(codec)
	return speaker{NewTrack(codec.Name, codec, nil), func(n int) []byte {
		pcm, payload := make([]int16, frameSamples), make([]byte, frameBytes)
		for i := range pcm {
			pcm[i] = int16(amplitude * math.Sin(2*math.Pi*hz*float64(n*frameSamples+i)/Rate))
		}
		e.encode(payload, pcm)
		return payload
	}}
}

func opusSpeaker(t testing.TB, file string) speaker {
	packets := opusPackets(t, file)
	packets = packets[5:45]
	return speaker{NewTrack("opus", Opus(), nil), func(n int) []byte { return packets[n%len(packets)] }}
}

// speak has everybody send for a while, a packet each 20 ms.
func speak(frames int, all ...speaker) {
	for n := range frames {
		for i, s := range all {
			s.track.WriteRTP(&Packet{Header: rtp.Header{Version: 2, SSRC: uint32(i), SequenceNumber: uint16(n),
				Timestamp: uint32(n) * s.track.Codec.frame()}, Payload: s.payload(n)})
		}
		time.Sleep(Frame)
	}
}

// sound of the packets, from the half on.
func (r *recorder) sound(codec Codec) (pcm []int16) {
	r.mu.Lock()
	defer r.mu.Unlock()
	d := NewDecoder(codec)
	for _, p := range r.packets[len(r.packets)/2:] {
		samples := make([]int16, 2*len(p.Payload))
		pcm = append(pcm, samples[:d.Decode(samples, p.Payload)]...)
	}
	return pcm
}

func TestMixerGivesEachTheOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := NewMixer()
		low, high, browser := phoneSpeaker(PCMA(), 700, 6000), phoneSpeaker(PCMU(), 1500, 6000),
			opusSpeaker(t, "tone440.opus")
		camera := NewTrack("camera", VP8(), nil)
		a, b := m.Mix("a", PCMA()), m.Mix("b", PCMU())
		a.Hear([]*Track{high.track, browser.track, camera})
		b.Hear([]*Track{low.track, browser.track})
		toA, toB := newRecorder(), newRecorder()
		a.Track().Attach(toA)
		b.Track().Attach(toB)
		speak(100, low, high, browser)
		for name, heard := range map[string]struct {
			pcm    []int16
			tone   float64
			silent float64
		}{"a": {toA.sound(PCMA()), 1500, 700}, "b": {toB.sound(PCMU()), 700, 1500}} {
			if own := share(heard.pcm, heard.silent); own > 0.01 {
				t.Errorf("%s hears itself: %.3f", name, own)
			}
			if other, tab := share(heard.pcm, heard.tone), share(heard.pcm, 440); other < 0.2 || tab < 0.2 ||
				other+tab < 0.9 {
				t.Errorf("%s hears %.3f of the phone, %.3f of the browser", name, other, tab)
			}
		}
		a.Hear([]*Track{high.track})
		speak(50, high, browser)
		toA.mu.Lock()
		toA.packets = nil
		toA.mu.Unlock()
		speak(50, high, browser)
		if got := share(toA.sound(PCMA()), 1500); got < 0.98 {
			t.Errorf("after the browser was taken out: %.3f", got)
		}
		b.Close()
		a.Close()
		for i, p := range toB.packets[1:] {
			if p.Header.SequenceNumber != toB.packets[i].Header.SequenceNumber+1 ||
				p.Header.Timestamp-toB.packets[i].Header.Timestamp != PCMU().frame() || p.Header.Marker {
				t.Fatalf("packet %d: %+v", i+1, p.Header)
			}
		}
		b.Hear([]*Track{low.track}) // too late: no effect
		if n := len(m.inputs); n != 0 {
			t.Errorf("%d tracks are held after the end", n)
		}
		again := m.Mix("c", PCMA())
		toC := newRecorder()
		again.Track().Attach(toC)
		time.Sleep(time.Second)
		again.Close()
		if n := len(toC.packets); n < 49 || n > 52 || loud(toC.sound(PCMA())) > -60 {
			t.Errorf("a second of silence: %d packets of %.0f dB", n, loud(toC.sound(PCMA())))
		}
	})
}

// Who speaks G.722 hears the whole band of the others who do and of browsers; who speaks G.711 hears of it what he can.
func TestMixerWideband(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := NewMixer()
		narrow, wide, browser := phoneSpeaker(PCMU(), 700, 6000), phoneSpeaker(G722(), 5000, 6000),
			opusSpeaker(t, "tone6000.opus")
		hears := func(codec Codec, tracks ...*Track) (*Mix, *recorder) {
			l, to := m.Mix("to "+codec.Name, codec), newRecorder()
			l.Hear(tracks)
			l.Track().Attach(to)
			return l, to
		}
		new, toNew := hears(G722(), narrow.track, wide.track, browser.track)
		old, toOld := hears(PCMA(), narrow.track, wide.track, browser.track)
		speak(100, narrow, wide, browser)
		new.Close()
		old.Close()
		heard := toNew.sound(G722())
		for _, hz := range []float64{700, 5000, 6000} {
			if got := share(heard, hz); got < 0.2 {
				t.Errorf("the G.722 phone hears %.3f of %.0f Hz", got, hz)
			}
		}
		if got := share(toOld.sound(PCMA()), 700); got < 0.98 {
			t.Errorf("the G.711 phone hears %.3f of 700 Hz", got)
		}
		for i, p := range toNew.packets[1:] {
			// 8000 a second: RFC 3551 §4.5.2
			if p.Header.Timestamp-toNew.packets[i].Header.Timestamp != 160 || len(p.Payload) != 160 {
				t.Fatalf("packet %d: %+v, %d octets", i+1, p.Header, len(p.Payload))
			}
		}
	})
}

// Two at full scale don't wrap around.
func TestMixerSaturates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := NewMixer()
		one, two := phoneSpeaker(PCMA(), 500, math.MaxInt16), phoneSpeaker(PCMA(), 500, math.MaxInt16)
		l := m.Mix("l", PCMA())
		defer l.Close()
		l.Hear([]*Track{one.track, two.track})
		to := newRecorder()
		l.Track().Attach(to)
		speak(50, one, two)
		if got := share(to.sound(PCMA()), 500); got < 0.8 { // a square at worst
			t.Errorf("share of the tone %.3f", got)
		}
	})
}

func TestMixerAllocatesNothing(t *testing.T) {
	m := NewMixer()
	speakers := []speaker{opusSpeaker(t, "tone440.opus"), phoneSpeaker(PCMU(), 700, 6000),
		phoneSpeaker(G722(), 1000, 6000)}
	for _, codec := range []Codec{PCMA(), G722()} {
		l := m.Mix("l", codec)
		l.Hear([]*Track{speakers[0].track, speakers[1].track, speakers[2].track})
		defer l.Close()
	}
	var packets [3][40]*Packet
	for i, s := range speakers {
		for n := range packets[i] {
			packets[i][n] = &Packet{Header: rtp.Header{SSRC: 1}, Payload: s.payload(n)}
		}
	}
	n := 0
	round := func() {
		for i, s := range speakers {
			p := packets[i][n%40]
			p.Header.SequenceNumber = uint16(n)
			s.track.WriteRTP(p)
		}
		n++
		m.tick(n)
	}
	for range 100 {
		round()
	}
	if allocs := testing.AllocsPerRun(100, round); allocs != 0 {
		t.Errorf("%v allocations a frame", allocs)
	}
}

func FuzzOpus(f *testing.F) {
	for _, name := range []string{"tone440.opus", "speech440.opus", "tone6000.opus"} {
		for _, packet := range opusPackets(f, name)[:20] {
			f.Add(packet, packet)
		}
	}
	f.Fuzz(func(t *testing.T, one, two []byte) {
		d := &opusDecoder{}
		d.reset()
		var out [longest]int16
		for _, payload := range [][]byte{one, two, one} {
			if n := d.Decode(out[:], payload); n < 0 || n > longest {
				t.Fatalf("%d samples", n)
			}
		}
	})
}

// One phone among four browsers: what a frame of 20 ms costs.
func BenchmarkMixer(b *testing.B) {
	for _, codec := range []Codec{PCMA(), G722()} {
		b.Run(codec.Name, func(b *testing.B) { benchmarkMixer(b, codec) })
	}
}

func benchmarkMixer(b *testing.B, codec Codec) {
	m := NewMixer()
	l := m.Mix("l", codec)
	defer l.Close()
	var tracks []*Track
	var speakers []speaker
	for range 4 {
		s := opusSpeaker(b, "tone440.opus")
		speakers, tracks = append(speakers, s), append(tracks, s.track)
	}
	l.Hear(tracks)
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		for _, s := range speakers {
			s.track.WriteRTP(&Packet{Header: rtp.Header{SSRC: 1, SequenceNumber: uint16(n)}, Payload: s.payload(n)})
		}
		m.tick(n)
	}
}
