package media

import "github.com/pion/opus"

// decoder makes samples (8 kHz, mono) of the payloads of one stream.
type decoder interface {
	// decode writes the sound of a payload to dst, which has room for the longest, and returns its length; 0 for what it can't make out.
	decode(dst []int16, payload []byte) int
}

// decoderOf knows the codecs that can be mixed; nil for others.
func decoderOf(codec Codec) decoder {
	switch {
	case codec.Is(PCMA()):
		return &g711Decoder{&aLawToLinear}
	case codec.Is(PCMU()):
		return &g711Decoder{&uLawToLinear}
	case codec.Is(Opus()):
		d := &opusDecoder{}
		d.reset()
		return d
	}
	return nil
}

type g711Decoder struct{ table *[256]int16 }

func (d *g711Decoder) decode(dst []int16, payload []byte) int {
	if len(payload) > len(dst) {
		return 0
	}
	decodeG711(d.table, dst, payload)
	return len(payload)
}

// opusDecoder gives opus at 8 kHz: the decoder itself leaves out what is above 4 kHz (measured: more than 36 dB down from 4.5 kHz on).
type opusDecoder struct{ opus.Decoder }

func (d *opusDecoder) reset() {
	d.Decoder, _ = opus.NewDecoderWithOutput(rate, 1) // fails for other rates only
}

// decode takes what a stranger sends: should a payload make the decoder panic, it is lost and the next begins with a fresh decoder.
func (d *opusDecoder) decode(dst []int16, payload []byte) (n int) {
	defer func() {
		if recover() != nil {
			d.reset()
			n = 0
		}
	}()
	n, err := d.DecodeToInt16(payload, dst)
	if err != nil {
		return 0
	}
	return n
}
