package media

// Law is one of G.711's two ways to make a byte of a sample: as it comes, at 8 kHz or any other rate.
type Law struct {
	linear *[256]int16
	bytes  *[1 << (16 - g711Drop)]byte
}

// ALaw is that of PCMA, ULaw that of PCMU.
func ALaw() Law { return Law{&aLawToLinear, &linearToALaw} }
func ULaw() Law { return Law{&uLawToLinear, &linearToULaw} }

// LawOf is the law of a codec of G.711; false for others.
func LawOf(codec Codec) (law Law, ok bool) {
	switch {
	case codec.Is(PCMA()):
		return ALaw(), true
	case codec.Is(PCMU()):
		return ULaw(), true
	}
	return law, false
}

// Decode writes the samples of a payload to dst, which has room for them, and returns how many they are.
func (l Law) Decode(dst []int16, payload []byte) int {
	decodeG711(l.linear, dst, payload)
	return len(payload)
}

// Byte is the sample in this law.
func (l Law) Byte(sample int16) byte { return l.bytes[uint16(sample)>>g711Drop] }
