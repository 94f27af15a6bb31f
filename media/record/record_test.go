package record

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pion/rtp"
	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/media"
)

func open(t testing.TB, dir string) *Recorder {
	t.Helper()
	r, err := Open(dir, slog.New(slog.DiscardHandler), prometheus.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// talker sends a tone by packets of 20 ms, in real or a test's time.
type talker struct {
	sink   media.Sink
	law    media.Law
	hertz  float64
	packet media.Packet
	n      int
}

func newTalker(sink media.Sink, hertz float64) *talker {
	return &talker{sink: sink, law: media.ALaw(), hertz: hertz,
		packet: media.Packet{Header: rtp.Header{SSRC: 7, Timestamp: 4e9}}}
}

// say sends the next packet; mute, that one is lost.
func (s *talker) say(lost bool) {
	payload := make([]byte, 160)
	for i := range payload {
		payload[i] = s.law.Byte(int16(8000 * math.Sin(2*math.Pi*s.hertz*float64(s.n*160+i)/8000)))
	}
	s.packet.Payload = payload
	if !lost {
		s.sink.WriteRTP(&s.packet)
	}
	s.n++
	s.packet.Header.Timestamp += 160
	s.packet.Header.SequenceNumber++
}

// share of a sound that is a tone (Goertzel).
func share(pcm []int16, rate int, hertz float64) float64 {
	c := 2 * math.Cos(2*math.Pi*hertz/float64(rate))
	var s1, s2, energy float64
	for _, v := range pcm {
		s1, s2 = float64(v)+c*s1-s2, s1
		energy += float64(v) * float64(v)
	}
	if energy == 0 {
		return 0
	}
	return (s1*s1 + s2*s2 - c*s1*s2) * 2 / float64(len(pcm)) / energy
}

// sound of a finished recording, and what was said about it.
type made struct {
	about string
	Made
	rate     int
	channels [][]int16
	file     []byte
}

// finished has the recorder finish what it is to, and gives the sounds.
func finished(t *testing.T, r *Recorder, want int) (all []made) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	done := make(chan made, want)
	r.Handle("call", func(_ context.Context, about json.RawMessage, s *Sound) error {
		file, err := os.CreateTemp(t.TempDir(), "")
		if err != nil {
			return err
		}
		defer file.Close()
		m := made{rate: s.Rate(), channels: make([][]int16, 2)}
		if m.Made, err = s.WAV(file, 2); err != nil {
			return err
		}
		if m.file, err = os.ReadFile(file.Name()); err != nil {
			return err
		}
		err = s.Lay(2, func(pcm [][]int16) error {
			for i := range pcm {
				m.channels[i] = append(m.channels[i], pcm[i]...)
			}
			return nil
		})
		json.Unmarshal(about, &m.about)
		done <- m
		return err
	})
	go r.Run(ctx)
	for range want {
		all = append(all, <-done)
	}
	return all
}

func wantTone(t *testing.T, m made, channel int, from, to, hertz float64) {
	t.Helper()
	pcm := m.channels[channel][int(from*float64(m.rate)):int(to*float64(m.rate))]
	if got := share(pcm, m.rate, hertz); got < 0.9 {
		t.Errorf("channel %d, %.1f to %.1f s: %.2f of it is %.0f Hz", channel, from, to, got, hertz)
	}
}

func wantSilence(t *testing.T, m made, channel int, from, to float64) {
	t.Helper()
	for i, v := range m.channels[channel][int(from*float64(m.rate)):int(to*float64(m.rate))] {
		if v > 50 || v < -50 {
			t.Fatalf("channel %d, %.1f to %.1f s: %d at %d", channel, from, to, v, i)
		}
	}
}

// Each side is in its channel, at the time when it was said: also what was lost, or said by another phone after a
// transfer, whose time stamps are others.
func TestTwoSides(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		r := open(t, dir)
		defer r.Close()
		tape, err := r.Begin("call", "one", "about it")
		if err != nil {
			t.Fatal(err)
		}
		agent, client := newTalker(tape.Sink(0, media.PCMA()), 440), newTalker(tape.Sink(1, media.PCMA()), 1000)
		later := newTalker(tape.Sink(0, media.PCMA()), 700)
		later.packet.Header = rtp.Header{SSRC: 9, Timestamp: 77}
		for i := range 300 { // 6 s
			switch {
			case i < 50:
				agent.say(false)
			case i >= 150 && i < 200:
				later.say(false)
			}
			if i >= 50 {
				client.say(i >= 100 && i < 150)
			}
			time.Sleep(20 * time.Millisecond)
		}
		tape.End()
		agent.say(false)
		time.Sleep(time.Second)
		m := finished(t, r, 1)[0]
		if m.about != "about it" || m.rate != 8000 || m.Length.Round(100*time.Millisecond) != 6*time.Second {
			t.Errorf("%q, %d Hz, %v", m.about, m.rate, m.Length)
		}
		wantTone(t, m, 0, 0, 1, 440)
		wantSilence(t, m, 0, 1.01, 2.99)
		wantTone(t, m, 0, 3, 4, 700)
		wantSilence(t, m, 1, 0, 0.99)
		wantTone(t, m, 1, 1, 2, 1000)
		wantSilence(t, m, 1, 2.01, 2.99)
		wantTone(t, m, 1, 3, 6, 1000)
		if len(m.Peaks[0]) != PeaksOf || m.Peaks[0][10] < 50 || m.Peaks[0][75] != 0 || m.Peaks[1][290] < 50 {
			t.Errorf("peaks %v", m.Peaks)
		}
		synctest.Wait()
		if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) != 0 {
			t.Errorf("left: %v", left)
		}
	})
}

