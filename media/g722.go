package media

// G.722 splits the sound in two halves, 0–4 and 4–8 kHz, by a quadrature mirror filter, and codes the difference of
// each from what its predictor expects: ITU-T G.722 at 64 kbit/s (mode 1), in the integers of its §6, so bit for bit
// what other implementations make of it. Each octet has two samples. Names in capitals are the recommendation's.

// g722Decoder is the decoder of §4. The zero value is not ready: see newG722Decoder.
type g722Decoder struct {
	low, high g722Band
	filter    g722Filter
}

func newG722Decoder() *g722Decoder {
	return &g722Decoder{low: lowerBand(), high: higherBand()}
}

// Decode implements Decoder. Any octets are sound.
func (d *g722Decoder) Decode(dst []int16, payload []byte) int {
	if 2*len(payload) > len(dst) {
		return 0
	}
	for i, octet := range payload {
		low, high := octet&0x3F, octet>>6 // IL and IH
		rl, rh := d.low.rebuilt(g722Low6[low]), d.high.rebuilt(g722Higher.values[high])
		d.low.take(low >> 2) // four bits, as in modes 2 and 3
		d.high.take(high)
		one, two := d.filter.push(rl+rh, rl-rh) // receive QMF (§4.4)
		dst[2*i], dst[2*i+1] = saturate(one>>11), saturate(two>>11)
	}
	return 2 * len(payload)
}

// g722Encoder is the encoder of §3. The zero value is not ready: see newG722Encoder.
type g722Encoder struct {
	low, high g722Band
	filter    g722Filter
}

func newG722Encoder() *g722Encoder {
	return &g722Encoder{low: lowerBand(), high: higherBand()}
}

func (e *g722Encoder) encode(dst []byte, pcm []int16) int {
	for i := range len(pcm) / 2 {
		one, two := e.filter.push(int(pcm[2*i]), int(pcm[2*i+1])) // transmit QMF (§3.1): XA and XB
		low, high := e.low.quantiseLow(limit((one+two)>>14)), e.high.quantiseHigh(limit((one-two)>>14))
		e.low.take(low >> 2)
		e.high.take(high)
		dst[i] = high<<6 | low
	}
	return len(pcm) / 2
}

// g722Taps are H0 to H23 of both filters (§3.1, table 4), times 8192.
var g722Taps = [24]int{3, -11, -11, 53, 12, -156, 32, 362, -210, -805, 951, 3876, 3876, 951, -805, -210, 362, 32, -156,
	12, 53, -11, -11, 3}

// g722Filter is the delay line of the quadrature mirror filter.
type g722Filter struct{ x [24]int }

// push takes two samples, the older first, and gives the sums of the even and of the odd taps.
func (f *g722Filter) push(older, newer int) (even, odd int) {
	copy(f.x[:], f.x[2:])
	f.x[22], f.x[23] = older, newer
	for k := 0; k < len(f.x); k += 2 {
		even += g722Taps[k] * f.x[23-k]
		odd += g722Taps[k+1] * f.x[22-k]
	}
	return even, odd
}
