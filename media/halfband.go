package media

import "math"

// G.711 has half the samples of Rate. Both directions use one half-band filter: flat to 3.4 kHz, 50 dB down from 4.6
// kHz on.

const (
	halfTaps   = 12               // on either side that are not zero
	halverPast = 4*halfTaps - 2   // samples at Rate that the filter spans, but one
	doublePast = 2*halfTaps - 1   // the same at half the rate
	halfFrame  = frameSamples / 2 // of 20 ms at half the rate
)

// halfBand are the taps 1, 3, 5 … samples from the middle, times 2¹⁵; those at even distances are zero, the middle is a
// half.
var halfBand = halfBandFilter()

// halfBandFilter is a sinc under a Hamming window.
func halfBandFilter() (taps [halfTaps]int) {
	var exact [halfTaps]float64
	sum := 0.0
	for k := range exact {
		n := float64(2*k + 1)
		exact[k] = math.Sin(math.Pi/2*n) / n * (0.54 + 0.46*math.Cos(math.Pi*n/(2*halfTaps)))
		sum += exact[k]
	}
	for k, v := range exact {
		taps[k] = int(math.Round(v / sum * (1 << 13))) // all of one side are a quarter
	}
	return taps
}

// halver makes one sample of two.
type halver struct {
	x [halverPast + frameSamples]int16
}

// halve writes half as many samples as src has, an even number, to dst.
func (h *halver) halve(dst, src []int16) {
	for len(src) > 0 {
		n := copy(h.x[halverPast:], src)
		for i := 0; i < n; i += 2 {
			x := h.x[i : i+halverPast+1]
			sum := int(x[halverPast/2])<<14 + 1<<14
			for k, tap := range halfBand {
				sum += tap * (int(x[halverPast/2-1-2*k]) + int(x[halverPast/2+1+2*k]))
			}
			dst[i/2] = saturate(sum >> 15)
		}
		copy(h.x[:], h.x[n:n+halverPast])
		dst, src = dst[n/2:], src[n:]
	}
}

// doubler makes two samples of one.
type doubler struct{ x [doublePast + halfFrame]int16 }

// double writes twice as many samples as src has to dst.
func (d *doubler) double(dst, src []int16) {
	for len(src) > 0 {
		n := copy(d.x[doublePast:], src)
		for i := range n {
			x := d.x[i : i+doublePast+1]
			sum := 1 << 13
			for k, tap := range halfBand {
				sum += tap * (int(x[halfTaps-1-k]) + int(x[halfTaps+k]))
			}
			dst[2*i], dst[2*i+1] = x[halfTaps-1], saturate(sum>>14)
		}
		copy(d.x[:], d.x[n:n+doublePast])
		dst, src = dst[2*n:], src[n:]
	}
}

// saturate is the nearest sample.
func saturate(v int) int16 { return int16(max(math.MinInt16, min(v, math.MaxInt16))) }
