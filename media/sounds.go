package media

import (
	"math"
	"math/cmplx"
)

// Ringback is one period of the tone a caller hears while the other side rings: 425 Hz, 1 s on and 4 s off (ETSI TR 101
// 041-2).
func Ringback() []int16 {
	pcm := make([]int16, 5*Rate)
	const ramp = Rate / 100 // without a click at either end
	for i := range Rate {
		level := 0.15 * min(1, float64(min(i, Rate-i))/ramp)
		pcm[i] = int16(math.MaxInt16 * level * math.Sin(2*math.Pi*425*float64(i)/Rate))
	}
	return pcm
}

// Question is one period of what says that a key is waited for: two short tones, the second one higher, each 2 s.
func Question() []int16 { return tones(2*Rate, 660, 880) }

// Refusal is one period of what says no: three short tones, each lower than the one before, each 2 s.
func Refusal() []int16 { return tones(2*Rate, 480, 380, 300) }

// tones are short ones after each other, and silence up to a length.
func tones(length int, hertzes ...float64) []int16 {
	pcm := make([]int16, length)
	const each, ramp = Rate / 5, Rate / 100
	for k, hertz := range hertzes {
		for i := range each {
			level := 0.2 * min(1, float64(min(i, each-i))/ramp)
			pcm[k*each*5/4+i] = int16(math.MaxInt16 * level * math.Sin(2*math.Pi*hertz*float64(i)/Rate))
		}
	}
	return pcm
}

// note of the hold music: a pitch in semitones above A3 (220 Hz), played at a beat with a share of the loudness.
type note struct {
	beat   float64
	pitch  int
	volume float64
}

// Music is a quiet loop to be heard on hold: broken chords I–vi–ii–V in A with a slow melody above, 28 s, made here so
// that it is nobody's.
func Music() []int16 {
	const beats, beat = 32, Rate * 7 / 8
	sound := make([]float64, beats*beat)
	for _, n := range score() {
		pluck(sound, int(n.beat*beat), 220*math.Pow(2, float64(n.pitch)/12), n.volume)
	}
	return normalise(sound, 0.25)
}

// score has four bars of four beats twice; the second time the melody goes up.
func score() (notes []note) {
	chords := [4][4]int{{0, 4, 7, 12}, {-3, 4, 9, 12}, {2, 5, 9, 14}, {-5, 2, 7, 11}}
	melodies := [2][4]int{{16, 12, 14, 11}, {19, 16, 17, 14}}
	for bar := range 8 {
		chord, at := chords[bar%4], float64(bar*4)
		for i := range 8 {
			notes = append(notes, note{at + float64(i)/2, chord[[]int{0, 2, 1, 3, 2, 1, 3, 2}[i]], 0.5})
		}
		melody := melodies[bar/4][bar%4]
		notes = append(notes, note{at, melody, 0.7}, note{at + 2.5, melody - 2 + 4*(bar%2), 0.4})
	}
	return notes
}

// pluck adds a string-like note of two seconds: three partials, of which the higher die away sooner. It wraps around
// the end, so the loop has no seam.
func pluck(sound []float64, at int, hertz, volume float64) {
	for k := 1.0; k <= 3; k++ {
		turn := cmplx.Rect(math.Exp(-2*k/Rate), 2*math.Pi*hertz*k/Rate) // of one sample: decay and phase
		v := complex(volume/(k*k), 0)
		for i := range 2 * Rate {
			t := float64(i) / Rate
			envelope := min(1, t/0.008, (2-t)/0.1)
			sound[(at+i)%len(sound)] += envelope * imag(v)
			v *= turn
		}
	}
}

// normalise scales sound so that its peak has the given share of full scale.
func normalise(sound []float64, peak float64) []int16 {
	var loudest float64
	for _, v := range sound {
		loudest = max(loudest, math.Abs(v))
	}
	pcm := make([]int16, len(sound))
	for i, v := range sound {
		pcm[i] = int16(math.MaxInt16 * peak * v / max(loudest, 1e-9))
	}
	return pcm
}
