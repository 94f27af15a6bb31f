package rtp

import (
	"net/netip"
	"slices"

	"frontdesk/media"
)

// Bounds of a session description from outside.
const (
	maxSDP      = 16 << 10
	maxMLines   = 16
	maxFormats  = 64
	NoPT        = 255 // no payload type
	ptimeMillis = 20
)

// direction of media as RFC 8866 §6.7 names it, seen from who wrote it.
type direction string

const (
	sendrecv direction = "sendrecv"
	sendonly direction = "sendonly"
	recvonly direction = "recvonly"
	inactive direction = "inactive"
)

// Sends tells whether the writer sends, receives whether it receives.
func (d direction) Sends() bool    { return d == sendrecv || d == sendonly }
func (d direction) receives() bool { return d == sendrecv || d == recvonly }

// answer is the direction to answer d with (RFC 3264 §6.1), when we'd like to do both.
func (d direction) answer() direction {
	switch d {
	case sendonly:
		return recvonly
	case recvonly:
		return sendonly
	case inactive:
		return inactive
	default:
		return sendrecv
	}
}

// format is one payload type of an m-line.
type format struct {
	pt    uint8
	codec media.Codec
}

// Medium is one medium of a description.
type Medium struct {
	Kind    string // audio, video …
	Port    int    // 0: rejected or unused
	proto   string
	fmts    []string // as written
	formats []format // those that name a codec
	Addr    netip.AddrPort
	control netip.AddrPort // of RTCP
	Dir     direction
	zeroed  bool     // c=0.0.0.0, the hold of RFC 2543
	cryptos []crypto // that we can do, best first
	Web     Web
}

// encrypted tells whether a profile is one of SRTP with keys in the description.
func (m *Medium) encrypted() bool { return m.proto == "RTP/SAVP" || m.proto == "RTP/SAVPF" }

// web tells whether a profile is that of browsers.
func (m *Medium) web() bool { return m.proto == webProfile || m.proto == "UDP/TLS/RTP/SAVP" }

const webProfile = "UDP/TLS/RTP/SAVPF"

// fits tells whether m is sound that we can take.
func (m *Medium) fits(e Encryption) bool {
	switch {
	case m.Kind != "audio" || m.Port == 0:
		return false
	case m.web(): // there is no other way with browsers
		return m.Web.meetable()
	case m.encrypted():
		return e != Plain && len(m.cryptos) > 0
	case m.proto == "RTP/AVP" || m.proto == "RTP/AVPF":
		return e != Required || len(m.cryptos) > 0
	default:
		return false
	}
}

// Description is a session description (RFC 8866), as far as calls need it.
type Description struct {
	origin string // o= without the version: who, which session, where
	Media  []Medium
}

// static are the payload types that need no rtpmap (RFC 3551 table 4).
func static(pt uint8) (media.Codec, bool) {
	switch pt {
	case 0:
		return media.PCMU(), true
	case 8:
		return media.PCMA(), true
	case 9:
		return media.G722(), true
	default:
		return media.Codec{}, false
	}
}

func staticPT(c media.Codec) (uint8, bool) {
	for _, pt := range []uint8{0, 8, 9} {
		if known, _ := static(pt); known.Is(c) {
			return pt, true
		}
	}
	return 0, false
}

// offeredEvent is the payload type that we offer for keys.
const offeredEvent = 101

func TelephoneEvent() media.Codec {
	return media.Codec{Name: "telephone-event", Clock: 8000, Channels: 1}
}

// Audio is the index of the medium we take: the first live audio line that fits, encrypted rather than plain, or -1.
func (d *Description) Audio(e Encryption) int {
	at := -1
	for i := range d.Media {
		m := &d.Media[i]
		if m.fits(e) && (at < 0 || m.encrypted() && !d.Media[at].encrypted() && !d.Media[at].web()) {
			at = i
		}
	}
	return at
}

// Codecs lists the codecs of m that we know, in its order.
func (m *Medium) Codecs(known []media.Codec) (list []media.Codec) {
	for _, f := range m.formats {
		for _, k := range known {
			if f.codec.Is(k) {
				list = append(list, k)
			}
		}
	}
	return list
}

// Payload is the number m gives to codec, or noPT.
func (m *Medium) Payload(codec media.Codec) uint8 {
	for _, f := range m.formats {
		if f.codec.Is(codec) {
			return f.pt
		}
	}
	return NoPT
}

// convertible are the codecs that can be turned into each other.
func convertible() []media.Codec { return []media.Codec{media.G722(), media.PCMA(), media.PCMU()} }

// Spoken is what to speak to who wrote m in a call in codec: that, or what it can be turned into; no name: nothing.
func (m *Medium) Spoken(codec media.Codec) media.Codec {
	if m.Payload(codec) != NoPT {
		return codec
	}
	if all := m.Codecs(convertible()); len(all) > 0 && slices.ContainsFunc(convertible(), codec.Is) {
		return all[0]
	}
	return media.Codec{}
}

// Held tells whether who wrote m doesn't want to hear us.
func (m *Medium) Held() bool { return m.zeroed || !m.Dir.receives() }

// reply is the direction to answer m with: the hold by c=0.0.0.0 is answered like sendonly.
func (m *Medium) reply() direction {
	if m.zeroed && m.Dir == sendrecv {
		return recvonly
	}
	return m.Dir.answer()
}
