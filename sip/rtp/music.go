package rtp

import "frontdesk/media"

// A peer that holds the call may play music to who waits. Most only fall silent; so it is listened to, and told once
// there is something to hear.

const (
	audible  = 300 // of 32767: more than the noise of a codec that sends silence
	musicFor = 5   // packets in a row that must be audible
)

// musicEar listens to the sound of one hold.
type musicEar struct {
	decoder media.Decoder
	codec   media.Codec
	pcm     []int16
	loud    int
}

// hears tells whether there is something to hear for long enough.
func (e *musicEar) hears(codec media.Codec, payload []byte) bool {
	if e.decoder == nil || !e.codec.Is(codec) {
		e.decoder, e.codec = media.NewDecoder(codec), codec
	}
	if e.decoder == nil {
		return false
	}
	if need := 2 * len(payload); len(e.pcm) < need {
		e.pcm = make([]int16, need)
	}
	if peak(e.pcm[:e.decoder.Decode(e.pcm, payload)]) < audible {
		e.loud = 0
		return false
	}
	e.loud++
	return e.loud >= musicFor
}

func peak(pcm []int16) (most int16) {
	for _, s := range pcm {
		most = max(most, s, -max(s, -32767))
	}
	return most
}
