package media

import "math/bits"

// The tables of ITU-T G.711. They are never written after the program began.
var (
	aLawToLinear = decodeTable(aLawDecode)
	uLawToLinear = decodeTable(uLawDecode)
	linearToALaw = encodeTable(aLawEncode)
	linearToULaw = encodeTable(uLawEncode)
)

// g711Drop is how many low bits of a 16-bit sample G.711 does not tell apart (µ-law has 14-bit input, A-law 13).
const g711Drop = 2

// g711Decoder makes Rate of it.
type g711Decoder struct {
	table *[256]int16
	doubler
}

// Decode implements Decoder.
func (d *g711Decoder) Decode(dst []int16, payload []byte) int {
	if 2*len(payload) > len(dst) {
		return 0
	}
	var pcm [halfFrame]int16
	for rest := payload; len(rest) > 0; {
		n := min(len(rest), len(pcm))
		decodeG711(d.table, pcm[:], rest[:n])
		d.double(dst, pcm[:n])
		dst, rest = dst[2*n:], rest[n:]
	}
	return 2 * len(payload)
}

// g711Encoder makes it of Rate.
type g711Encoder struct {
	table *[1 << (16 - g711Drop)]byte
	halver
}

func (e *g711Encoder) encode(dst []byte, pcm []int16) int {
	var half [halfFrame]int16
	for rest := pcm; len(rest) > 0; {
		n := min(len(rest), frameSamples)
		e.halve(half[:], rest[:n])
		encodeG711(e.table, dst, half[:n/2])
		dst, rest = dst[n/2:], rest[n:]
	}
	return len(pcm) / 2
}

func encodeG711(table *[1 << (16 - g711Drop)]byte, dst []byte, pcm []int16) {
	dst = dst[:len(pcm)]
	for i, s := range pcm {
		dst[i] = table[uint16(s)>>g711Drop]
	}
}

func decodeG711(table *[256]int16, dst []int16, src []byte) {
	dst = dst[:len(src)]
	for i, b := range src {
		dst[i] = table[b]
	}
}

func decodeTable(decode func(byte) int16) (table [256]int16) {
	for i := range table {
		table[i] = decode(byte(i))
	}
	return table
}

func encodeTable(encode func(int) byte) (table [1 << (16 - g711Drop)]byte) {
	for i := range table {
		table[i] = encode(int(int16(i<<g711Drop)) + 1<<g711Drop/2) // the middle of the samples that share this entry
	}
	return table
}

// aLawEncode: sign, 3 bits of segment, 4 bits of step; every second bit inverted (G.711 table 1).
func aLawEncode(sample int) byte {
	mask := byte(0xD5)
	if sample < 0 {
		mask, sample = 0x55, -sample-1
	}
	segment := max(bits.Len(uint(sample))-8, 0)
	step := sample >> (max(segment, 1) + 3) & 0x0F
	return (byte(segment<<4) | byte(step)) ^ mask
}

func aLawDecode(b byte) int16 {
	b ^= 0x55
	segment, step := int(b>>4&7), int(b&0x0F)
	value := step<<4 + 8
	if segment > 0 {
		value = (value + 0x100) << (segment - 1)
	}
	if b&0x80 == 0 {
		value = -value
	}
	return int16(value)
}

// uLawBias moves the segments' borders to powers of two; uLawClip is the loudest sample that then still fits.
const (
	uLawBias = 0x84
	uLawClip = 0x7FFF - uLawBias
)

// uLawEncode: sign, 3 bits of segment, 4 bits of step, all inverted (G.711 table 2).
func uLawEncode(sample int) byte {
	sign := byte(0)
	if sample < 0 {
		sign, sample = 0x80, -sample
	}
	sample = min(sample, uLawClip) + uLawBias
	segment := bits.Len(uint(sample)) - 8
	step := sample >> (segment + 3) & 0x0F
	return ^(sign | byte(segment<<4) | byte(step))
}

func uLawDecode(b byte) int16 {
	b = ^b
	value := (int(b&0x0F)<<3+uLawBias)<<(b>>4&7) - uLawBias
	if b&0x80 != 0 {
		value = -value
	}
	return int16(value)
}