// A file that ends in the middle of a packet, where the process was killed, is finished by the next one.
func TestAKilledProcess(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		r := open(t, dir)
		tape, err := r.Begin("call", "cut", "killed")
		if err != nil {
			t.Fatal(err)
		}
		agent := newTalker(tape.Sink(0, media.PCMA()), 440)
		for range 100 {
			agent.say(false)
			time.Sleep(20 * time.Millisecond)
		}
		time.Sleep(time.Second)
		file := filepath.Join(dir, "cut.tape")
		written, err := os.ReadFile(file) // as it is while the call goes on
		if err != nil {
			t.Fatal(err)
		}
		r.Close()
		os.WriteFile(file, written[:len(written)-50], 0o600)
		os.WriteFile(filepath.Join(dir, "none.tape"), []byte("fro"), 0o600)
		next := open(t, dir)
		defer next.Close()
		m := finished(t, next, 1)[0]
		if m.about != "killed" || m.Length < 1900*time.Millisecond {
			t.Errorf("%q, %v", m.about, m.Length)
		}
		wantTone(t, m, 0, 0, 1.9, 440)
	})
}

// What can't be finished stays, and is tried again.
func TestFinishingAgain(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		r := open(t, dir)
		defer r.Close()
		tries := make(chan error)
		r.Handle("call", func(context.Context, json.RawMessage, *Sound) error {
			tries <- nil
			return errors.New("the store is away")
		})
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		go r.Run(ctx)
		tape, err := r.Begin("call", "one", 1)
		if err != nil {
			t.Fatal(err)
		}
		tape.End()
		<-tries
		<-tries
		synctest.Wait()
		if _, err := os.Stat(filepath.Join(dir, "one.tape")); err != nil {
			t.Error(err)
		}
	})
}

// Opus between browsers is recorded at 16 kHz.
func TestOpus(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := open(t, t.TempDir())
		defer r.Close()
		tape, err := r.Begin("call", "one", "")
		if err != nil {
			t.Fatal(err)
		}
		sink := tape.Sink(0, media.Opus())
		for i := range 100 {
			sink.WriteRTP(&media.Packet{Header: rtp.Header{Timestamp: uint32(i * 960)},
				Payload: []byte{0xF8, 0xFF, 0xFE}})
			time.Sleep(20 * time.Millisecond)
		}
		if tape.Sink(0, media.VP8()) != nil {
			t.Error("a picture is recorded")
		}
		tape.End()
		time.Sleep(time.Second)
		if m := finished(t, r, 1)[0]; m.rate != 16000 || m.Length.Round(100*time.Millisecond) != 2*time.Second {
			t.Errorf("%d Hz, %v", m.rate, m.Length)
		}
	})
}

