package media

import "github.com/pion/opus"

// Decoder makes sound (Rate, mono) of the payloads of one stream.
type Decoder interface {
	// Decode writes the sound of a payload to dst and returns its length; 0 for what it can't make out or dst has no
	// room for.
	Decode(dst []int16, payload []byte) int
}

// NewDecoder knows the codecs that can be mixed; nil for others.
func NewDecoder(codec Codec) Decoder {
	switch {
	case codec.Is(PCMA()):
		return &g711Decoder{table: &aLawToLinear}
	case codec.Is(PCMU()):
		return &g711Decoder{table: &uLawToLinear}
	case codec.Is(G722()):
		return newG722Decoder()
	case codec.Is(Opus()):
		d := &opusDecoder{}
		d.reset()
		return d
	}
	return nil
}

// encoder makes payloads of the sound of one stream.
type encoder interface {
	// encode writes the payload of whole frames to dst, which has room for it, and returns its length.
	encode(dst []byte, pcm []int16) int
}

// newEncoder knows the codecs of phones; nil for others.
func newEncoder(codec Codec) encoder {
	switch {
	case codec.Is(PCMA()):
		return &g711Encoder{table: &linearToALaw}
	case codec.Is(PCMU()):
		return &g711Encoder{table: &linearToULaw}
	case codec.Is(G722()):
		return newG722Encoder()
	}
	return nil
}

// opusDecoder gives opus at Rate: the decoder itself leaves out what is above.
type opusDecoder struct{ opus.Decoder }

func (d *opusDecoder) reset() {
	d.Decoder, _ = opus.NewDecoderWithOutput(Rate, 1) // fails for other rates only
}

// Decode takes what a stranger sends: should a payload make the decoder panic, it is lost and the next begins with a
// fresh decoder.
func (d *opusDecoder) Decode(dst []int16, payload []byte) (n int) {
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
