// Package media moves RTP between legs: a Track is what one party sends, a Sink is who listens.
package media

import (
	"strings"
	"time"
)

// Kind is audio or video.
type Kind string

const (
	Audio Kind = "audio"
	Video Kind = "video"
)

// Codec names an encoding as SDP does. Payload types are no part of it: they are each leg's own.
type Codec struct {
	Name     string // as in a=rtpmap, e.g. "PCMA", "opus", "VP8"
	Clock    uint32 // Hz of the RTP timestamp (8000 for G.722 too, RFC 3551 §4.5.2)
	Channels uint8  // 0 for video
	Fmtp     string // format parameters, may be empty
}

// The codecs Frontdesk negotiates.
func PCMU() Codec { return Codec{Name: "PCMU", Clock: 8000, Channels: 1} }
func PCMA() Codec { return Codec{Name: "PCMA", Clock: 8000, Channels: 1} }
func G722() Codec { return Codec{Name: "G722", Clock: 8000, Channels: 1} }
func Opus() Codec {
	return Codec{Name: "opus", Clock: 48000, Channels: 2, Fmtp: "minptime=10;useinbandfec=1"}
}
func VP8() Codec { return Codec{Name: "VP8", Clock: 90000} }

// Is compares two codecs by name and clock, as payload formats are told apart.
func (c Codec) Is(other Codec) bool {
	return strings.EqualFold(c.Name, other.Name) && c.Clock == other.Clock
}

// Sound is the codec in which sound that is made here goes to who speaks c. We write no opus; who speaks it takes G.711
// beside it in the same stream, as every browser does (RFC 7874 §3).
func (c Codec) Sound() Codec {
	if c.Is(Opus()) {
		return PCMA()
	}
	return c
}

// frame is a Frame in RTP's clock: of G.722 half of its samples.
func (c Codec) frame() uint32 { return c.Clock / uint32(time.Second/Frame) }

// Kind tells whether the codec carries audio or video.
func (c Codec) Kind() Kind {
	if c.Channels == 0 {
		return Video
	}
	return Audio
}

// Common returns the codecs of ours that theirs has too, in the order of ours.
func Common(ours, theirs []Codec) []Codec {
	var both []Codec
	for _, a := range ours {
		for _, b := range theirs {
			if a.Is(b) {
				both = append(both, a)
				break
			}
		}
	}
	return both
}

// Frame is the sound in one packet of a Player.
const Frame = 20 * time.Millisecond

// Rate is that of all sound here, in samples a second: what G.722 has, the best that phones speak. For G.711 it is
// halved.
const Rate = 16000

const (
	frameSamples = Rate / int(time.Second/Frame)
	frameBytes   = frameSamples / 2 // of all codecs that we can encode: 64 kbit/s
)
