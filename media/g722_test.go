package media

import (
	"bytes"
	"math"
	"os"
	"testing"
)

// g722Data is a file of testdata/g722, which ffmpeg made: see the script there.
func g722Data(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile("testdata/g722/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func g722Sound(t testing.TB, name string) []int16 {
	t.Helper()
	pcm, err := ReadWAV(bytes.NewReader(g722Data(t, name)))
	if err != nil {
		t.Fatal(err)
	}
	return pcm
}

// Every octet that ffmpeg makes of a sweep, noise and a square, we make too. None is so loud that a band overflows: see
// limit.
func TestG722EncodesAsFFmpeg(t *testing.T) {
	pcm, want := g722Sound(t, "signal.wav"), g722Data(t, "signal.g722")
	got := make([]byte, len(pcm)/2)
	newG722Encoder().encode(got, pcm)
	if len(got) != len(want) {
		t.Fatalf("%d octets, want %d", len(got), len(want))
	}
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("octet %d is %02x, want %02x", i, got[i], want[i])
		}
	}
}

// Every sample that ffmpeg decodes, we decode: of its own octets and of random ones, among which all are that no
// encoder sends.
func TestG722DecodesAsFFmpeg(t *testing.T) {
	for _, name := range []string{"signal", "octets"} {
		payload, want := g722Data(t, name+".g722"), g722Sound(t, name+".decoded.wav")
		got := make([]int16, 2*len(payload))
		if n := newG722Decoder().Decode(got, payload); n != len(want) {
			t.Fatalf("%s: %d samples, want %d", name, n, len(want))
		}
		for i := range want {
			if got[i] != want[i] {
				t.Fatalf("%s: sample %d is %d, want %d", name, i, got[i], want[i])
			}
		}
	}
}

// sines are seconds of a sum of tones, each of so many samples' size.
func sines(size, seconds float64, hertz ...float64) []int16 {
	pcm := make([]int16, int(seconds*Rate)/frameSamples*frameSamples)
	for i := range pcm {
		for _, hz := range hertz {
			pcm[i] = saturate(int(pcm[i]) + int(math.Round(size*math.Sin(2*math.Pi*hz*float64(i)/Rate))))
		}
	}
	return pcm
}

// through is what is heard of pcm after a codec.
func through(codec Codec, pcm []int16) []int16 {
	payload, heard := make([]byte, len(pcm)/2), make([]int16, len(pcm))
	newEncoder(codec).encode(payload, pcm)
	NewDecoder(codec).Decode(heard, payload)
	return heard
}

// snr in dB of what is heard, at the delay that fits best, after the first 0.1 s.
func snr(sent, heard []int16) float64 {
	best := math.Inf(-1)
	for delay := range 64 {
		var signal, noise float64
		for i := Rate / 10; i < len(sent); i++ {
			s := float64(sent[i-delay])
			signal, noise = signal+s*s, noise+(s-float64(heard[i]))*(s-float64(heard[i]))
		}
		best = max(best, 10*math.Log10(signal/max(noise, 1e-9)))
	}
	return best
}

func TestG722RoundTrip(t *testing.T) {
	for _, c := range []struct {
		name  string
		sent  []int16
		least float64 // dB
	}{
		{"one tone", sines(8000, 1, 440), 40},
		{"quiet", sines(80, 1, 440), 20},
		{"many tones", sines(3000, 1, 200, 450, 1130, 2270, 3300), 25},
		{"both halves", sines(6000, 1, 700, 6100), 15},
		{"too loud", sines(40000, 1, 300), 20},
	} {
		if got := snr(c.sent, through(G722(), c.sent)); got < c.least {
			t.Errorf("%s: %.1f dB, want %.0f", c.name, got, c.least)
		} else {
			t.Logf("%s: %.1f dB", c.name, got)
		}
	}
}

// Who begins to listen amid a stream, or lost some of it, hears it soon.
func TestG722RecoversFromLoss(t *testing.T) {
	pcm := sines(8000, 1, 440)
	payload, heard := make([]byte, len(pcm)/2), make([]int16, len(pcm))
	newG722Encoder().encode(payload, pcm)
	d := newG722Decoder()
	d.Decode(heard, payload[800:4000])
	n := d.Decode(heard, payload[4800:])
	if got := share(heard[Rate/10:n], 440); got < 0.99 {
		t.Errorf("share of the tone %.3f", got)
	}
}

func TestPhoneCodecsAllocateNothing(t *testing.T) {
	pcm, payload := sines(8000, 0.02, 440), make([]byte, frameBytes)
	for _, codec := range []Codec{PCMA(), PCMU(), G722()} {
		e, d := newEncoder(codec), NewDecoder(codec)
		if allocs := testing.AllocsPerRun(100, func() { e.encode(payload, pcm); d.Decode(pcm, payload) }); allocs != 0 {
			t.Errorf("%s: %v allocations a frame", codec.Name, allocs)
		}
	}
}

// Whatever came before, a tone is heard again.
func FuzzG722(f *testing.F) {
	f.Add(bytes.Repeat([]byte{0xFF}, 100))
	f.Add([]byte{0, 1, 2, 3, 0x3F, 0x40, 0xC0, 0x80})
	pcm := sines(8000, 1, 440)
	tone := make([]byte, len(pcm)/2)
	newG722Encoder().encode(tone, pcm)
	f.Fuzz(func(t *testing.T, octets []byte) {
		d, out := newG722Decoder(), make([]int16, max(2*len(octets), len(pcm)))
		if n := d.Decode(out, octets); n != 2*len(octets) {
			t.Fatalf("%d samples of %d octets", n, len(octets))
		}
		if n := d.Decode(out[:10], tone); n != 0 {
			t.Fatalf("%d samples where there is no room", n)
		}
		d.Decode(out, tone)
		if got := share(out[len(pcm)/2:len(pcm)], 440); got < 0.99 {
			t.Fatalf("share of the tone afterwards %.3f", got)
		}
	})
}

// A frame of 20 ms.
func BenchmarkEncode(b *testing.B) {
	pcm, payload := sines(3000, 0.02, 440, 1300, 5200), make([]byte, frameBytes)
	for _, codec := range []Codec{PCMA(), G722()} {
		e := newEncoder(codec)
		b.Run(codec.Name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				e.encode(payload, pcm)
			}
		})
	}
}

func BenchmarkDecode(b *testing.B) {
	pcm, payload := sines(3000, 0.02, 440, 1300, 5200), make([]byte, frameBytes)
	for _, codec := range []Codec{PCMA(), G722()} {
		newEncoder(codec).encode(payload, pcm)
		d := NewDecoder(codec)
		b.Run(codec.Name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				d.Decode(pcm, payload)
			}
		})
	}
}
