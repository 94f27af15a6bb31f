package audio

import "math"

// wings is how many zeros of the sinc the filter has on either side.
const wings = 16

// resample changes the rate of a sound by a sinc under a Hann window, cut off below half of the lower rate.
func resample(in []float32, from, to int) []int16 {
	out := make([]int16, int(int64(len(in))*int64(to)/int64(from)))
	if from == to {
		for i := range out {
			out[i] = sample(in[i])
		}
		return out
	}
	filters, reach := polyphase(from, to)
	for i := range out {
		at := i * from / to // of the last sample of in that is not after this one
		var sum float32
		for k, tap := range filters[i%len(filters)] {
			if n := at - reach + k; n >= 0 && n < len(in) {
				sum += in[n] * tap
			}
		}
		out[i] = sample(sum)
	}
	return out
}

// polyphase are the filters of the places that a sample may have between two of the other rate; reach is how many of
// those each begins before it.
func polyphase(from, to int) (filters [][]float32, reach int) {
	ratio := float64(from) / float64(to)
	cut := min(1, 1/ratio) * 0.95 // share of the band that is kept
	width := wings / cut
	reach = int(width)
	filters = make([][]float32, to/gcd(from, to))
	for phase := range filters {
		between := math.Mod(float64(phase)*ratio, 1)
		taps := make([]float32, 2*reach+2)
		for k := range taps {
			if x := between + float64(reach-k); math.Abs(x) < width {
				taps[k] = float32(cut * sinc(cut*x) * (0.5 + 0.5*math.Cos(math.Pi*x/width)))
			}
		}
		filters[phase] = taps
	}
	return filters, reach
}

func gcd(a, b int) int {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

func sinc(x float64) float64 {
	if x == 0 {
		return 1
	}
	return math.Sin(math.Pi*x) / (math.Pi * x)
}

func sample(v float32) int16 {
	return int16(math.Round(float64(max(-1, min(1, v))) * math.MaxInt16))
}
