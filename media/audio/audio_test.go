package audio

import (
	"errors"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"frontdesk/media"
)

// share is which part of the energy is a tone of hz.
func share(pcm []int16, hz float64) float64 {
	var re, im, all float64
	for i, s := range pcm {
		sin, cos := math.Sincos(2 * math.Pi * hz * float64(i) / media.Rate)
		re, im, all = re+float64(s)*cos, im+float64(s)*sin, all+float64(s)*float64(s)
	}
	return 2 * (re*re + im*im) / (float64(len(pcm)) * max(all, 1))
}

func tone(hertz int, hz, seconds float64) []int16 {
	pcm := make([]int16, int(float64(hertz)*seconds))
	for i := range pcm {
		pcm[i] = int16(10000 * math.Sin(2*math.Pi*hz*float64(i)/float64(hertz)))
	}
	return pcm
}

// Files as other programs write them, of any rate, are heard as they were meant.
func TestDecode(t *testing.T) {
	dir := t.TempDir()
	wav := filepath.Join(dir, "in.wav")
	if err := os.WriteFile(wav, WAV(tone(44100, 440, 1), 44100), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, make := range map[string]string{
		"a.wav": "", "24.wav": "sox %i -b 24 -r 48000 -c 2 %o", "8.wav": "sox %i -b 8 -r 8000 %o",
		"float.wav": "sox %i -e floating-point -b 32 -r 22050 %o",
		"alaw.wav":  "sox %i -e a-law -r 8000 %o", "ulaw.wav": "sox %i -e u-law -r 16000 %o",
		"a.opus": "opusenc --quiet %i %o",
		"a.mp3":  "lame --quiet %i %o",
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(dir, name)
			if make == "" {
				file = wav
			} else if args := strings.Fields(strings.NewReplacer("%i", wav, "%o", file).Replace(make)); found(args[0]) {
				if out, err := exec.Command(args[0], args[1:]...).CombinedOutput(); err != nil {
					t.Fatalf("%v: %s", err, out)
				}
			} else {
				t.Skip(args[0] + " is not installed")
			}
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			pcm, err := Decode(data, time.Minute)
			if err != nil || math.Abs(float64(len(pcm))/media.Rate-1) > 0.1 {
				t.Fatalf("%d samples, %v", len(pcm), err)
			}
			middle := pcm[media.Rate/10 : media.Rate*9/10]
			if got := share(middle, 440); got < 0.98 {
				t.Errorf("share of the tone %.3f", got)
			}
			var tooLong ErrTooLong
			if _, err := Decode(data, time.Second/2); !errors.As(err, &tooLong) {
				t.Errorf("half a second: %v", err)
			}
			for cut := range 8 { // broken ones are refused or heard in part
				_, _ = Decode(data[:len(data)*cut/8], 200*time.Millisecond)
			}
		})
	}
}

func found(program string) bool {
	_, err := exec.LookPath(program)
	return err == nil
}

// What is above the band of phones does not come back as another tone.
func TestResampleLeavesOut(t *testing.T) {
	in := make([]float32, 48000)
	for i := range in {
		in[i] = float32(0.5 * math.Sin(2*math.Pi*11000*float64(i)/48000))
	}
	for i, s := range resample(in, 48000, media.Rate)[1000:15000] {
		if s > 160 || s < -160 {
			t.Fatalf("sample %d is %d", i, s)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(WAV(tone(8000, 440, 0.1), 8000))
	f.Add([]byte("OggS"))
	f.Add([]byte("ID3\x04\x00\x00\x00\x00\x00\x00\xff\xfb\x90\x00"))
	f.Fuzz(func(t *testing.T, file []byte) {
		if pcm, err := Decode(file, time.Second); err == nil && len(pcm) > media.Rate {
			t.Errorf("%d samples", len(pcm))
		}
	})
}
