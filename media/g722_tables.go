package media

// The tables of ITU-T G.722 §6.2. They are never written after the program began.
var (
	g722Low6  = lowValues()
	g722Lower = lowerQuantiser()
	// QQ2, WH
	g722Higher = g722Quantiser{values: [16]int{-926, -202, 926, 202}, logs: [16]int{798, -214, 798, -214},
		most: 11 << 11, shift: 10}
)

// g722Thresholds are Q6: where a level of the lower band's quantiser begins.
var g722Thresholds = [30]int{0, 35, 72, 110, 150, 190, 233, 276, 323, 370, 422, 473, 530, 587, 650,
	714, 786, 858, 940, 1023, 1121, 1219, 1339, 1458, 1612, 1765, 1980, 2195, 2557, 2919}

// g722Exp is ILB: 2048 times the powers of 2 from 0 to 31/32.
var g722Exp = [32]int{2048, 2093, 2139, 2186, 2233, 2282, 2332, 2383, 2435, 2489, 2543, 2599, 2656, 2714, 2774, 2834,
	2896, 2960, 3025, 3091, 3158, 3228, 3298, 3371, 3444, 3520, 3597, 3676, 3756, 3838, 3922, 4008}

// g722Code is ILN and ILP: the code of a level, 0 to 29, of the lower band. Codes 0 to 3 are not used.
func g722Code(level int, negative bool) byte {
	switch {
	case !negative:
		return byte(61 - level)
	case level < 2:
		return byte(63 - level)
	default:
		return byte(33 - level)
	}
}

// lowValues are QQ6 by code, with the sign; those not used count as the smallest negative one.
func lowValues() (values [64]int) {
	levels := [30]int{17, 54, 91, 130, 170, 211, 254, 300, 347, 396, 447, 501, 558, 618, 682,
		750, 822, 899, 982, 1072, 1170, 1279, 1399, 1535, 1689, 1873, 2088, 2376, 2738, 3101}
	for i := range values {
		values[i] = -levels[0]
	}
	for level, size := range levels {
		values[g722Code(level, false)], values[g722Code(level, true)] = size, -size
	}
	return values
}

// lowerQuantiser are QQ4 and WL by the first four bits of the code.
func lowerQuantiser() g722Quantiser {
	sizes := [8]int{0, 150, 323, 530, 786, 1121, 1612, 2557}
	logs := [8]int{-60, -30, 58, 172, 334, 538, 1198, 3042}
	q := g722Quantiser{most: 9 << 11, shift: 8}
	q.logs[0] = logs[0]
	for level, size := range sizes {
		q.values[15-level], q.logs[15-level] = size, logs[level]
		if level > 0 {
			q.values[8-level], q.logs[8-level] = -size, logs[level]
		}
	}
	return q
}

// g722Quantiser is what adapts a band, by the code of four bits (lower band) or two (higher).
type g722Quantiser struct {
	values [16]int // what a code stands for, in 4096ths of the step: QQ4, QQ2 with their sign
	logs   [16]int // WL, WH: how it changes the step
	most   int     // the largest log
	shift  int     // how far ILB goes down to the smallest step
}
