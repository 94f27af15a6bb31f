package media

// g722Band is one of the halves: how large a step of its quantiser is now (§3.5), and what it expects next (§3.6).
// Encoder and decoder keep it alike, from the codes alone.
type g722Band struct {
	quantiser *g722Quantiser
	log       int // NBL, NBH: the step's logarithm
	step      int // DETL, DETH

	poles     [2]int  // A1, A2 of the predictor
	zeros     [6]int  // B1 to B6
	past      [2]int  // twice RLT1, RLT2: the signal as rebuilt
	diffs     [6]int  // DLT1 to DLT6: the differences as decoded
	negative  [2]bool // signs of PLT1, PLT2
	byZeros   int     // SZ: the zeros' part of what is expected
	predicted int     // S
}

func lowerBand() g722Band  { return g722Band{quantiser: &g722Lower, step: 32} }
func higherBand() g722Band { return g722Band{quantiser: &g722Higher, step: 8} }

// rebuilt is the sample whose difference is so many 4096ths of a step (INVQBL, RECONS and LIMIT, blocks 5L and 6L of
// §6.2.1).
func (b *g722Band) rebuilt(value int) int { return limit(b.predicted + value*b.step>>12) }

// limit keeps a band's sample within its 15 bits. (ffmpeg's encoder does not, so what it makes of a square at full
// scale differs.)
func limit(sample int) int { return max(-1<<14, min(sample, 1<<14-1)) }

// within bounds v by most, either sign.
func within(v, most int) int { return max(-most, min(v, most)) }

// quantiseLow is the code of six bits for a sample (SUBTRA, QUANTL, block 1L of §6.2.1).
func (b *g722Band) quantiseLow(sample int) byte {
	size, negative := b.distance(sample)
	level := 0
	for jump := 16; jump > 0; jump /= 2 {
		if next := level + jump; next < len(g722Thresholds) && size >= g722Thresholds[next]*b.step>>12 {
			level = next
		}
	}
	return g722Code(level, negative)
}

// quantiseHigh is the code of two bits for a sample (SUBTRA, QUANTH, block 1H of §6.2.2).
func (b *g722Band) quantiseHigh(sample int) byte {
	const threshold = 564 // Q2
	size, negative := b.distance(sample)
	code := byte(3)
	if size >= threshold*b.step>>12 {
		code = 2
	}
	if negative {
		code -= 2
	}
	return code
}

// distance of a sample from what was expected: its size (of a negative one less one) and sign.
func (b *g722Band) distance(sample int) (size int, negative bool) {
	diff := int(saturate(sample - b.predicted))
	if diff < 0 {
		return ^diff, true
	}
	return diff, false
}

// take adapts step and predictor to a code.
func (b *g722Band) take(code byte) {
	diff := b.quantiser.values[code] * b.step >> 12 // INVQAL, INVQAH
	b.adaptStep(code)
	rebuilt := int(saturate(b.predicted + diff)) // RECONS
	negative := b.byZeros+diff < 0               // PARREC, of which only the sign is used
	b.adaptPoles(negative)
	b.adaptZeros(diff)
	b.past[0], b.past[1] = int(saturate(2*rebuilt)), b.past[0]
	b.expect()
}

// adaptStep leaves the logarithm of the step a 128th of itself, and adds what the code tells (LOGSCL, SCALEL, block 3L;
// LOGSCH, SCALEH, block 3H).
func (b *g722Band) adaptStep(code byte) {
	q := b.quantiser
	b.log = max(0, min(b.log*127>>7+q.logs[code], q.most))
	b.step = g722Exp[b.log>>6&31] << 1 >> (q.shift + 1 - b.log>>11) << 2
}

// adaptPoles by the signs of the last three partly rebuilt samples (UPPOL2, UPPOL1, block 4L), within the bounds that
// keep the filter stable.
func (b *g722Band) adaptPoles(negative bool) {
	first := within(b.poles[0], 1<<13-1) * 4
	second, by := -128, -192
	if negative == b.negative[0] {
		first, by = -first, 192
	}
	if negative == b.negative[1] {
		second = 128
	}
	b.poles[1] = within(first>>7+second+b.poles[1]*127>>7, 12288)
	b.poles[0] = within(by+b.poles[0]*255>>8, 15360-b.poles[1])
	b.negative[0], b.negative[1] = negative, b.negative[0]
}

// adaptZeros by the signs of the last seven differences (UPZERO), and shifts in the newest.
func (b *g722Band) adaptZeros(diff int) {
	for i, d := range b.diffs {
		by := 128
		switch {
		case diff == 0:
			by = 0
		case (diff < 0) != (d < 0):
			by = -128
		}
		b.zeros[i] = b.zeros[i]*255>>8 + by
	}
	copy(b.diffs[1:], b.diffs[:])
	b.diffs[0] = diff
}

// expect predicts the next sample (FILTEP, FILTEZ, PREDIC).
func (b *g722Band) expect() {
	byPoles := int(saturate(b.past[0]*b.poles[0]>>15 + b.past[1]*b.poles[1]>>15))
	b.byZeros = 0
	for i, d := range b.diffs {
		b.byZeros += 2 * d * b.zeros[i] >> 15
	}
	b.byZeros = int(saturate(b.byZeros))
	b.predicted = int(saturate(byPoles + b.byZeros))
}
