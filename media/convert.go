package media

// Converter turns the payloads of one codec of phones into those of another. It is for one goroutine.
type Converter struct {
	decoder Decoder
	encoder encoder
	pcm     []int16
	out     []byte
}

// NewConverter is nil where one of the codecs can't be converted.
func NewConverter(from, to Codec) *Converter {
	c := &Converter{decoder: NewDecoder(from), encoder: newEncoder(to)}
	if c.decoder == nil || c.encoder == nil {
		return nil
	}
	return c
}

// Convert returns the same sound in the other codec. The result is good until the next call.
func (c *Converter) Convert(payload []byte) []byte {
	if need := 2 * len(payload); len(c.pcm) < need {
		c.pcm, c.out = make([]int16, need), make([]byte, need)
	}
	n := c.decoder.Decode(c.pcm, payload)
	return c.out[:c.encoder.encode(c.out, c.pcm[:n])]
}
