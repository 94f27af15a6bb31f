package media

import (
	"bytes"
	"encoding/binary"
	"math"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"frontdesk/testwait"
)

// recorder is a tape for another goroutine's writes.
type recorder struct {
	mu sync.Mutex
	tape
	at   []time.Time
	more chan struct{}
}

func newRecorder() *recorder { return &recorder{more: make(chan struct{}, 1000)} }

func (r *recorder) WriteRTP(p *Packet) {
	r.mu.Lock()
	r.tape.WriteRTP(p)
	r.at = append(r.at, time.Now())
	r.mu.Unlock()
	r.more <- struct{}{}
}

func (r *recorder) wait(t *testing.T, packets int) {
	t.Helper()
	deadline := time.After(testwait.Limit)
	for range packets {
		select {
		case <-r.more:
		case <-deadline:
			t.Fatal("no sound")
		}
	}
}

// The pace is that of the clock: packet n is not before n frames after the first, and does not fall behind on average.
func TestPlayerPace(t *testing.T) {
	p := NewPlayer("music", PCMA(), Ringback())
	defer p.Close()
	r := newRecorder()
	p.Track().Attach(r)
	r.wait(t, 50)
	p.Track().Detach(r)
	p.Close()
	first := r.packets[0]
	if !first.Header.Marker || len(first.Payload) != 160 {
		t.Errorf("first packet %+v", first.Header)
	}
	for i, packet := range r.packets[1:] {
		if packet.Header.SequenceNumber != first.Header.SequenceNumber+uint16(i+1) || packet.Header.Timestamp%160 != 0 {
			t.Fatalf("packet %d: %+v", i+1, packet.Header)
		}
		due := time.Duration(packet.Header.Timestamp-first.Header.Timestamp) * time.Second / time.Duration(PCMA().Clock)
		if early := due - r.at[i+1].Sub(r.at[0]); early > 15*time.Millisecond {
			t.Fatalf("packet %d is %v early", i+1, early)
		}
	}
}

// One goroutine runs for any number of listeners, none without.
func TestPlayerOnlyWhileHeard(t *testing.T) {
	p := NewPlayer("music", PCMU(), Ringback())
	one, two := newRecorder(), newRecorder()
	p.Track().Attach(one)
	p.Track().Attach(two)
	one.wait(t, 2)
	two.wait(t, 2)
	p.Track().Detach(one)
	p.Track().Detach(two)
	p.loops.Wait() // ends because nobody listens
	p.Track().Attach(one)
	one.wait(t, 2)
	p.Close()
	p.Track().Attach(two)
	p.Close()
}

func TestPlayerWithoutEncoder(t *testing.T) {
	for _, opus := range []*Player{NewPlayer("music", Opus(), Ringback()), NewLoop("loop", Opus(), Ringback)} {
		r := newRecorder()
		opus.Track().Attach(r)
		opus.loops.Wait()
		opus.Close()
		if len(r.packets) > 0 {
			t.Errorf("it sends %+v", r.packets[0])
		}
	}
	if Opus().Sound() != PCMA() || G722().Sound() != G722() || PCMU().Sound() != PCMU() {
		t.Error("the codecs of sounds")
	}
}

// In G.722 the music is the same as in G.711, from the loop's end into its beginning too, and keeps the pace of RFC
// 3551 §4.5.2: 8000 a second.
func TestPlayerInG722(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tone := sines(3000, 0.2, 440)
		p := NewPlayer("music", G722(), tone)
		r := newRecorder()
		p.Track().Attach(r)
		time.Sleep(time.Second)
		p.Close()
		if heard := r.sound(G722()); len(r.packets) < 49 || share(heard[Rate/10:], 440) < 0.99 {
			t.Errorf("%d packets, share of the tone %.3f", len(r.packets), share(heard, 440))
		}
		for i, packet := range r.packets[1:] {
			if packet.Header.Timestamp-r.packets[i].Header.Timestamp != 160 || len(packet.Payload) != 160 {
				t.Fatalf("packet %d: %+v, %d octets", i+1, packet.Header, len(packet.Payload))
			}
		}
	})
}