// A disk that stands still costs what is recorded, and is counted; never a packet of the call.
func TestASlowDisk(t *testing.T) {
	lost := 0.0
	tape := &Tape{begun: time.Now(), dropped: func(n float64) { lost += n }}
	agent := newTalker(tape.Sink(0, media.PCMA()), 440)
	for range 3000 {
		agent.say(false)
	}
	if lost < 1000 || lost > 2000 || len(tape.came) > mostBuffer {
		t.Errorf("%v lost, %d bytes wait", lost, len(tape.came))
	}
}

// What a file says is believed in no length.
func FuzzRead(f *testing.F) {
	f.Add([]byte(magic + "h\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00{}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		file := filepath.Join(t.TempDir(), "x")
		os.WriteFile(file, data, 0o600)
		in, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		defer in.Close()
		if _, s, err := read(in); err == nil {
			s.Lay(2, func([][]int16) error { return nil })
		}
	})
}

// BenchmarkRecording is what recording adds to a call of two sides: each operation is a second of it, 50 packets each
// way written down, and then made a file.
func BenchmarkRecording(b *testing.B) {
	r := open(b, b.TempDir())
	r.cancel() // this benchmark writes by itself
	r.loops.Wait()
	r.ctx = b.Context()
	tape, err := r.Begin("call", "one", "")
	if err != nil {
		b.Fatal(err)
	}
	sides := []*talker{newTalker(tape.Sink(0, media.PCMA()), 440), newTalker(tape.Sink(1, media.PCMA()), 1000)}
	for _, s := range sides {
		s.packet.Payload = make([]byte, 160)
	}
	seconds := 0
	for b.Loop() {
		for n := range 100 {
			s := sides[n%2]
			s.sink.WriteRTP(&s.packet)
			s.packet.Header.Timestamp += 160
			if n%20 == 19 {
				if _, err := tape.flush(false); err != nil {
					b.Fatal(err)
				}
			}
		}
		seconds++
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(seconds)/1000, "ms/s-of-call")
	tape.close()
	file, err := os.Open(tape.path)
	if err != nil {
		b.Fatal(err)
	}
	begun := time.Now()
	_, sound, err := read(file)
	if err == nil {
		var out *os.File
		if out, err = os.Create(filepath.Join(b.TempDir(), "wav")); err == nil {
			_, err = sound.WAV(out, 2)
		}
	}
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(time.Since(begun).Microseconds())/float64(seconds)/1000, "ms-to-finish/s-of-call")
	if size, err := file.Seek(0, io.SeekEnd); err == nil {
		b.ReportMetric(float64(size)/float64(seconds), "B/s-of-call")
	}
}

// The silence around what is said is left out, but for half a second; of a tape on which nobody speaks nothing is. A
// tape that is dropped leaves nothing.
func TestTrim(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		r := open(t, dir)
		defer r.Close()
		record := func(id string, speaks bool) *Tape {
			tape, err := r.Begin("message", id, id)
			if err != nil {
				t.Fatal(err)
			}
			caller := newTalker(tape.Sink(0, media.PCMA()), 440)
			for i := range 300 { // 6 s, a tone in the third and fourth
				caller.say(!speaks || i < 100 || i >= 200)
				time.Sleep(20 * time.Millisecond)
			}
			return tape
		}
		lengths := make(chan time.Duration, 2)
		r.Handle("message", func(_ context.Context, about json.RawMessage, s *Sound) error {
			spoken, err := s.Trim()
			if want := string(about) == `"speaks"`; spoken != want || err != nil {
				t.Errorf("%s: spoken %v, %v", about, spoken, err)
			}
			file, m, err := s.File(1)
			if err == nil {
				file.Close()
			}
			lengths <- m.Length
			return err
		})
		record("speaks", true).End()
		record("silent", false).End()
		record("dropped", true).Drop()
		time.Sleep(time.Second)
		ctx, stop := context.WithCancel(t.Context())
		go r.Run(ctx)
		if spoken := <-lengths; spoken < 2400*time.Millisecond || spoken > 2600*time.Millisecond {
			t.Errorf("%v: two seconds said, and half of one before", spoken)
		}
		<-lengths
		synctest.Wait()
		if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) != 0 {
			t.Errorf("left: %v", left)
		}
		stop()
	})
}