func TestMusic(t *testing.T) {
	pcm := Music()
	if len(pcm)%frameSamples != 0 {
		t.Errorf("%d samples are no whole frames: the loop would click", len(pcm))
	}
	seam := math.Abs(float64(pcm[0]) - float64(pcm[len(pcm)-1]))
	if seam > 1000 {
		t.Errorf("the loop's ends are %v apart", seam)
	}
	quiet := 0
	for i := 0; i+Rate/2 <= len(pcm); i += Rate / 2 {
		var energy float64
		for _, s := range pcm[i : i+Rate/2] {
			energy += float64(s) * float64(s)
		}
		if math.Sqrt(energy/(Rate/2)) < 200 {
			quiet++
		}
	}
	if quiet > 0 {
		t.Errorf("%d half seconds are silent", quiet)
	}
}

func wav(hertz uint32, pcm []int16) []byte {
	var b bytes.Buffer
	put := func(v any) { binary.Write(&b, binary.LittleEndian, v) }
	b.WriteString("RIFF")
	put(uint32(0))
	b.WriteString("WAVELIST")
	put(uint32(3))
	b.WriteString("abc\x00fmt ")
	put(uint32(16))
	put([]uint16{1, 1})
	put([]uint32{hertz, hertz * 2})
	put([]uint16{2, 16})
	b.WriteString("data")
	put(uint32(2 * len(pcm)))
	put(pcm)
	return b.Bytes()
}

func TestReadWAV(t *testing.T) {
	pcm, err := ReadWAV(bytes.NewReader(wav(16000, []int16{1, -2, 3})))
	if err != nil || len(pcm) != 3 || pcm[1] != -2 {
		t.Errorf("%v, %v", pcm, err)
	}
	tone := sines(8000, 1, 440, 880)
	pcm, err = ReadWAV(bytes.NewReader(wav(8000, tone))) // twice as slow: an octave lower
	if err != nil || len(pcm) != 2*len(tone) || share(pcm, 220) < 0.49 || share(pcm, 440) < 0.49 {
		t.Errorf("%d samples, shares %.3f and %.3f, %v", len(pcm), share(pcm, 220), share(pcm, 440), err)
	}
	for name, data := range map[string][]byte{"empty": nil, "44.1 kHz": wav(44100, nil), "cut": wav(8000, nil)[:30],
		"text": []byte("hello, this is text")} {
		if _, err := ReadWAV(bytes.NewReader(data)); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func FuzzReadWAV(f *testing.F) {
	f.Add(wav(8000, []int16{1, 2, 3}))
	f.Fuzz(func(t *testing.T, data []byte) {
		pcm, err := ReadWAV(bytes.NewReader(data))
		if err == nil && len(pcm) > len(data) {
			t.Errorf("%d samples out of %d bytes", len(pcm), len(data))
		}
	})
}

func BenchmarkMusic(b *testing.B) {
	for b.Loop() {
		Music()
	}
}

// A loop reads its sound when somebody begins to listen, and anew for the next one; one shorter than a frame is played,
// too.
func TestLoopReadsAnew(t *testing.T) {
	level, reads := int16(8000), 0
	p := NewLoop("music", PCMA(), func() []int16 {
		reads++
		return []int16{level, level, level}
	})
	defer p.Close()
	var first []byte
	for range 2 {
		r := newRecorder()
		p.Track().Attach(r)
		r.wait(t, 3)
		p.Track().Detach(r)
		p.loops.Wait()
		if bytes.Equal(r.packets[0].Payload, first) {
			t.Error("it plays what it was before")
		}
		first, level = bytes.Clone(r.packets[0].Payload), -level
	}
	if reads != 2 || len(first) != 160 {
		t.Errorf("read %d times, %d bytes", reads, len(first))
	}
}
